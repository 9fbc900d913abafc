"""Pupils, lists, cases and marks on the cast's tree that give every indicator something to count on 21 November 2026."""

from datetime import UTC, date, datetime

from core import files
from dropout.models import Absence, AbsenceReport, Case, CaseEvent, Visit
from students import statuses
from students.models import Absentee, ArrivalSheet, ClassMark, SourceSnapshot, SpecialGroup, Standing
from tests import cast, make

ON = date(2026, 11, 21)
ASK = statuses.Ask(ON)
SEPTEMBER = date(2026, 9, 1)


def applied_list(house, kind, as_of):
    """A list of the whole county that was applied: what makes a past known."""
    user = house.people["bureau_admin"]
    received = SourceSnapshot.objects.create(
        kind=kind, coverage=house.nodes.root, as_of=as_of, sha256=f"{as_of:%Y%m%d}{kind}", received_by=user,
        file=files.store(f"{kind}{as_of}".encode(), f"{kind}.csv", "text/csv", user),
    )  # fmt: skip
    return make.applied(received, datetime(2026, 9, 2, tzinfo=UTC))


def a_case(house, child, *moves, number, school="school", stage="pri"):
    """A case with its events, each (name, source, target, day[, day of entry])."""
    officer = house.people["dropout_officer"]
    case = Case.objects.create(
        number=number, child=child, source="comparison", why="没有到校", school=getattr(house.nodes, school) if school else None, stage=stage,
        township=house.nodes.township, opened_on=moves[0][3], opened_by=officer,
    )  # fmt: skip
    for name, source, target, day, *entered in moves:
        recorded = datetime.combine(entered[0] if entered else day, datetime.min.time(), tzinfo=UTC).replace(hour=3)
        CaseEvent.objects.create(case=case, name=name, source=source, target=target, happened_on=day, recorded_at=recorded, by=officer)
    return case


def pupil(house, name, *steps, sex="1", village="village", **fields):
    """A child on the roll; each step is (stage, grade, since, until[, school])."""
    child = make.child(name, (getattr(house.nodes, village), "hukou"), (house.nodes.school, "last_school"), sex=sex, **fields)
    for stage, grade, since, until, *school in steps:
        where = getattr(house.nodes, school[0] if school else "school")
        make.enrolment(child, where, "roll", stage=stage, grade=grade, since=since, until=until)
    return child


FIRST, SIXTH = ("pri", 1, date(2020, 9, 10), date(2021, 9, 1)), ("pri", 6, date(2025, 9, 1), SEPTEMBER)
NINTH_ENTRY = ("pri", 1, date(2017, 9, 20), date(2018, 9, 1))
SEVENTH, AWAY = ("jun", 1, SEPTEMBER, None, "junior_school"), ("pri", 1, date(2020, 9, 10), date(2023, 3, 1))


def cohort(house):
    """The primary cohort 2020–2026: 5 entered (甲 乙 丙 戊 己), 丁 and 庚 moved in, 乙 moved out with proof, 戊 died; 甲 丁 庚 graduated, 庚 went
    nowhere. The nine years 2017–2026: 辛 graduated, 壬 never came to a junior school."""
    found = {
        "甲": pupil(house, "毕业甲", FIRST, SIXTH, SEVENTH), "乙": pupil(house, "转出乙", AWAY, sex="2"), "丙": pupil(house, "不见丙", AWAY),
        "丁": pupil(house, "转入丁", ("pri", 4, date(2023, 10, 10), date(2025, 9, 1)), SIXTH, ethnic="04"),
        "戊": pupil(house, "死亡戊", AWAY, sex="2"), "庚": pupil(house, "未升庚", SIXTH),
        "辛": pupil(house, "九年辛", NINTH_ENTRY, ("jun", 3, date(2025, 9, 1), SEPTEMBER, "junior_school")),
        "壬": pupil(house, "九年壬", NINTH_ENTRY, ("pri", 6, date(2022, 9, 1), date(2023, 9, 1))),
        "己": pupil(house, "休学己", FIRST, ("pri", 6, date(2025, 9, 1), None)),
    }  # fmt: skip
    explain(found["乙"], "elsewhere", date(2023, 3, 1), reason="02")
    explain(found["己"], "suspended", date(2026, 3, 1), reason="13")
    explain(found["丁"], "elsewhere", SEPTEMBER, reason="02")
    make.enrolment(found["戊"], house.nodes.school, "roll", grade=3, since=date(2023, 3, 1), counts=False, state="死亡")
    return found


def explain(child, code, since, until=None, **facts):
    return Standing.objects.create(child=child, code=code, since=since, until=until, source="entry", **facts)


def year(house):
    """In the classrooms since 5 September: 一 stays, 二 goes with proof in October, 三 is gone without, 四 comes in October."""
    found = {}
    for name, since, until in (("一", 5, None), ("二", 5, 12), ("三", 5, 12), ("四", None, None)):
        began = date(2026, 9, since) if since else date(2026, 10, 9)
        found[name] = make.child(f"在校{name}", (house.nodes.school, "attending"), (house.nodes.village, "hukou"), sex="12"[name in "二四"])
        ended = date(2026, 10, until) if until else None
        make.enrolment(found[name], house.nodes.school, "attending", stage="pri", grade=3, since=began, until=ended)
    explain(found["二"], "elsewhere", date(2026, 10, 12), reason="03")
    return found


def of_cases(house, children):
    """own is confirmed, brought back and away again; second is suspected; foreign was removed after 21 November only."""
    moves = (
        ("open", "", "suspected", date(2026, 9, 7)), ("confirm", "suspected", "confirmed", date(2026, 9, 8), date(2026, 9, 30)),
        ("assign", "confirmed", "persuading", date(2026, 9, 9)), ("record_return", "persuading", "returned", date(2026, 10, 9)),
        ("drop_again", "returned", "persuading", date(2026, 11, 2)), ("record_return", "persuading", "returned", date(2026, 12, 1)),
    )  # fmt: skip
    case = a_case(house, children.own, *moves, number="疑〔2026〕0001")
    a_case(house, children.second, ("open", "", "suspected", date(2026, 10, 8)), number="疑〔2026〕0002", school=None, stage="jun")
    a_case(
        house, children.foreign, ("open", "", "suspected", date(2026, 10, 8)),
        ("propose_removal", "suspected", "removal_proposed", date(2026, 11, 20)), ("approve_removal", "removal_proposed", "removed",
        date(2026, 12, 5)), number="疑〔2026〕0003", school="other_school",
    )  # fmt: skip
    visit(house, case, 1, date(2026, 9, 10), date(2026, 9, 20))
    visit(house, case, 2, date(2026, 9, 25), date(2026, 10, 10))


def visit(house, case, attempt, on, next_on):
    Visit.objects.create(
        case=case, attempt=attempt, happened_on=on, officers="王四", met=["father"], mode="home", reply="hesitant", next_on=next_on,
        notes="再想想", recorded_by=house.people["dropout_officer"],
    )  # fmt: skip


def absences(house, child):
    """Two reports: one in time, one late."""
    ClassMark.objects.create(
        class_node=house.nodes.class_, on=date(2026, 9, 14), half="am", pupils=30, marked_by=house.people["class_teacher"],
        marked_at=datetime(2026, 9, 14, 1, tzinfo=UTC), changed_at=datetime(2026, 9, 14, 1, tzinfo=UTC),
    )  # fmt: skip
    for day, late in ((14, False), (21, True)):
        full, sent = datetime(2026, 9, day, 1, tzinfo=UTC), datetime(2026, 9, day, 23 if late else 2, tzinfo=UTC)
        due = full.replace(hour=4)
        absence = Absence.objects.create(
            child=child, school=house.nodes.school, class_node=house.nodes.class_, class_label="三年级2班", stage="pri", state="returned",
            first_on=date(2026, 9, day), first_half="am", ended_on=date(2026, 9, day + 1), ended_half="am", discovered_at=full,
            threshold_at=full, due_at=due,
        )  # fmt: skip
        AbsenceReport.objects.create(
            absence=absence, number=f"缺报〔2026〕{day:04d}", school_name="东关小学", lives="unknown", fallback="住址不明", discovered_at=full,
            threshold_at=full, due_at=due, delivered_at=sent,
        )  # fmt: skip


def arrivals(house):
    """Class 二班 has counted: 到一 came, 到二 came late, 到三 is missing and was visited too late; 到四's class has not counted."""
    clerk, found = house.people["school_clerk"], {}
    for name, node in (("一", "class_"), ("二", "class_"), ("三", "class_"), ("四", None)):
        found[name] = make.child(f"到{name}", (house.nodes.school, "on_roll"))
        place = {"class_node": house.nodes.class_} if node else {}
        make.enrolment(found[name], house.nodes.school, "roll", stage="pri", grade=3, since=SEPTEMBER, **place)
    sheet = ArrivalSheet.objects.create(
        term="2026A", node=house.nodes.class_, counted_on=date(2026, 9, 2), due=3, arrived=1, counted_by=clerk
    )
    facts = {"sheet": sheet, "visit_by": date(2026, 9, 8)}
    Absentee.objects.create(child=found["二"], arrived_on=date(2026, 9, 7), **facts)
    Absentee.objects.create(child=found["三"], visited_on=date(2026, 9, 12), outcome="refuses", visited_by=clerk, **facts)
    return found


def build():
    """The cast with all of it, and the lists that make the past known."""
    house = cast.build()
    for kind, day in (("roll", date(2017, 9, 15)), ("roll", date(2026, 9, 10)), ("attending", date(2026, 9, 5))):
        applied_list(house, kind, day)
    house.cohort, house.year, house.arrived = cohort(house), year(house), arrivals(house)
    for child in (house.children.own, house.cohort["丙"]):
        SpecialGroup.objects.create(child=child, code="C1", label="肢体", since=make.LONG_AGO)
    SpecialGroup.objects.create(child=house.children.own, code="P4", label="边缘户", since=make.LONG_AGO)
    for code in ("P1", "N1"):  # a list of those whose policy ended overrules
        SpecialGroup.objects.create(child=house.cohort["甲"], code=code, label=code, since=make.LONG_AGO)
    make.enrolment(house.children.own, house.nodes.school, "roll", grade=3, since=SEPTEMBER)
    of_cases(house, house.children)
    absences(house, house.children.own)
    return house
