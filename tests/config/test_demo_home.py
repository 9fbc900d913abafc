"""The demo password is known to everybody: it may live beside an empty or a demo database only."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from config import demo_home
from core.hashers import DEMO_PASSWORD, NoDemoPassword
from core.management import passwords


class Rows:
    """Stands for a database that says whether it has a table of users, and how many are in it."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def __enter__(self):
        return self

    def __exit__(self, *_failure):
        return None

    def cursor(self):
        return self

    def close(self):
        self.answers.clear()

    def execute(self, _statement):
        self.answer = self.answers.pop(0)

    def fetchone(self):
        return (self.answer,)


@pytest.fixture
def database(monkeypatch):
    def answering(*answers):
        monkeypatch.setattr(demo_home, "_connect", lambda _home: Rows(*answers))

    return answering


class TestClaim:
    @pytest.mark.parametrize("answers", [(None,), ("core_user", 0)], ids=["no tables", "no accounts"])
    def test_an_empty_database_may_become_a_demo(self, tmp_path, database, answers):
        database(*answers)
        demo_home.claim(tmp_path)
        assert demo_home.is_demo(tmp_path)

    def test_a_real_county_may_not(self, tmp_path, database):
        database("core_user", 1)
        with pytest.raises(SystemExit, match="已有真实的账号"):
            demo_home.claim(tmp_path)
        assert not demo_home.is_demo(tmp_path)

    def test_the_mark_is_void_for_another_database(self, tmp_path, database, monkeypatch):
        database(None)
        demo_home.claim(tmp_path)
        monkeypatch.setenv("DATABASE_URL", "postgres://a:b@h:5432/n")
        assert not demo_home.is_demo(tmp_path)


class TestPassword:
    def test_it_is_refused_outside_a_demo(self, settings):
        settings.DEMO = False
        with pytest.raises(ValidationError, match="演示用的密码"):
            NoDemoPassword().validate(DEMO_PASSWORD)

    def test_nobody_is_given_it_by_a_command(self, settings, monkeypatch):
        settings.DEMO = False
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{DEMO_PASSWORD}\n"))
        with pytest.raises(CommandError, match="演示用的密码"):
            passwords.first_password({"password_stdin": True}, username="u", name="n")

    def test_it_is_accepted_in_a_demo(self, settings):
        settings.DEMO = True
        assert NoDemoPassword().validate(DEMO_PASSWORD) is None
