"""Headings to fields: by the alias table, and by what a person said of this supplier's headings (domain.md §4.12)."""

import hashlib
import re
from dataclasses import dataclass, replace

from core.spreadsheets import WorkbookRefused, find_header, normalise_heading, probable_header
from students.imports.layouts import LAYOUTS
from students.models import ColumnMapping

SAMPLED = 50  # rows from which a column's look is taken
LOOKS = (
    (re.compile(r"[GLJ]?\d{17}[\dXx]"), "18 位号码"), (re.compile(r"1\d{10}"), "手机号"), (re.compile(r"\d{12}"), "12 位代码"),
    (re.compile(r"\d{10}"), "10 位代码"),
    (re.compile(r"(19|20)\d\d[-/.年]?\d{1,2}([-/.月]?\d{1,2}日?)?"), "日期"), (re.compile(r"\d+(\.\d+)?"), "数字"),
    (re.compile(r"[\u4e00-\u9fff·]{2,4}"), "二至四个汉字"),
)  # fmt: skip


class ColumnsWanted(WorkbookRefused):
    """A person must say what some columns are. `asks`: what to show, without a value of any cell."""

    def __init__(self, sentence, asks):
        super().__init__(sentence)
        self.asks = asks


@dataclass
class Reading:
    """How one sheet is read: `header` None where none was found; `words` what a person said, remembered or now."""

    header: object
    fingerprint: str = ""
    words: dict | None = None
    said: ColumnMapping | None = None


def fingerprint(headings):
    """Of a heading set, whatever its order, spaces and stars."""
    words = sorted({normalise_heading(heading) for heading in headings if heading.strip()})
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()


def read_header(sheet, snapshot):
    """The header of the sheet with what was said of its headings applied."""
    layout = LAYOUTS[snapshot.kind]
    minimum = 2 if len(layout.needed) < 3 else 3
    base = find_header(sheet.rows, layout.headings, minimum) or _guessed(sheet.rows, layout)
    if base is None:
        return Reading(None)
    mark = fingerprint(base.headings)
    said = None if snapshot.mapping else remembered(snapshot, mark)
    words = snapshot.mapping or (said.columns if said else {})
    if not words:
        return Reading(base, mark)
    aliases = {
        field: (*known, *(heading for heading, given in words.items() if given == field)) for field, known in layout.headings.items()
    }
    header = find_header(sheet.rows, aliases, 2) or base
    return Reading(overruled(header, words), mark, words, said)


def _guessed(rows, layout):
    """The row that most looks like a header, with the few columns that the alias table knows."""
    guess = probable_header(rows)
    known = find_header([rows[guess.first_row]], layout.headings, 1) if guess else None
    return replace(guess, columns=known.columns, unknown=known.unknown) if known else guess


def remembered(snapshot, mark):
    """What was said of these headings when they came from this supplier; where no supplier is named, what was said last."""
    found = ColumnMapping.objects.filter(kind=snapshot.kind, fingerprint=mark).select_related("by").order_by("-at")
    return (found.filter(supplier=snapshot.supplier).first() if snapshot.supplier else None) or found.filter(supplier="").first() or (
        None if snapshot.supplier else found.first()
    )  # fmt: skip


def overruled(header, words):
    """The header with a person's word above the alias table's: heading → field, "" for a column that is not to be used."""
    columns = dict(header.columns)
    for heading, field in words.items():
        index = column_of(header, heading)
        if index is None:
            continue
        columns = {known: at for known, at in columns.items() if at != index and known != field}
        if field:
            columns[field] = index
    unknown = [(at, heading) for at, heading in enumerate(header.headings) if heading and at not in columns.values()]
    return replace(header, columns=columns, unknown=unknown)


def column_of(header, heading):
    """Index of the column so headed; as written first, then without spaces and stars; None when there is none."""
    if heading in header.headings:
        return header.headings.index(heading)
    wanted = normalise_heading(heading)
    for form in (lambda text: text, lambda text: text.rpartition("/")[2]):
        for index, text in enumerate(header.headings):
            if text and normalise_heading(form(text)) == wanted:
                return index
    return None


def lacking(header, kind):
    """The needed fields that the header lacks, each with its alternatives."""
    return [alternatives for alternatives in LAYOUTS[kind].needed if not set(alternatives) & set(header.columns)]


def words_for(alternatives, kind):
    """学籍号或身份证号: the needed fields as a person calls them."""
    return "或".join(LAYOUTS[kind].headings[field][0] for field in alternatives)


def asked_of(sheet, reading):
    """What the mapping page shows of a sheet: each heading, its field, how many cells are filled and what they look like."""
    header = reading.header
    body = sheet.rows[header.body_start : header.body_start + SAMPLED]
    field_of = {index: field for field, index in header.columns.items()}
    return {
        "sheet": sheet.name, "header_row": header.first_row + 1, "rows": max(0, len(sheet.rows) - header.body_start),
        "fingerprint": reading.fingerprint,
        "headings": [
            {"heading": heading, "field": field_of.get(index, ""), **_look(body, index)}
            for index, heading in enumerate(header.headings) if heading
        ],
    }  # fmt: skip


def _look(body, index):
    cells = [row[index].strip() for row in body if index < len(row) and row[index].strip()]
    look = next((word for form, word in LOOKS if cells and sum(bool(form.fullmatch(cell)) for cell in cells) >= len(cells) * 0.6), "文字")
    return {"filled": len(cells), "of": len(body), "look": look if cells else "空"}


def fields_of(kind):
    """[(field, what a person calls it)] that a column may be mapped to."""
    return [(field, words[0]) for field, words in LAYOUTS[kind].headings.items() if field != "row_key"]


def parse_words(kind, given):
    """{heading: field} from ["列名=field", …]; a field may be named by its code or by any of its known headings. WorkbookRefused for one
    that does not exist, with those that do."""
    words, fields = {}, LAYOUTS[kind].headings
    for text in given:
        heading, sign, wanted = text.rpartition("=")
        by_word = {normalise_heading(alias): field for field, aliases in fields.items() for alias in (*aliases, field)}
        field = wanted.strip() if wanted.strip() in fields else by_word.get(normalise_heading(wanted))
        if not (sign and heading.strip() and (field or not wanted.strip())):
            known = "、".join(f"{code}({label})" for code, label in fields_of(kind))
            raise WorkbookRefused(f"--map “{text}”看不懂。请写成 列名=字段，字段可以是：{known}。写成“列名=”表示不用这一列。")
        words[heading.strip()] = field or ""
    return words
