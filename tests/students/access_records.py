"""Rows of the access table for the pages of students.record_urls."""

from core import files
from core.models import ChangeRequest
from students.models import MergeEvent
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


def two_records(house, child):
    return {"public_id": child.public_id, "other_id": house.children.second.public_id}


POST, BOTH = ("post",), ("get", "post")
ROUTES = {
    "students:correction_request": of_child("see_children", act="request_change", methods=BOTH),
    "core:change_list": Route(see="request_change"),
    "core:change_detail": change(methods=BOTH),
    "core:change_proof": change(),
    "students:record_join": of_child("see_children", act="decide_match", methods=BOTH),
    "students:record_split": of_child("see_children", act="decide_match", methods=BOTH),
    "students:record_merge": through_child(two_records, act="decide_match", methods=BOTH),
    "students:merge_detail": through_child(merge_of, act="decide_match"),
    "students:merge_undo": through_child(merge_of, act="decide_match", methods=POST),
}
