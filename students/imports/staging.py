"""A received file becomes staged rows and issues: nothing live is touched (design.md §4)."""

import tempfile

from django.db import connection, transaction

from core.files import read as read_file
from core.spreadsheets import WorkbookRefused, is_foot, read_guarded
from students.actions import snapshots
from students.imports.builders import BUILDERS
from students.imports.cells import Cells, RowRefused
from students.imports.drafts import COLUMNS, Context
from students.imports.finding import find_sheets, layout_of, stopped
from students.imports.parallel import in_order
from students.models import RowIssue
from students.rules.names import clean_name, name_key

PIECE = 400  # rows built at once


def stage(snapshot, progress=lambda done, total: None, *, ask=False):
    """Read the snapshot's file, stage what can be used, note what is wrong, preview. A file that is no such list ends as refused with
    the sentence, or waits for a person's word on its columns if there is one to `ask`; a row that cannot be used ends as an issue with
    its address."""
    try:
        with tempfile.NamedTemporaryFile() as copy:
            copy.write(read_file(snapshot.file))
            copy.flush()
            sheets = read_guarded(copy.name, snapshot.file.name)
        found, skipped = find_sheets(sheets, snapshot, ask=ask)
    except WorkbookRefused as refusal:
        return stopped(snapshot, refusal)
    with transaction.atomic():
        reading = Reading(snapshot, found, progress)
        with connection.cursor() as cursor:
            columns = ", ".join(("snapshot_id", "outcome", "why", *COLUMNS))
            cursor.copy_expert(f"copy students_stagedrow ({columns}) from stdin", reading, size=1 << 18)
        RowIssue.objects.bulk_create([RowIssue(snapshot=snapshot, **vars(issue)) for issue in reading.issues], batch_size=2000)
        return snapshots.preview(snapshot=snapshot, rows=reading.rows, refused_rows=reading.refused, layout=layout_of(found, skipped))


class Reading:
    """The rows of the found sheets as a file that COPY reads from: the database takes rows in while the next ones are built."""

    def __init__(self, snapshot, found, progress):
        self.snapshot, self.found, self.progress = snapshot, found, progress
        self.context, self.build = Context(snapshot), BUILDERS[snapshot.kind]
        self.pieces = [
            (sheet, header, first) for sheet, header in found for first in range(header.body_start, len(sheet.rows), PIECE)
        ]  # fmt: skip
        self.total = sum(len(sheet.rows) - header.body_start for sheet, header in found)
        self.issues, self.rows, self.refused = [], 0, 0
        self.texts = self._texts()

    def read(self, size):
        """The next piece of COPY text, b"" at the end. COPY asks for `size` and takes what it gets."""
        return next(self.texts, b"")

    def _texts(self):
        for number, (text, rows, refused, issues) in enumerate(in_order(len(self.pieces), self._piece)):
            self.rows, self.refused = self.rows + rows, self.refused + refused
            self.issues += issues
            self.progress(min((number + 1) * PIECE, self.total), self.total)
            if text:
                yield text

    def _piece(self, number):
        """COPY text of up to PIECE rows of one sheet, how many rows it holds and how many of them are refused, and their issues."""
        sheet, header, first = self.pieces[number]
        lines, issues, refused = [], [], 0
        for index, row in enumerate(sheet.rows[first : first + PIECE], start=first):
            if not any(map(str.strip, row)) or is_foot(row) or header.repeats(row):
                continue
            cells = Cells(sheet.name[:60], index + 1, row, header, issues)
            try:
                line = f"{self.snapshot.pk}\tnew\t\t" + _copy_line(self.context.staged(self.build(cells, self.context), cells))
            except RowRefused:
                refused += 1
                line = f"{self.snapshot.pk}\trefused\t\t" + _copy_line(refused_row(cells, self.context))
            lines.append(line)
        return "".join(lines).encode(), len(lines), refused, issues


def refused_row(cells, context):
    """A refused row keeps name and place, so that the standing row it was meant for is not taken for vanished."""
    name = clean_name(cells.text("name"))
    place = context.school(cells.text("school_code"), cells.text("school")) or cells.text("household")
    values = dict.fromkeys(COLUMNS) | {
        "sheet": cells.sheet, "row_number": cells.row_number, "person_key": b"", "content_hash": b"", "place_key": place[:60],
        "name": name[:60],
        "name_key": name_key(name)[:60], "pinyin": "", "birth_stated": False, "number_valid": False, "number_state": "", "facts": "{}",
        "sealed": context.sealed(cells.row),
    }  # fmt: skip
    return values.values()


COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copy_line(values):
    """Values in PostgreSQL's COPY text form, one line."""
    plain = [value if type(value) is str and value.isprintable() and "\\" not in value else _copy_text(value) for value in values]
    return "\t".join(plain) + "\n"


def _copy_text(value):
    kind = type(value)
    if kind is str:
        return value if value.isprintable() and "\\" not in value else value.translate(COPY_ESCAPES)
    if value is None:
        return "\\N"
    if kind is bytes:
        return "\\\\x" + value.hex()
    return str(value).translate(COPY_ESCAPES) if kind is not bool else "t" if value else "f"
