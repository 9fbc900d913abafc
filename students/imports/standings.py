"""Reasons from a filled workbook: each row names a child by number (or name and birth date) and says where it is, and since when."""

from dataclasses import dataclass

from core import crypto
from core.spreadsheets import ImpossibleDate, WorkbookRefused, column_letter, find_header, parse_date, read_guarded
from students.models import Child, ChildNumber
from students.rules import identity, names
from students.rules.standings import REMOVAL_REASONS, STANDINGS, standing_of_reason

HEADINGS = {
    "number": ["身份证件号", "身份证号", "身份证号码", "证件号", "公民身份号码"], "name": ["姓名", "学生姓名", "儿童姓名"],
    "birth": ["出生日期", "出生年月日"],
    "meaning": ["去向或原因", "去向", "原因", "核减原因", "不在校原因", "情况"], "since": ["起始日期", "自哪天起", "发生日期", "起", "日期"],
    "until": ["截止日期", "到哪天止", "止"], "place": ["去处", "就读学校", "就读地", "现在何处"], "document": ["证明文号", "证明编号", "佐证", "证明材料"],
}  # fmt: skip
TEMPLATE = ("姓名", "身份证件号", "去向或原因", "起始日期", "截止日期", "去处", "证明文号")
WORDS = {"送教": "12", "缓学": "14", "区外就读": "elsewhere", "外地就读": "elsewhere", "特教学校": "special_school", "双重户籍": "071", "初中毕业": "09"}


def meanings():
    """{word: (standing code, reason)}: labels, short words and codes of both tables; a code of two or three figures may lack its zero."""
    entered = [row for row in STANDINGS.values() if row.entered and row.code != "removed"]
    known = {word: (row.code, "") for row in entered for word in (row.code, row.label, row.short)}
    for code, label, short, _ in REMOVAL_REASONS:
        meant = standing_of_reason(code)
        for word in (label, short):
            known.setdefault(word, meant)
        known[code] = known[code.lstrip("0")] = meant
        known[f"{code} {label}"] = meant
    return known | {word: known[meant] for word, meant in WORDS.items()}


@dataclass(frozen=True)
class RowProblem:
    """What was wrong, by its place, with the remedy."""

    sheet: str
    row: int
    column: str
    value: str
    sentence: str

    def __str__(self):
        return f"工作表“{self.sheet}”第 {self.row} 行 {self.column}“{self.value}”：{self.sentence}"


def read_reasons(path, name, *, children, on):
    """(rows for explaining.propose, problems) of a workbook; `children`: those within the person's scope. A file without the header is
    refused."""
    known, rows, problems, found = meanings(), [], [], False
    for sheet in read_guarded(path, name):
        header = find_header(sheet.rows, HEADINGS, minimum=2)
        if header and "meaning" in header.columns and {"number", "name"} & set(header.columns):
            found = True
            _read_sheet(sheet, header, known, on, rows, problems)
    if not found:
        raise WorkbookRefused(f"《{name}》里没有找到表头：前 8 行里要有 身份证件号（或姓名、出生日期）、去向或原因 这些列。")
    return _with_children(rows, children, problems), problems


def _read_sheet(sheet, header, known, on, rows, problems):
    for index in range(header.body_start, len(sheet.rows)):
        line = sheet.rows[index]
        cells = {field: line[column].strip() if column < len(line) else "" for field, column in header.columns.items()}
        if not (cells.get("meaning") and (cells.get("number") or cells.get("name"))):
            continue

        def problem(field, sentence, index=index, cells=cells):
            at = column_letter(header.columns[field])
            shown = crypto.mask(cells[field]) if field == "number" else cells[field]
            problems.append(RowProblem(sheet.name, index + 1, f"{at}列 {header.headings[header.columns[field]]}", shown, sentence))

        row = _read_row(cells, known, on, problem)
        if row:
            rows.append(row | {"at": problem})


def _read_row(cells, known, on, problem):
    meant = known.get(cells["meaning"]) or known.get(cells["meaning"].replace(" ", ""))
    if meant is None:
        problem("meaning", "不认识。请填：" + "、".join(row.label for row in STANDINGS.values() if row.entered) + "，或核减原因代码。")
        return None
    days = {}
    for field in ("since", "until", "birth"):
        days[field] = None
        if cells.get(field):
            try:
                days[field] = parse_date(cells[field])
            except ImpossibleDate as wrong:
                problem(field, str(wrong))
                return None
            if days[field] is None:
                problem(field, "不是完整的日期。请写成 2020-03-01 这样。")
                return None
    return {
        "number": cells.get("number", ""), "name": cells.get("name", ""), "birth": days["birth"], "code": meant[0], "reason": meant[1],
        "since": days["since"] or on, "until": days["until"], "place": cells.get("place", ""), "document": cells.get("document", ""),
    }  # fmt: skip


def _with_children(rows, children, problems):
    """The rows whose child is one child in scope; the others become problems. Three queries for any number of rows."""
    by_number, by_name = _by_number(rows, children), _by_name(rows, children)
    found = []
    for row in rows:
        problem = row.pop("at")
        held = by_number.get(row["index"]) if row["index"] else by_name.get((names.name_key(row["name"]), row["birth"]))
        if not held:
            problem("number" if row["index"] else "name", "在您的范围内没有找到这名学生。请核对证件号，或确认户籍名单已导入。")
        elif len(held) > 1:
            problem("name", "同名同出生日期的学生不止一名，请填写身份证件号。")
        elif row["name"] and names.name_key(row["name"]) != held[0].name_key:
            problem("name" if "name" in row else "number", f"与档案中的姓名“{held[0].name}”不一致，请核对是否同一人。")
        else:
            found.append({key: row[key] for key in ("code", "reason", "since", "until", "place", "document")} | {"child": held[0]})
    return found


def _by_number(rows, children):
    for row in rows:
        number = identity.normalise_number(row["number"])
        row["index"] = crypto.blind_index(number.text, "person.id_number") if number.usable else None
    wanted = [row["index"] for row in rows if row["index"]]
    pairs = list(ChildNumber.objects.filter(identity__in=wanted).values_list("identity", "child"))
    known = {bytes(index): child for index, child in pairs}
    known |= {bytes(index): pk for index, pk in Child.objects.here().filter(number_index__in=wanted).values_list("number_index", "pk")}
    seen = children.in_bulk(set(known.values()))
    return {index: [seen[pk]] for index, pk in known.items() if pk in seen}


def _by_name(rows, children):
    wanted = {names.name_key(row["name"]) for row in rows if not row["index"] and row["birth"]}
    held = {}
    for child in children.filter(name_key__in=wanted):
        held.setdefault((child.name_key, child.birth_on), []).append(child)
    return held
