"""Scope against a plain reckoning of the tree: who sees which node and which child."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.utils import timezone

from core import scope
from core.actions import accounts
from core.models import Organization, OrganizationUserObjectPermission, User
from core.roles import PERMISSIONS, ROLE
from students.models import Child
from tests import make


def reckoned(person, permission, path):
    """The same answer from the grants alone, node by node."""
    today = timezone.localdate()
    for grant in person.role_grants.all():
        in_force = grant.since <= today and (grant.until is None or grant.until >= today)
        if in_force and person.is_active and permission in ROLE[grant.role].permissions and grant.organization_id in path:
            return True
    return False


class TestWholeCast:
    def test_each_node_for_each_member_and_permission(self, house):
        nodes = list(Organization.objects.all())
        for person in house.people.values():
            for permission in PERMISSIONS:
                wanted = {node.pk for node in nodes if reckoned(person, permission, node.path)}
                assert set(Organization.objects.visible_to(person, permission).values_list("pk", flat=True)) == wanted, (person, permission)

    def test_each_child_for_each_member(self, house):
        for person in house.people.values():
            wanted = {child.pk for child in vars(house.children).values() if reckoned(person, "see_children", child.scope_nodes)}
            assert set(Child.objects.visible_to(person, "see_children").values_list("pk", flat=True)) == wanted, person

    def test_the_cast_tells_own_from_foreign(self, house):
        seen = {name: set(Child.objects.visible_to(person, "see_children")) for name, person in house.people.items()}
        assert house.children.own in seen["class_teacher"]
        assert seen["class_teacher"] == {house.children.own}
        assert seen["village_liaison"] == {house.children.own}
        assert seen["group_head"] == {house.children.own, house.children.second}
        assert seen["foreign_principal"] == {house.children.foreign}
        assert len(seen["bureau_admin"]) == 3
        assert seen["system_admin"] == set()


class TestTime:
    @pytest.mark.parametrize("name", ["expired", "future", "disabled", "without_role"])
    def test_no_right_before_after_or_without(self, house, name):
        assert scope.grants_of(house.people[name]) == []
        assert not Child.objects.visible_to(house.people[name], "see_children").exists()

    def test_the_last_day_still_counts(self, house):
        today = timezone.localdate()
        person = make.person("leaves_today", ("principal", house.nodes.school, make.LONG_AGO, today))
        assert scope.may(person, "sign_report", house.nodes.school)

    def test_nobody_at_all(self, house):
        assert scope.granted_nodes(AnonymousUser(), "see_children") == []


class TestGuardian:
    def test_a_grant_without_guardians_row_is_no_right(self, house):
        principal = User.objects.get(pk=house.people["principal"].pk)
        OrganizationUserObjectPermission.objects.filter(user=principal).delete()
        assert scope.grants_of(principal) == []

    def test_guardians_row_without_a_grant_is_no_right(self, house):
        person = make.person("row_only")
        scope.confirm_role(person, "principal", house.nodes.school)
        assert scope.grants_of(person) == []

    def test_an_ended_grant_takes_the_row_with_it(self, house):
        principal = User.objects.get(pk=house.people["principal"].pk)
        accounts.end_grant(grant=principal.role_grants.get(), on=timezone.localdate(), by=None)
        assert not OrganizationUserObjectPermission.objects.filter(user=principal).exists()
        assert scope.grants_of(User.objects.get(pk=principal.pk)) == []

    def test_a_grant_ended_from_tomorrow_holds_today(self, house):
        principal = User.objects.get(pk=house.people["principal"].pk)
        accounts.end_grant(grant=principal.role_grants.get(), on=timezone.localdate() + timedelta(days=1), by=None)
        assert principal.role_grants.get().until == timezone.localdate()


class TestQuestions:
    def test_foreign_and_absent_are_the_same(self, house):
        for node in (house.nodes.other_school.public_id, "00000000-0000-0000-0000-000000000001"):
            with pytest.raises(Http404):
                scope.get_visible(Organization.objects, house.people["principal"], "see_schools", public_id=node)

    def test_a_refusal_says_what_is_missing(self, house):
        with pytest.raises(scope.Forbidden, match="管理账号"):
            scope.require(house.people["principal"], "manage_accounts")
        with pytest.raises(scope.Forbidden, match="签字"):
            scope.require(house.people["principal"], "sign_report", house.nodes.other_school)
        scope.require(house.people["principal"], "sign_report", house.nodes.school)

    def test_an_unknown_permission_is_an_error_not_a_closed_door(self, house):
        with pytest.raises(KeyError):
            scope.granted_nodes(house.people["principal"], "see_childern")

    def test_the_nearest_grant_names_the_role(self, house):
        both = make.person("both", ("dropout_officer", house.nodes.root), ("school_clerk", house.nodes.school))
        assert scope.role_on(both, "record_visit", house.nodes.class_) == "school_clerk"
        assert scope.role_on(both, "record_visit", house.nodes.township) == "dropout_officer"
        assert scope.role_on(both, "sign_report", house.nodes.school) is None
        assert scope.home_node(both) == house.nodes.root

    def test_every_permission_has_its_words(self):
        assert set(scope.ACT_LABELS) == PERMISSIONS
