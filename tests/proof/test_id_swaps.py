"""5,000 ids of the foreign side, in paths, forms, filters and parameters: no leak, and the answer of an id that never was."""

import logging

import pytest

from students.models import Child
from tests.id_swaps import Probes, furnished
from tests.test_access import paper_is_not_drawn, sessions_stay

__all__ = ["paper_is_not_drawn", "sessions_stay"]
pytestmark = pytest.mark.django_db
PROOF, SEED, TIMES = "ids swapped", 20261122, 5_000


@pytest.fixture
def house(db, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    logging.disable(logging.INFO)
    yield furnished()
    logging.disable(logging.NOTSET)


def test_five_thousand(house, tally):
    found = Probes(house, SEED).run(TIMES + 200)  # some meet what is the person's own and do not count
    ways = ", ".join(f"{way} {count}" for way, count in sorted(found.ways.items()))
    assert sum(found.ways.values()) >= TIMES
    tally(PROOF, "foreign name, number or telephone shown", sum(found.ways.values()), len(found.leaks), ways or str(found.leaks[:5]))
    tally(PROOF, "answer unlike that to an id that never was", sum(found.ways.values()), len(found.unlike), str(found.unlike[:5] or "–"))


def test_without_scope_it_is_found(house, tally, monkeypatch):
    monkeypatch.setattr(type(Child.objects.all()), "visible_to", lambda children, user, permission: children)
    probes = Probes(house, SEED)
    for who in ("school_clerk", "principal", "township_officer") * 50:
        probes.path(who)
    found = probes.found
    tally(PROOF, "children seen without scope", sum(found.ways.values()), len(found.leaks), control=True)
