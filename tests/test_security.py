"""Holes a hostile reader looked for, each shut by a test: rights that outlive their grant, words that reach people without children,
doors to guess at, requests nobody's browser sends."""

from datetime import timedelta

import pytest
import time_machine
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from archives.actions import paper
from config import work
from core import file_runs, middleware, scope
from core.actions import accounts
from core.models import AuditEntry, FileRun, RoleGrant, User
from core.workflow import Refused
from students.views import exporting
from tests import make

pytestmark = pytest.mark.django_db
NUMBER = "990101201003011234"


def as_(client, house, who):
    client.force_login(house.people[who])
    return client


def text_of(answer):
    return b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()


class TestGuessing:
    """The old password, asked for when it is changed, is no door without a lock for who finds a screen left open."""

    def change(self, client, old):
        new = {"new_password1": "另一把很长的测试新钥匙-9", "new_password2": "另一把很长的测试新钥匙-9"}
        return client.post(reverse("core:password_change"), {"old_password": old, **new})

    def test_the_old_password_is_locked_after_five_tries(self, client, house):
        as_(client, house, "principal")
        assert [self.change(client, "guess").status_code for _ in range(5)] == [200] * 4 + [429]
        assert self.change(client, make.PASSWORD).status_code == 429
        assert User.objects.get(username="principal").check_password(make.PASSWORD)

    def test_the_right_one_changes_it(self, client, house):
        as_(client, house, "principal")
        assert self.change(client, make.PASSWORD).status_code == 302

    def test_behind_a_proxy_the_lock_is_on_the_computer_not_on_the_proxy(self, settings):
        request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.9, 192.0.2.7")
        settings.PROXIES = 0
        assert middleware.client_address(request) == "10.0.0.1"
        settings.PROXIES = 1
        assert middleware.client_address(request) == "192.0.2.7"

    @pytest.mark.parametrize("header", ["", "not an address", "1.2.3.4<script>"])
    def test_a_header_that_is_no_address_is_not_believed(self, settings, header):
        settings.PROXIES = 1
        assert middleware.client_address(RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=header)) == "10.0.0.1"


class TestRightsThatEnded:
    def end(self, house, who):
        for grant in RoleGrant.objects.filter(user=house.people[who]):
            accounts.end_grant(grant=grant, on=timezone.localdate(), by=house.people["bureau_admin"])

    @pytest.fixture
    def run(self, client, house, monkeypatch, settings, tmp_path, django_capture_on_commit_callbacks):
        settings.FILES_ROOT = tmp_path
        monkeypatch.setattr(exporting, "AT_ONCE", 0)
        with django_capture_on_commit_callbacks(execute=True):
            as_(client, house, "principal").post(reverse("students:child_export"))
        return FileRun.objects.get(kind="export_children", state="done")

    def test_a_file_is_not_fetched_by_its_maker_of_yesterday(self, client, house, run):
        url = reverse("core:run_file", args=[run.public_id])
        assert client.get(url).status_code == 200
        self.end(house, "principal")
        assert client.get(url).status_code == 403
        assert AuditEntry.objects.filter(act="refused", actor_id=house.people["principal"].pk).exists()

    def test_nor_with_the_same_role_at_another_school(self, client, house, run):
        self.end(house, "principal")
        new = {"role": "principal", "organization": house.nodes.other_school, "since": timezone.localdate()}
        accounts.grant_role(user=house.people["principal"], by=None, **new)
        assert client.get(reverse("core:run_file", args=[run.public_id])).status_code == 403

    def test_an_open_roster_closes_with_the_right(self, client, house):
        make.enrolment(house.children.own, house.nodes.school)
        as_(client, house, "principal")
        accounts.grant_role(user=house.people["principal"], role="township_head", organization=house.nodes.township,
                            since=make.LONG_AGO, by=None)
        client.post(reverse("students:school_unmask", args=[house.nodes.school.public_id]), {"reason": "核对学籍信息"})
        roster = f"{reverse('students:child_list')}?school={house.nodes.school.public_id}&col=number"
        assert NUMBER in text_of(client.get(roster))
        grant = RoleGrant.objects.get(user=house.people["principal"], role="principal")
        accounts.end_grant(grant=grant, on=timezone.localdate(), by=None)
        accounts.grant_role(user=house.people["principal"], role="class_teacher", organization=house.nodes.class_,
                            since=make.LONG_AGO, by=None)
        accounts.grant_role(user=house.people["principal"], role="archivist", organization=house.nodes.root,
                            since=make.LONG_AGO, by=None)
        page = text_of(client.get(roster))
        assert "东小明" in page
        assert NUMBER not in page

    def test_remembered_work_is_of_the_grants_in_force(self, house, rf):
        person = house.people["dropout_officer"]
        work.remember_summary(person, timezone.localdate())
        assert work.remembered_summary(person, timezone.localdate()) is not None
        self.end(house, "dropout_officer")
        assert work.remembered_summary(User.objects.get(pk=person.pk), timezone.localdate()) is None

    def test_a_grant_that_is_to_begin_outlives_the_end_of_the_one_before(self, house):
        person, school, today = house.people["principal"], house.nodes.school, timezone.localdate()
        next_week = today + timedelta(days=7)
        accounts.grant_role(user=person, role="principal", organization=school, since=next_week, until=next_week, by=None)
        accounts.end_grant(grant=RoleGrant.objects.get(user=person, until=None), on=today, by=None)
        assert not scope.may(User.objects.get(pk=person.pk), "sign_report", school)
        with time_machine.travel(next_week):
            assert scope.may(User.objects.get(pk=person.pk), "sign_report", school)

    def test_a_file_made_nowhere_is_nobodys(self, house):
        run = FileRun(parameters={"permission": "export_lists", "nodes": []})
        assert not file_runs.may_fetch(run, house.people["bureau_admin"])

    def test_an_ended_grant_keeps_its_last_day(self, house):
        grant = RoleGrant.objects.get(user=house.people["expired"])
        accounts_until = grant.until
        with pytest.raises(accounts.GrantRefused, match="已经结束"):
            accounts.end_grant(grant=grant, on=timezone.localdate() + timedelta(days=30), by=house.people["bureau_admin"])
        grant.refresh_from_db()
        assert grant.until == accounts_until

    def test_a_hand_over_of_next_week_takes_nothing_today(self, house):
        old, new, on = house.people["school_clerk"], make.person("successor"), timezone.localdate() + timedelta(days=7)
        accounts.hand_over(predecessor=old, successor=new, on=on, by=house.people["bureau_admin"], within=_units())
        assert scope.may(User.objects.get(pk=old.pk), "file_report", house.nodes.school)
        assert not scope.may(User.objects.get(pk=new.pk), "file_report", house.nodes.school)


def _units():
    from core.models import Organization

    return Organization.objects.all()


class TestWhoDidIt:
    def test_a_failed_run_begun_anew_is_in_the_name_of_who_began_it(self, house, monkeypatch):
        monkeypatch.setattr(file_runs, "WORKS", {})
        file_runs.work("count", label="数一数")(lambda run: "")
        first, second = house.people["bureau_admin"], house.people["bureau_head"]
        run = file_runs.start("count", "k", by=first)
        FileRun.objects.filter(pk=run.pk).update(state="running")
        FileRun.objects.filter(pk=run.pk).update(state="failed", finished_at=timezone.now())
        assert file_runs.start("count", "k", by=second).requested_by == second

    def test_the_scan_that_was_ticked_is_not_changed_for_another(self, house, settings, tmp_path):
        from tests.archives.actions.test_paper import NAMES, joined
        from tests.archives.world import SIGNED_ON, fresh, scan, with_sections

        settings.FILES_ROOT = tmp_path
        with_sections(house)
        group, clerk = house.people["group_head"], house.people["school_clerk"]
        report = paper.tick(report=joined(house), sha256=fresh(house).content_sha256, by=group, on=SIGNED_ON, **NAMES)
        with pytest.raises(Refused, match="已收"):
            paper.join_scan(report=report, attachment=scan(clerk), by=clerk, on=SIGNED_ON)


class TestSystemAdministratorSeesNoChild:
    def test_reasons_that_people_typed_are_not_read(self, client, house):
        child = house.children.own
        url = reverse("archives:child_unmask", args=[child.public_id])
        as_(client, house, "principal").post(url, {"reason": "核对东小明的证件号"})
        accounts.disable_account(user=house.people["archivist"], by=house.people["bureau_admin"], reason="调离本单位")
        page = text_of(as_(client, house, "system_admin").get(reverse("core:audit_list")))
        assert "查看完整证件号" in page
        assert "东小明" not in page
        assert "调离本单位" in page
        assert "核对东小明的证件号" in text_of(as_(client, house, "auditor").get(reverse("core:audit_list")))


class TestNumbersStayWithin:
    def test_a_number_in_an_address_is_not_kept_on_the_run(self, client, house, monkeypatch, settings, tmp_path):
        settings.FILES_ROOT = tmp_path
        monkeypatch.setattr(exporting, "AT_ONCE", -1)
        as_(client, house, "principal").post(f"{reverse('students:child_export')}?q={NUMBER}")
        run = FileRun.objects.get(kind="export_children")
        assert NUMBER not in repr(run.parameters)

    def test_a_household_shows_its_village_not_its_door(self, client, house):
        house.households.own.address = "东关镇东一村一组 17 号门牌"
        house.households.own.save()
        page = text_of(
            as_(client, house, "village_liaison").get(reverse("students:household_detail", args=[house.households.own.public_id]))
        )
        assert "17 号门牌" not in page


class TestRequestsNoBrowserSends:
    """An answer with a sentence, never an error: what falls over can be pushed."""

    @pytest.mark.parametrize(
        "address",
        [
            "/reports/?node=x", "/account/?on=0001-01-01", "/account/?on=9999-12-31", "/suspects/?on=0001-01-01", "/account/?node=x",
            "/audit/?last=9999-12-31", "/audit/?first=0001-01-01", "/households/?q=%00", "/schools/?q=%00", "/students/?q=%00",
            "/cases/?q=%00", "/households/?village=%00", "/reports/?period=9999-12", "/reports/?period=0000-01", "/students/?page=-1",
            "/students/?class_name=%00&sort=number__x", "/cases/?township=x", "/menu/?at=%00", "/students/?sort=-",
            "/suspects/?low=0&high=30",
            "/audit/?act=%00", "/accounts/?q=%00", "/reports/summary/?period=x", "/students/?school=x&area=y",
        ],
    )  # fmt: skip
    def test_reading(self, client, house, address):
        assert as_(client, house, "bureau_admin").get(address).status_code in (200, 302, 400, 404, 422)

    def test_signing_in(self, client, house):
        assert client.post(reverse("core:sign_in"), {"username": "a\x00b", "password": "x\x00"}).status_code == 400

    @pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31"])
    def test_dates_at_the_ends_of_the_calendar(self, client, house, on):
        person = house.people["principal"]
        make.person("successor")
        url = reverse("core:grants_hand_over", args=[person.public_id])
        answer = as_(client, house, "bureau_admin").post(url, {"successor": "successor", "on": on})
        assert answer.status_code in (200, 302, 403)


