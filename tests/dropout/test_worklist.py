"""What waits for whom: each line leads to a list that shows exactly as many."""

from datetime import date, timedelta

import pytest
from django.test import Client

from dropout import worklist
from dropout.models import Case
from tests.dropout import world as made

ON = date(2020, 3, 4)
LINES = [
    ("suspected", "officer", "疑似个案待核查"), ("persuading", "officer", "走访、承诺到期"), ("removal_proposed", "bureau", "核减待复核"),
    ("confirmed", "officer", "已确认辍学，待安排责任人"), ("returned", "clerk", "已返校，待安置"), ("closing", "second", "销号待批准"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "person", "title"), LINES)
def test_the_line_counts_what_its_address_shows(world, stage, person, title):
    case = made.STAGES[stage](world)
    user, on = getattr(world, person), date(2020, 9, 1)
    item = next(item for item in worklist.summary(user, on) if item.title == title)
    assert (item.count, item.tone) == (1, "red")
    client = Client()
    client.force_login(user)
    assert case.number in client.get(item.url).content.decode()


@pytest.mark.parametrize(("stage", "person", "title"), LINES)
def test_nothing_waits_for_the_foreign_officer(world, stage, person, title):
    made.STAGES[stage](world)
    assert worklist.summary(world.foreign, date(2020, 9, 1)) == []


def test_before_the_deadline_it_is_amber(world):
    made.opened(world)
    assert [(item.tone, item.due_on) for item in worklist.summary(world.officer, ON)] == [("amber", ON)]


def test_nobody_is_asked_to_review_what_he_proposed(world):
    case = made.opened(world, by=world.bureau)
    made.actions.propose_removal(case=case, reason="02", on=made.DAY, by=world.bureau, evidence=[("school_letter", made.photo())])
    assert "核减待复核" not in [item.title for item in worklist.summary(world.bureau, ON)]
    assert "核减待复核" in [item.title for item in worklist.summary(world.second, ON)]


def test_a_removal_that_ends_soon(world):
    made.removed(world)
    Case.objects.update(removal_expires_on=ON + timedelta(days=14))
    assert [item.due_on for item in worklist.summary(world.officer, ON)] == [ON + timedelta(days=14)]
    assert worklist.summary(world.officer, ON - timedelta(days=1)) == []


def test_a_query_each_for_absences_and_cases_and_four_for_the_account_whatever_waits(world, django_assert_num_queries):
    made.opened(world)
    worklist.summary(world.bureau, ON)  # the grants are remembered on the person, the account's figures until something changes them
    with django_assert_num_queries(6):  # the account: lists, reasons, judged matches, events
        worklist.summary(world.bureau, ON)


def test_the_cases_of_a_child(world, rf):
    case = made.opened(world)
    assert [row.number for row in worklist.cases_of(world.child, world.officer)] == [case.number]
    assert list(worklist.cases_of(world.child, world.foreign)) == []
