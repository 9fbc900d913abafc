"""Rows of the access table for the pages of the roll."""

from datetime import date

from core import files
from students.models import Absentee, ArrivalSheet, RollChange, RollChangeProof, UnitChange, YearTurn
from tests.access import Route, of_child, of_node


def change_of(house, side):
    """A roll change of the side's child, made once: a transfer out, at the child's own school."""
    child = getattr(house.children, side)
    found = RollChange.objects.filter(child=child).first()
    if found is None:
        school = house.nodes.school if side == "own" else house.nodes.other_school
        by = house.people["roll_officer"]
        found = RollChange.objects.create(
            number=f"异〔2026〕{child.pk}", kind="transfer_out", child=child, school=school, nodes=sorted(school.path), reason="搬家",
            effective_on=date(2026, 9, 1), started_on=date(2026, 9, 1), started_by=by, place="邻县",
        )  # fmt: skip
    return found


def change(**more):
    """Seen through the child, and by the school it names."""
    more = {"own": lambda house: {"public_id": change_of(house, "own").public_id}, **more}
    more = {"foreign": lambda house: {"public_id": change_of(house, "foreign").public_id}, **more}
    return Route(
        see="see_children",
        nodes=lambda house: [*house.children.own.scope_nodes, *house.nodes.school.path],
        foreign_nodes=lambda house: [*house.children.foreign.scope_nodes, *house.nodes.other_school.path],
        **more,
    )


def proof_of(house, side):
    held = change_of(house, side)
    found = held.proofs.first()
    if found is None:
        by = house.people["roll_officer"]
        file = files.store(b"%PDF-1.4 invented", "paper.pdf", "application/pdf", by)
        found = RollChangeProof.objects.create(change=held, kind="other", attachment=file, added_by=by)
    return {"public_id": found.public_id}


def step(house, side):
    return {"public_id": change_of(house, side).public_id, "name": "withdraw"}


def turn_of(house, node):
    by = house.people["roll_officer"]
    facts = {"path": node.path, "happened_on": date(2026, 9, 1), "applied_by": by}
    return {"public_id": YearTurn.objects.get_or_create(node=node, school_year=2026, defaults=facts)[0].public_id}


def turn(**more):
    return Route(
        see="turn_school_year",
        own=lambda house: turn_of(house, house.nodes.school),
        foreign=lambda house: turn_of(house, house.nodes.other_school),
        nodes=lambda house: house.nodes.school.path,
        foreign_nodes=lambda house: house.nodes.other_school.path,
        **more,
    )


def absentee_of(house, side):
    child, node = getattr(house.children, side), house.nodes.class_ if side == "own" else house.nodes.other_class
    facts = {"counted_on": date(2026, 9, 1), "due": 1, "arrived": 0, "counted_by": house.people["roll_officer"]}
    sheet, _ = ArrivalSheet.objects.get_or_create(term="2026A", node=node, defaults=facts)
    found, _ = Absentee.objects.get_or_create(sheet=sheet, child=child, defaults={"visit_by": date(2026, 9, 8)})
    return {"public_id": found.public_id}


def of_absentee(**more):
    return Route(
        see="see_children",
        own=lambda house: absentee_of(house, "own"),
        foreign=lambda house: absentee_of(house, "foreign"),
        nodes=lambda house: house.children.own.scope_nodes,
        foreign_nodes=lambda house: house.children.foreign.scope_nodes,
        **more,
    )


def unit_change_of(house, node):
    facts = {"kind": "rename", "old_name": "旧名", "new_name": node.name, "reason": "批复", "applied_by": house.people["bureau_admin"]}
    return {"public_id": UnitChange.objects.get_or_create(node=node, happened_on=date(2026, 9, 1), defaults=facts)[0].public_id}


def unit_change(**more):
    return Route(
        see="change_units",
        own=lambda house: unit_change_of(house, house.nodes.school),
        foreign=lambda house: unit_change_of(house, house.nodes.other_school),
        nodes=lambda house: house.nodes.school.path,
        foreign_nodes=lambda house: house.nodes.other_school.path,
        **more,
    )


POST, BOTH = ("post",), ("get", "post")
ROUTES = {
    "students:roll_change_list": Route(see="see_children"),
    "students:roll_change_export": Route(see="see_children", act="export_lists", methods=POST),
    "students:roll_change_arrival": Route(see="start_roll_change", methods=BOTH),
    "students:roll_change_start": of_child("see_children", act="start_roll_change", methods=BOTH),
    "students:roll_change_detail": change(),
    "students:roll_change_print": change(),
    "students:roll_change_proof": change(own=lambda house: proof_of(house, "own"), foreign=lambda house: proof_of(house, "foreign")),
    "students:roll_change_call": change(act="call_guardian", methods=BOTH),
    "students:roll_change_step": change(
        act="start_roll_change", methods=BOTH, own=lambda house: step(house, "own"), foreign=lambda house: step(house, "foreign")
    ),
    "students:guardian_call_list": Route(see="call_guardian"),
    "students:guardian_call_draw": Route(see="call_guardian", methods=POST),
    "students:year_turn_list": Route(see="turn_school_year"),
    "students:year_turn_apply": Route(see="turn_school_year", methods=POST),
    "students:year_turn_detail": turn(),
    "students:year_turn_undo": turn(methods=POST),
    "students:unplaced_list": Route(see="see_children"),
    "students:unplaced_export": Route(see="see_children", act="export_lists", methods=POST),
    "students:arrival_overview": Route(see="see_children"),
    "students:absentee_list": Route(see="see_children"),
    "students:absentee_export": Route(see="see_children", act="export_lists", methods=POST),
    "students:absentee_visit": of_absentee(act="record_visit", methods=BOTH),
    "students:arrival_count": of_node("see_children", "class_", "other_class", act="register_arrivals", methods=BOTH),
    "students:boarding_check": Route(see="see_children"),
    "students:boarding_check_export": Route(see="see_children", act="export_lists", methods=POST),
    "students:boarding_keep": of_node("see_children", "class_", "other_class", act="register_arrivals", methods=POST),
    "students:unit_change_list": Route(see="change_units"),
    "students:unit_change_make": Route(see="change_units", methods=BOTH),
    "students:unit_change_undo": unit_change(methods=POST),
}
