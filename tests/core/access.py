"""Rows of the access table for core's own pages, home included."""

import uuid

from core.models import FileRun
from tests import make
from tests.access import OPEN, SIGNED_IN, Route


def account(**more):
    """An account is a thing of the whole county: whoever manages accounts there sees it, nobody else does."""
    return Route(
        see="manage_accounts",
        own=lambda house: {"public_id": house.people["school_clerk"].public_id},
        foreign=lambda house: {"public_id": house.people["foreign_principal"].public_id},
        nodes=lambda house: house.nodes.school.path,
        foreign_nodes=lambda house: house.nodes.other_school.path,
        **more,
    )


def grant_of(house, name):
    return {"pk": house.people[name].role_grants.get().pk}


def run_of(house, name):
    person = house.people[name]
    run, _ = FileRun.objects.get_or_create(kind="probe", key=f"probe {name}", defaults={"requested_by": person, "public_id": uuid.uuid4()})
    return {"public_id": run.public_id}


def failed_run(node):
    found = FileRun.objects.filter(key=f"failed at {node.pk}").first()
    return {"public_id": (found or make.failed_run(f"failed at {node.pk}", organization=node)).public_id}


def own_run():
    """A run is seen by the person who asked for it and by nobody else, whatever their role."""
    return Route(
        see="",
        own=lambda house: run_of(house, "school_clerk"),
        foreign=lambda house: run_of(house, "foreign_principal"),
        nodes=lambda house: ["school_clerk"],
        foreign_nodes=lambda house: ["foreign_principal"],
    )


ROUTES = {
    "home": SIGNED_IN,
    "menu": SIGNED_IN,
    "help": SIGNED_IN,
    "favicon": OPEN,
    "healthz": OPEN,
    "parameter_list": Route(see="set_parameters", methods=("get", "post")),
    "core:sign_in": OPEN,
    "core:sign_out": OPEN,
    "core:password_change": SIGNED_IN,
    "core:reauthenticate": SIGNED_IN,
    "core:account_list": Route(see="manage_accounts"),
    "core:account_open": Route(see="manage_accounts", methods=("get", "post")),
    "core:account_detail": account(),
    "core:account_disable": account(methods=("post",)),
    "core:account_enable": account(methods=("post",)),
    "core:password_reset": account(methods=("post",)),
    "core:grant_give": account(methods=("post",)),
    "core:grants_hand_over": account(methods=("post",)),
    "core:grant_end": Route(
        see="manage_accounts",
        methods=("post",),
        own=lambda house: grant_of(house, "school_clerk"),
        foreign=lambda house: grant_of(house, "foreign_principal"),
        nodes=lambda house: house.nodes.school.path,
        foreign_nodes=lambda house: house.nodes.other_school.path,
    ),
    "core:audit_list": Route(see="see_audit"),
    "core:run_list": Route(see="watch_runs"),
    "core:run_again": Route(
        see="watch_runs",
        methods=("post",),
        own=lambda house: failed_run(house.nodes.school),
        foreign=lambda house: failed_run(house.nodes.other_school),
        nodes=lambda house: house.nodes.school.path,
        foreign_nodes=lambda house: house.nodes.other_school.path,
    ),
    "core:run_detail": own_run(),
    "core:run_progress": own_run(),
    "core:run_file": own_run(),
}
