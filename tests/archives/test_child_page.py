"""One child, one page: every read recorded, numbers shown for a reason and for thirty minutes only."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import AuditEntry
from tests import cast, make

pytestmark = pytest.mark.django_db
NUMBER = "990101201003011234"


@pytest.fixture
def house():
    return cast.build()


def page_of(child):
    return f"/children/{child.public_id}/"


@pytest.fixture
def principal(client, house):
    client.force_login(house.people["principal"])
    return client


def test_each_read_is_recorded(principal, house):
    for _ in range(2):
        assert principal.get(page_of(house.children.own)).status_code == 200
    seen = AuditEntry.objects.filter(act="child_page", subject_id=str(house.children.own.public_id))
    assert seen.count() == 2
    assert {entry.outcome for entry in seen} == {"seen"}


def test_a_foreign_child_is_absent_and_nothing_is_recorded(principal, house):
    assert principal.get(page_of(house.children.foreign)).status_code == 404
    assert not AuditEntry.objects.filter(act="child_page").exists()


def test_a_merged_record_is_no_page(principal, house):
    child = house.children.own
    child.merged_into = house.children.second
    child.save()
    assert principal.get(page_of(child)).status_code == 404


class TestUnmasking:
    def test_masked_at_first(self, principal, house):
        page = principal.get(page_of(house.children.own)).content.decode()
        assert NUMBER not in page
        assert "9****************4" in page

    def test_a_reason_opens_the_number_and_is_recorded(self, principal, house):
        page = principal.post(page_of(house.children.own) + "unmask/", {"reason": "核对户口簿"}, follow=True)
        assert NUMBER in page.content.decode()
        assert AuditEntry.objects.get(act="numbers_unmasked").reason == "核对户口簿"

    @pytest.mark.parametrize("reason", ["", "看看"])
    def test_without_a_reason_it_stays_closed(self, principal, house, reason):
        page = principal.post(page_of(house.children.own) + "unmask/", {"reason": reason}, follow=True)
        assert NUMBER not in page.content.decode()
        assert not AuditEntry.objects.filter(act="numbers_unmasked").exists()

    def test_it_ends_after_thirty_minutes(self, principal, house):
        principal.post(page_of(house.children.own) + "unmask/", {"reason": "核对户口簿"})
        session = principal.session
        session["unmasked"] = {key: (timezone.now() - timedelta(seconds=1)).timestamp() for key in session["unmasked"]}
        session.save()
        assert NUMBER not in principal.get(page_of(house.children.own)).content.decode()

    def test_it_opens_this_child_alone(self, principal, house):
        other = make.child("另一个", (house.nodes.school, "on_roll"), number="990101201003017777")
        principal.post(page_of(house.children.own) + "unmask/", {"reason": "核对户口簿"})
        assert "990101201003017777" not in principal.get(page_of(other)).content.decode()

    def test_who_may_not_see_numbers_is_refused(self, client, house):
        client.force_login(house.people["class_teacher"])
        assert client.get(page_of(house.children.own)).status_code == 200
        assert client.post(page_of(house.children.own) + "unmask/", {"reason": "核对户口簿"}).status_code == 403

    def test_a_school_roster_opens_its_children(self, principal, house):
        make.enrolment(house.children.own, house.nodes.school)
        answer = principal.post(f"/schools/{house.nodes.school.public_id}/unmask/", {"reason": "核对学籍信息"})
        assert NUMBER in principal.get(answer["Location"]).content.decode()
        assert NUMBER in principal.get(page_of(house.children.own)).content.decode()
        assert NUMBER not in principal.get("/students/").content.decode()


def test_facts_with_their_place(principal, house):
    make.enrolment(house.children.own, house.nodes.school, grade=4, class_name="2班", state="在读")
    make.enrolment(house.children.own, house.nodes.junior_school, accepted=False)
    page = principal.get(page_of(house.children.own)).content.decode()
    assert "四年级" in page
    assert "双重学籍" in page
    assert "东一村" in page


def test_household_is_a_link_only_for_who_may_open_it(client, house):
    address = f"/households/{house.households.own.public_id}/"
    for name, expected in (("principal", False), ("township_officer", True)):
        client.force_login(house.people[name])
        assert (address in client.get(page_of(house.children.own)).content.decode()) is expected


def test_queries_do_not_grow_with_the_history(principal, house):
    def count():
        with CaptureQueriesContext(connection) as seen:
            assert principal.get(page_of(house.children.own)).status_code == 200
        return len(seen)

    count()
    few = count()
    for year in range(2010, 2019):
        make.enrolment(
            house.children.own, house.nodes.school, since=make.LONG_AGO.replace(year=year), until=make.LONG_AGO.replace(year=year + 1)
        )
    assert count() <= few


def test_history_tells_old_and_new_and_never_a_sealed_value(principal, house):
    child = house.children.own
    before = child.name
    child.name, child.number = "张三", "990101201008310014"
    child.save()
    child.name = "李四"
    child.save()
    page = principal.get(page_of(child))
    first, second = page.context["portrait"]["history"][1], page.context["portrait"]["history"][0]
    assert (first["what"], first["text"]) == ("姓名、证件号有变化", f"姓名 {before} → 张三")
    assert second["text"] == "姓名 张三 → 李四"
    assert "990101201008310014" not in page.content.decode()
