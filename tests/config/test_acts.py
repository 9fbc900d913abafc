"""Every act that is recorded by a literal name has its words for the audit list."""

import ast
from pathlib import Path

from archives.workflow import MONTHLY_REPORT
from config.acts import WORDS
from dropout.reports.papers import PAPERS
from dropout.workflow import CASE

ROOT = Path(__file__).resolve().parents[2]


def recorded():
    """First arguments of audit.record and audit.record_view that are written out."""
    for app in ("core", "students", "dropout", "subsidies", "archives", "config"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("record", "record_view")
                if called and ast.unparse(node.func.value) == "audit" and node.args:
                    one = node.args[0]
                    ways = (one.body, one.orelse) if isinstance(one, ast.IfExp) else (one,)
                    yield from (way.value for way in ways if isinstance(way, ast.Constant))


def test_every_recorded_act_has_words():
    found = set(recorded())
    assert "signed_in" in found
    assert found - set(WORDS) == set(), "add the words to config/acts.py"


def put_together():
    """Acts whose names are made of a workflow's or a paper's."""
    yield from (f"case_{name}" for name in CASE.table)
    yield from (f"report_{name}" for name in MONTHLY_REPORT.table)
    yield from (f"{paper}_printed" for paper in PAPERS)
    yield from ("visit_recorded", "visit_corrected")


def test_every_act_that_is_put_together_has_words():
    assert set(put_together()) - set(WORDS) == set(), "add the words to config/acts.py"
