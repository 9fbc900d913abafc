"""Home and the menu: the work of today, only what the person may open, badges that cost the page nothing."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from config import navigation, work
from core import audit
from core.models import FileRun
from core.worklist import WorkItem


@pytest.fixture
def waiting(monkeypatch):
    """What waits, for everybody alike, and how often it was counted."""

    class Lists(list):
        counted = 0

        def summary(self, user, on):
            self.counted += 1
            return list(self)

    lists = Lists()
    monkeypatch.setattr(work, "worklists", lambda: [lists])
    cache.clear()
    return lists


def labels(sections):
    return [line["label"] for section in sections for line in section["items"]]


class TestMenu:
    def test_nobody_sees_a_line_without_the_permission(self, house):
        menus = {name: labels(navigation.menu(house.people[name], "/", [])) for name in house.people}
        assert menus["without_role"] == menus["expired"] == ["今日待办", "帮助"]
        assert menus["system_admin"] == ["今日待办", "账号", "没有做完的任务", "审计", "帮助"]
        assert {"账号", "审计"} <= set(menus["bureau_admin"])
        assert "账号" not in menus["principal"]
        assert "审计" in menus["auditor"]

    def test_a_page_that_no_app_has_has_no_line(self, house, monkeypatch):
        monkeypatch.setattr(navigation, "MENU", (("", [("今日待办", "home", ())]), ("将来", [("没有", "subsidies:none", ())])))
        assert labels(navigation.menu(house.people["principal"], "/", [])) == ["今日待办"]

    def test_the_longest_address_is_the_present_one(self, house):
        sections = navigation.menu(house.people["bureau_admin"], "/accounts/open/", [])
        assert [line["label"] for section in sections for line in section["items"] if line["active"]] == ["账号"]

    def test_a_child_s_page_belongs_to_the_ledger(self, house):
        sections = navigation.menu(house.people["bureau_admin"], f"/children/{house.children.own.public_id}/", [])
        assert [line["label"] for section in sections for line in section["items"] if line["active"]] == ["学生台账"]

    def test_badges_stand_where_the_work_is_done(self, house):
        items = [WorkItem("甲", 3, "/accounts/?state=unused"), WorkItem("乙", 2, "/accounts/", tone="red"), WorkItem("丙", 1, "/elsewhere/")]
        lines = {line["label"]: line for section in navigation.menu(house.people["bureau_admin"], "/", items) for line in section["items"]}
        assert (lines["账号"]["badge"], lines["账号"]["tone"]) == (5, "red")
        assert lines["审计"]["badge"] == 0
        assert lines["今日待办"]["badge"] == 3

    def test_a_page_does_not_count_the_work_but_sends_for_it(self, client, house, waiting):
        waiting.append(WorkItem("待批准名单", 7, "/accounts/"))
        client.force_login(house.people["bureau_admin"])
        first = client.get("/audit/").content.decode()
        assert 'hx-get="/menu/?at=%2Faudit%2F"' in first
        assert waiting.counted == 0
        assert ">7</span>" in client.get("/menu/?at=/audit/").content.decode()
        again = client.get("/audit/").content.decode()
        assert "/menu/" not in again
        assert ">7</span>" in again
        assert waiting.counted == 1

    def test_an_act_of_the_person_has_it_counted_anew(self, client, house, waiting):
        client.force_login(house.people["bureau_admin"])
        client.get("/")
        audit.record("account_opened", by=house.people["bureau_admin"])
        assert "/menu/" in client.get("/audit/").content.decode()


class TestHome:
    def test_late_work_comes_first_and_nothing_without_count(self, house, waiting):
        today = date(2020, 3, 2)
        waiting += [
            WorkItem("后办", 1, "/", due_on=today + timedelta(days=9)),
            WorkItem("不急", 1, "/"),
            WorkItem("逾期", 1, "/", due_on=today - timedelta(days=1), tone="red"),
            WorkItem("没有", 0, "/"),
            WorkItem("先办", 1, "/", due_on=today),
        ]
        assert [item.title for item in work.summary(house.people["principal"], today)] == ["逾期", "先办", "后办", "不急"]

    def test_the_sentence_adds_up(self, client, house, waiting):
        today = timezone.localdate()
        waiting += [WorkItem("待走访", 4, "/a/", due_on=today), WorkItem("待签月报", 1, "/b/", due_on=today - timedelta(days=2), tone="red")]
        client.force_login(house.people["principal"])
        page = client.get("/").content.decode()
        assert "2 类、5 件等您办理，其中 1 类已逾期" in page
        assert "今天到期" in page

    def test_an_empty_day_and_an_empty_seat_are_told_apart(self, client, house, waiting):
        client.force_login(house.people["principal"])
        assert "今天没有等您办理的事" in client.get("/").content.decode()
        client.force_login(house.people["expired"])
        assert "您还没有任职" in client.get("/").content.decode()


def test_health_is_open_and_names_nobody(client, house):
    answer = client.get("/healthz").json()
    assert answer == {"database": "ok", "oldest_waiting_run": 0, "failed_runs": 0}


def test_health_counts_work_that_ended_without_being_done(client, house):
    now = timezone.now()
    for number, age in enumerate((1, 23, 25)):
        run = FileRun.objects.create(kind="x", key=f"{number}")
        FileRun.objects.filter(pk=run.pk).update(state="running")
        FileRun.objects.filter(pk=run.pk).update(state="failed", finished_at=now - timedelta(hours=age))
    assert client.get("/healthz").json()["failed_runs"] == 2
