"""Accounts in the browser: open, give, end, hand over, disable, reset; the rules behind them."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from core import scope
from core.actions import accounts
from core.models import AuditEntry, RoleGrant, User
from tests import make

TODAY = "2026-03-02"


@pytest.fixture
def admin(client, house):
    client.force_login(house.people["bureau_admin"])
    return client


def fresh(user):
    return User.objects.get(pk=user.pk)


class TestOpening:
    fields = {"username": "chen.li", "name": "陈丽", "post": "校长", "role": "principal", "organization": "S02", "since": TODAY}

    def test_one_form_gives_an_account_its_first_role_and_a_password_shown_once(self, admin, client, house):
        page = admin.post("/accounts/open/", self.fields).content.decode()
        password = re.search(r"<code>([^<]+)</code>", page)[1]
        user = User.objects.get(username="chen.li")
        assert user.check_password(password)
        assert user.must_change_password
        assert (user.role_grants.get().organization, user.role_grants.get().granted_by) == (
            house.nodes.junior_school,
            house.people["bureau_admin"],
        )
        assert password not in admin.get(f"/accounts/{user.public_id}/").content.decode()
        assert password not in str(list(AuditEntry.objects.values()))

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("username", "PRINCIPAL", "已经有人使用"),
            ("username", "陈丽", "不能用的字符"),
            ("organization", "东关镇", "要设在学校、教学点上"),
            ("organization", "没有这个单位", "没有找到单位"),
            ("until", "2026-03-01", "不能早于开始日期"),
        ],
    )
    def test_what_does_not_fit_is_refused_with_its_reason(self, admin, house, field, value, sentence):
        response = admin.post("/accounts/open/", {**self.fields, field: value})
        assert response.status_code == 200
        assert sentence in response.content.decode()
        assert not User.objects.filter(name="陈丽").exists()

    def test_a_name_that_two_units_bear_is_answered_with_their_codes(self, admin, house):
        make.node("school", "中心小学", house.nodes.group, "S11")
        make.node("school", "中心小学", house.nodes.other_group, "S12")
        page = admin.post("/accounts/open/", {**self.fields, "organization": "中心小学"}).content.decode()
        assert "S11 中心小学（东关中心校）；S12 中心小学（西关教育组）" in page


class TestGrants:
    def test_give_and_end(self, admin, house):
        teacher = house.people["without_role"]
        admin.post(f"/accounts/{teacher.public_id}/grant/", {"role": "class_teacher", "organization": "S01-2016-2", "since": "2020-01-01"})
        assert scope.may(fresh(teacher), "record_visit", house.nodes.class_)
        admin.post(f"/grants/{teacher.role_grants.get().pk}/end/")
        assert not scope.may(fresh(teacher), "record_visit", house.nodes.class_)
        assert RoleGrant.objects.filter(user=teacher).exists()

    def test_hand_over_is_one_act(self, admin, house):
        old, new = house.people["principal"], house.people["without_role"]
        today = timezone.localdate()
        admin.post(f"/accounts/{old.public_id}/hand-over/", {"successor": "without_role", "on": today.isoformat()})
        assert scope.grants_of(fresh(old)) == []
        assert scope.may(fresh(new), "sign_report", house.nodes.school)
        assert old.role_grants.get().until == today - timedelta(days=1)
        assert AuditEntry.objects.filter(act="roles_handed_over", subject_id=str(old.public_id)).count() == 1

    def test_nothing_is_half_handed_over(self, house):
        """The second grant of the two goes to the giver of the act: refused, and the first one is undone as well."""
        old, admin = house.people["dropout_officer"], house.people["bureau_admin"]
        with pytest.raises(accounts.GrantRefused, match="自己"):
            accounts.hand_over(predecessor=old, successor=admin, on=timezone.localdate(), by=admin, within=[house.nodes.root])
        assert [grant.role for grant in scope.grants_of(fresh(old))] == ["dropout_officer"]

    def test_nobody_gives_to_himself(self, house):
        admin = house.people["bureau_admin"]
        with pytest.raises(accounts.GrantRefused, match="不能给自己"):
            accounts.grant_role(user=admin, role="auditor", organization=house.nodes.root, since=date(2026, 3, 2), by=admin)

    def test_a_role_fits_its_level_only(self, house):
        with pytest.raises(accounts.GrantRefused, match="村级联络员"):
            accounts.grant_role(
                user=house.people["without_role"], role="village_liaison", organization=house.nodes.school, since=date(2026, 3, 2), by=None
            )


class TestDoorKeys:
    def test_disable_needs_a_reason_and_enable_brings_back(self, admin, house):
        clerk = house.people["school_clerk"]
        assert admin.post(f"/accounts/{clerk.public_id}/disable/", {}).status_code == 200
        assert fresh(clerk).is_active
        admin.post(f"/accounts/{clerk.public_id}/disable/", {"reason": "调离"})
        assert not fresh(clerk).is_active
        assert AuditEntry.objects.get(act="account_disabled").reason == "调离"
        admin.post(f"/accounts/{clerk.public_id}/enable/")
        assert fresh(clerk).is_active

    def test_a_reset_password_is_shown_once(self, admin, house):
        clerk = house.people["school_clerk"]
        page = admin.post(f"/accounts/{clerk.public_id}/password/").content.decode()
        assert fresh(clerk).check_password(re.search(r"<code>([^<]+)</code>", page)[1])
        assert fresh(clerk).must_change_password

    def test_nobody_disables_himself(self, house):
        with pytest.raises(accounts.GrantRefused):
            accounts.disable_account(user=house.people["bureau_admin"], by=house.people["bureau_admin"])

    def test_one_time_passwords_differ_and_are_readable(self):
        made = {accounts.one_time_password() for _ in range(200)}
        assert len(made) == 200
        assert all(re.fullmatch(r"([a-zA-Z2-9]{4}-){3}[a-zA-Z2-9]{4}", password) for password in made)
        assert not set("".join(made)) & set("0O1lIi")


class TestLists:
    def test_filters(self, admin, house):
        def names(query):
            page = admin.get(f"/accounts/?{query}").content.decode()
            return {name for name, person in house.people.items() if f"<td>{person.username}</td>" in re.sub(r"<td [^>]*>", "<td>", page)}

        assert names("role=principal") == {"principal", "foreign_principal"}
        assert names("state=disabled") == {"disabled"}
        assert names("q=候任") == {"future"}

    def test_the_number_of_queries_does_not_grow(self, admin, house, django_assert_max_num_queries):
        with django_assert_max_num_queries(19):
            admin.get("/accounts/")

    def test_audit_is_found_by_words_person_and_day(self, admin, house):
        today = timezone.localdate().isoformat()
        admin.get("/")
        accounts.reset_password(user=house.people["principal"], by=house.people["bureau_admin"])
        assert "重置密码" in admin.get(f"/audit/?act=重置&person=业务&first={today}&last={today}").content.decode()
        assert "这个范围内没有记录" in admin.get("/audit/?act=重置&person=校长").content.decode()
        assert "这个范围内没有记录" in admin.get("/audit/?last=2020-01-01").content.decode()


def test_refused_acts_of_the_actions_are_pages_not_crashes(admin, house):
    own = house.people["bureau_admin"]
    for path, fields in [
        (f"/accounts/{own.public_id}/disable/", {"reason": "试试"}),
        (f"/accounts/{own.public_id}/grant/", {"role": "auditor", "organization": "990101000000", "since": TODAY}),
        (f"/accounts/{house.people['without_role'].public_id}/hand-over/", {"successor": "principal", "on": TODAY}),
    ]:
        assert admin.post(path, fields).status_code == 403, path
