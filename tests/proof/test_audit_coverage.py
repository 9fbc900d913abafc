"""Every route, job and command that writes was seen to write under the audit, and each failure at the very end left no row behind.

The suite's own tests of pages are the driver: they run once as they are and once with a failure injected at the end of every POST
(tests/audited.py). Their own results do not matter the second time.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_access import ROUTES

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("core", "students", "dropout", "archives", "config")
PARALLEL = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadgroup")
ALL_POSTS = sorted(name for name, rule in ROUTES.items() if "post" in rule.methods)
NO_ROW = {  # routes whose POST leaves no row, and why
    "students:child_search": "a search: the address is put together, nothing is shown or written",
    "students:snapshot_read": "orders the reading; the job that reads leaves list_read",
    "students:year_turn_apply": "orders the turn; the job that turns leaves school_year_turned",
}


def drivers():
    found = [path for folder in FOLDERS for path in sorted((ROOT / "tests" / folder).rglob("test_*.py"))]
    return [str(path.relative_to(ROOT)) for path in found if re.search(r"\.post\(|_as\(", path.read_text(encoding="utf-8"))]


def driven(seen, **surroundings):
    """{route, job or command: times} of one run of the drivers, and what pytest said."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NOL_") and name != "DJANGO_SETTINGS_MODULE"}
    home = {"NOL_TEST_HOME": os.environ["NOL_TEST_HOME"]} if "NOL_TEST_HOME" in os.environ else {}
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=line", *PARALLEL, *drivers()]
    done = subprocess.run(command, cwd=ROOT, env={**clean, **home, "AUDIT_SEEN": str(seen), **surroundings}, capture_output=True, text=True)
    lines = seen.read_text(encoding="utf-8").splitlines() if seen.exists() else []
    return {line.split("\t")[0]: int(line.split("\t")[1]) for line in lines}, done.stdout


@pytest.mark.long
def test_every_post_is_on_the_audit_and_a_failed_one_is_not(tmp_path, tally):
    seen, said = driven(tmp_path / "seen")
    left = len(re.findall(r"left no audit row", said))
    missing = sorted(set(ALL_POSTS) - set(seen) - set(NO_ROW))
    tally("audit", "writes of requests, jobs and commands without their row", sum(seen.values()), left)
    tally("audit", "routes that write, never seen to leave a row", len(ALL_POSTS), len(missing), ", ".join(missing))
    undone, said = driven(tmp_path / "undone", AUDIT_INJECT="1")
    behind = len(re.findall(r"audit rows behind", said))
    tally("audit", "acts that failed at their end and left a row", sum(undone.values()), behind, f"{len(undone)} routes")
