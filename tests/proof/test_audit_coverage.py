"""Every route that writes is seen to write under the audit, and to leave no row when it fails at its very end.

The ordinary tests of pages are the driver, and all their requests are watched as ever (tests/audited.py): a write without its row fails
them. Here each POST of theirs is done in vain first, with a failure injected after all its work, and then in earnest, so that the next
one finds what it needs. Whether such a test passes does not matter here: some count queries.
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
WALK = "tests/test_access.py::Test{}[{}]"
WALKS = (  # what no test of a page posts
    "tests/test_history.py", WALK.format("Lists::test_the_permission_opens_it", "students:guardian_call_draw"),
    *(WALK.format("Objects::test_scope_decides", name) for name in ("dropout:case_open", "students:household_contact_record")),
)  # fmt: skip
PARALLEL = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadgroup")
ALL_POSTS = sorted(name for name, rule in ROUTES.items() if "post" in rule.methods)
NO_ROW = {  # routes whose POST leaves no row, and why
    "students:child_search": "a search: the address is put together, nothing is shown or written",
    "students:snapshot_read": "orders the reading; the job that reads leaves list_read",
    "students:snapshot_approve": "orders the taking in; the job that takes in leaves list_applied",
    "students:year_turn_apply": "orders the turn; the job that turns leaves school_year_turned",
}


def drivers():
    found = [path for folder in FOLDERS for path in sorted((ROOT / "tests" / folder).rglob("test_*.py"))]
    posting = [str(path.relative_to(ROOT)) for path in found if re.search(r"\.post\(|_as\(", path.read_text(encoding="utf-8"))]
    return [*posting, *WALKS]


def driven(seen):
    """{route: how often it was done in vain and left nothing}, and what pytest said."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NOL_") and name != "DJANGO_SETTINGS_MODULE"}
    home = {"NOL_TEST_HOME": os.environ["NOL_TEST_HOME"]} if "NOL_TEST_HOME" in os.environ else {}
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=line", *PARALLEL, *drivers()]
    surroundings = {**clean, **home, "AUDIT_SEEN": str(seen), "AUDIT_INJECT": "1"}
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True)
    counts = {}
    for name, times in (line.split("\t") for line in seen.read_text(encoding="utf-8").splitlines()):
        counts[name] = counts.get(name, 0) + int(times)  # a line for each process
    return counts, done.stdout


@pytest.mark.long
def test_every_post_is_on_the_audit_and_a_failed_one_is_not(tmp_path, tally):
    undone, said = driven(tmp_path / "undone")
    behind, left = len(re.findall(r"audit rows behind", said)), len(re.findall(r"left no audit row", said))
    missing = sorted(set(ALL_POSTS) - set(undone) - set(NO_ROW))
    note = f"{len(undone)} routes; {said.strip().splitlines()[-1]}"
    tally("audit", "acts that failed at their end and left a row", sum(undone.values()), behind, note)
    tally("audit", "writes in earnest without their row", sum(undone.values()), left)
    tally("audit", "routes that write, never seen to leave a row", len(ALL_POSTS), len(missing), ", ".join(missing))
