"""The table that every proof adds its rows to."""

import os
import platform
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from django.test import override_settings

from tests.proof.stores import Service, WebService, stores_of_their_own, wait_until
from tests.proof.visitor import Visitor

RESULTS = Path(__file__).resolve().parents[2] / "var" / "proof" / "results.md"
ROWS = []


@dataclass(frozen=True)
class Row:
    proof: str
    what: str
    times: int
    wrong: int
    note: str
    control: bool

    def line(self):
        return f"| {self.proof} | {'control: ' if self.control else ''}{self.what} | {self.times:,} | {self.wrong:,} | {self.note or '–'} |"


@pytest.fixture(scope="session")
def tally():
    """Say what a proof did. `times` faults, attacks or looks of this kind, of which `wrong` went wrong: none may, unless it is a
    `control`, in which the guard is switched off: there some must."""

    def say(proof, what, times, wrong=0, note="", *, control=False):
        ROWS.append(Row(proof, what, times, wrong, note, control))
        assert times > 0, f"{what}: nothing was tried"
        if control:
            assert wrong > 0, f"{what}: without its guard the proof found nothing, so it cannot fail"
        else:
            assert wrong == 0, f"{what}: {wrong} of {times} went wrong. {note}"

    return say


def pytest_terminal_summary(terminalreporter):
    if not ROWS:
        return
    proven = [row for row in ROWS if not row.control]
    lines = [
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {date.today()}",
        "",
        "| proof | fault, attack or look | times | wrong | note |",
        "|---|---|---|---|---|",
        *(row.line() for row in ROWS),
        f"| **all** | without the controls | {sum(row.times for row in proven):,} | {sum(row.wrong for row in proven):,} | – |",
    ]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    terminalreporter.section("proofs")
    for line in lines:
        terminalreporter.write_line(line)


@pytest.fixture(scope="module")
def stores(django_test_environment, django_db_blocker):
    """PostgreSQL and Redis to be broken, durable, with a fresh database; this process works in it and publishes there."""
    from config.celery import app
    from config.environment import broker_url
    from core.tasks import run_file

    home = RESULTS.parent / "home"
    with django_db_blocker.unblock(), override_settings(FILES_ROOT=home / "files"), stores_of_their_own(home) as stores:
        kept = {name: app.conf[name] for name in ("task_always_eager", "broker_url")}
        app.conf.update(task_always_eager=False, broker_url=broker_url(stores.servers.redis_url))
        stores.redis().flushall()
        limits = (run_file.time_limit, run_file.soft_time_limit)
        run_file.time_limit = run_file.soft_time_limit = None  # the publisher's would go with the message: the worker's are meant
        yield stores
        run_file.time_limit, run_file.soft_time_limit = limits
        app.conf.update(kept)


def service(part):
    @pytest.fixture(scope="module")
    def running(stores):
        running = Service(stores, part).start()
        yield running
        running.stop()

    return running


worker, beat = service("worker"), service("beat")


@pytest.fixture(scope="module")
def web(stores):
    """The pages, at `web.address`."""
    running = WebService(stores).start()
    wait_until(lambda: Visitor(running.address).ask("/sign-in/").status == 200, 60, "the first page")
    yield running
    running.stop()
