"""Rows of the access table for the pages of the case work."""

from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile

from dropout import actions
from dropout.models import Case, Evidence, Visit
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
    letter = SimpleUploadedFile("letter.pdf", b"%PDF-1.4 invented", content_type="application/pdf")
    return evidence or actions.add_evidence(case=case, kind="other", upload=letter, by=house.people["dropout_officer"])


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
    "dropout:suspect_list": Route(see="see_cases"),
    "dropout:suspect_open": Route(see="see_cases", act="open_case", methods=("post",)),
    "dropout:case_list": Route(see="see_cases"),
    "dropout:case_export": Route(see="see_cases", act="export_lists", methods=("post",)),
    "dropout:case_open": of_child("see_children", act="open_case", methods=FORM),
    "dropout:case_detail": of_case(),
    "dropout:visit_record": of_case(act="record_visit", methods=FORM),
    "dropout:visit_correct": of_case(visit_of, act="record_visit", methods=FORM),
    "dropout:case_transition": of_case(act="confirm_case", methods=FORM, name="confirm"),
    "dropout:case_print": of_case(paper="persuasion-record"),
    "dropout:evidence_file": of_case(evidence_of),
}
