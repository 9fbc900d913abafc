"""Cases when two records of a child become one: they go along, counted on; two at once stop it with the sentence."""

import pytest

from core.workflow import Refused
from dropout.models import Case
from students.actions import joining
from tests import make
from tests.dropout import world as made


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
