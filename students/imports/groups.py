"""Rows of other departments' lists: poverty, civil affairs, disability (domain.md §5.3, §5.4). They name people we may not know."""

import re

from students.imports.people import person
from students.rules import codes, names
from students.rules.identity import normalise_number, parse_card

YEAR = re.compile(r"(19|20)\d\d")


def poverty(cells, context):
    """A member of a household that is or was poor, or is watched."""
    draft = person(cells, birth=False)
    code = cells.parsed("type", codes.parse_household_type, "P2" if cells.text("lifted") else "P1")
    lifted = YEAR.search(cells.text("lifted"))
    draft.phone = cells.text("phone")
    draft.facts |= {
        "code": code, "label": cells.text("type") or codes.GROUPS[code].label, "household_number": cells.text("household")[:40],
        "head": names.clean_name(cells.text("head"))[:60], "relation": cells.text("relation"), "township": cells.text("township"),
        "village": cells.text("village"), "lifted_year": lifted[0] if lifted else "", "risk_cleared": cells.text("risk_cleared"),
        "studying": cells.text("studying"), "why_not_at_school": cells.text("why_not_at_school"), "starts": None, "ends": None,
    }  # fmt: skip
    draft.place = draft.facts["household_number"]
    return draft


def civil_affairs(cells, context):
    """A person whom civil affairs supports, with the days from and to."""
    draft = person(cells, birth=False)
    code, problem = codes.parse_civil_affairs(cells.text("category"))
    if problem or not code:
        cells.refuse("category", problem or "救助类别为空。请填低保、特困、孤儿或事实无人抚养等类别。")
    starts, ends = cells.date("starts", "享受起始日期"), cells.date("ends", "享受终止日期")
    draft.phone, draft.address = cells.text("phone"), cells.text("address")
    draft.facts |= {
        "code": code, "label": cells.text("category"), "head": names.clean_name(cells.text("head"))[:60],
            "township": cells.text("township"),
        "village": cells.text("village"), "starts": starts.isoformat() if starts else None, "ends": ends.isoformat() if ends else None,
    }  # fmt: skip
    draft.place = code
    return draft


def disabled(cells, context):
    """A holder of a disability card: the card's first 18 characters are the person's number (GB/T 26341-2010, domain.md §10)."""
    draft = person(cells, birth=False)
    raw = cells.exact("card", "残疾人证号")
    card = parse_card(raw, draft.number.text if draft.number.usable else "")
    if card.problem and raw:
        cells.note("card", card.problem)
    if not draft.number.usable and card.number:
        draft.number = normalise_number(card.number)
        draft.person = draft.number.text
        for warning in draft.number.warnings:
            cells.note("card", warning)
    category, level = cells.parsed("category", codes.parse_disability_category), cells.parsed("level", codes.parse_disability_level)
    level = level or codes.parse_disability_level(cells.text("category"))[0]  # 肢体三级 in one column
    if card.category and category and card.category != category:
        cells.note("category", f"残疾类别与残疾人证号第 19 位（{card.category}）不一致。")
    if card.level and level and card.level != level:
        cells.note("level", f"残疾等级与残疾人证号第 20 位（{card.level}）不一致。")
    draft.facts |= {
        "code": "C1", "label": f"{cells.text('category')}{cells.text('level')}" or "残疾", "category": category or card.category,
        "level": level or card.level, "township": cells.text("township"), "village": cells.text("village"), "starts": None, "ends": None,
    }  # fmt: skip
    draft.place = draft.facts["category"] or ""
    return draft
