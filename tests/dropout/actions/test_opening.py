"""Opening: one unclosed case a child, places and numbers taken from the facts, scope asked."""

import pytest
from django.db import IntegrityError, transaction

from core.models import AuditEntry
from core.workflow import Refused
from dropout import actions
from dropout.models import Case
from students.models import Enrolment
from tests.dropout import world as made


def test_places_come_from_where_the_child_belongs(world):
    case = made.opened(world)
    assert (case.school, case.township, case.village) == (world.nodes.school, world.nodes.township, world.nodes.village)
    assert (case.stage, case.episode, case.state) == ("pri", 1, "suspected")


def test_stage_and_grade_come_from_the_roll(world):
    Enrolment.objects.create(child=world.child, kind="roll", school=world.nodes.school, stage="jun", grade=7, since=made.DAY)
    case = made.opened(world)
    assert (case.stage, case.grade) == ("jun", 7)


def test_a_batch_is_one_audit_row_and_numbered_in_order(world):
    children = [made.make_child(f"学生{number}", world.nodes.village) for number in range(3)]
    cases = actions.open_cases(
        rows=[{"child": child, "why": "比对"} for child in children],
        source="comparison",
        on=made.DAY,
        by=world.officer,
        rule={"rule": "account"},
    )
    assert [case.number for case in cases] == ["疑〔2020〕0001", "疑〔2020〕0002", "疑〔2020〕0003"]
    assert AuditEntry.objects.filter(act="cases_opened").get().detail["cases"] == 3
    assert made.opened(world).number == "疑〔2020〕0004"


def test_each_year_counts_from_one(world):
    made.opened(world)
    case = made.opened(world, made.make_child("温启明", world.nodes.village), on=made.DAY.replace(year=2021))
    assert case.number == "疑〔2021〕0001"


@pytest.mark.parametrize("stage", [stage for stage in made.STAGES if stage != "closed"])
def test_a_second_unclosed_case_is_refused(world, stage):
    case = made.STAGES[stage](world)
    with pytest.raises(Refused, match="恢复为疑似" if stage == "removed" else case.number):
        made.opened(world)


def test_the_database_refuses_it_too(world):
    case = made.opened(world)
    with pytest.raises(IntegrityError, match="case_open_once"), transaction.atomic():
        Case.objects.create(
            number="疑〔2020〕9999", child=case.child, episode=2, source="report", why="x", opened_on=made.DAY, opened_by=world.officer
        )


def test_after_closing_it_is_the_next_episode_and_a_priority(world):
    closed = made.closed(world)
    case = made.opened(world, on=closed.closed_on)
    assert (case.episode, case.is_priority) == (2, True)


def test_outside_the_persons_scope_it_is_refused_by_name(world):
    with pytest.raises(Refused, match="郝玥英"):
        made.opened(world, by=world.foreign)
    assert not Case.objects.exists()


def test_one_bad_row_and_none_is_opened(world):
    rows = [{"child": made.make_child("甲一", world.nodes.village), "why": "比对"}, {"child": world.child, "why": "  "}]
    with pytest.raises(Refused, match="没有写列为疑似的理由"):
        actions.open_cases(rows=rows, source="comparison", on=made.DAY, by=world.officer)
    assert not Case.objects.exists()
