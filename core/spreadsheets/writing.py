"""Workbooks out: streamed, ready for A4, and every text cell still the text it was when somebody opens the file.

Columns are declared once and shared by page, workbook and paper; money is integer 分 and becomes 元 only here (design.md §5).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from math import ceil, inf

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import ColumnDimension

from core.spreadsheets.cells import column_letter
from core.spreadsheets.reading import without_controls

NUMBER_FORMATS = {"text": "@", "integer": "#,##0", "money": "#,##0.00", "date": "yyyy-mm-dd", "percent": "0.00%"}
MISSING = "—"
LONGEST_TEXT = 32_767
LONGEST_FOOTER = 200
OFFERED_ROWS = 20_000
# what Excel, WPS or a later .csv would take for the start of a formula; their full-width forms too
FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")
FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")

LINE_HEIGHT, ROOM = 13.5, 4.5  # points of a line of 10-point type, and above and below it

A3, A4 = 8, 9  # as Excel numbers them
A4_UPRIGHT, A4_ACROSS, A3_ACROSS = 523, 770, 1119  # points between the margins
POINTS_A_SIGN, POINTS_BESIDE = 5.25, 3.75  # of a column, as Excel measures its width
SMALLEST_TYPE = 8  # points on paper

EDGE = Border(*[Side(style="thin", color="808080")] * 4)
HEAD_FILL = PatternFill("solid", fgColor="EEF2F7")
BODY_FONT, BOLD_FONT = Font(name="宋体", size=10), Font(name="宋体", size=10, bold=True)
TITLE_FONT = Font(name="宋体", size=16, bold=True)


@dataclass(frozen=True)
class Column:
    """One column. width in characters; format text | integer | money (分) | date | percent (a fraction or a (part, whole) pair);
    columns standing together with the same `parent` share a heading above theirs. `choices`: what a drop-down offers;
    `hidden`: a column that comes back untouched."""

    label: str
    width: float = 12
    format: str = "text"
    parent: str = ""
    choices: tuple[str, ...] = ()
    hidden: bool = False


@dataclass
class SheetOut:
    """One sheet: titles, unit line, header, rows (any iterable, read once), total row and foot lines, from top to bottom."""

    name: str
    columns: Sequence[Column]
    rows: Iterable
    titles: Sequence[str] = ()
    unit_line: str = ""
    total: Sequence | None = None
    foot: Sequence[str] = field(default_factory=tuple)
    frozen_columns: int = 0
    landscape: bool = True
    filled_in: bool = False  # somebody will fill it and send it back


def write_workbook(target, sheets, *, note=""):
    """Writes SheetOut objects to a path or binary file. `note` is the 导出信息 (who, when, number): it stands in each page's footer
    and below the last line, so that a printed or copied sheet leads back to its audit row."""
    names = set()
    with streamed_book(target) as book:
        for sheet in sheets:
            _SheetWriter(book.create_sheet(sheet_name(sheet.name, names)), sheet, note).write()


def paper_for(sheet):
    """(paper, pages side by side) on which the text stays readable: A4 where it can, else A3 across, and where that is too narrow
    several sheets of A3, each beginning with the frozen columns (scaled to one A4 a ledger is printed in type of 5 points)."""
    points = [column.width * POINTS_A_SIGN + POINTS_BESIDE for column in sheet.columns if not column.hidden]
    again, needed = sum(points[: sheet.frozen_columns]), SMALLEST_TYPE / BODY_FONT.size
    if sum(points) * needed <= (A4_ACROSS if sheet.landscape else A4_UPRIGHT):
        return A4, 1
    room = A3_ACROSS / needed
    return A3, 1 if sum(points) <= room else ceil((sum(points) - again) / max(room - again - max(points), room / 2))


@contextmanager
def streamed_book(target):
    """A streaming workbook saved at the end; when writing fails half-way its temporary files (full of names) are removed."""
    book = Workbook(write_only=True)
    try:
        yield book
    except BaseException:
        for paper in book.worksheets:
            if not paper.closed:
                paper.close()
            paper._writer.cleanup()
        raise
    book.save(target)


def sheet_name(name, taken):
    """A name Excel accepts, no start of a formula, at most 31 characters and not yet in `taken`, to which it is added."""
    base = FORBIDDEN_IN_NAMES.sub("_", name).strip("'")
    base = f"_{base}"[:31] if base.startswith(FORMULA_STARTS) else base[:31] or "Sheet"
    candidate, number = base, 2
    while candidate.lower() in taken:
        tail = f"({number})"
        candidate, number = base[: 31 - len(tail)] + tail, number + 1
    taken.add(candidate.lower())
    return candidate


def set_text(cell, text):
    """Puts text into a cell past openpyxl's guessing, which would make formulas and error values of some strings."""
    cell._value = without_controls(str(text))[:LONGEST_TEXT]
    cell.data_type = "s"
    quoted = cell._value.startswith(FORMULA_STARTS)
    if quoted != bool(cell.quotePrefix):
        cell.quotePrefix = quoted
    return cell


class _SheetWriter:
    """Streams one sheet. Cells are made once a column and refilled for each row: styling a fresh cell each time is half the cost."""

    def __init__(self, paper, sheet, note):
        self.paper, self.sheet, self.note = paper, sheet, note
        self.width = len(sheet.columns)
        self.row = 0
        self.origin = [f"导出信息：{note}"] if note else []
        self.above = [*sheet.titles, *(self.origin if sheet.filled_in else [])]  # below the rows somebody goes on writing

    def write(self):
        self._set_page()
        for number, title in enumerate(self.above):
            self._line(title, TITLE_FONT if number == 0 else BODY_FONT, "center", height=28 if number == 0 else 18)
        if self.sheet.unit_line:
            self._line(self.sheet.unit_line, BODY_FONT, "left", height=18)
        self._header()
        self._body()
        for text in (*self.sheet.foot, *([] if self.sheet.filled_in else self.origin)):
            self._line(text, BODY_FONT, "left")

    def _set_page(self):
        """Everything Excel keeps before the rows; in a streamed sheet it cannot be set later."""
        paper, sheet = self.paper, self.sheet
        for index, column in enumerate(sheet.columns):
            letter = column_letter(index)
            dimension = ColumnDimension(paper, index=letter, width=column.width, hidden=column.hidden)
            if sheet.filled_in and column.format == "text":
                dimension.number_format = NUMBER_FORMATS["text"]  # also below the last row, where somebody adds one
            paper.column_dimensions[letter] = dimension
        above = len(self.above) + bool(sheet.unit_line)
        self.head_rows = 2 if any(column.parent for column in sheet.columns) else 1
        self._offer_choices(above + self.head_rows + 1)
        paper.freeze_panes = f"{column_letter(sheet.frozen_columns)}{above + self.head_rows + 1}"
        paper.print_title_rows = f"{above + 1}:{above + self.head_rows}"
        size, across = paper_for(sheet)
        if across > 1 and sheet.frozen_columns:
            paper.print_title_cols = f"A:{column_letter(sheet.frozen_columns - 1)}"
        paper.page_setup.paperSize = size
        paper.page_setup.orientation = "landscape" if sheet.landscape or size == A3 else "portrait"
        paper.page_setup.fitToWidth, paper.page_setup.fitToHeight = across, 0
        paper.sheet_properties.pageSetUpPr.fitToPage = True
        paper.page_margins.left = paper.page_margins.right = 0.5
        paper.print_options.horizontalCentered = True
        paper.oddFooter.left.text = self.note.replace("&", "&&")[:LONGEST_FOOTER] or None
        paper.oddFooter.right.text = "第 &P 页 共 &N 页"

    def _offer_choices(self, first):
        """Drop-downs from the first row of the body down; other words may be typed, the import says what it cannot read."""
        for index, column in enumerate(self.sheet.columns):
            if column.choices:
                offer = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True, errorStyle="warning")
                offer.add(f"{column_letter(index)}{first}:{column_letter(index)}{first + OFFERED_ROWS}")
                self.paper.data_validations.append(offer)

    def _append(self, cells, height=None):
        self.row += 1
        if height:
            self.paper.row_dimensions[self.row].height = height
        self.paper.append(cells)
        self.paper.row_dimensions.pop(self.row, None)  # streamed: what is written need not be kept

    def _line(self, text, font, horizontal, height=0):
        """One text across the whole table. No program makes room for a text of several lines in merged cells by itself."""
        self._merge(self.row + 1, 0, self.row + 1, self.width - 1)
        larger = font.size / BODY_FONT.size
        wide = sum(column.width for column in self.sheet.columns if not column.hidden) / larger
        needed = height_of(lines_of(text, wide))
        self._append([self._styled(text, font, horizontal)], max(height, needed * larger) if needed else height)

    def _merge(self, top, left, bottom, right):
        if (top, left) != (bottom, right):
            self.paper.merged_cells.add(f"{column_letter(left)}{top}:{column_letter(right)}{bottom}")

    def _styled(self, text, font, horizontal, border=None, fill=None):
        cell = set_text(WriteOnlyCell(self.paper), text)
        cell.font, cell.alignment = font, Alignment(horizontal=horizontal, vertical="center", wrap_text=True)
        if border:
            cell.border = border
        if fill:
            cell.fill = fill
        return cell

    def _header(self):
        """One or two rows; a heading without parent reaches over both. What a merged area covers is empty, as Excel has it: a reader would
        take it for headings of its own."""
        columns, top = self.sheet.columns, self.row + 1
        if self.head_rows == 2:
            upper, lower = [], []
            for parent, group in groupby(columns, key=lambda column: column.parent or column):
                left, labels = len(upper), [column.label for column in group]
                over = isinstance(parent, str)
                self._merge(top, left, top + (0 if over else 1), left + len(labels) - 1)
                upper += [parent if over else labels[0], *[""] * (len(labels) - 1)]
                lower += labels if over else [""]
            self._append([self._heading(label) for label in upper])
            below = [column for column in columns if column.parent]
            self._append([self._heading(label) for label in lower], self._head_height(below))
            return
        self._append([self._heading(column.label) for column in columns], self._head_height(columns))

    @staticmethod
    def _head_height(columns):
        return height_of(max(lines_of(column.label, column.width) for column in columns))

    def _heading(self, label):
        return self._styled(label, BOLD_FONT, "center", EDGE, HEAD_FILL)

    def _body(self):
        self._rows(self.sheet.rows, BODY_FONT)
        if self.sheet.total is not None:
            self._rows([self.sheet.total], BOLD_FONT)

    def _rows(self, rows, font):
        """Rows as high as their longest text: LibreOffice and WPS leave a row without a height at one line."""
        tall = []
        fillers = [_Filler(self.paper, column, font, tall) for column in self.sheet.columns]
        for row in rows:
            self._append([fill(value) for fill, value in zip(fillers, row, strict=True)], height_of(max(tall)) if tall else None)
            tall.clear()


def lines_of(text, width):
    """Lines that a text takes in a column of that many characters; a Chinese sign is as wide as two digits."""
    wide = (sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in line) for line in str(text).split("\n"))
    return sum(max(1, ceil(signs / max(width - 1, 2))) for signs in wide)


def height_of(lines):
    """In points; Excel's rows are at most 409 high."""
    return min(409, lines * LINE_HEIGHT + ROOM) if lines > 1 else None


class _Filler:
    """Turns the values of one column into its refilled cells: for numbers or dates, for text, and for text that looks like a formula."""

    def __init__(self, paper, column, font, tall):
        self.width, self.tall = inf if column.hidden else column.width, tall
        self.convert = CONVERTERS[column.format]
        self.value_cell = self._cell(paper, font, NUMBER_FORMATS[column.format], "center" if column.format == "date" else "right")
        self.text_cell = self._cell(paper, font, "@", "left" if column.format == "text" else "center")
        self.quoted_cell = self._cell(paper, font, "@", "left")
        self.quoted_cell.quotePrefix = True

    @staticmethod
    def _cell(paper, font, number_format, horizontal):
        cell = WriteOnlyCell(paper)
        cell.font, cell.border, cell.number_format = font, EDGE, number_format
        cell.alignment = Alignment(horizontal=horizontal, vertical="center", wrap_text=True)
        return cell

    def __call__(self, value):
        value = "" if value is None else self.convert(value)
        if not isinstance(value, str):
            self.value_cell.value = value
            return self.value_cell
        text = (value if value.isprintable() else without_controls(value))[:LONGEST_TEXT]
        if len(text) * 2 > self.width and (lines := lines_of(text, self.width)) > 1:
            self.tall.append(lines)
        cell = self.quoted_cell if text.startswith(FORMULA_STARTS) else self.text_cell
        cell._value, cell.data_type = text, "s"
        return cell


def _as_text(value):
    return ("是" if value else "否") if isinstance(value, bool) else str(value)


def _as_number(value):
    """Numbers pass, everything else (such as "—" for a column without a source) stays text."""
    return value if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else _as_text(value)


def _as_yuan(value):
    """分 to 元, exactly."""
    return Decimal(value) / 100 if isinstance(value, int) and not isinstance(value, bool) else _as_text(value)


def _as_day(value):
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return value if isinstance(value, date) else _as_text(value)


def _as_share(value):
    """A fraction, or a (part, whole) pair; of nothing there is no share."""
    if isinstance(value, tuple):
        part, whole = value
        return Decimal(part) / Decimal(whole) if whole else MISSING
    return _as_number(value)


CONVERTERS = {"text": _as_text, "integer": _as_number, "money": _as_yuan, "date": _as_day, "percent": _as_share}
