"""Rows of 铁脚板 filled in without a network: children found at the door whom no list knows (domain.md §3.3)."""

from core.models import Organization
from students.actions.found import middle_of_age
from students.imports.people import person
from students.rules import names, values

VILLAGES = (Organization.Kind.VILLAGE, Organization.Kind.GROUP)
OLDEST = 25


def found(cells, context):
    """A child found at the door; one whose birth date nobody knows is told by its age."""
    found_on = cells.date("found_on", "发现日期")
    if found_on is None:
        cells.refuse("found_on", "没有写哪天发现的。请写成 2020-03-02 这样。")
    if found_on > context.as_of:
        cells.refuse("found_on", f"发现日期 {found_on} 在名单截至日 {context.as_of} 之后。请核对。")
    draft = person(cells)
    age_only = draft.birth is None
    if age_only:
        draft.birth = middle_of_age(_age(cells), found_on)
    if draft.birth > found_on:
        cells.refuse("birth", f"出生日期 {draft.birth} 在发现日期 {found_on} 之后。请核对。")
    if not cells.text("whereabouts"):
        cells.refuse("whereabouts", "没有写孩子现在哪里、做什么。请补填。")
    draft.phone, draft.place = cells.text("phone"), _village(cells, context)
    draft.facts |= {
        "village": draft.place, "whereabouts": cells.text("whereabouts")[:200], "found_on": found_on.isoformat(), "age_only": age_only,
        "guardian": names.clean_name(cells.text("guardian"))[:60], "group": cells.text("group")[:40],
    }  # fmt: skip
    if age_only and not draft.number.usable:
        draft.person = f"{draft.name}:{draft.birth}"
    return draft


def _age(cells):
    text = values.half_width(cells.text("age")).removesuffix("周岁").removesuffix("岁").strip()
    if not text.isdigit() or int(text) > OLDEST:
        cells.refuse("age" if text else "name", "出生日期、周岁、证件号至少要有一样；周岁填整数，如 9。")
    return int(text)


def _village(cells, context):
    """Code of the village or group where the child lives; a form of one village need not say it."""
    code = context.village(cells.text("village_code"), cells.text("village"), cells.text("township"))
    said = cells.text("village_code") or cells.text("village")
    if not code and not said and context.coverage.kind in VILLAGES:
        return context.coverage.code
    if context.nodes.get(code, ("",))[0] not in VILLAGES:
        field = "village" if "village" in cells.columns else "name"
        cells.refuse(
            field, f"看不出孩子住在哪个村（社区）：{f'“{said}”不在这份名单的范围里' if said else '没有写村名'}。请按行政区划写村名。"
        )
    return code
