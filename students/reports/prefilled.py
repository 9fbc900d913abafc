"""A list as it stands, to be filled in offline and brought back through the same staging (issue 3 §1).

Each cell is the text as it came, so that an untouched row reads the same; a hidden key tells which row it is and in which version it left.
"""

from itertools import groupby

from core.crypto import Indexer
from core.spreadsheets import Column, SheetOut, write_workbook
from students.imports.layouts import LAYOUTS, ROW_KEY
from students.models import ListRow
from students.rules import codes, row_keys
from students.rules.grades import Grade, grade_label
from students.rules.kinds import KINDS
from students.rules.names import clean_name

FIRST = {  # fields that are always offered, in the order in which people fill them
    "roll": ("school_code", "school", "grade", "class", "name", "number", "roll_number", "sex", "birth", "boarding", "entered", "state",
    "phone"),
    "hukou": ("household", "head", "relation", "name", "number", "sex", "birth", "village_code", "village", "state"),
    "attending": ("school_code", "school", "grade", "class", "name", "number", "state"),
    "poverty": ("household", "head", "name", "number", "relation", "type", "lifted"), "civil_affairs": ("name", "number", "category",
    "head", "starts", "ends"),
    "disabled": ("name", "card", "category", "level"), "elsewhere": ("name", "number", "school", "region", "document", "since", "until"),
    "movements": ("name", "number", "event", "happened", "place"), "platform": ("serial", "name", "number", "school", "suspicion",
    "verified"), "boarding": ("school_code", "school", "grade", "class", "name", "number", "room", "bed",
    "starts"), "found": ("name", "sex", "birth", "age", "number", "township", "village", "guardian", "phone",
    "whereabouts", "found_on"),
}  # fmt: skip
OFFERED = {
    ("roll", "state"): tuple(state.label for state in codes.ROLL_STATES), ("attending",
    "state"): tuple(state.label for state in codes.ATTENDING_STATES),
    ("hukou", "state"): tuple(state.label for state in codes.REGISTRY_STATES), ("movements", "event"): ("死亡", "迁出", "迁入"), "sex": ("男",
    "女"),
    "boarding": ("走读", "住校"), ("poverty", "type"): ("脱贫户", "脱贫不稳定户", "边缘易致贫户", "突发严重困难户"),
    ("civil_affairs", "category"): ("农村低保", "城市低保", "低保边缘", "特困", "孤儿", "事实无人抚养"),
}  # fmt: skip
WIDE = {
    "number": 22, "roll_number": 23, "school": 22, "address": 28, "card": 24, "phone": 14, "birth": 12, "village": 16, "whereabouts": 30,
    "found_on": 12,
}  # fmt: skip
HOW = "只改需要改的格，不动的行原样留着；新增的人写在最后；不要改最后的隐藏列和列名。填好后在“名单导入”或“填报名单”里上传。"


def rows_of(kind, node):
    """The standing rows of a kind at or below a node, in the order of the paper."""
    rows = ListRow.objects.filter(until=None).held_by(kind, node).select_related("snapshot", "node")
    return rows.order_by("node__code", "class_code", "sheet", "row_number", "pk")


def write(target, *, kind, node, note, by_class=False):
    """The workbook; how many rows it holds. `by_class`: a sheet for each class."""
    rows = list(rows_of(kind, node))
    fields = fields_of(kind, rows)
    parts = [(node.name, rows)]
    if by_class and rows:
        parts = [
            (_class_title(members), members) for members in (list(group) for _, group in groupby(rows, key=lambda row: row.class_code))
        ]
    write_workbook(target, [_sheet(kind, title, fields, members) for title, members in parts], note=note)
    return len(rows)


def fields_of(kind, rows):
    """The fields to show: those people fill in, and whatever the lists had that the rows came from."""
    layouts = {row.snapshot_id: row.snapshot.layout for row in rows}
    had = {field for layout in layouts.values() for sheet in layout.get("sheets", []) for field in sheet["columns"]}
    first = FIRST.get(kind) or [alternatives[0] for alternatives in LAYOUTS[kind].needed]
    return [*first, *(field for field in LAYOUTS[kind].headings if field in had and field not in (*first, "row_key"))]


def _sheet(kind, title, fields, rows):
    index = Indexer("list_row.key")
    columns = [
        Column(LAYOUTS[kind].headings[field][0], width=WIDE.get(field, 12), choices=OFFERED.get((kind, field)) or OFFERED.get(field, ()))
        for field in fields
    ]
    body = ([*(value(row, field) for field in fields), key_of(row, index)] for row in rows)
    return SheetOut(
        name=title, columns=[*columns, Column(ROW_KEY[0], hidden=True)], rows=body, titles=(f"{KINDS[kind].label} {title}", HOW),
        frozen_columns=0,
        filled_in=True,
    )  # fmt: skip


def key_of(row, index):
    version = row_keys.version_of(row.content_hash)
    return f"{row.pk}-{version}-{index.index(row_keys.sealed_part(row.pk, version))[:6].hex()}"


def value(row, field):
    """The cell as it came; where its list had no such column, what the row says."""
    for sheet in row.snapshot.layout.get("sheets", []):
        indexes = sheet.get("indexes", {})
        if sheet["sheet"][:60] == row.sheet and _is_persons(row, indexes):
            return row.cells[indexes[field]].strip() if field in indexes and indexes[field] < len(row.cells) else _told(row, field)
    return _told(row, field)


def _is_persons(row, indexes):
    """Of several persons in one row, whether these columns are this one's."""
    index = indexes.get("name")
    return index is not None and index < len(row.cells) and clean_name(row.cells[index])[:60] == row.name


def _told(row, field):
    """Only what makes the row known again: what a list never said stays empty, or the row would come back changed."""
    facts = row.facts
    if field == "grade" and facts.get("grade"):
        return grade_label(Grade(facts.get("stage") or "", facts["grade"]))
    plain = {
        "name": row.name, "number": row.number or "", "roll_number": row.roll_number, "school_code": facts.get("school", ""),
        "class": facts.get("class", ""),
        "school": row.node.name if row.node and facts.get("school") else "",
        "village": row.node.name if row.node and facts.get("village") else "",
        "household": facts.get("household") or facts.get("household_number") or "", "village_code": facts.get("village_code", ""),
        "state": facts.get("state", ""),
        "serial": facts.get("serial", ""),
    }  # fmt: skip
    return plain.get(field, "")


def _class_title(rows):
    row = rows[0]
    facts = row.facts
    grade = grade_label(Grade(facts.get("stage") or "", facts["grade"])) if facts.get("grade") else ""
    return f"{row.node.name if row.node else ''}{grade}{facts.get('class') or ''}"
