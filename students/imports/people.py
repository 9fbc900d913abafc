"""Rows of the three lists that say where a child is: the roll, the police register, the classroom."""

from students.imports.drafts import Draft, birth_in
from students.rules import codes, grades, names, values
from students.rules.ages import school_year
from students.rules.identity import normalise_number, normalise_roll_number, sex_of


def roll(cells, context):
    """A pupil on the roll (domain.md §4.3)."""
    draft, school = _pupil(cells, context)
    state = cells.parsed("state", codes.parse_roll_state, codes.ROLL_STATES[0])
    entered = cells.parsed("entered", values.parse_year_month)
    if entered and draft.facts.get("grade"):
        contradiction = grades.entry_contradicts(grades.Grade(draft.facts["stage"], draft.facts["grade"]), entered.year, context.as_of)
        if contradiction:
            cells.note("entered", contradiction)
    draft.phone = cells.text("phone") or cells.text("guardian_phone")
    draft.address = cells.text("address")
    draft.facts |= {
        "state": state.label, "counts": state.counts, "entered": f"{entered:%Y%m}" if entered else "", "hukou_code": cells.text("hukou_code"),
        "guardian": cells.text("guardian"), "guardian_relation": cells.text("guardian_relation"), "disability": cells.text("disability"),
        "left_behind": bool(cells.parsed("left_behind", _left_behind)), "migrant": bool(cells.parsed("migrant", values.parse_yes_no)),
        "orphan": bool(cells.parsed("orphan", values.parse_yes_no)),
    }  # fmt: skip
    draft.person = draft.roll_number or draft.person
    draft.place = school
    return draft


def attending(cells, context):
    """A pupil who sits in the classroom."""
    draft, school = _pupil(cells, context)
    state = cells.parsed("state", codes.parse_attending_state, codes.ATTENDING_STATES[0])
    draft.facts |= {"state": state.label, "counts": state.counts}
    draft.phone, draft.place = cells.text("phone"), school
    return draft


def hukou(cells, context):
    """A person in the police register (domain.md §4.11)."""
    draft = person(cells)
    state = cells.parsed("state", codes.parse_registry_state, codes.REGISTRY_STATES[0])
    if cells.text("cancelled_why") and state.counts:
        state = cells.parsed("cancelled_why", codes.parse_registry_state, state)
    village = context.village(cells.text("village_code"), cells.text("village"), cells.text("township"))
    if not village:
        field = "village_code" if cells.text("village_code") else "village"
        cells.note(field, "行政区划里没有这个村(居),暂记在县一级。导入行政区划后会自动归到村。")
    household = cells.text("household")
    if not household:
        household = f"{village}-{cells.text('head') or draft.name}"
        cells.note("household", "没有户号,暂按村和户主归户。")
    draft.household_address = cells.text("address")
    draft.facts |= {
        "household": household[:40], "head": names.clean_name(cells.text("head"))[:60], "relation": cells.text("relation")[:20], "state": state.label,
        "counts": state.counts, "village": village, "village_code": cells.text("village_code"), "village_name": cells.text("village"),
        "group": cells.text("group"), "guardian": cells.text("guardian"),
    }  # fmt: skip
    draft.place = household[:60]
    return draft


def person(cells, *, birth=True):
    """Name, number, birth, sex and ethnic group of a row; refuses a row without a name, with an impossible day, with lost digits."""
    name = names.clean_name(cells.text("name"))
    if not name:
        cells.refuse("name", "姓名为空。请补填姓名后重新导入这一行。")
    number = normalise_number(cells.exact("number", "身份证件号"))
    for warning in number.warnings:
        cells.note("number", warning)
    stated = cells.date("birth", "出生日期") if birth else None
    inside = birth_in(number)
    if stated and inside and stated != inside:
        cells.note("birth", f"出生日期与证件号中的 {inside} 不一致。")
    if number.form == "empty" and "number" in cells.columns:
        cells.note("number", "没有证件号,先按姓名、出生日期和单位建档。")
    sex = cells.parsed("sex", codes.parse_sex) or (sex_of(number.text) if number.usable else "")
    ethnic = cells.parsed("ethnic", codes.parse_ethnic, "")
    born = stated or inside
    return Draft(
        person=number.text if number.usable else f"{name}:{born}", name=name, number=number, birth=born, birth_stated=stated is not None,
        facts={"sex": sex, "ethnic": ethnic},
    )  # fmt: skip


def _pupil(cells, context):
    """What roll and classroom have in common: the person, the school, grade and class."""
    draft = person(cells)
    code, name = cells.text("school_code"), cells.text("school")
    school = context.school(code, name)
    if not school:
        cells.refuse("school_code" if code else "school", f"学校“{name or code}”不在学校名录里。请先在学校名录中登记,或改正学校标识码后重新导入。")
    roll_number, warnings = normalise_roll_number(cells.exact("roll_number", "学籍号"))
    for warning in warnings:
        cells.note("roll_number", warning)
    draft.roll_number = roll_number
    kind = context.school_kinds.get(school)
    grade, problem = grades.parse_grade(cells.text("grade"), kind, None, context.as_of)
    if problem:
        cells.note("grade", problem)
    draft.facts |= {
        "school": school, "stage": grade.stage if grade else "", "grade": grade.year if grade else None, "class": cells.text("class")[:20],
        "boarding": cells.parsed("boarding", values.parse_boarding_code), "cohort": _cohort(grade, context.as_of),
    }  # fmt: skip
    return draft, school


def _cohort(grade, on):
    """Entry year of a class, its lasting mark while grades move on."""
    return grades.entry_year_of(grade, school_year(on)) if grade else None


def _left_behind(text):
    """是否留守儿童: 0 no, 1 one parent away, 2 both (domain.md §4.3 item 37), or words."""
    if text in ("1", "2") or "留守" in text and not text.startswith("非"):
        return True, ""
    return (False, "") if text == "0" or text.startswith("非") else values.parse_yes_no(text)
