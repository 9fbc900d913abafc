"""校历: declared by the school, for all by the bureau; what is nearer wins; who and why stays on record."""

from datetime import date

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.urls import reverse

from core.models import AuditEntry, DayOverride, Term
from core.scope import Forbidden
from students import school_days
from students.actions import school_days as actions
from students.models import SchoolDay

MONDAY = date(2026, 9, 21)
FIELDS = {"first": "2026-09-21", "session": "none", "kind": "closure", "every": "1", "reason": "暴雨停课"}


def declare(node, by, days=(MONDAY,), **facts):
    return actions.declare(
        node=node, days=list(days), by=by, **{"morning": False, "afternoon": False, "kind": "closure", "reason": "暴雨"} | facts
    )


@pytest.fixture
def clerk(client, house):
    client.force_login(house.people["school_clerk"])
    return client


class TestDeclaring:
    def test_the_nearest_declaration_wins(self, house):
        bureau, principal = house.people["bureau_admin"], house.people["principal"]
        declare(house.nodes.root, bureau)
        assert not school_days.is_school_half_day(house.nodes.school, MONDAY, "am")
        declare(house.nodes.school, principal, morning=True, kind="half_day", reason="积水已退，上午补课")
        calendars = SchoolDay.objects.calendars_of([house.nodes.school, house.nodes.other_school, house.nodes.class_], MONDAY, MONDAY)
        assert calendars[house.nodes.school.pk].halves(MONDAY) == calendars[house.nodes.class_.pk].halves(MONDAY) == (True, False)
        assert calendars[house.nodes.other_school.pk].halves(MONDAY) == (False, False)

    def test_the_county_s_workdays_and_terms_are_read(self, house):
        Term.objects.create(key="2026A", starts=date(2026, 9, 1), ends=date(2027, 1, 20))
        DayOverride.objects.create(on=MONDAY, is_workday=False, note="县庆")
        assert [on.day for on in school_days.school_days(house.nodes.school, date(2026, 9, 18), date(2026, 9, 22))] == [18, 20, 22]

    def test_a_new_declaration_replaces_the_old_one_which_stays(self, house):
        by = house.people["principal"]
        declare(house.nodes.school, by)
        made, replaced = declare(house.nodes.school, by, reason="改为农忙假", kind="farm_leave")
        assert (len(made), replaced) == (1, 1)
        assert SchoolDay.objects.count() == 2
        assert SchoolDay.objects.standing().get().reason == "改为农忙假"

    def test_the_same_twice_writes_nothing(self, house):
        by = house.people["principal"]
        declare(house.nodes.school, by)
        before = AuditEntry.objects.count()
        assert declare(house.nodes.school, by) == ([], 0)
        assert AuditEntry.objects.count() == before

    def test_the_queries_do_not_grow_with_the_schools(self, house, django_assert_num_queries):
        nodes = [house.nodes.school, house.nodes.junior_school, house.nodes.other_school]
        with django_assert_num_queries(3):
            SchoolDay.objects.calendars_of(nodes, MONDAY, MONDAY)

    def test_nobody_declares_for_a_foreign_school(self, house):
        with pytest.raises(Forbidden):
            declare(house.nodes.other_school, house.people["principal"])
        with pytest.raises(Forbidden):
            declare(house.nodes.root, house.people["principal"])

    def test_the_database_keeps_what_was_declared(self, house):
        made, _ = declare(house.nodes.school, house.people["principal"])
        for change in (lambda: made[0].delete(), lambda: SchoolDay.objects.update(reason="别的")):
            with pytest.raises(InternalError), transaction.atomic():
                change()
        with pytest.raises(IntegrityError), transaction.atomic():
            SchoolDay.objects.create(
                node=house.nodes.school,
                on=MONDAY,
                morning=True,
                afternoon=True,
                kind="other",
                reason="x",
                declared_by=house.people["principal"],
            )


class TestPages:
    def test_the_clerk_comes_to_the_own_school_or_its_list(self, clerk, house):
        page = clerk.get(reverse("students:calendar_list"))
        assert page.status_code == 200  # the school and its teaching point
        assert "东关小学" in page.content.decode()
        assert "西关学校" not in page.content.decode()

    def test_a_closure_is_declared_and_taken_back(self, clerk, house):
        url = reverse("students:calendar_declare", args=[house.nodes.school.public_id])
        answer = clerk.post(url, FIELDS, follow=True)
        assert "暴雨停课" in answer.content.decode()
        assert not school_days.is_school_half_day(house.nodes.school, MONDAY, "pm")
        row = SchoolDay.objects.get()
        assert (row.declared_by, row.words) == (house.people["school_clerk"], "不上课")
        clerk.post(reverse("students:calendar_withdraw", args=[row.public_id]))
        assert school_days.is_school_half_day(house.nodes.school, MONDAY, "pm")
        assert [entry.act for entry in AuditEntry.objects.filter(act__startswith="school_day").order_by("pk")] == [
            "school_days_declared", "school_day_withdrawn"
        ]  # fmt: skip

    def test_big_and_small_weeks_in_one_form(self, clerk, house):
        url = reverse("students:calendar_declare", args=[house.nodes.school.public_id])
        clerk.post(
            url,
            FIELDS | {"last": "2026-10-31", "session": "whole", "kind": "big_week", "weekdays": ["5"], "every": "2", "reason": "大周上课"},
        )
        assert [row.on.isoformat() for row in SchoolDay.objects.all()] == ["2026-09-26", "2026-10-10", "2026-10-24"]

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"last": "2026-09-01"}, "早于"),
            ({"last": "2028-09-01"}, "超过 200 天"),
            ({"weekdays": ["5"]}, "没有所选的星期"),
            ({"reason": ""}, "请填写“"),
        ],
    )
    def test_what_does_not_fit_is_said(self, clerk, house, fields, sentence):
        answer = clerk.post(reverse("students:calendar_declare", args=[house.nodes.school.public_id]), FIELDS | fields)
        assert answer.status_code == 200
        assert sentence in answer.content.decode()
        assert not SchoolDay.objects.exists()

    def test_terms_are_the_bureau_s_and_may_not_overlap(self, client, house):
        client.force_login(house.people["bureau_admin"])
        term = {"key": "2026a", "starts": "2026-09-01", "ends": "2027-01-20"}
        answer = client.post(reverse("students:term_set"), term, follow=True)
        assert "2026年秋季学期：2026-09-01 至 2027-01-20" in answer.content.decode()
        assert client.post(reverse("students:term_set"), {**term, "key": "2027S"}).status_code == 403
        assert Term.objects.count() == 1

    def test_the_bureau_keeps_the_county_s_calendar(self, client, house):
        client.force_login(house.people["bureau_admin"])
        page = client.get(reverse("students:calendar_list")).content.decode()
        assert "全县校历" in page
        detail = client.get(reverse("students:calendar_detail", args=[house.nodes.root.public_id]) + "?month=2026-09").content.decode()
        assert "2026年9月上课" in detail
