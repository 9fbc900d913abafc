"""Reading uploaded workbooks: every cell as text, at its real address.

`read_guarded` is what uploads go through: a fresh interpreter with limits and without our environment reads the file and answers row
by row (records.py), because a 4.7 KB workbook can ask for 5 GB (reliability.md fact 5) and calamine then aborts the whole process. It is
started with exec, not fork: web workers have threads, and Celery's children may not fork pools.
"""

import json
import math
import os
import re
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from itertools import repeat
from pathlib import Path
from threading import Timer

from core.spreadsheets.admission import MEGABYTE, Limits, WorkbookRefused, preflight
from core.spreadsheets.cells import NUMBER_MARK, address
from core.spreadsheets.records import head_record, row_record, sheets_of

ROOT = Path(__file__).resolve().parents[2]
PIECE = MEGABYTE
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def read_workbook(path, name, *, limits=None):
    """All sheets of a trusted or already isolated file as list[Sheet]; raises WorkbookRefused."""
    limits = limits or Limits.configured()
    kind = preflight(path, name, limits=limits)
    return sheets_of(record.encode() for record in read_records(path, name, kind, limits))


def read_guarded(path, name, *, limits=None):
    """The same for a file from outside: preflight here, the parser in a child with limits on memory, time and output."""
    limits = limits or Limits.configured()
    kind = preflight(path, name, limits=limits)
    bounds = asdict(limits) | {"memory_bytes": limits.memory_for(path, kind)}
    order = json.dumps({"path": str(Path(path).resolve()), "name": name, "kind": kind, "limits": bounds})
    sheets, ended, late = _ask_child(order.encode(), limits.wall_seconds)
    if late:
        raise WorkbookRefused(f"《{name}》读了 {limits.wall_seconds} 秒还没读完，已停止。请删去多余的工作表和空行，或按乡镇拆开上传。")
    if ended == 0:
        return sheets
    if ended == 1:  # an exception of the parser: what memory and time end has a number of its own
        raise WorkbookRefused(f"《{name}》的内部结构不正常，读不出来。请用 Excel 打开，另存为 .xlsx 后再上传。")
    raise WorkbookRefused(
        f"《{name}》读取时占用的内存或时间超过上限，已停止。常见原因是很远的单元格里有多余内容，或一段很长的文字在许多单元格里重复："
        "请把有用的区域复制到新工作簿，另存为 .xlsx 后再上传。"
    )


def _ask_child(order, seconds):
    """(what it said, how it ended, whether it was ended for its time). Its answer is taken apart as it comes, so that it never lies here
    twice."""
    with subprocess.Popen(
        [sys.executable, "-m", "core.spreadsheets.child"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, env=_bare_environment(),
    ) as child:  # fmt: skip
        clock = Timer(seconds, child.kill)
        clock.start()
        try:
            with suppress(BrokenPipeError):  # it has ended already: how, it says below
                child.stdin.write(order)  # less than a pipe holds
                child.stdin.close()
            sheets = sheets_of(iter(lambda: child.stdout.read(PIECE), b""))
            return sheets, child.wait(), not clock.is_alive()
        finally:
            clock.cancel()
            child.kill()  # does nothing to one that has ended


def _bare_environment():
    """Our secrets stay out of the child that parses a stranger's file."""
    return {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH") if key in os.environ} | {"PYTHONUTF8": "1"}


def read_records(path, name, kind, limits):
    """What the child answers: of each sheet a head and then its rows."""
    if kind == "csv":
        from core.spreadsheets.delimited import read_delimited

        yield head_record({"name": Path(name).stem, "hidden": False, "merges": []})
        yield from map(row_record, read_delimited(path, name, limits))
    else:
        yield from _workbook_records(path, name, limits)


def _workbook_records(path, name, limits):
    import python_calamine as calamine

    try:
        with calamine.CalamineWorkbook.from_path(str(path)) as book:
            for meta in _worksheets(book, calamine, name, limits):
                yield from _sheet_records(book.get_sheet_by_name(meta.name), meta, name, limits)
    except calamine.PasswordError as error:
        raise WorkbookRefused(f"《{name}》设了打开密码。请去掉密码，保存后再上传。") from error
    except (calamine.CalamineError, OSError) as error:
        raise WorkbookRefused(f"《{name}》已损坏，读不出来（{error}）。请用 Excel 打开，另存为 .xlsx 后再上传。") from error


def _worksheets(book, calamine, name, limits):
    found = [meta for meta in book.sheets_metadata if meta.typ == calamine.SheetTypeEnum.WorkSheet]
    if len(found) > limits.sheets:
        raise WorkbookRefused(f"《{name}》有 {len(found)} 张工作表，超过上限 {limits.sheets}。请只留要导入的工作表，另存后再上传。")
    return found


def _sheet_records(sheet, meta, name, limits):
    if sheet.end is not None:
        _check_extent(sheet, name, limits)
    merges = _merges(sheet, name)
    yield head_record({"name": meta.name, "hidden": not str(meta.visible).endswith(".Visible"), "merges": merges})
    empty = 0  # rows that are left out if nothing comes after them; one looks like the other
    before = [""] * (sheet.start[1] if sheet.start else 0)  # rows come from row 1 on, but not from column A
    for number, row in enumerate(sheet.iter_rows()):
        texts = before + _texts(row)
        if max(map(len, texts), default=0) > limits.cell_characters:
            raise WorkbookRefused(too_long(name, sheet.name, number, texts, limits))
        if any(texts):
            yield from repeat(row_record([""] * len(texts)), empty)
            empty = 0
            yield row_record(texts)
        else:
            empty += 1


def _check_extent(sheet, name, limits):
    last_row, last_column = sheet.end
    if last_row >= limits.rows:
        raise WorkbookRefused(
            f"《{name}》的工作表“{sheet.name}”有 {last_row + 1} 行，超过上限 {limits.rows} 行。请按乡镇拆开，或删去末尾多余的内容后再上传。"
        )
    if last_column >= limits.columns:
        raise WorkbookRefused(
            f"《{name}》的工作表“{sheet.name}”在 {address(last_row, last_column)} 一带还有内容，超过上限 {limits.columns} 列。"
            "请删去右边多余的内容后再上传。"
        )


def too_long(name, sheet, number, texts, limits):
    """The sentence about the first cell of a row that holds more than a spreadsheet program lets anybody type."""
    column = next(column for column, text in enumerate(texts) if len(text) > limits.cell_characters)
    return (
        f"《{name}》的工作表“{sheet[:31]}”单元格 {address(number, column)} 有 {len(texts[column])} 个字，"
        f"超过上限 {limits.cell_characters}（“{texts[column][:10]}…”）。请删短后再上传。"
    )


def _merges(sheet, name):
    """Areas over more than one row. Those of a real sheet do not overlap: together they have no more rows than its columns have."""
    if sheet.end is None:
        return []
    last_row, last_column = sheet.end
    areas = [
        [*start, min(end[0], last_row), min(end[1], last_column)]
        for start, end in sheet.merged_cell_ranges or ()
        if start[0] < min(end[0], last_row) and start[1] <= last_column
    ]
    heights = sum(bottom - top + 1 for top, _, bottom, _ in areas)
    if heights > (last_row + 1) * (last_column + 1):
        raise WorkbookRefused(f"《{name}》的工作表“{sheet.name}”里合并单元格互相重叠，不像办公软件写的，不读取。请取消合并，另存后再上传。")
    return areas


def bounded(records, name, most):
    """The records in UTF-8, as long as they come to no more than `most` bytes: a text that stands in the file once may be shown by a
    million cells."""
    count = 0
    for record in records:
        content = record.encode()
        count += len(content)
        if count > most:
            raise WorkbookRefused(f"《{name}》的内容展开后超过 {most // MEGABYTE} MB，不读取。请只留要导入的工作表和列，或按乡镇拆开上传。")
        yield content


def _texts(row):
    """One row as text. Plain printable text, nearly every cell, is passed on untouched."""
    for column, cell in enumerate(row):
        if type(cell) is str:
            if not cell.isprintable():
                row[column] = without_controls(cell)
        elif (type(cell) is float or type(cell) is int) and math.isfinite(cell):
            row[column] = f"{NUMBER_MARK}{float(cell)!r}"
        else:
            row[column] = _other_text(cell)
    return row


def without_controls(text):
    """Text without control characters and lone surrogates, which neither PostgreSQL nor a workbook can hold; line breaks stay."""
    return CONTROLS.sub("", text)


def _other_text(cell):
    """Dates in ISO form, midnight times as dates, truth values as Excel shows them."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(int(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return without_controls(str(cell))
