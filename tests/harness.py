"""What the suite stands on: the embedded servers, a database of its own a run, no network, no error in the log.

The database is migrated once by its owner and kept as a template named after the content of the migrations; each run (each xdist
worker) gets a copy in a fraction of a second and works in it as the role that owns nothing and cannot TRUNCATE.
"""

import fcntl
import hashlib
import ipaddress
import logging
import os
import re
import socket
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.core.management import BaseCommand, call_command
from django.db import connections
from django.test.testcases import TransactionTestCase

from config.embedded import Embedded, postgres

ROOT = Path(__file__).resolve().parent.parent
APPS = ("core", "students", "dropout", "subsidies", "archives")
SHAPING = ("migrations/*.py", "models/*.py", "models.py", "apps.py", "roles.py")  # what decides how an empty database looks
RUN_NAME = re.compile(r"^test_nol_([0-9]+)_")


def servers() -> Embedded:
    from django.conf import settings

    return Embedded(settings.NOL_HOME, forgetful=True)


@pytest.fixture(scope="session")
def embedded_servers():
    """Held by each process of the run until its last test; the last one out stops them."""
    held = servers()
    held.hold()
    yield held
    connections.close_all()
    held.release()


@pytest.fixture(scope="session")
def redis_url(embedded_servers):
    """A real Redis, for the tests that need one."""
    embedded_servers.hold(broker=True)
    return embedded_servers.redis_url


def _shape() -> str:
    """A digest of everything an empty, migrated database is made from."""
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for app in APPS:
        for pattern in SHAPING:
            for path in sorted((ROOT / app).glob(pattern)):
                digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _connect_as(role: str, name: str | None = None) -> None:
    """Close the connection and point it elsewhere; the dict is shared, so that a live server's threads follow."""
    connection = connections["default"]
    connection.close()
    connection.settings_dict.update(servers().address(role))
    connection.settings_dict["NAME"] = name or connection.settings_dict["NAME"]


@contextmanager
def as_owner():
    """For the few lines that need the tables' owner: the flush between transactional tests, a test that looks at triggers."""
    name = connections["default"].settings_dict["NAME"]
    _connect_as(postgres.OWNER, name)
    try:
        yield connections["default"]
    finally:
        _connect_as(postgres.APPLICATION, name)


def _names(cursor, pattern: str) -> list[str]:
    cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [pattern])
    return [name for (name,) in cursor.fetchall()]


def _running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() if Path("/proc").exists() else True


def _sweep(cursor, keep: str) -> None:
    """Databases of runs that were killed, and templates of shapes that are gone."""
    for name in _names(cursor, "test_nol_%"):
        if not _running(int(RUN_NAME.match(name)[1])):
            drop(name)
    old = [name for name in _names(cursor, "shape_%") if name != keep]
    for name in old[:-3]:  # other branches and helpers may be at work with theirs
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def template() -> str:
    """Name of the migrated database that every run copies; nobody ever works in it, so that it can be copied at any time."""
    return f"shape_{_shape()}"


def make_database() -> str:
    """A migrated database for this process; its name."""
    name = f"test_nol_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    home = servers()
    with (home.places.locks / "template").open("a") as mutex, closing(postgres.connect(home.places, postgres.OWNER)) as link:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        with link.cursor() as cursor:
            _sweep(cursor, template())
            if not _names(cursor, template()):
                _make_template(cursor, template())
            drop(name)
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template()}"')
    _connect_as(postgres.APPLICATION, name)
    return name


def _make_template(cursor, template: str) -> None:
    """Migrate under a draft name: a template with its final name is always complete."""
    draft = f"draft_{template}"
    cursor.execute(f'DROP DATABASE IF EXISTS "{draft}" WITH (FORCE)')
    cursor.execute(f'CREATE DATABASE "{draft}"')
    _connect_as(postgres.OWNER, draft)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)  # models whose first migration is still being written
    connections["default"].close()
    cursor.execute(f'ALTER DATABASE "{draft}" RENAME TO "{template}"')


def drop(name: str) -> None:
    """As the superuser: the threads of a live server may still be connected as the application, whom the owner may not send away."""
    with closing(postgres.connect(servers().places)) as link, link.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def django_db_setup(embedded_servers, django_test_environment, django_db_blocker):
    """Takes the place of pytest-django's: same promise, another role."""
    with django_db_blocker.unblock():
        name = make_database()
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        drop(name)


_flush = TransactionTestCase._fixture_teardown


def _flush_as_owner(self) -> None:
    with as_owner():
        _flush(self)


TransactionTestCase._fixture_teardown = _flush_as_owner


@pytest.fixture(autouse=True)
def no_error_in_the_log(request):
    """An ERROR in the log is a failure nobody looked at. A test that means it says @pytest.mark.expects_errors."""
    seen = []

    class Keeper(logging.Handler):
        def emit(self, record):
            seen.append(f"{record.name}: {record.getMessage()}")

    keeper = Keeper(level=logging.ERROR)
    logging.getLogger().addHandler(keeper)
    yield
    logging.getLogger().removeHandler(keeper)
    if seen and not request.node.get_closest_marker("expects_errors"):
        pytest.fail("ERROR in the log:\n" + "\n".join(seen))


@pytest.fixture(autouse=True)
def every_write_is_recorded(monkeypatch):
    """Jobs and commands under the same watch as requests (tests/audited.py)."""
    from core import file_runs
    from tests import audited

    work, run_command = file_runs._do, BaseCommand.execute

    def watched_work(run):
        with audited.watched(f"job {run.kind}"):
            return work(run)

    def watched_command(command, *arguments, **options):
        with audited.watched(f"command {type(command).__module__.rpartition('.')[2]}"):
            return run_command(command, *arguments, **options)

    if os.environ.get("AUDIT_INJECT"):  # tests/proof/test_audit_coverage.py
        audited.fail_at_the_end(monkeypatch, and_again=True)
    monkeypatch.setattr(file_runs, "_do", watched_work)
    monkeypatch.setattr(BaseCommand, "execute", watched_command)


def _is_local(address) -> bool:
    if isinstance(address, str | bytes):  # a Unix socket
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return address[0] in ("", "localhost")


@pytest.fixture(autouse=True, scope="session")
def no_network():
    """The suite talks to this machine only."""
    connect = socket.socket.connect

    def guarded(self, address):
        if not _is_local(address):
            raise AssertionError(f"a test wanted to talk to {address}")
        return connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield
