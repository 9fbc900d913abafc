"""A database that is away while beat reads its schedule anew ends nothing: what was read last counts."""

from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django_celery_beat.schedulers import DatabaseScheduler

from config.beat import PatientScheduler


def scheduler(read):
    patient = PatientScheduler.__new__(PatientScheduler)
    patient._schedule = read
    return patient


@pytest.fixture
def away(monkeypatch):
    def nothing(self):
        raise OperationalError("the database system is starting up")

    monkeypatch.setattr(DatabaseScheduler, "all_as_schedule", nothing)


def test_the_former_schedule_counts(away, monkeypatch):
    closed = []
    monkeypatch.setattr("config.beat.connection", SimpleNamespace(close=lambda: closed.append(1)))
    assert scheduler({"sweep": 1}).all_as_schedule() == {"sweep": 1}
    assert closed == [1]


def test_a_start_without_a_database_ends(away):
    with pytest.raises(OperationalError):
        scheduler(None).all_as_schedule()
