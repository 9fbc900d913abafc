"""Rows of the access table for the pages of students.record_urls."""

from core import files
from core.models import ChangeRequest
from students.models import Contact, MergeEvent
from tests.access import Route, of_child


def merge_of(house, child):
    officer = house.people["roll_officer"]
    found = MergeEvent.objects.filter(target=child).first() or MergeEvent.objects.create(
        kind="merge", origin="person", source=house.children.second, target=child, by=officer, reason="核对过户口簿"
    )
    return {"public_id": found.public_id}


def through_child(arguments, **more):
    """A route about something that is seen through a child; `arguments(house, child)` names it."""
    return Route(
        see="see_children",
        own=lambda house: arguments(house, house.children.own),
        foreign=lambda house: arguments(house, house.children.foreign),
        nodes=lambda house: house.children.own.scope_nodes,
        foreign_nodes=lambda house: house.children.foreign.scope_nodes,
        **more,
    )


def change_of(house, child):
    kind, asker = "students.child", house.people["school_clerk"]
    found = ChangeRequest.objects.filter(subject_id=str(child.public_id)).first()
    if found is None:
        proof = files.store(b"%PDF-1.4", "proof.pdf", "application/pdf", asker)
        found = ChangeRequest.objects.create(
            subject_kind=kind, subject_id=str(child.public_id), subject_name=child.name, nodes=child.scope_nodes, field="sex",
            old=child.sex, new="2", reason="户口簿如此", requested_by=asker, proof=proof,
        )  # fmt: skip
    return {"public_id": found.public_id}


def change(**more):
    return Route(
        see="request_change",
        own=lambda house: change_of(house, house.children.own),
        foreign=lambda house: change_of(house, house.children.foreign),
        nodes=lambda house: house.children.own.scope_nodes,
        foreign_nodes=lambda house: house.children.foreign.scope_nodes,
        **more,
    )


def contact_of(house, child):
    found = Contact.objects.filter(child=child).first() or Contact.objects.create(
        child=child, kind="carer", name="东奶奶", phone="13900000000", since=child.birth_on, by=house.people["school_clerk"]
    )
    return {"public_id": found.public_id}


def reached_household(**more):
    """Through the village, or through a child in scope that is registered there."""

    def nodes(side):
        return lambda house: {*getattr(house.households, side).village.path, *getattr(house.children, side).scope_nodes}

    return Route(
        see="see_children",
        own=lambda house: {"public_id": house.households.own.public_id},
        foreign=lambda house: {"public_id": house.households.foreign.public_id},
        nodes=nodes("own"),
        foreign_nodes=nodes("foreign"),
        **more,
    )


def two_records(house, child):
    return {"public_id": child.public_id, "other_id": house.children.second.public_id}


POST, BOTH = ("post",), ("get", "post")
ROUTES = {
    "students:child_contacts": of_child("see_children"),
    "students:child_contact_record": of_child("see_children", act="record_contact", methods=BOTH),
    "students:household_detail": reached_household(),
    "students:household_print": reached_household(act="export_lists"),
    "students:household_export": reached_household(act="export_lists", methods=POST),
    "students:household_contacts": reached_household(),
    "students:household_contact_record": reached_household(act="record_contact", methods=BOTH),
    "students:contact_end": through_child(contact_of, act="record_contact", methods=POST),
    "students:correction_request": of_child("see_children", act="request_change", methods=BOTH),
    "core:change_list": Route(see="request_change"),
    "core:change_detail": change(methods=BOTH),
    "core:change_proof": change(),
    "students:record_join": of_child("see_children", act="decide_match", methods=BOTH),
    "students:record_split": of_child("see_children", act="decide_match", methods=BOTH),
    "students:record_claims": of_child("see_children", act="decide_match", methods=BOTH),
    "students:record_merge": through_child(two_records, act="decide_match", methods=BOTH),
    "students:merge_detail": through_child(merge_of, act="decide_match"),
    "students:merge_undo": through_child(merge_of, act="decide_match", methods=POST),
}
