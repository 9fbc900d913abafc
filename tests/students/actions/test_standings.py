"""Standings: recorded in batches, the same fact once, ended and kept."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from core.models import AuditEntry
from core.workflow import Refused
from students.actions import standings
from students.models import Standing
from tests import make

SINCE, LATER = date(2020, 3, 1), date(2020, 5, 1)


@pytest.fixture
def people(officer):
    village = make.node("village", "一村", make.county())
    return officer, [make.child(f"王{n}", (village, "hukou")) for n in "一二三"]


def fact(child, code="elsewhere", **more):
    return {"child": child, "code": code, "since": SINCE, "source": "entry", "place": "外县一中", **more}


class TestRecording:
    def test_a_batch_leaves_its_rows_and_one_audit_row(self, people):
        officer, children = people
        before = AuditEntry.objects.count()
        made = standings.record(rows=[fact(child) for child in children], by=officer)
        assert [(row.code, row.place, row.until, row.by) for row in made] == [("elsewhere", "外县一中", None, officer)] * 3
        entry = AuditEntry.objects.latest("pk")
        assert (AuditEntry.objects.count(), entry.act, entry.detail["new"]) == (before + 1, "standings_recorded", 3)

    def test_the_same_fact_twice_is_one_and_says_nothing(self, people):
        officer, (child, *_) = people
        standings.record(rows=[fact(child)], by=officer)
        before = AuditEntry.objects.count()
        assert standings.record(rows=[fact(child.pk)], by=officer) == []
        assert (Standing.objects.count(), AuditEntry.objects.count()) == (1, before)

    def test_new_particulars_change_the_open_row(self, people):
        officer, (child, *_) = people
        standings.record(rows=[fact(child)], by=officer)
        standings.record(rows=[fact(child, place="外县二中", until=LATER)], by=officer)
        row = Standing.objects.get()
        assert (row.place, row.until) == ("外县二中", LATER)
        assert row.events.get().place == "外县一中"

    def test_another_reference_is_another_fact(self, people):
        officer, (child, *_) = people
        standings.record(
            rows=[fact(child, source="roll_change", reference="a"), fact(child, source="roll_change", reference="b")], by=officer
        )
        assert Standing.objects.count() == 2

    def test_the_number_of_queries_does_not_grow(self, people, django_assert_max_num_queries):
        officer, children = people
        with django_assert_max_num_queries(9):
            standings.record(rows=[fact(child) for child in children], by=officer)

    @pytest.mark.parametrize(
        ("more", "sentence"),
        [
            ({"code": "lost"}, "不认识"), ({"code": "removed"}, "写明原因"), ({"code": "removed", "reason": "90"}, "失联不是核减原因"),
            ({"reason": "55"}, "不认识"), ({"until": date(2020, 2, 1)}, "早于起始日期"),
        ],
    )  # fmt: skip
    def test_what_no_table_knows_is_refused(self, people, more, sentence):
        officer, (child, *_) = people
        with pytest.raises(Refused, match=sentence):
            standings.record(rows=[fact(child, **more)], by=officer)
        assert not Standing.objects.exists()

    def test_the_database_wants_a_reason_for_a_removal(self, people):
        _, (child, *_) = people
        with pytest.raises(IntegrityError, match="standing_removed_with_reason"), transaction.atomic():
            Standing.objects.create(child=child, code="removed", since=SINCE, source="entry")


class TestEnding:
    def test_it_ends_on_the_day_and_stays(self, people):
        officer, children = people
        standings.record(rows=[fact(child, source="case", reference="r1") for child in children], by=officer)
        assert standings.end(source="case", references=["r1"], on=LATER, by=officer, children=children[:2]) == 2
        assert Standing.objects.filter(until=LATER, ended_by=officer).count() == 2
        assert Standing.objects.in_force(LATER).count() == 1
        assert Standing.objects.in_force(SINCE).count() == 3
        assert AuditEntry.objects.latest("pk").act == "standings_ended"
        assert standings.end(source="case", references=["r1"], on=LATER, by=officer, children=children[:2]) == 0

    def test_a_day_before_it_began_leaves_an_empty_span(self, people):
        officer, (child, *_) = people
        standings.record(rows=[fact(child, source="case", reference="r1")], by=officer)
        standings.end(source="case", references=["r1"], on=date(2020, 2, 1), by=officer)
        assert Standing.objects.get().until == SINCE

    def test_what_was_over_keeps_its_own_day(self, people):
        officer, (child, *_) = people
        standings.record(rows=[fact(child, source="case", reference="r1", until=date(2020, 4, 1))], by=officer)
        standings.end(source="case", references=["r1"], on=LATER, by=officer)
        assert Standing.objects.get().until == date(2020, 4, 1)

    def test_after_the_end_the_same_fact_may_begin_anew(self, people):
        officer, (child, *_) = people
        for _ in range(2):
            standings.record(rows=[fact(child, source="case", reference="r1")], by=officer)
            standings.end(source="case", references=["r1"], on=LATER, by=officer)
        assert Standing.objects.count() == 2
