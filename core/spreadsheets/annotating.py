"""The sender's own workbook back, with what became of each row in a last column."""

from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.dimensions import ColumnDimension

from core.spreadsheets.cells import Number, column_letter
from core.spreadsheets.reading import read_guarded
from core.spreadsheets.writing import set_text, sheet_name, streamed_book

HEADING = "处理结果"
SEARCHED_ROWS = 8
REASON_FONT = Font(name="宋体", size=10, color="B42318")
REASON_FILL = PatternFill("solid", fgColor="FEF3F2")


def annotate_workbook(source_path, name, issues, out_path, *, limits=None):
    """Copies the values of all sheets at their addresses; issues are (sheet name, row number from 1, sentence).

    Text stays text and number cells stay numbers, also those that have lost digits: the sender must find what he sent. An issue of a
    sheet the workbook does not have is a ValueError, because its reason would be lost. Returns the number of annotated rows.
    """
    sheets = read_guarded(source_path, name, limits=limits)
    reasons = _by_row(issues, {sheet.name for sheet in sheets})
    annotated = sum(map(len, reasons.values()))
    names = set()
    with streamed_book(out_path) as book:
        for sheet in sheets:
            paper = book.create_sheet(sheet_name(sheet.name, names))
            paper.sheet_state = "hidden" if sheet.hidden and len(sheets) > 1 else "visible"
            _copy(paper, sheet.rows, reasons.get(sheet.name, {}))
    return annotated


def _by_row(issues, known):
    reasons = {}
    for sheet, row, sentence in issues:
        if sheet not in known:
            raise ValueError(f"工作簿里没有名为“{sheet}”的工作表。")
        reasons.setdefault(sheet, {}).setdefault(row, []).append(sentence)
    return reasons


def _copy(paper, rows, reasons):
    width = max(map(len, rows), default=0)
    if reasons:
        letter = column_letter(width)
        paper.column_dimensions[letter] = ColumnDimension(paper, index=letter, width=60)
        reasons.setdefault(_heading_row(rows, min(reasons)), []).insert(0, HEADING)
    text_cell, number_cell = WriteOnlyCell(paper), WriteOnlyCell(paper)
    text_cell.number_format = "@"
    for number in range(1, max([len(rows), *reasons]) + 1):
        row = rows[number - 1] if number <= len(rows) else []
        reason = _reason_cell(paper, reasons[number]) if number in reasons else None
        paper.append(_cells(row, width, reason, text_cell, number_cell))


def _heading_row(rows, first_reason):
    """The fullest of the first rows above the first reason is taken for the header."""
    candidates = rows[: max(1, min(SEARCHED_ROWS, first_reason - 1))]
    filled = [sum(1 for cell in row if cell) for row in candidates]
    return filled.index(max(filled)) + 1 if filled else 1


def _cells(row, width, reason, text_cell, number_cell):
    """The cells of one row, each written out before the next is asked for: so two cells, refilled, serve the whole sheet."""
    for value in row:
        if isinstance(value, Number):
            number_cell.value = int(value.value) if value.value.is_integer() else value.value
            yield number_cell
        else:
            yield set_text(text_cell, value) if value else None
    if reason is not None:
        yield from [None] * (width - len(row))
        yield reason


def _reason_cell(paper, sentences):
    cell = set_text(WriteOnlyCell(paper), "；".join(sentence.rstrip("。；") for sentence in sentences))
    cell.font, cell.fill, cell.alignment = REASON_FONT, REASON_FILL, Alignment(wrap_text=True, vertical="top")
    return cell
