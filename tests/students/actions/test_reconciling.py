"""Lists and acts about one child, in every order: nothing newer is undone, nothing stands twice."""

from datetime import date

import pytest

from students.actions import calling, reconciling, roll_changes, undoing
from students.models import Child, Enrolment, ListRow, RollChange, Section
from tests import make
from tests.students.lists import APRIL, in_class, load, pupil
from tests.students.rolls import papers

A = "990101201008310014"
OLD, NEW = "2199000003", "2199000004"
MID_MARCH, MOVED = date(2020, 3, 10), date(2020, 3, 20)


@pytest.fixture
def moved(places, tmp_path, settings, monkeypatch):
    """A pupil of 东关第1小学 by the lists of 1 March, who moved to 东关第2小学 on 20 March by a transfer."""
    settings.FILES_ROOT = tmp_path
    monkeypatch.setattr(calling.chance, "random", lambda: 0.99)
    load(tmp_path, "roll", [pupil(A)], **places)
    load(tmp_path, "attending", [in_class(A)], **places)
    return transfer(places)


def transfer(places, on=MOVED, start=OLD, goal=NEW):
    from core.models import Organization

    school, target = Organization.objects.get(code=start), Organization.objects.get(code=goal)
    clerk = make.person(f"填报{on}", ("school_clerk", school))
    principals = [make.person(f"校长{node.code}{on}", ("principal", node)) for node in (school, target)]
    child = Child.objects.get()
    assert Section.objects.filter(school=target, stage="pri").exists()
    change = roll_changes.start(
        kind="transfer", child=child, school=school, target_school=target, by=clerk, on=on, effective_on=on, reason="随父母搬家",
        evidence=papers("statement"),
    )  # fmt: skip
    roll_changes.agree(change=change, on=on, by=principals[0])
    roll_changes.accept(change=change, on=on, by=principals[1])
    roll_changes.approve(change=change, on=on, by=places["by"])
    return RollChange.objects.get(pk=change.pk)


def now(kind="roll"):
    """What holds open: (school, from the act, accepted, since)."""
    rows = Enrolment.objects.filter(kind=kind, until=None, counts=True).order_by("since", "pk")
    return [(row.school.code, row.made_by is not None, row.accepted, row.since) for row in rows]


def test_the_transfer_stands(moved):
    assert now() == now("attending") == [(NEW, True, True, MOVED)]


def test_an_older_list_with_other_words_does_not_undo_it(moved, places, tmp_path):
    load(tmp_path, "roll", [pupil(A, 班级="2班")], as_of=MID_MARCH, **places)
    assert ListRow.objects.filter(kind="roll", until=None).get().since == MID_MARCH
    assert now() == [(NEW, True, True, MOVED)]
    scope = Child.objects.get().scope_nodes
    assert moved.target_school_id in scope
    assert moved.school_id not in scope


def test_the_same_list_again_changes_nothing(moved, places, tmp_path):
    load(tmp_path, "roll", [pupil(A)], as_of=MID_MARCH, name="again.csv", **places)
    assert now() == [(NEW, True, True, MOVED)]


def test_a_newer_list_takes_over_and_nothing_stands_twice(moved, places, tmp_path):
    load(tmp_path, "roll", [pupil(A, school=NEW, 班级="3班")], as_of=APRIL, **places)
    assert now() == [(NEW, False, True, APRIL)]
    chain = Enrolment.objects.filter(kind="roll", accepted=True).order_by("since").values_list("school__code", "since", "until")
    assert list(chain) == [(OLD, date(2020, 3, 1), MOVED), (NEW, MOVED, APRIL), (NEW, APRIL, None)]


def test_when_that_list_is_undone_the_transfer_holds_again(moved, places, tmp_path):
    april = load(tmp_path, "roll", [pupil(A, school=NEW, 班级="3班")], as_of=APRIL, **places)
    undoing.undo(snapshot=april, by=places["by"])
    assert now() == [(NEW, True, True, MOVED)]


def test_a_newer_list_that_still_shows_the_old_school_is_a_second_claim(moved, places, tmp_path):
    load(tmp_path, "roll", [pupil(A, 班级="2班")], as_of=APRIL, **places)
    assert now() == [(NEW, True, True, MOVED), (OLD, False, False, APRIL)]


def test_an_unchanged_row_of_a_newer_list_does_not_reopen_what_ended(moved, places, tmp_path):
    load(tmp_path, "roll", [pupil(A)], as_of=APRIL, name="again.csv", **places)
    assert now() == [(NEW, True, True, MOVED)]


def test_a_batch_undone_does_not_reopen_what_the_transfer_ended(moved, places, tmp_path):
    middle = load(tmp_path, "roll", [pupil(A, school=NEW, 班级="3班")], as_of=APRIL, **places)
    assert Enrolment.objects.get(school__code=OLD, kind="roll").until == MOVED
    undoing.undo(snapshot=middle, by=places["by"])
    assert Enrolment.objects.get(school__code=OLD, kind="roll").until == MOVED


def test_undoing_the_list_that_the_act_spoke_about_leaves_the_act(places, tmp_path, settings, monkeypatch):
    settings.FILES_ROOT = tmp_path
    monkeypatch.setattr(calling.chance, "random", lambda: 0.99)
    load(tmp_path, "roll", [pupil(A)], **places)
    middle = load(tmp_path, "roll", [pupil(A, 班级="2班")], as_of=MID_MARCH, **places)
    change = transfer(places)
    undoing.undo(snapshot=middle, by=places["by"])
    assert now() == [(NEW, True, True, MOVED)]
    roll_changes.undo(change=change, on=APRIL, by=places["by"], note="办错了人")
    assert now() == [(OLD, False, True, date(2020, 3, 1))]


def test_the_change_is_undone_after_a_newer_list_took_over(moved, places, tmp_path):
    load(tmp_path, "roll", [pupil(A, school=NEW, 班级="3班")], as_of=APRIL, **places)
    roll_changes.undo(change=moved, on=APRIL, by=places["by"], note="办错了人")
    assert now() == [(NEW, False, True, APRIL)]
    assert list(Enrolment.objects.filter(school__code=OLD, kind="roll").values_list("until", flat=True)) == [APRIL]


def test_twice_is_once(moved, places, tmp_path):
    load(tmp_path, "roll", [pupil(A, school=NEW, 班级="3班")], as_of=APRIL, **places)
    before = list(Enrolment.objects.order_by("pk").values())
    assert reconciling.reconcile() is True
    assert list(Enrolment.objects.order_by("pk").values()) == before


def test_a_newer_list_without_the_child_closes_what_the_list_had_brought(moved, places, tmp_path):
    load(tmp_path, "roll", [pupil(A, school=NEW, 班级="3班")], as_of=APRIL, **places)
    other = pupil("990101201101150027", "李二", school=NEW)
    load(tmp_path, "roll", [other], as_of=date(2020, 5, 1), **places)
    assert [row for row in now() if row[3] != date(2020, 5, 1)] == []


def test_without_any_act_one_question_is_asked(places, tmp_path, django_assert_num_queries):
    load(tmp_path, "roll", [pupil(A)], **places)
    with django_assert_num_queries(1):
        assert reconciling.reconcile() is False
