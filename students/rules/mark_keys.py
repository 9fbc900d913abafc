"""The hidden key of a row of an attendance sheet that goes out filled in: whose half-day it is, what it said, and in which version."""

import re
from datetime import date
from typing import NamedTuple

FORM = re.compile(r"(\d{1,18})-(\d{8})(am|pm)-(\d{1,18})-(\d{1,9})-([0-7])-([0-9a-f]{12})")
SEAL = "attendance_sheet.key"
MOST_ROWS = 20_000  # of one file, on its way out and back
WORDS = ("", "缺勤", "病假", "事假", "请假", "迟到", "已登记", "到校")  # what a row may say when it goes out; the key holds the place


class MarkKey(NamedTuple):
    """`child`: 0 for the row of the whole class; `version`: that of the half-day when it went out, 0 where it was not marked."""

    class_node: int
    on: date
    half: str
    child: int
    version: int
    said: str
    seal: str

    @property
    def half_day(self):
        return self.class_node, self.on, self.half


def sealed_part(class_node, on, half, child, version, said):
    """What the seal is made of, and the key without it."""
    return f"{class_node}-{on:%Y%m%d}{half}-{child}-{version}-{WORDS.index(said)}"


def parse(text):
    """MarkKey, or None for what is none."""
    found = FORM.fullmatch(text.strip())
    if found is None:
        return None
    try:
        on = date.fromisoformat(found[2])
    except ValueError:
        return None
    return MarkKey(int(found[1]), on, found[3], int(found[4]), int(found[5]), WORDS[int(found[6])], found[7])


def seal_of(index, part):
    """`index`: an Indexer of SEAL."""
    return index.index(part)[:6].hex()
