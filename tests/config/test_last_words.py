"""A command that meets the house's own trouble ends with a sentence and exit code 1; a fault of the programme keeps its traceback."""

import errno
import json
import os
import subprocess
import sys

import psycopg2
import pytest
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connection

from config import last_words
from config.environment import BASE_DIR
from core import files
from tests import harness

ON = ("--on", "2020-03-01")
FILE = __file__
WORDS = {  # each command of ours that asks the database, with the least it wants to be told
    "backup": ("--out", "."), "raise_alarms": (), "expire_removals": (), "make_reports": ("--period", "2020-03"),
    "export_report": ("--period", "2020-03", "--organization", "x", "--format", "xlsx", "--out", "."), "compare": ON, "find_candidates": (),
    "export_ledgers": (*ON, "--by", "x", "--out", "none.zip"), "import_file": ("hukou", FILE, "--as-of", "2020-03-01", "--by", "x"),
    "import_attendance": (FILE, "--by", "x"), "record_standings": (FILE, "--by", "x", *ON), "rotate_keys": (), "verify_audit": (),
    "start_county": ("--code", "990101000000", "--name", "示范县", "--admin", "a"), "run_waiting": (), "migrate": (),
    "make_user": ("a", "某某", "--role", "principal", "--at", "S01"),
}  # fmt: skip
WITHOUT_DATABASE = {"draw_states", "make_county"}
OTHERWISE = {"demo", "seed_demo", "serve", "restore"}  # servers of their own; restore reads its file first
MANY = """
import json, sys, manage
for words in json.load(sys.stdin):
    try:
        manage.main(["manage.py", *words])
        print(words[0], "|", "no end")
    except SystemExit as end:
        print(words[0], "|", end.code)
"""


def run(*program, typed=""):
    """A process with the settings of .env.example, in which nothing listens at the database's address."""
    lines = [line for line in (BASE_DIR / ".env.example").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    nowhere = "postgres://nol_app:secret-word@127.0.0.1:1/not_one_less"
    given = dict(line.split("=", 1) for line in lines) | {"DATABASE_URL": nowhere, "NOL_DATABASE_OWNER_URL": nowhere, "NOL_ENV_FILE": ""}
    secret = "".join(chr(48 + number) for number in range(75))
    given |= {"NOL_FIELD_KEYS": f"1:{'a' * 43}=", "NOL_INDEX_KEY": f"{'b' * 43}=", "NOL_SECRET_KEY": secret, "PYTHONPATH": f"{BASE_DIR}"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NOL_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, *program], cwd=BASE_DIR, env={**kept, **given}, input=typed, capture_output=True, text=True, check=False
    )


class TestWithoutADatabase:
    def test_each_command_of_ours_is_here(self):
        ours = {name for name, app in get_commands().items() if app in ("config", *harness.APPS)}
        assert ours == {*WORDS, *WITHOUT_DATABASE, *OTHERWISE} - {"migrate"}

    def test_each_ends_with_the_sentence(self):
        done = run("-c", MANY, typed=json.dumps([(name, *words) for name, words in WORDS.items()]))
        ends = dict(line.split(" | ") for line in done.stdout.splitlines() if " | " in line)
        assert ends == dict.fromkeys(WORDS, last_words.AWAY + last_words.NOTHING_HALF), done.stderr
        assert "secret-word" not in done.stdout + done.stderr

    def test_as_a_process_of_its_own(self):
        done = run("manage.py", "verify_audit")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.strip().endswith(last_words.AWAY + last_words.NOTHING_HALF)
        assert "Traceback" not in done.stderr

    def test_the_control_asks_for_the_traceback(self):
        done = run("manage.py", "verify_audit", "--traceback")
        assert done.returncode == 1
        assert "Traceback" in done.stderr


def ending(do):
    """What the block says at its end."""
    with pytest.raises(SystemExit) as end, last_words.said([]):
        do()
    return end.value.code


@pytest.mark.django_db
class TestTroubles:
    def test_a_wrong_key(self, house, settings):
        child = house.children.own
        settings.FIELD_KEYS = {1: b"?" * 32}
        said = ending(child.refresh_from_db)
        assert "person.id_number" in said
        assert "密钥 1 号" in said

    def test_a_key_that_is_not_there(self, house, settings):
        settings.FIELD_KEYS = {7: b"?" * 32}
        assert "1 号密钥" in ending(house.children.own.refresh_from_db)

    def test_somebody_holds_the_table(self):
        """A lock that does not come, in a real command."""
        other = connection.copy()
        with connection.cursor() as cursor:
            cursor.execute("set local lock_timeout = '200ms'")
        try:
            with other.cursor() as cursor:
                cursor.execute("begin; lock table core_filerun in access exclusive mode")
            said = ending(lambda: call_command("run_waiting"))
        finally:
            other.close()
        assert said == last_words.TROUBLES_IN_DATABASE["55P03"] + last_words.NOTHING_HALF

    @pytest.mark.parametrize(
        ("statement", "code"),
        [
            ("select * from no_such_table", "42P01"),
            ("select no_such_column from core_user", "42703"),
            ("drop table core_user", "42501"),
            ("set local statement_timeout = 50; select pg_sleep(9)", "57014"),
        ],
    )
    def test_what_the_database_refuses(self, statement, code):
        with connection.cursor() as cursor:
            said = ending(lambda: cursor.execute(statement))
        assert said.startswith(last_words.TROUBLES_IN_DATABASE[code])

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            ('FATAL:  password authentication failed for user "nol_app"', "不认这个账号或密码"),
            ('FATAL:  database "x" does not exist', "没有这个库"),
            ("FATAL:  the database system is starting up", "正在启动"),
            ("server closed the connection unexpectedly", "连不上数据库"),
        ],
    )
    def test_what_it_says_on_connecting(self, words, sentence):
        def connect():
            with connection.wrap_database_errors:
                raise psycopg2.OperationalError(words)

        assert sentence in ending(connect)

    def test_a_full_disk_and_a_path_that_cannot_be_written(self):
        assert "磁盘写满了" in ending(lambda: fail(OSError(errno.ENOSPC, "No space left on device")))
        assert "no/where 不能读写" in ending(lambda: fail(OSError(errno.ENOENT, "No such file or directory", "no/where")))
        assert ending(lambda: fail(files.FileLost("文件丢了。"))) == "文件丢了。"


def fail(error):
    raise error


class TestFaultsOfTheProgramme:
    @pytest.mark.parametrize("error", [KeyError("name"), ValueError("x"), TypeError("x"), TimeoutError("x")])
    def test_keep_their_traceback(self, error):
        with pytest.raises(type(error)), last_words.said([]):
            fail(error)

    @pytest.mark.django_db
    def test_a_broken_promise_of_the_database_is_one(self, house):
        user = house.people["auditor"]
        with pytest.raises(Exception, match="duplicate key"), last_words.said([]):
            type(user).objects.bulk_create([type(user)(username=user.username, name="x")])

    def test_a_command_without_the_guard(self):
        """The control: Django's own way shows the trouble as it came."""

        class Troubled(BaseCommand):
            def handle(self, **options):
                fail(files.FileLost("文件丢了。"))

        with pytest.raises(files.FileLost):
            call_command(Troubled())
