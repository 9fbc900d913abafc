"""Which sheets of a workbook hold the list, and which column is which field (design.md §4)."""

from django.db import transaction

from core import audit
from core.spreadsheets import WorkbookRefused, carry_down, with_lower_headings
from students.actions import snapshots
from students.imports import blocks, columns, recognising, titles
from students.imports.columns import ColumnsWanted
from students.imports.layouts import LAYOUTS
from students.imports.unused import is_unused
from students.rules.kinds import HORIZONTAL, KINDS

OWN = ("serial", "name", "number", "roll_number", "card", "person_code", "row_key")  # never the same as in the row above


def find_sheets(sheets, snapshot, *, ask=False):
    """(sheet, header) of every sheet that holds the list, a household laid out to the right once for each of its persons, and the names
    of the others with the reason. `ask`: a person is there to say what an unknown column is (ColumnsWanted)."""
    found, skipped, open_questions = [], [], []
    for sheet in sheets:
        reading = columns.read_header(sheet, snapshot)
        headers, missing = _headers(sheet, reading, snapshot)
        if missing:
            skipped.append({"sheet": sheet.name, "why": missing})
            if reading.header:
                open_questions.append((sheet, reading, missing))
            continue
        mistake = "" if reading.words else _mistake(sheet, headers[0], snapshot)
        if mistake:
            raise WorkbookRefused(f"《{snapshot.file.name}》的表头{mistake}")
        for header in headers:
            header.reading = reading
        _carry_down(sheet, headers)
        found += [(sheet, header) for header in headers]
    _check_words(snapshot, found, open_questions)
    if not found:
        _nothing_found(sheets, snapshot, open_questions, ask)
    if ask:
        _ask_about_unknown(found, snapshot)
    return found, skipped


def _headers(sheet, reading, snapshot):
    """(the headers of one sheet, why it cannot be read)."""
    header = reading.header
    if header is None:
        return [], "没有找到表头"
    if KINDS[snapshot.kind].rows != "place":
        persons = blocks.split(with_lower_headings(header, sheet.rows), households=snapshot.kind in HORIZONTAL)
        if persons and not columns.lacking(persons[0], snapshot.kind):
            return persons, ""
    lacking = columns.lacking(header, snapshot.kind)
    if len(header.columns) < 2:
        return [], "没有找到表头"
    if titles.put_school(sheet, header, snapshot, lacking):
        return [header], ""
    return [header], f"缺少列：{'、'.join(columns.words_for(alternatives, snapshot.kind) for alternatives in lacking)}" if lacking else ""


def _carry_down(sheet, headers):
    if len(headers) == 1:
        header = headers[0]
        carry_down(sheet, header, {header.columns[field] for field in OWN if field in header.columns})
    else:
        carry_down(sheet, blocks.shared_columns(headers), blocks.own_columns(headers))


def _about(sheet, header, snapshot):
    """The words around the table: file, sheet, titles."""
    above = sheet.rows[: header.first_row] if header else sheet.rows[:4]
    return " ".join([snapshot.file.name, sheet.name, *(cell for row in above for cell in row if cell.strip())])


def _mistake(sheet, header, snapshot):
    return recognising.mistaken(snapshot.kind, header.headings, _about(sheet, header, snapshot))


def _check_words(snapshot, found, open_questions):
    """A heading that --map names must be there."""
    headers = [header for _, header in found] + [reading.header for _, reading, _ in open_questions]
    for heading in snapshot.mapping:
        if all(columns.column_of(header, heading) is None for header in headers):
            there = "、".join(dict.fromkeys(text for header in headers for text in header.headings if text)) or "（没有）"
            raise WorkbookRefused(f"《{snapshot.file.name}》里没有列“{heading}”。表头有：{there}。请核对列名。")


def _nothing_found(sheets, snapshot, open_questions, ask):
    """Raises the sentence: what the list looks like, what is missing, and how to say which column is which."""
    for sheet in sheets:
        header = next((reading.header for asked, reading, _ in open_questions if asked is sheet), None)
        likely = recognising.likeliest(snapshot.kind, header.headings, _about(sheet, header, snapshot)) if header else ""
        if likely:
            raise WorkbookRefused(
                f"《{snapshot.file.name}》里没有找到{snapshot.get_kind_display()}的表头，看起来是“{likely}”。请改选名单种类后重新上传。"
            )
    layout = LAYOUTS[snapshot.kind]
    wanted = "、".join(columns.words_for(alternatives, snapshot.kind) for alternatives in layout.needed)
    sentence = f"《{snapshot.file.name}》里没有找到{snapshot.get_kind_display()}的表头：前 8 行里要有 {wanted} 这些列。"
    if not open_questions:
        raise WorkbookRefused(sentence + "请核对文件和名单种类。")
    if ask:
        raise ColumnsWanted(sentence + "请说明哪一列是什么。", _asks(open_questions))
    there = "、".join(heading for _, reading, _ in open_questions for _, heading in reading.header.unknown)
    raise WorkbookRefused(sentence + f"认不出的列有：{there[:200]}。可以在网页上对应列名，或用 --map 列名=字段 指明。请核对文件和名单种类。")


def _ask_about_unknown(found, snapshot):
    """Columns that neither the alias table nor a person has named are shown before the rows are read; once answered, never again."""
    questions = {}
    for sheet, header in found:
        if header.reading.words is None and any(not is_unused(heading) for _, heading in header.unknown):
            questions[sheet.name] = (sheet, header.reading, "")
    if questions:
        raise ColumnsWanted(f"《{snapshot.file.name}》有没见过的列，请核对列名对应后再读取。", _asks(questions.values()))


def _asks(questions):
    return [columns.asked_of(sheet, reading) | {"missing": missing} for sheet, reading, missing in questions]


def stopped(snapshot, refusal):
    """The snapshot of a file that was not read, with the sentence; one that waits for a person's word stays received."""
    if not isinstance(refusal, ColumnsWanted):
        return snapshots.refuse(snapshot=snapshot, sentence=str(refusal))
    snapshot.layout, snapshot.message = {"asks": refusal.asks}, str(refusal)[:500]
    with transaction.atomic():
        snapshot.save(update_fields=["layout", "message"])
        audit.record("list_read", by=None, subject=snapshot, organization=snapshot.coverage, asks=len(refusal.asks))
    return snapshot


def layout_of(found, skipped):
    """What was read and what was not, as the preview shows it."""
    return {"sheets": [_layout(sheet, header) for sheet, header in found], "skipped": skipped}


def _layout(sheet, header):
    reading = header.reading
    said = reading.said
    return {
        "sheet": sheet.name, "header_row": header.first_row + 1, "rows": len(sheet.rows) - header.body_start,
        "fingerprint": reading.fingerprint,
        "columns": {field: header.headings[index] for field, index in header.columns.items()}, "indexes": header.columns,
        "unknown": [heading for _, heading in header.unknown], "said": reading.words or {},
        "remembered": f"{said.by.name} {said.at:%Y-%m-%d}" if said else "",
    }  # fmt: skip
