"""Rows that make the county: divisions and schools."""

import re

from students.imports.drafts import Draft
from students.rules import codes, values
from students.rules.identity import check_school_code
from students.rules.naming import UNCODED, clean_code

LEVELS = {
    "县": "county", "区": "county", "县级": "county", "市": "county", "县区": "county", "开发区": "county", "区县": "county", "县市区": "county",
        "1": "county", "2": "township", "3": "village",
    "乡": "township", "镇": "township", "乡镇级": "township", "镇级": "township", "街道办事处": "township", "镇街": "township", "乡镇": "township",
        "街道": "township", "乡镇街道": "township", "乡级": "township", "村": "village", "社区": "village", "村社区": "village",
    "居委会": "village", "村级": "village", "村居": "village", "行政村": "village", "村委会": "village",
    "居民委员会": "village", "村民委员会": "village", "村居委会": "village", "村级单位": "village", "自然村": "group", "组": "group", "村民小组": "group",
}  # fmt: skip


def divisions(cells, context):
    """A county, township, village or group by its 12-digit code."""
    code, name = clean_code(cells.exact("code", "区划代码")), cells.text("name")
    if not name:
        cells.refuse("name", "区划名称为空。请补填名称。")
    if not re.fullmatch(r"\d{6,15}", code):
        cells.refuse("code", "区划代码应为 12 位数字。请按统计用区划代码填写。")
    code = code.ljust(12, "0")
    level = LEVELS.get(re.sub(r"[\s()()（）/、]", "", cells.text("level"))) or _level_of(code)
    parent = clean_code(cells.text("parent_code"))
    parent = parent.ljust(12, "0") if parent.isdigit() else _parent_of(code, level)
    return Draft(person=code, name=name, facts={"code": code, "level": level, "parent": parent})


def schools(cells, context):
    """A school by its ten-digit code, with the township it lies in."""
    name = cells.text("name")
    if not name:
        cells.refuse("name", "学校名称为空。请补填名称。")
    code, warnings = check_school_code(cells.exact("school_code", "学校标识码"))
    for warning in warnings:
        cells.note("school_code", warning)
    kind, problem = codes.parse_school_kind(cells.text("kind"))
    if not kind:
        kind = codes.parse_school_kind(name)[0]
        if not kind:
            cells.refuse("kind", problem or "办学类型为空。请填小学、初中、九年一贯制等类型。")
        cells.note("kind", f"{problem or '办学类型为空'}，按校名记为{codes.SCHOOL_KINDS[kind].label}。")
    township, said = _township(cells, context)
    boarding = cells.parsed("boarding", values.parse_yes_no, False)
    parent_text = cells.text("parent_school")
    parent = context.school(parent_text, "") or context.school("", parent_text)
    facts = {
        "code": code or f"{UNCODED}{name}",
        "kind": kind,
        "township": township,
        "boarding": boarding,
        "parent_school": parent,
        "parent_name": parent_text,
    }
    if said:
        facts["township_said"] = said
    return Draft(person=facts["code"], name=name, facts=facts)


def _township(cells, context):
    """(the township's node code, what was said of one that nobody knows yet): such a school hangs on the bureau, with a warning, until the
    divisions come."""
    code, name = clean_code(cells.text("township_code")), cells.text("township")
    full = code.ljust(12, "0") if code.isdigit() else ""
    kind = context.nodes.get(full, ("",))[0]
    if kind == "village":
        full, kind = full[:9] + "000", "township"
    if kind == "township" and full in context.nodes:
        return full, ""
    found = context.places.township(name or ("" if code.isdigit() else code))
    if not found and (code or name) and kind != "bureau":
        cells.note("township_code" if code else "township", f"行政区划里没有“{code or name}”，学校暂直属教育局。导入行政区划后会自动归到乡镇。")
        return "", name or code
    return found, ""


def _level_of(code):
    if code[6:] == "000000":
        return "county"
    return "township" if code[9:12] == "000" else "village"


def _parent_of(code, level):
    return {"county": "", "township": code[:6] + "000000", "village": code[:9] + "000"}.get(level, "")
