"""A session is lost when it was deleted, not when the database is away."""

from datetime import timedelta

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


def ends(session):
    return Session.objects.get(session_key=session.session_key).expire_date


def let_pass(session, minutes):
    """As if the row had been written `minutes` ago."""
    row = Session.objects.get(session_key=session.session_key)
    row.expire_date -= timedelta(minutes=minutes)
    row.save()


def visit(session):
    """What a page does with a session that it only reads."""
    met = SessionStore(session.session_key)
    assert met["a"] == 1
    met.save()


def test_one_that_only_goes_on_is_written_once_a_minute(session, django_assert_num_queries):
    before = ends(session)
    with django_assert_num_queries(1):  # it is read
        visit(session)
    assert ends(session) == before
    let_pass(session, 2)
    visit(session)
    assert ends(session) >= before


def test_one_that_changed_is_written_at_once(session):
    met = SessionStore(session.session_key)
    met["b"] = 2
    met.save()
    assert SessionStore(session.session_key)["b"] == 2


def test_one_left_alone_too_long_is_gone(session):
    let_pass(session, 31)
    assert SessionStore(session.session_key).load() == {}


def test_one_that_is_there_is_saved(session):
    session["a"] = 2
    session.save()
    assert SessionStore(session.session_key)["a"] == 2
