"""Rows of the three lists that say where a child is: the roll, the police register, the classroom."""

from dataclasses import replace
from functools import lru_cache

from students.imports.drafts import SCHOOLS, Draft, birth_in
from students.rules import codes, grades, names, values
from students.rules.ages import school_year
from students.rules.class_names import class_label, contradicts
from students.rules.identity import RESIDENT, is_roll_number, normalise_number, normalise_roll_number, sex_of
from students.rules.naming import clean_code


def roll(cells, context):
    """A pupil on the roll (domain.md §4.3)."""
    draft, school = _pupil(cells, context)
    state = cells.parsed("state", codes.parse_roll_state, codes.ROLL_STATES[0])
    entered = cells.parsed("entered", values.parse_entry)
    if entered and draft.facts.get("grade"):
        contradiction = grades.entry_contradicts(grades.Grade(draft.facts["stage"], draft.facts["grade"]), entered.year, context.as_of)
        if contradiction:
            cells.note("entered", contradiction)
    draft.phone = cells.text("phone") or cells.text("guardian_phone")
    draft.address = cells.text("address")
    draft.facts |= {
        "state": state.label, "counts": state.counts, "entered": f"{entered:%Y%m}" if entered else "",
            "hukou_code": cells.text("hukou_code"),
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


def boarding(cells, context):
    """A pupil who sleeps at school; a list of one school need not name it."""
    draft, school = _pupil(cells, context)
    starts = cells.date("starts", "入住日期") if "starts" in cells.columns else None
    if draft.facts["boarding"] is None:
        draft.facts["boarding"] = True
    draft.facts |= {"room": cells.text("room")[:40], "bed": cells.text("bed")[:20], "starts": starts.isoformat() if starts else None}
    draft.phone, draft.place = cells.text("phone"), school
    return draft


def hukou(cells, context):
    """A person in the police register (domain.md §4.11)."""
    draft = person(cells)
    state = _registry_state(cells)
    village = context.village(cells.text("village_code"), cells.text("village"), cells.text("township"))
    if not village and (cells.text("village_code") or cells.text("village") or cells.text("township")):
        field = "village_code" if cells.text("village_code") else "village"
        cells.note(field, "行政区划里没有这个村（居），暂记在县一级。导入行政区划后会自动归到村。")
    household = cells.text("household")
    if not household:
        household = f"{village}-{names.clean_name(cells.text('head')) or draft.name}"
        cells.note("household", "没有户号，暂按村和户主归户。")
    draft.household_address = cells.text("address")
    draft.facts |= {
        "household": household[:40], "head": names.clean_name(cells.text("head"))[:60], "relation": cells.text("relation")[:20],
            "state": state.label,
        "counts": state.counts, "village": village, "village_code": village or clean_code(cells.text("village_code")),
        "village_name": "" if village else cells.text("village"), "township_name": "" if village else cells.text("township"),
        "group": cells.text("group"), "guardian": cells.text("guardian"),
    }  # fmt: skip
    draft.place = household[:60]
    return draft


def _registry_state(cells):
    """The state in words; a mark, a day or a reason of cancellation speaks where the state is silent."""
    state = cells.parsed("state", codes.parse_registry_state, codes.REGISTRY_STATES[0])
    if state.counts:
        state = cells.parsed("cancelled", codes.parse_cancelled, state)
    if state.counts and cells.text("moved_on"):
        state = codes.MOVED_OUT
    if state.counts and cells.text("cancelled_on"):
        state = codes.CANCELLED
    if cells.text("cancelled_why") and (state.counts or state == codes.CANCELLED):
        state = cells.parsed("cancelled_why", codes.parse_registry_state, state)
    return state


def person(cells, *, birth=True):
    """Name, number, birth, sex and ethnic group of a row; refuses a row without a name, with an impossible day, with lost digits."""
    name = names.clean_name(cells.text("name"))
    if not name:
        cells.refuse("name", "姓名为空。请补填姓名后重新导入这一行。")
    if values.is_ditto(name):
        cells.refuse("name", f"姓名写的是“{name}”，看不出是谁。请写出姓名后重新导入这一行。")
    number = normalise_number(cells.exact("number", "身份证件号"))
    if not number.text and "roll_number" in cells.columns:
        number = number_in_roll_number(cells.exact("roll_number", "学籍号")) or number
    for warning in number.warnings:
        cells.note("number", warning)
    stated = cells.date("birth", "出生日期") if birth else None
    inside = birth_in(number)
    if stated and inside and stated != inside:
        cells.note("birth", f"出生日期与证件号中的 {inside} 不一致。")
    if number.form == "empty" and "number" in cells.columns:
        cells.note("number", "没有证件号，先按姓名、出生日期和单位建档。")
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
    if not (school or code or name) and context.coverage.kind in SCHOOLS:
        school = context.coverage.code
    if not school:
        school = _unlisted_school(cells, context, code, name)
    roll_number, warnings = normalise_roll_number(cells.exact("roll_number", "学籍号"))
    for warning in warnings:
        cells.note("roll_number", warning)
    draft.roll_number = roll_number
    grade = _grade(cells, context.school_kinds.get(school), context.as_of)
    cohort, class_name = _cohort(grade, context.as_of), cells.text("class")
    odd = contradicts(class_name, grade, context.school_kinds.get(school)) if class_name and grade else ""
    if odd:
        cells.note("class", odd)
    draft.facts |= {
        "school": school, "stage": grade.stage if grade else "", "grade": grade.year if grade else None,
            "class": class_label(class_name, grade, cohort)[:20],
        "boarding": _boarding(cells), "cohort": cohort,
    }  # fmt: skip
    return draft, school


def _unlisted_school(cells, context, code, name):
    """A school that the directory does not have refuses the row. As long as no directory came in at all the row waits for it under the
    code or name it gives, so that the order of the files does not matter."""
    field = "school_code" if code else "school"
    if context.has_directory or not (code or name):
        cells.refuse(field, f"学校“{name or code}”不在学校名录里。请先在学校名录中登记，或改正学校标识码后重新导入。")
    cells.note(field, "学校名录还没有导入，这一行先收下，暂记在县一级；导入学校名录后自动归到学校。")
    return (clean_code(code) or name)[:60]


def _grade(cells, kind, on):
    """The grade from its own column, read with the stage's where there is one, else from the class: 一(2)班, 2019级3班."""
    text = cells.text("grade")
    grade, problem = _grade_of(text, cells.text("stage"), cells.text("class"), kind, on)
    if problem:
        cells.note("grade" if text else "class", problem)
    return grade


@lru_cache(maxsize=8192)
def _grade_of(text, stage, class_name, kind, on):
    grade, problem = grades.parse_grade(text or class_name, kind, None, on)
    if stage and (problem or codes.parse_stage(stage)[0] not in (None, grade.stage)):
        again, _ = grades.parse_grade((codes.plain_stage(stage) or "") + text, kind, None, on)
        grade, problem = (again, "") if again else (grade, problem)
    return grade, problem


def _boarding(cells):
    """就读方式 has codes in which 1 is a day pupil; 是否寄宿 and 住校 ask, and 1 is yes."""
    index = cells.columns.get("boarding")
    coded = index is not None and "方式" in cells.headings[index]
    return cells.parsed("boarding", values.parse_boarding_code if coded else values.parse_boarding_answer)


def number_in_roll_number(text):
    """The identity number behind a well-formed G or L number with a right check digit; None else (domain.md §4.2)."""
    roll, _ = normalise_roll_number(text)
    if not (is_roll_number(roll) and roll[0] in "GL"):
        return None
    number = normalise_number(roll[1:])
    return replace(number, warnings=("没有证件号，按学籍号中的号码识别",)) if number.form == RESIDENT else None


def _cohort(grade, on):
    """Entry year of a class, its lasting mark while grades move on."""
    return grades.entry_year_of(grade, school_year(on)) if grade else None


def _left_behind(text):
    """是否留守儿童: 0 no, 1 one parent away, 2 both (domain.md §4.3 item 37), or words."""
    if text in ("1", "2") or "留守" in text and not text.startswith("非"):
        return True, ""
    return (False, "") if text == "0" or text.startswith("非") else values.parse_yes_no(text)
