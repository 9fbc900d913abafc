"""The county's files: workbooks through core.spreadsheets, text tables as Excel saves them, and truth.json."""

import csv
import io
import json
import re
import zipfile
from itertools import chain
from pathlib import Path

from core.spreadsheets import Column, SheetOut, write_workbook
from students.county.anomalies import Anomalies
from students.county.headings import DATE_FIELDS, NUMBER_FIELDS, VARIANTS, Head
from students.county.lists import ListMaker
from students.county.places import make_schools, make_townships
from students.county.population import Population
from students.county.truth import tell

MADE = (2020, 3, 1, 0, 0, 0)
MOMENT = re.compile(rb">\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ<")
MERGE = re.compile(rb"<mergeCell [^>]*>(?:</mergeCell>)?")
NOTES = (("1", "本表由各校填报，学籍号、身份证号按文本填写。"), ("2", "请勿增加、删除列。"))
WIDE = {"number": 22, "roll_number": 23, "card": 24, "school": 26, "name": 14, "village_code": 16, "household": 20, "address": 18}


def make_county(plan, out: Path) -> dict:
    """Writes the eight files and truth.json into ``out`` (made when missing) and returns the truth."""
    townships = make_townships(plan)
    schools = make_schools(plan, townships)
    population = Population(plan, townships, schools)
    children = population.make()
    groups = Anomalies(plan, population, children).plant()
    lists = ListMaker(plan, townships, schools, children).make()
    truth = tell(plan, schools, children, groups, lists)
    out.mkdir(parents=True, exist_ok=True)
    for kind, head in VARIANTS[plan.variant].items():
        write_list(out, without_empty_parent(head, schools), getattr(lists, kind))
    text = json.dumps(truth, ensure_ascii=False, indent=1)
    (out / "truth.json").write_text(text + "\n", encoding="utf-8")
    return truth


def without_empty_parent(head: Head, schools) -> Head:
    """A county without teaching points has no column for the school they belong to."""
    if head.file == "学校名录" and not any(school.parent for school in schools):
        return Head(**{**vars(head), "fields": {field: label for field, label in head.fields.items() if field != "parent"}})
    return head


def write_list(out: Path, head: Head, rows: list[dict]) -> None:
    path = out / f"{head.file}{head.suffix}"
    values = ([row.get(field, "") for field in head.fields] for row in rows)
    if head.suffix == ".csv":
        write_text_table(path, head, values)
        return
    upper, lower = header_rows(head)
    columns = [column(field, label) for field, label in zip(head.fields, upper, strict=True)]
    sheet = SheetOut(head.sheet, columns, chain([lower] if any(lower) else [], values), titles=head.titles, foot=head.foot)
    workbook = io.BytesIO()
    write_workbook(workbook, [*([notes()] if head.notes_first else []), sheet])
    save_timeless(workbook, path)


def save_timeless(workbook: io.BytesIO, path: Path) -> None:
    """The workbook without the moment of its making: the same seed gives the same bytes, and importing them again is a no-op."""
    with zipfile.ZipFile(workbook) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = MOMENT.sub(b">2020-03-01T00:00:00Z<", content)
            target.writestr(zipfile.ZipInfo(name, MADE), ordered_merges(content), zipfile.ZIP_DEFLATED)


def ordered_merges(content: bytes) -> bytes:
    """Merged areas stand behind the rows of a sheet, in the chance order of a set."""
    start, end = content.rfind(b"<mergeCell "), content.rfind(b"</mergeCells>")
    start = content.find(b"<mergeCell ", content.rfind(b"<mergeCells", 0, start)) if start >= 0 else start
    if start < 0:
        return content
    return content[:start] + b"".join(sorted(MERGE.findall(content, start, end))) + content[end:]


def write_text_table(path: Path, head: Head, rows) -> None:
    """As Excel saves it: a byte order mark with UTF-8, none with GB18030, lines ended by CR LF."""
    with path.open("w", encoding=head.encoding, newline="") as target:
        writer = csv.writer(target)
        writer.writerow(head.fields.values())
        writer.writerows(rows)


def header_rows(head: Head) -> tuple[list[str], list[str]]:
    """Upper and lower header row; a parent stands over its first column only, as in any workbook with merged headings."""
    upper, lower = [], []
    for label in head.fields.values():
        parent, _, child = label.rpartition("/")
        above = parent or child
        upper.append("" if parent and parent in upper else above)
        lower.append(child if parent else "")
    return upper, lower


def column(field: str, label: str) -> Column:
    return Column(label, WIDE.get(field, 12), "date" if field in DATE_FIELDS else "integer" if field in NUMBER_FIELDS else "text")


def notes() -> SheetOut:
    """The sheet of instructions that comes before the list, with nothing in it to import."""
    return SheetOut("填表说明", [Column("序号", 8), Column("说明", 60)], NOTES, titles=("填表说明",))
