"""How the reading child tells its parent what a workbook holds: a record a row, kept as it comes and opened when it is asked for.

A row is its cells' texts parted by the unit separator and closed by the record separator; neither can stand in a cell, because texts
come without control characters. A number cell is marked, so that it comes back as `Number`. A sheet's head, and a refusal, are JSON.
"""

import json
from collections.abc import Sequence

from core.spreadsheets.admission import WorkbookRefused
from core.spreadsheets.cells import NUMBER_MARK, Number, Sheet

CELL_END, ROW_END, HEAD_MARK = "\x1f", "\x1e", "\x1c"
MARK_BYTE, HEAD_BYTE, ROW_END_BYTE = NUMBER_MARK.encode(), HEAD_MARK.encode(), ROW_END.encode()


def row_record(texts):
    return CELL_END.join(texts) + ROW_END


def head_record(content):
    """`content`: {"name", "hidden", "merges"} of a sheet, or {"refused": sentence}."""
    return f"{HEAD_MARK}{json.dumps(content)}{ROW_END}"


def sheets_of(pieces):
    """list[Sheet] of what the child says, piece by piece; raises WorkbookRefused with its sentence."""
    sheets = []
    for record in _records(pieces):
        if not record.startswith(HEAD_BYTE):
            sheets[-1].rows.records.append(record)
            continue
        head = json.loads(record[1:])
        if "refused" in head:
            raise WorkbookRefused(head["refused"])
        sheets.append(Sheet(head["name"], Rows(), head["hidden"], head["merges"]))
    return sheets


def _records(pieces):
    rest = b""
    for piece in pieces:
        *records, rest = (rest + piece).split(ROW_END_BYTE)
        yield from records


class Rows(Sequence):
    """Rows of a sheet as the child sent them: 174,000 rows of 25 cells as lists of texts would be 700 MB. A row that is asked for is a
    new list each time; one that was changed has to be put back: `rows[index] = row`."""

    def __init__(self):
        self.records = []

    def __len__(self):
        return len(self.records)

    def __getitem__(self, index):
        return [opened(record) for record in self.records[index]] if isinstance(index, slice) else opened(self.records[index])

    def __setitem__(self, index, row):
        marked = [f"{NUMBER_MARK}{cell.value!r}" if isinstance(cell, Number) else cell for cell in row]
        self.records[index] = row_record(marked).encode()[:-1]

    def __iter__(self):
        return map(opened, self.records)

    def __eq__(self, other):
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None

    def holding(self, texts):
        """Indexes of the rows in which one of `texts` stands somewhere; only these have to be opened."""
        wanted = [text.encode() for text in texts]
        return [index for index, record in enumerate(self.records) if any(text in record for text in wanted)]


def opened(record):
    """Cells of a record."""
    cells = record.decode().split(CELL_END)
    return cells if MARK_BYTE not in record else [unmarked(cell) for cell in cells]


def unmarked(cell):
    return Number(float(cell[1:])) if cell[:1] == NUMBER_MARK else cell
