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
from students.imports.halves import OtherHalf, may_part
from students.models import RowIssue
from students.rules.names import clean_name, name_key


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
        self.total = sum(len(sheet.rows) - header.body_start for sheet, header in found)
        places = [(sheet, header, index) for sheet, header in found for index in range(header.body_start, len(sheet.rows))]
        context = Context(snapshot)
        middle = self.total // 2 if may_part(self.total) else self.total
        self.parts = [Part(snapshot, context, places[:middle]), Part(snapshot, context, places[middle:])]
        self.progress = progress
        self.lines = self._lines()

    @property
    def issues(self):
        return self.parts[0].issues + self.parts[1].issues

    @property
    def rows(self):
        return self.parts[0].rows + self.parts[1].rows

    @property
    def refused(self):
        return self.parts[0].refused + self.parts[1].refused

    def read(self, size):
        """About `size` characters of COPY text; "" at the end."""
        taken, length = [], 0
        for line in self.lines:
            taken.append(line)
            length += len(line)
            if length > size - 8192:
                break
        return "".join(taken)

    def _lines(self):
        first, second = self.parts
        other = OtherHalf(second) if second.places else None
        share = 2 if other else 1
        for line in first.lines():
            if first.rows % 2000 == 0:
                self.progress(first.rows * share, self.total)
            yield line
        if other:
            yield from other.lines()


class Part:
    """Rows at `places` (sheet, header, index), built one after the other, with what was wrong in them."""

    def __init__(self, snapshot, context, places):
        self.context, self.places, self.build = context, places, BUILDERS[snapshot.kind]
        self.head, self.refused_head = f"{snapshot.pk}\tnew\t\t", f"{snapshot.pk}\trefused\t\t"
        self.issues, self.rows, self.refused = [], 0, 0

    def counts(self):
        return self.issues, self.rows, self.refused

    def counted(self, counts):
        self.issues, self.rows, self.refused = counts

    def lines(self):
        for sheet, header, index in self.places:
            row = sheet.rows[index]
            if not any(map(str.strip, row)) or is_foot(row) or header.repeats(row):
                continue
            self.rows += 1
            yield self._line(Cells(sheet.name[:60], index + 1, row, header, self.issues))

    def _line(self, cells):
        try:
            draft = self.build(cells, self.context)
        except RowRefused:
            self.refused += 1
            return self.refused_head + _copy_line(refused_row(cells, self.context))
        return self.head + _copy_line(self.context.staged(draft, cells))


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
    return "\t".join([_copy_text(value) for value in values]) + "\n"


def _copy_text(value):
    kind = type(value)
    if kind is str:
        return value if value.isprintable() and "\\" not in value else value.translate(COPY_ESCAPES)
    if value is None:
        return "\\N"
    if kind is bytes:
        return "\\\\x" + value.hex()
    return str(value).translate(COPY_ESCAPES) if kind is not bool else "t" if value else "f"
