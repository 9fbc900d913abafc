"""One row of a list while it is read: its cells by field, and what is wrong with them by address."""

from dataclasses import dataclass

from core.crypto import mask
from core.spreadsheets import column_letter
from core.spreadsheets.cells import lost_digits as lost_in_cell
from core.spreadsheets.dates import IMPOSSIBLE, read_date
from students.rules import identity

SENSITIVE = frozenset({"number", "roll_number", "card", "phone", "guardian_phone", "address"})
SHOWN = 60


@dataclass(frozen=True)
class Issue:
    severity: str
    sheet: str
    row_number: int
    column: str
    value: str
    reason: str


class RowRefused(Exception):
    """The row cannot be used; the issue has been noted already."""


class Cells:
    """Cells of one row. `note` adds a warning; `refuse` adds the reason and leaves the row."""

    __slots__ = ("columns", "headings", "issues", "row", "row_number", "sheet", "texts")

    def __init__(self, sheet, row_number, row, header, issues):
        self.sheet, self.row_number, self.row = sheet, row_number, row
        self.columns, self.headings, self.issues = header.columns, header.headings, issues
        self.texts = [cell.strip() for cell in row]

    def text(self, field):
        """The cell's text without outer white space; "" where the list has no such column."""
        index = self.columns.get(field)
        return self.texts[index] if index is not None and index < len(self.texts) else ""

    def exact(self, field, label):
        """Text of an identity, roll or card number; a cell that has lost digits refuses the row, by address."""
        index = self.columns.get(field)
        if index is None or index >= len(self.row):
            return ""
        cell = self.row[index]
        if type(cell) is str and cell.isalnum() and cell.isascii() and not cell.endswith("000") and "E" not in cell.upper():
            return cell  # nearly every cell
        if cell and (lost_in_cell(cell) or identity.lost_digits(cell)):
            self.refuse(field, f"{label}被存成了数值，精度丢失，后几位已变。请把这一列设为“文本”格式后重新填写本格。", shown=str(cell))
        return cell.strip()

    def date(self, field, label):
        """The date, None where empty or only a month; an impossible day refuses the row."""
        text = self.text(field)
        if not text:
            return None
        reading = read_date(text)
        if reading.problem == IMPOSSIBLE:
            self.refuse(field, f"{label}{reading.sentence}")
        if reading.date is None:
            self.note(field, f"{label}{reading.sentence}")
        return reading.date

    def parsed(self, field, parser, default=None):
        """Value of a parser of students.rules; what it cannot read is a warning and `default`."""
        text = self.text(field)
        value, problem = parser(text) if text else (None, "")
        if problem:
            self.note(field, problem)
        return default if value is None else value

    def note(self, field, reason):
        self._add("warning", field, reason, None)

    def refuse(self, field, reason, shown=None):
        self._add("refused", field, reason, shown)
        raise RowRefused

    def _add(self, severity, field, reason, shown):
        index = self.columns.get(field)
        column = f"{column_letter(index)} {self.headings[index]}" if index is not None else ""
        value = self.text(field) if shown is None else shown
        if field in SENSITIVE and shown is None:
            value = mask(value)
        self.issues.append(Issue(severity, self.sheet, self.row_number, column[:60], value[:SHOWN], reason[:200]))
