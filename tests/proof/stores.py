"""PostgreSQL and Redis of a home of their own, durable as in production, to be killed; and the product's services on them, by pid."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import redis
from django.conf import settings
from django.db import connections

from config.embedded import Embedded
from config.embedded import redis as embedded_redis
from tests import harness

ROOT = Path(__file__).resolve().parents[2]
KEYS = ("secret_key", "field_keys", "index_key")  # what the test process seals, the services must open


def wait_until(true, seconds, what):
    """Its first true answer; an AssertionError that says `what` did not come."""
    until = time.monotonic() + seconds
    while True:
        answer = true()
        if answer:
            return answer
        assert time.monotonic() < until, f"{what} did not come within {seconds} s"
        time.sleep(0.05)


class AtWork:
    """People at work side by side until the block ends: `work(*one)` for each of `people`, again and again till `over` is set."""

    def __init__(self, people):
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=one, daemon=True) for one in people]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_failure):
        self.over.set()
        for thread in self.threads:
            thread.join()


class Stores:
    """The two servers of `home`. Whoever kills one starts it again: in production that is systemd."""

    def __init__(self, home):
        self.home = home
        self.servers = Embedded(home)
        self.database = ""

    @property
    def places(self):
        return self.servers.places

    def start(self):
        self.servers.hold(database=True, broker=True)

    def postmaster(self):
        return int((self.places.postgres / "postmaster.pid").read_text().split()[0])

    def kill_postgres(self):
        """The whole server at once, as the power cut or the OOM killer does."""
        pid = self.postmaster()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), 10, "the end of PostgreSQL")

    def redis_pid(self):
        return int((self.places.root / "redis.pid").read_text())

    def kill_redis(self):
        pid = self.redis_pid()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), 10, "the end of Redis")

    def start_redis(self):
        self.servers.hold(database=False, broker=True)

    def start_postgres(self):
        self.servers.hold(database=True)

    @contextmanager
    def paused_redis(self):
        """Connected and silent: the worst way to be away."""
        pid = self.redis_pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def redis(self):
        return redis.Redis.from_url(embedded_redis.url(self.places))

    def cut(self, application_name="not-one-less job"):
        """End the connections of one kind; how many."""
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = %s and pid <> pg_backend_pid()"
                " and datname = current_database()",
                [application_name],
            )
            return cursor.fetchone()[0]


@contextmanager
def stores_of_their_own(home):
    """The servers of `home` with a fresh database; the test process works in it as the application."""
    kept = dict(connections["default"].settings_dict)
    connections["default"].close()
    stores = Stores(home)
    servers, harness.servers = harness.servers, lambda: stores.servers
    try:
        stores.start()
        secrets = Path(settings.NOL_HOME) / "secrets"
        for name in KEYS:
            shutil.copy(secrets / name, home / "secrets" / name)
        stores.database = harness.make_database()
        yield stores
        connections.close_all()
        stores.start()  # whoever was killed last
        harness.drop(stores.database)
    finally:
        connections.close_all()
        harness.servers = servers
        connections["default"].settings_dict.clear()
        connections["default"].settings_dict.update(kept)
        stores.servers.release()


class Service:
    """One `manage.py serve …` under proof, in a session of its own so that all of it can be killed."""

    def __init__(self, stores, part, **surroundings):
        self.stores, self.part = stores, part
        self.log = stores.home / "log" / f"{part}.out"
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("NOL_", "PROOF_", "DJANGO_"))}
        self.surroundings = clean | {
            "NOL_HOME": str(stores.home), "NOL_ENV_FILE": "", "DJANGO_SETTINGS_MODULE": "tests.proof.settings",
            "PROOF_DATABASE": stores.database, **surroundings,
        }  # fmt: skip
        self.child = None

    @property
    def pid(self):
        return self.child.pid

    def start(self):
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.child = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "serve", self.part],
                cwd=ROOT, env=self.surroundings, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        return self

    def runs(self):
        return self.child is not None and self.child.poll() is None

    def revive(self):
        """systemd's Restart=always."""
        if not self.runs():
            self.start()

    def kill(self, *, family=True):
        """SIGKILL to the parent alone, or to its children as well."""
        if family:
            os.killpg(self.pid, signal.SIGKILL)
        else:
            os.kill(self.pid, signal.SIGKILL)
        self.child.wait()

    def tell(self, number):
        os.kill(self.pid, number)

    def stop(self):
        """Whatever is left of it."""
        if self.child is None:
            return
        if self.runs():
            self.child.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.child.wait(timeout=15)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.child.wait()


def manage(stores, *words):
    """A command of the product in the home of `stores`, to its end."""
    surroundings = Service(stores, "x").surroundings
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *words], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
    )


class WebService(Service):
    """gunicorn with the pages, on a port of its own."""

    def __init__(self, stores, **surroundings):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        super().__init__(stores, "web", NOL_PORT=str(port), **surroundings)
