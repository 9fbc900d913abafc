"""Cases when two records of a child become one: they go along, counted on; two at once stop it with the sentence."""

from datetime import UTC, date, datetime

import pytest

from core.workflow import Refused
from dropout.models import Absence, AbsenceEvent, AbsenceReport, Case
from students.actions import joining
from tests import make
from tests.dropout import world as made

NOON = datetime(2020, 3, 4, 4, tzinfo=UTC)


@pytest.fixture
def twin(world):
    """A second record of the same child, in the same village."""
    make.registration(world.child, make.household(world.nodes.village))
    found = made.make_child("郝玥英", world.nodes.village)
    make.registration(found, make.household(world.nodes.village))
    return found


def merged(world, twin):
    return joining.merge(source=twin, target=world.child, reason="户口簿核对过", by=world.bureau)


def test_a_case_goes_along_and_back(world, twin):
    case = made.opened(world, child=twin)
    event = merged(world, twin)
    assert Case.objects.get().child == world.child
    joining.undo(event=event, reason="是两个孩子", by=world.bureau)
    assert Case.objects.get(child=twin) == case


def test_episodes_are_counted_on(world, twin):
    closed = made.closed(world)
    opened = made.opened(world, child=twin)
    event = merged(world, twin)
    assert list(Case.objects.order_by("episode").values_list("pk", "episode", "child")) == [
        (closed.pk, 1, world.child.pk), (opened.pk, 2, world.child.pk)
    ]  # fmt: skip
    joining.undo(event=event, reason="是两个孩子", by=world.bureau)
    assert Case.objects.get(pk=opened.pk).episode == 1
    assert Case.objects.get(pk=opened.pk).child == twin


def test_two_cases_at_once_stop_it(world, twin):
    first, second = made.opened(world), made.opened(world, child=twin)
    with pytest.raises(Refused, match=f"{second.number}、{first.number}"):
        merged(world, twin)
    assert Case.objects.filter(child=twin).exists()


def test_the_case_is_held_fast_otherwise(world, twin):
    from django.db import InternalError, transaction

    case = made.opened(world, child=twin)
    with pytest.raises(InternalError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(child=world.child)


def an_absence(child, school, *, first_on=date(2020, 3, 2), report="", **facts):
    found = Absence.objects.create(
        child=child, school=school, class_node=school, class_label="七年级1班", stage="jun", first_on=first_on, first_half="am",
        discovered_at=NOON, threshold_at=NOON, due_at=NOON, **{"state": "reported", **facts},
    )  # fmt: skip
    AbsenceEvent.objects.create(absence=found, name="began", happened_at=NOON)
    if report:
        AbsenceReport.objects.create(
            absence=found, number=report, school_name=school.name, fallback="住址不明", lives="unknown", discovered_at=NOON,
            threshold_at=NOON, due_at=NOON, delivered_at=NOON,
        )  # fmt: skip
    return found


class TestOneAbsenceToldTwice:
    def test_it_is_folded_with_its_events_and_comes_apart_again(self, world, twin):
        stays = an_absence(world.child, world.nodes.school, report="缺报〔2020〕0001")
        goes = an_absence(twin, world.nodes.school, report="缺报〔2020〕0002")
        event = merged(world, twin)
        goes.refresh_from_db()
        assert (goes.folded_into, goes.child) == (stays, world.child)
        assert list(Absence.objects.open()) == [stays]
        assert Absence.objects.due().count() == 1
        assert goes.events.count() == 1
        assert goes.report.number == "缺报〔2020〕0002"
        joining.undo(event=event, reason="是两个孩子", by=world.bureau)
        goes.refresh_from_db()
        assert (goes.folded_into, goes.child) == (None, twin)
        assert Absence.objects.open().count() == 2

    def test_the_one_that_was_reported_stays(self, world, twin):
        silent = an_absence(world.child, world.nodes.school)
        told = an_absence(twin, world.nodes.school, report="缺报〔2020〕0001")
        event = merged(world, twin)
        told.refresh_from_db()
        silent.refresh_from_db()
        assert (silent.folded_into, told.folded_into, told.child) == (told, None, world.child)
        joining.undo(event=event, reason="是两个孩子", by=world.bureau)
        assert not Absence.objects.exclude(folded_into=None).exists()

    def test_two_open_ones_of_different_days_are_one(self, world, twin):
        an_absence(world.child, world.nodes.school)
        later = an_absence(twin, world.nodes.school, first_on=date(2020, 3, 3))
        merged(world, twin)
        assert list(Absence.objects.exclude(folded_into=None)) == [later]

    def test_absences_of_other_days_simply_go_along(self, world, twin):
        over = {"state": "returned", "ended_on": date(2020, 2, 20), "ended_half": "am"}
        an_absence(world.child, world.nodes.school)
        an_absence(twin, world.nodes.school, first_on=date(2020, 2, 18), **over)
        merged(world, twin)
        assert Absence.objects.counted().filter(child=world.child).count() == 2
