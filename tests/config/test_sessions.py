"""A session is lost when it was deleted, not when the database is away."""

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError

from config.sessions import SessionStore

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    kept = SessionStore()
    kept["a"] = 1
    kept.create()
    return kept


def test_a_database_that_is_away_is_told_as_such(session, monkeypatch):
    def away(*_arguments, **_named):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(Session, "save", away)
    with pytest.raises(OperationalError):
        session.save()


def test_a_deleted_session_is_still_a_deleted_session(session):
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        session.save()


def test_one_that_is_there_is_saved(session):
    session["a"] = 2
    session.save()
    assert SessionStore(session.session_key)["a"] == 2
