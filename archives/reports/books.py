"""The ledgers and statutory tables in one click: an archive of workbooks, one a place of the chosen level (issue 3 §7, domain.md §11.9).

Every table is gathered once for all books; the books' contents add up to the account. Numbers stay masked. What has no source says so.
"""

import tempfile
import zipfile

from core.spreadsheets import Column, SheetOut, write_workbook
from dropout.reports.case_tables import OF_CASES
from students.reports import indicator_needs as needs
from students.reports.ledger_lines import LEVELS, SIGNATURES, Frame, names_of
from students.reports.poor_tables import OF_POOR
from students.reports.roll_tables import OF_ROLL
from students.reports.tables import OF_LINES, source_of

TABLES = (*OF_LINES, *OF_POOR[:2], OF_CASES[0], *OF_POOR[2:], *OF_ROLL, *OF_CASES[1:])
PAYMENTS = "资助发放还没有在系统里登记。需要：各学期受助学生花名册和发放回单。"
WITHOUT_SOURCE = (  # tables of §11.9 that no data carries yet: (title, what it holds, why and what is needed)
    ("资助统计表（5①）", "学段 × 项目：人数、人次、金额", PAYMENTS),
    ("户籍在县就读分乡镇分学段资助（米脂②）", "乡镇 × 学段：人数、金额", PAYMENTS),
    ("就读分学校分学段资助（米脂③）", "学校 × 学段：人数、金额", PAYMENTS),
    ("户籍脱贫学生资助总表（米脂④）", "学段：人数、金额、总计", PAYMENTS),
)
CONTENTS = (Column("序号", 6, "integer"), Column("表", 34), Column("内容", 44), Column("人数", 9, "integer"), Column("说明", 44))


def write_books(target, *, ask, level, note, progress=None):
    """The archive; returns (workbooks, children of the account)."""
    source, known = source_of(ask, level), needs.known(ask.on)
    gathered = {table.key: table.gather(source) for table in TABLES if not table.missing(known)}
    keys = {key for held in gathered.values() for key in held} or ({0} if level == "county" else set())
    names = names_of(level, keys, ask.on)
    order = sorted(keys, key=lambda key: (key is None, names[key], key or 0))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for done, key in enumerate(order, start=1):
            held = {name: rows.get(key, []) for name, rows in gathered.items()}
            with tempfile.NamedTemporaryFile(suffix=".xlsx") as book:
                write_workbook(book.name, sheets_of(held, Frame(ask, names[key]), known), note=note)
                archive.write(book.name, f"{done:04d}-{safe(names[key])}.xlsx")
            if progress:
                progress(done, len(order))
    return len(order), len(source.lines)


def sheets_of(held, frame, known):
    """The sheets of one book, its contents first. A table without rows is a line of the contents, the three ledgers excepted."""
    yield contents_sheet(held, frame, known)
    for table in TABLES:
        if held.get(table.key) or table.always:
            yield table.sheet(held.get(table.key, []), frame)


def contents_sheet(held, frame, known):
    lines = [(table.title, table.about, len(held.get(table.key, [])), _remark(table, held, known)) for table in TABLES]
    lines += [(title, about, "—", why) for title, about, why in WITHOUT_SOURCE]
    rows = [[number, *line] for number, line in enumerate(lines, start=1)]
    return SheetOut(
        "目录", CONTENTS, rows, titles=(f"{frame.place}控辍保学台账和统计表", SIGNATURES), unit_line=frame.unit(), frozen_columns=2
    )


def _remark(table, held, known):
    return table.missing(known) or ("" if held.get(table.key) else "没有")


def listed(known):
    """What the page says of each table: title, content, why it cannot be made."""
    told = [{"title": table.title, "about": table.about, "why": table.missing(known)} for table in TABLES]
    return told + [{"title": title, "about": about, "why": why} for title, about, why in WITHOUT_SOURCE]


def safe(name):
    return "".join("_" if sign in '/\\:*?"<>|' else sign for sign in name)[:80]


__all__ = ["LEVELS", "TABLES", "listed", "write_books"]
