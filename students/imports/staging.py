"""A received file becomes staged rows and issues: nothing live is touched (design.md §4)."""

import json
import tempfile
from io import StringIO

from django.db import connection, transaction

from core.files import read as read_file
from core.spreadsheets import WorkbookRefused, find_header, is_foot, read_guarded
from students.actions import snapshots
from students.imports import groups, people, places
from students.imports.cells import Cells, RowRefused
from students.imports.drafts import COLUMNS, Context
from students.imports.layouts import LAYOUTS
from students.models import RowIssue
from students.rules.names import clean_name, name_key

BUILDERS = {
    "divisions": places.divisions, "schools": places.schools, "roll": people.roll, "hukou": people.hukou, "attending": people.attending,
    "poverty": groups.poverty, "civil_affairs": groups.civil_affairs, "disabled": groups.disabled,
}  # fmt: skip


def stage(snapshot, progress=lambda done, total: None):
    """Read the snapshot's file, stage what can be used, note what is wrong, preview. A file that is no such list ends as refused with
    the sentence; a row that cannot be used ends as an issue with its address."""
    try:
        with tempfile.NamedTemporaryFile() as copy:
            copy.write(read_file(snapshot.file))
            copy.flush()
            sheets = read_guarded(copy.name, snapshot.file.name)
        found, skipped = find_sheets(sheets, snapshot)
    except WorkbookRefused as refusal:
        return snapshots.refuse(snapshot=snapshot, sentence=str(refusal))
    with transaction.atomic():
        issues, refused = [], 0
        buffer = StringIO()
        context = Context(snapshot)
        total = sum(len(sheet.rows) for sheet, _ in found)
        done = rows = 0
        for sheet, header in found:
            for kept in _read_sheet(sheet, header, context, issues, buffer, snapshot):
                rows, refused, done = rows + 1, refused + (not kept), done + 1
                if done % 2000 == 0:
                    progress(done, total)
        copy_staged(snapshot, buffer)
        RowIssue.objects.bulk_create([RowIssue(snapshot=snapshot, **vars(issue)) for issue in issues], batch_size=2000)
        layout = {"sheets": [_layout(sheet, header) for sheet, header in found], "skipped": skipped}
        return snapshots.preview(snapshot=snapshot, rows=rows, refused_rows=refused, layout=layout)


def find_sheets(sheets, snapshot):
    """(sheet, header) of every sheet that holds the list, and the names of the others with the reason."""
    layout, found, skipped = LAYOUTS[snapshot.kind], [], []
    for sheet in sheets:
        header = find_header(sheet.rows, layout.headings, minimum=2 if len(layout.needed) < 3 else 3)
        missing = _missing(header, layout) if header else "没有找到表头"
        if header and not missing:
            found.append((sheet, header))
        else:
            skipped.append({"sheet": sheet.name, "why": missing})
    if not found:
        wanted = "、".join("或".join(layout.headings[field][0] for field in alternatives) for alternatives in layout.needed)
        raise WorkbookRefused(f"《{snapshot.file.name}》里没有找到{snapshot.get_kind_display()}的表头:前 8 行里要有 {wanted} 这些列。请核对文件和名单种类。")
    return found, skipped


def _missing(header, layout):
    """Sentence naming the needed columns that the header lacks; "" when it has them."""
    lacking = ["或".join(layout.headings[field][0] for field in alternatives) for alternatives in layout.needed if not set(alternatives) & set(header.columns)]
    return f"缺少列:{'、'.join(lacking)}" if lacking else ""


def _read_sheet(sheet, header, context, issues, buffer, snapshot):
    """Write the sheet's rows to `buffer`; yields True for a row that is staged, False for one refused."""
    build = BUILDERS[snapshot.kind]
    for index in range(header.body_start, len(sheet.rows)):
        row = sheet.rows[index]
        if not any(cell.strip() for cell in row) or is_foot(row):
            continue
        cells = Cells(sheet.name[:60], index + 1, row, header, issues)
        try:
            draft = build(cells, context)
            _write(buffer, (snapshot.pk, "", "", *context.staged(draft, sheet.name[:60], index + 1, [str(cell) for cell in row])))
            yield True
        except RowRefused:
            _write(buffer, _refused_row(snapshot, cells, context))
            yield False


def _refused_row(snapshot, cells, context):
    """A refused row keeps name and place, so that the standing row it was meant for is not taken for vanished."""
    name = clean_name(cells.text("name"))
    place = context.school(cells.text("school_code"), cells.text("school")) or cells.text("household")
    values = dict.fromkeys(COLUMNS) | {
        "sheet": cells.sheet, "row_number": cells.row_number, "person_key": b"", "content_hash": b"", "place_key": place[:60], "name": name[:60],
        "name_key": name_key(name)[:60], "pinyin": "", "birth_stated": False, "number_valid": False, "number_state": "", "facts": {},
        "sealed": context.cell_sealer.seal_bytes(json.dumps([str(cell) for cell in cells.row], ensure_ascii=False).encode()),
    }  # fmt: skip
    return (snapshot.pk, "refused", "", *(values[column] for column in COLUMNS))


def _write(buffer, values):
    buffer.write("\t".join(map(_copy_text, values)) + "\n")


def _copy_text(value):
    """One value in PostgreSQL's COPY text form."""
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False)
    elif value is True or value is False:
        return "t" if value else "f"
    return str(value).replace("\\", "\\\\").replace("\t", " ").replace("\n", "\\n").replace("\r", " ")


def copy_staged(snapshot, buffer):
    """COPY the buffer into the staging table."""
    buffer.seek(0)
    columns = ", ".join(("snapshot_id", "outcome", "why", *COLUMNS))
    with connection.cursor() as cursor:
        cursor.copy_expert(f"copy students_stagedrow ({columns}) from stdin", buffer)


def _layout(sheet, header):
    return {
        "sheet": sheet.name, "header_row": header.first_row + 1, "rows": len(sheet.rows) - header.body_start,
        "columns": {field: header.headings[index] for field, index in header.columns.items()}, "unknown": [heading for _, heading in header.unknown],
    }  # fmt: skip
