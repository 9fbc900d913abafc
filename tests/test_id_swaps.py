"""Ids of the foreign side in paths, forms, filters and parameters; tests/proof draws 5,000 of them."""

from uuid import UUID

import pytest

from students.models import Child
from tests.id_swaps import Probes, furnished, parameters
from tests.test_access import paper_is_not_drawn, sessions_stay

__all__ = ["paper_is_not_drawn", "sessions_stay"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def furnished_house(db, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    return furnished()


def test_a_foreign_id_answers_as_one_that_never_was(furnished_house):
    found = Probes(furnished_house, seed=22).run(150)
    assert found.wrong == []
    assert set(found.ways) == {"path", "form", "field", "parameter"}
    assert sum(found.ways.values()) >= 120


def test_without_scope_it_is_found(furnished_house, monkeypatch):
    """The negative control: children are everybody's."""
    monkeypatch.setattr(type(Child.objects.all()), "visible_to", lambda children, user, permission: children)
    probes = Probes(furnished_house, seed=22)
    for who in ("school_clerk", "principal", "township_officer") * 30:
        probes.path(who)
    assert probes.found.leaks
    assert probes.found.unlike


def test_what_is_swapped_is_the_foreign_sides(furnished_house):
    pool = Probes(furnished_house, seed=1).foreign
    assert furnished_house.children.foreign.public_id in pool[UUID]
    assert furnished_house.children.own.public_id not in pool[UUID]
    assert len(pool[int]) >= 8


def test_parameters_are_read_from_the_code():
    assert {"school", "township", "child", "q"} <= set(parameters())
