"""Two thousand random tamperings by the owner of the tables, every trigger off: all are found (reliability.md F19)."""

import random
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from tests.core.actions.test_sealing import SEED, TAMPERINGS, found, seal, write
from tests.harness import as_owner

TIMES, TABLES = 2000, ("core_auditentry", "core_auditseal", "core_audithead")


@pytest.fixture
def owner(house):
    """The tables' owner, every trigger off, on a log of four sealed runs."""
    for turn in range(4):
        write(house, 12)
        seal(timezone.now() - timedelta(days=2, hours=-turn))
    with as_owner() as link, link.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"alter table {table} disable trigger user")
        yield cursor
        for table in TABLES:
            cursor.execute(f"alter table {table} enable trigger user")


@pytest.mark.django_db(transaction=True)
def test_two_thousand_tamperings(owner, tally):
    pick, missed = random.Random(SEED + 1), {}
    assert found() == []
    for turn in range(TIMES):
        tamper = TAMPERINGS[turn % len(TAMPERINGS)]
        with transaction.atomic():
            tamper(pick, owner.execute)
            if not found():
                missed[tamper.__name__] = missed.get(tamper.__name__, 0) + 1
            transaction.set_rollback(True)
    tally("audit", "tamperings by the tables' owner, not found", TIMES, sum(missed.values()), str(missed or ""))
    false_alarms = sum(bool(found()) for _ in range(20))
    tally("audit", "the untouched log, called broken", 20, false_alarms)


@pytest.mark.django_db(transaction=True)
def test_a_proof_that_looks_away_finds_nothing(owner, monkeypatch, tally):
    """The negative control: without the look at the chains and the runs the same tamperings pass."""
    for part in ("_of_chains", "_of_heads", "_of_strangers"):
        monkeypatch.setattr(f"core.actions.proving.{part}", lambda *arguments: iter(()))
    pick, passed = random.Random(SEED), 0
    for tamper in TAMPERINGS:
        with transaction.atomic():
            tamper(pick, owner.execute)
            passed += not found()
            transaction.set_rollback(True)
    tally("audit", "tamperings by a proof that looks away", len(TAMPERINGS), passed, control=True)
