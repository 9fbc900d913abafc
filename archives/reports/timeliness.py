"""月报及时率 = on time ÷ due (domain.md §3.13), of units: by education group, township and kind of school, down to the units themselves."""

from dataclasses import dataclass

from archives.reports.sheets import state_words
from core.models import Organization
from core.spreadsheets import Column, SheetOut, write_workbook
from students.models import SchoolProfile
from students.reports.ledger_lines import SIGNATURES
from students.rules.indicators import Rate

FORMULA = "按时报送的单位 ÷ 应报的单位"
DIMENSIONS = {"group": "教育组（中心校）", "township": "乡镇", "kind": "办学类型", "mode": "报送方式"}
MODES = {"system": "系统填报", "paper": "纸质报送"}
SIDES = {"part": "按时报送", "whole": "应报"}
NONE = "没有"


@dataclass(frozen=True)
class Unit:
    """One unit that owes the report of the period, with the words of each dimension."""

    name: str
    state: str
    due_on: object
    sent_on: object
    on_time: bool
    of: dict


def units(table):
    """The units of a summary (archives.reports.summary)."""
    lines = table.lines
    profiles = {row.school_id: row for row in SchoolProfile.objects.filter(school__in=[line.school.pk for line in lines])}
    towns = Organization.objects.in_bulk({row.township_id for row in profiles.values() if row.township_id})
    groups = {line.school.pk: group.node.name for group in table.groups if group.node for line in group.lines}
    return [_unit(line, table, profiles.get(line.school.pk), towns, groups) for line in lines]


def _unit(line, table, profile, towns, groups):
    town = towns.get(profile.township_id) if profile else None
    of = {
        "group": groups.get(line.school.pk, "县直"), "township": town.name if town else NONE, "kind": profile.kind if profile else NONE,
        "mode": MODES[line.mode],
    }  # fmt: skip
    due_on = (line.newest or line.counted).due_on if line.newest or line.counted else table.span.due_on
    return Unit(line.school.name, state_words(line), due_on, line.sent_on, line.on_time, of)


def rate_of(held):
    return Rate(sum(unit.on_time for unit in held), len(held))


def by(held, dimension):
    """{word: Rate}; the rows add up to the whole."""
    found = {}
    for unit in held:
        found.setdefault(unit.of[dimension], []).append(unit)
    return {word: rate_of(rows) for word, rows in sorted(found.items())}


def behind(held, side, dimension="", word=""):
    """The units of one figure."""
    chosen = [unit for unit in held if not dimension or unit.of[dimension] == word]
    return [unit for unit in chosen if unit.on_time] if side == "part" else chosen


def write(target, held, *, unit_line, note):
    """The rate by every dimension, then the units."""
    heads = (Column("分组", 16), Column("名称", 22), Column("按时报送", 10, "integer"), Column("应报", 10, "integer"), Column("及时率", 10))
    rows = [["合计", "", *_cells(rate_of(held))]]
    rows += [[label, word, *_cells(rate)] for key, label in DIMENSIONS.items() for word, rate in by(held, key).items()]
    columns = (Column("单位", 26), *(Column(label, 16) for label in DIMENSIONS.values()), Column("状态", 14), Column("报送期限", 12, "date"),
               Column("报送日期", 12, "date"), Column("按时", 8))  # fmt: skip
    body = ([unit.name, *unit.of.values(), unit.state, unit.due_on, unit.sent_on or "—", "是" if unit.on_time else "否"] for unit in held)
    sheets = [
        SheetOut("月报及时率", heads, rows, titles=("月报及时率", SIGNATURES), unit_line=f"{unit_line}　{FORMULA}", landscape=False),
        SheetOut("应报单位", columns, body, titles=("月报应报单位", SIGNATURES), unit_line=unit_line, frozen_columns=1),
    ]
    write_workbook(target, sheets, note=note)


def _cells(rate):
    return [rate.part, rate.whole, rate.text]
