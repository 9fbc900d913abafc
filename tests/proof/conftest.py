"""The table that every proof adds its rows to."""

import os
import platform
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

RESULTS = Path(__file__).resolve().parents[2] / "var" / "proof" / "results.md"
ROWS = []


@dataclass(frozen=True)
class Row:
    proof: str
    what: str
    times: int
    wrong: int
    note: str
    control: bool

    def line(self):
        return f"| {self.proof} | {'control: ' if self.control else ''}{self.what} | {self.times:,} | {self.wrong:,} | {self.note or '–'} |"


@pytest.fixture(scope="session")
def tally():
    """Say what a proof did. `times` faults, attacks or looks of this kind, of which `wrong` went wrong: none may, unless it is a
    `control`, in which the guard is switched off: there some must."""

    def say(proof, what, times, wrong=0, note="", *, control=False):
        ROWS.append(Row(proof, what, times, wrong, note, control))
        assert times > 0, f"{what}: nothing was tried"
        if control:
            assert wrong > 0, f"{what}: without its guard the proof found nothing, so it cannot fail"
        else:
            assert wrong == 0, f"{what}: {wrong} of {times} went wrong. {note}"

    return say


def pytest_terminal_summary(terminalreporter):
    if not ROWS:
        return
    proven = [row for row in ROWS if not row.control]
    lines = [
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {date.today()}",
        "",
        "| proof | fault, attack or look | times | wrong | note |",
        "|---|---|---|---|---|",
        *(row.line() for row in ROWS),
        f"| **all** | without the controls | {sum(row.times for row in proven):,} | {sum(row.wrong for row in proven):,} | – |",
    ]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    terminalreporter.section("proofs")
    for line in lines:
        terminalreporter.write_line(line)
