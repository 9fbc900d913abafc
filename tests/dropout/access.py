"""Rows of the access table for the pages of the case work."""

from datetime import UTC, date, datetime

from django.core.files.uploadedfile import SimpleUploadedFile

from dropout import actions
from dropout.models import Absence, AbsenceReport, AttendanceCount, Case, Evidence, Visit
from students.models import Child
from tests import make
from tests.access import Route, of_child

ON = date(2020, 3, 2)


def case_of(house, side):
    """The case of the side's child: made once, by people of the bureau."""
    child = getattr(house.children, side)
    case = Case.objects.filter(child=child).first()
    return case or actions.open_case(child=child, why="三天没有到校", source="absence", on=ON, by=house.people["dropout_officer"])


def visit_of(house, side):
    case = case_of(house, side)
    visit = Visit.objects.filter(case=case).first()
    return visit or actions.record_visit(
        case=case,
        by=house.people["dropout_officer"],
        happened_on=ON,
        officers="王四",
        met=["father"],
        mode="phone",
        reply="hesitant",
        notes="再想想",
    )


def evidence_of(house, side):
    case = case_of(house, side)
    evidence = Evidence.objects.filter(case=case).first()
    letter = SimpleUploadedFile("letter.pdf", make.PAPER, content_type="application/pdf")
    return evidence or actions.add_evidence(case=case, kind="other", upload=letter, by=house.people["dropout_officer"])


def attendance_of(house, side):
    """A child of its own beside the side's, since its case stands at the end of the road."""
    child = attending_child(house, side)
    case = Case.objects.filter(child=child).first() or consolidating(child, house)
    count = AttendanceCount.objects.filter(case=case).first()
    return count or actions.record_attendance(
        case=case, first_on=ON, last_on=ON, school_days=1, present=1, by=house.people["dropout_officer"]
    )


def attending_child(house, side):
    beside = getattr(house.children, side)
    child = Child.objects.filter(name=f"返校{side}").first()
    return child or Child.objects.create(
        name=f"返校{side}", name_key=f"返校{side}", pinyin="fx", birth_on=beside.birth_on, sex="1", scope_nodes=beside.scope_nodes
    )


def consolidating(child, house):
    by = house.people["dropout_officer"]
    case = actions.open_case(child=child, why="三天没有到校", source="absence", on=ON, by=by)
    actions.confirm(case=case, cause="work", on=ON, by=by)
    people = [{"line": line, "level": level, "name": "孙一", "post": "", "phone": "", "user": None}
              for line, level in (("administration", "village"), ("education", "school"))]  # fmt: skip
    actions.assign(case=case, rows=people, on=ON, by=by)
    actions.record_return(case=case, on=ON, by=by, school_name="东关小学")
    actions.consolidate(case=case, on=ON, by=by, placement="same_grade", school_name="东关小学", support_teacher="李三")
    return case


def absence_of(house, side):
    """An absence of the side's child with its report, as the clock would have left it."""
    child = getattr(house.children, side)
    found = Absence.objects.filter(child=child).first()
    return found or reported_absence(house, child, side)


def reported_absence(house, child, side):
    school, class_node, township = (
        (house.nodes.school, house.nodes.class_, house.nodes.township)
        if side == "own"
        else (house.nodes.other_school, house.nodes.other_class, house.nodes.other_township)
    )
    moment = datetime(2020, 3, 4, 8, tzinfo=UTC)
    absence = Absence.objects.create(
        child=child, school=school, class_node=class_node, class_label="三年级2班", stage="pri", state="reported", first_on=ON,
        first_half="am", discovered_at=moment, threshold_at=moment, due_at=moment, rule={"inputs": {"alert_hours": 48}},
    )  # fmt: skip
    AbsenceReport.objects.create(
        absence=absence, number=f"缺报〔2020〕{side}", school_name=school.name, township=township, township_name=township.name, lives="hukou",
        discovered_at=moment, threshold_at=moment, due_at=moment, delivered_at=moment,
    )  # fmt: skip
    return absence


def of_case(thing=case_of, act=None, methods=("get",), **named):
    return Route(
        see="see_cases",
        act=act,
        methods=methods,
        own=lambda house: {"public_id": thing(house, "own").public_id, **named},
        foreign=lambda house: {"public_id": thing(house, "foreign").public_id, **named},
        nodes=lambda house: house.children.own.scope_nodes,
        foreign_nodes=lambda house: house.children.foreign.scope_nodes,
    )


FORM = ("get", "post")
ROUTES = {
    "dropout:platform_list": Route(see="see_cases"),
    "dropout:platform_export": Route(see="see_cases", act="export_lists", methods=("post",)),
    "dropout:indicator_list": Route(see="see_account"),
    "dropout:indicator_names": Route(see="see_account", query="?key=enrolment&side=whole"),
    "dropout:indicator_detail": Route(see="see_account", query="?key=kept"),
    "dropout:indicator_export": Route(see="see_account", act="export_lists", methods=("post",)),
    "dropout:indicator_names_export": Route(see="see_account", act="export_lists", methods=("post",), query="?key=enrolment&side=whole"),
    "dropout:suspect_list": Route(see="see_cases"),
    "dropout:suspect_open": Route(see="see_cases", act="open_case", methods=("post",)),
    "dropout:absence_list": Route(see="see_cases"),
    "dropout:absence_export": Route(see="see_cases", act="export_lists", methods=("post",)),
    "dropout:absence_detail": of_case(absence_of),
    "dropout:absence_receive": of_case(absence_of, act="receive_absence_report", methods=("post",)),
    "dropout:absence_print": of_case(absence_of),
    "dropout:case_list": Route(see="see_cases"),
    "dropout:case_export": Route(see="see_cases", act="export_lists", methods=("post",)),
    "dropout:case_open": of_child("see_children", act="open_case", methods=FORM),
    "dropout:case_detail": of_case(),
    "dropout:visit_record": of_case(act="record_visit", methods=FORM),
    "dropout:visit_correct": of_case(visit_of, act="record_visit", methods=FORM),
    "dropout:case_transition": of_case(act="confirm_case", methods=FORM, name="confirm"),
    "dropout:attendance_correct": of_case(attendance_of, act="consolidate_case", methods=FORM),
    "dropout:case_print": of_case(paper="persuasion-record"),
    "dropout:evidence_file": of_case(evidence_of),
}
