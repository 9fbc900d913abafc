"""Catchments from a workbook: 学校, 学段, 村 (and 组 where a group goes elsewhere than its village)."""

from core.models import Organization
from core.spreadsheets import WorkbookRefused, column_letter, find_header, is_foot, read_guarded
from students.imports.standings import RowProblem
from students.models import Section
from students.rules.codes import parse_stage
from students.rules.naming import Places

HEADINGS = {
    "school": ["学校", "学校名称", "学区学校", "招生学校"], "school_code": ["学校标识码", "学校代码"], "stage": ["学段", "学部"],
    "village": ["村", "村(社区)", "村(居)委会", "村名", "服务村"], "village_code": ["村代码", "村(居)委会代码"], "township": ["乡镇", "镇", "街道"],
    "group": ["组", "村民小组", "社"],
}  # fmt: skip


def read_catchments(path, name, *, county, school_year):
    """(rows for record_catchments, problems); a file without the header is refused."""
    nodes = list(Organization.objects.exclude(kind=Organization.Kind.CLASS))
    by_code = {node.code: node for node in nodes}
    groups = {(node.parent_id, node.name): node for node in nodes if node.kind == "group"}
    places = Places([(node.kind, node.code, node.name) for node in nodes], county.name)
    sections = {(row.school.code, row.stage): row for row in Section.objects.filter(until=None).select_related("school")}
    rows, problems, found = [], [], False
    for sheet in read_guarded(path, name):
        header = find_header(sheet.rows, HEADINGS, minimum=3)
        if header is None or not {"stage"} <= set(header.columns):
            continue
        found = True
        for index in range(header.body_start, len(sheet.rows)):
            line = sheet.rows[index]
            if not any(cell.strip() for cell in line) or is_foot(line):
                continue
            cells = {field: line[column].strip() if column < len(line) else "" for field, column in header.columns.items()}
            row, field, sentence = _row(cells, places, by_code, groups, sections)
            if sentence:
                column = header.columns.get(field, 0)
                at = f"{column_letter(column)}列 {header.headings[column]}"
                problems.append(RowProblem(sheet.name, index + 1, at, cells.get(field, ""), sentence))
            else:
                rows.append(row | {"school_year": school_year})
    if not found:
        raise WorkbookRefused(f"《{name}》里没有找到表头：前 8 行里要有 学校、学段、村 这些列。")
    return rows, problems


def _row(cells, places, by_code, groups, sections):
    """(row, "", "") or (None, field, the sentence of what is wrong)."""
    code = places.school(cells.get("school_code", ""), cells.get("school", ""))
    if not code:
        return None, "school", "不在学校名录里，请核对校名或学校标识码。"
    stage, _ = parse_stage(cells.get("stage", ""))
    section = sections.get((code, stage))
    if section is None:
        return None, "stage", "这所学校没有这个学段，请写 小学 或 初中。"
    village = by_code.get(places.village(cells.get("village_code", ""), cells.get("village", ""), cells.get("township", "")) or "")
    if village is None:
        return None, "village", "没有找到这个村（社区），请核对名称，重名的写上乡镇。"
    if not cells.get("group"):
        return {"section": section, "place": village}, "", ""
    group = groups.get((village.pk, cells["group"]))
    return ({"section": section, "place": group}, "", "") if group else (None, "group", f"{village.name}没有这个组。")
