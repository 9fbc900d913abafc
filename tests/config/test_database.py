"""The suite's own ground: who we are in the database, and what that role may not do."""

from contextlib import closing

import psycopg2
import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction

from config.embedded import postgres
from tests import harness
from tests.harness import as_owner


def scalar(statement: str):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


@pytest.mark.django_db
class TestApplicationRole:
    def test_it_is_not_the_owner(self):
        assert scalar("SELECT current_user") == "nol_app"
        assert scalar("SELECT tableowner FROM pg_tables WHERE tablename = 'django_session'") == "nol_owner"

    @pytest.mark.parametrize(
        "statement",
        ["TRUNCATE django_session", "DROP TABLE django_session", "ALTER TABLE django_session ADD COLUMN x int", "CREATE TABLE x (y int)"],
    )
    def test_it_cannot_change_tables(self, statement):
        with pytest.raises(DatabaseError, match="permission denied|must be owner"), transaction.atomic():
            scalar(statement)


@pytest.mark.django_db(transaction=True)
class TestFlush:
    """Twice the same test: the second one fails if the flush between them did nothing."""

    @pytest.mark.parametrize("turn", [1, 2])
    def test_rows_of_the_test_before_are_gone(self, turn):
        assert Session.objects.count() == 0
        Session.objects.create(session_key="a" * 32, session_data="", expire_date="2020-03-01T00:00:00Z")

    def test_the_owner_lends_its_rights_for_a_moment_only(self):
        with as_owner():
            assert scalar("SELECT current_user") == "nol_owner"
        assert scalar("SELECT current_user") == "nol_app"


@pytest.mark.django_db
def test_a_database_that_somebody_is_still_connected_to_can_be_dropped():
    """A live server's threads outlive its test; their sessions belong to the application, not to the owner who would drop."""
    name = "draft_still_in_use"
    with closing(postgres.connect(harness.servers().places, postgres.OWNER)) as link, link.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        left = postgres.connect(harness.servers().places, postgres.APPLICATION, name)
        harness.drop(name)
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [name])
        assert cursor.fetchone()[0] == 0
    assert left.closed == 0  # psycopg has not noticed yet
    with pytest.raises(psycopg2.OperationalError):
        left.cursor().execute("SELECT 1")
