"""The ledger of cases: its columns, used alike by the page and by the workbook."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from core.spreadsheets import Column, SheetOut, write_workbook
from dropout.codes import CaseState, reason_label
from students.rules.grades import Grade, grade_label

MOST_ROWS = 20_000


@dataclass(frozen=True)
class CaseColumn:
    """`text(case)` gives the cell; `sort` is a field, empty where none sorts; `chip`: drawn in the colour of the state."""

    key: str
    label: str
    text: Callable
    sort: str = ""
    width: float = 12
    format: str = "text"
    on_page: bool = True


def _day(value):
    return value.isoformat() if value else ""


def grade_text(case):
    """八年级 from the stage and the year within it; the stage where no grade is known."""
    if case.stage and case.grade:
        return grade_label(Grade(case.stage, case.grade))
    return case.get_stage_display() if case.stage else ""


def state_text(case):
    again = f"（反复{case.relapses + case.episode - 1}次）" if case.is_priority else ""
    return f"{case.get_state_display()}{again}"


COLUMNS = (
    CaseColumn("name", "姓名", lambda case: case.child.name, "child__name"),
    CaseColumn("number", "个案号", lambda case: case.number, "number", 16),
    CaseColumn("state", "状态", state_text, "state", 16),
    CaseColumn("sex", "性别", lambda case: case.child.get_sex_display() if case.child.sex else "", "", 6, on_page=False),
    CaseColumn("birth", "出生日期", lambda case: _day(case.child.birth_on), "child__birth_on", 12, on_page=False),
    CaseColumn("township", "乡镇", lambda case: case.township.name if case.township else "", "township__code"),
    CaseColumn("village", "村（社区）", lambda case: case.village.name if case.village else "", "village__code", on_page=False),
    CaseColumn("school", "负责学校", lambda case: case.school.name if case.school else "", "school__code", 20),
    CaseColumn("grade", "年级", grade_text, "", 9),
    CaseColumn("source", "来源", lambda case: case.get_source_display(), "", 12, on_page=False),
    CaseColumn("opened", "列为疑似", lambda case: _day(case.opened_on), "opened_on"),
    CaseColumn("due", "办理期限", lambda case: _day(case.due_on), "due_on"),
    CaseColumn("visits", "走访次数", lambda case: case.visit_count, "visit_count", 9, "integer"),
    CaseColumn("last_visit", "最近走访", lambda case: _day(case.last_visit_on), "last_visit_on"),
    CaseColumn("cause", "辍学原因", lambda case: case.get_cause_display() if case.cause else "", "", 18),
    CaseColumn("confirmed", "确认辍学", lambda case: _day(case.confirmed_on), "confirmed_on", on_page=False),
    CaseColumn("removal", "核减原因", lambda case: reason_label(case.removal_reason), "", 24, on_page=False),
    CaseColumn("expires", "核减有效至", lambda case: _day(case.removal_expires_on), "removal_expires_on", on_page=False),
    CaseColumn("returned", "返校日期", lambda case: _day(case.returned_on), "returned_on", on_page=False),
    CaseColumn("placement", "安置方式", lambda case: case.get_placement_display() if case.placement else "", "", 22, on_page=False),
    CaseColumn("closed", "销号日期", lambda case: _day(case.closed_on), "closed_on", on_page=False),
)
PAGE_COLUMNS = tuple(column for column in COLUMNS if column.on_page)
SORTS = {column.key: column.sort for column in COLUMNS if column.sort}


def ordered(cases, sort):
    """`cases` in the order of a column's key, "-" before it turns it round; the newest first otherwise."""
    field = SORTS.get(sort.removeprefix("-"))
    if not field:
        return cases.order_by("-opened_on", "-pk")
    return cases.order_by(f"-{field}" if sort.startswith("-") else field, "pk")


def row_of(case, on):
    """What one line of the page's table shows."""
    late = case.is_overdue(on)
    return {
        "case": case, "late": late, "waiting": case.state == CaseState.SUSPECTED and not late,
        "cells": [{"key": column.key, "text": column.text(case), "numeric": column.format == "integer"} for column in PAGE_COLUMNS[1:]],
    }  # fmt: skip


def workbook(cases, *, on, unit, note):
    """The ledger as .xlsx bytes, every column, numbers of persons left out."""
    sheet = SheetOut(
        name="个案台账", columns=[Column(column.label, column.width, column.format) for column in COLUMNS],
        rows=([column.text(case) for column in COLUMNS] for case in cases[:MOST_ROWS]), titles=("控辍保学个案台账",),
        unit_line=f"单位：{unit}　截至 {on.isoformat()}", frozen_columns=1,
    )  # fmt: skip
    target = BytesIO()
    write_workbook(target, [sheet], note=note)
    target.seek(0)
    return target
