"""Rows of the access table for the pages of students.status_urls."""

from datetime import date

from core import files
from students.models import AccountVersion, Catchment, Section, StandingProposal
from tests.access import Route

POST = ("post",)


def proposal_of(house, node):
    sender = house.people["dropout_officer"]
    wanted = {"proposed_by": sender, "proof": files.store(b"%PDF-1.4", "proof.pdf", "application/pdf", sender)}
    return {"public_id": StandingProposal.objects.get_or_create(organization=node, defaults=wanted)[0].public_id}


def version_of(house):
    asked = {"on": date(2020, 3, 1), "low": 6, "high": 15, "mode": "point", "registered": 0, "figures": {}, "rule_version": 1}
    found = AccountVersion.objects.first() or AccountVersion.objects.create(number=1, by=house.people["dropout_officer"], **asked)
    return {"public_id": found.public_id}


def catchment_of(house):
    section, _ = Section.objects.get_or_create(school=house.nodes.school, stage="pri", until=None)
    village = house.nodes.village
    Catchment.objects.get_or_create(section=section, stage="pri", place=village, school_year=2026, until=None)
    return {"public_id": village.public_id, "year": 2026, "stage": "pri"}


def proposal(**more):
    return Route(
        see="see_account", own=lambda house: proposal_of(house, house.nodes.township),
        foreign=lambda house: proposal_of(house, house.nodes.other_township), nodes=lambda house: house.nodes.township.path,
        foreign_nodes=lambda house: house.nodes.other_township.path, **more,
    )  # fmt: skip


ROUTES = {
    "students:status_account": Route(see="see_account"),
    "students:status_names": Route(see="see_account", query="?status=nowhere"),
    "students:status_export": Route(see="see_account", act="export_lists", methods=POST),
    "students:reason_list": Route(see="see_account"),
    "students:reason_new": Route(see="record_standing", methods=POST),
    "students:reason_upload": Route(see="record_standing", methods=POST),
    "students:reason_detail": proposal(methods=("get", "post")),
    "students:reason_proof": proposal(),
    "students:catchment_list": Route(see="see_schools"),
    **{f"students:catchment_{act}": Route(see="set_catchments", methods=POST) for act in ("set", "copy", "upload")},
    "students:catchment_end": Route(
        see="set_catchments", own=catchment_of, foreign=catchment_of, nodes=lambda house: house.nodes.root.path,
        foreign_nodes=lambda house: house.nodes.root.path, methods=("get", "post"),
    ),
    "students:check_list": Route(see="see_children"),
    "students:check_new": Route(see="record_check", methods=("get", "post")),
    "students:found_list": Route(see="see_children"),
    "students:found_new": Route(see="report_found", methods=("get", "post")),
    "students:version_list": Route(see="see_account"),
    "students:version_freeze": Route(see="freeze_account", methods=POST),
    "students:run_keep": Route(see="freeze_account", methods=POST),
    "students:version_detail": Route(
        see="see_account", own=version_of, foreign=version_of, nodes=lambda house: house.nodes.root.path,
        foreign_nodes=lambda house: house.nodes.root.path,
    ),
}  # fmt: skip
