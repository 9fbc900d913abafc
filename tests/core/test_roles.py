"""The access matrix holds the separations of design.md §2."""

import pytest

from core.models import Organization
from core.roles import PERMISSIONS, ROLE, ROLES, roles_with

WRITES = PERMISSIONS - {permission for permission in PERMISSIONS if permission.startswith("see_")} - {"export_lists", "reveal_numbers"}


def test_every_role_of_the_design_is_there_once():
    assert len(ROLES) == len(ROLE) == 18


def test_levels_are_kinds_of_nodes():
    assert {level for role in ROLES for level in role.level} <= set(Organization.Kind.values)


def test_the_auditor_changes_nothing():
    assert ROLE["auditor"].permissions & WRITES == set()


def test_the_system_administrator_sees_no_child():
    assert ROLE["system_admin"].permissions == {"manage_accounts", "see_audit", "watch_runs"}


@pytest.mark.parametrize(
    ("first", "second"), [("file_report", "sign_report"), ("sign_report", "accept_report_group"), ("propose_close", "review_close")]
)
def test_nobody_holds_both_ends_of_one_paper(first, second):
    assert set(roles_with(first)) & set(roles_with(second)) == set()


def test_every_permission_somebody_holds_can_be_asked_for():
    for permission in PERMISSIONS:
        assert roles_with(permission)
    with pytest.raises(KeyError):
        roles_with("fly")
