"""Redis away while people go on working: nothing fails, nothing waits long, and what was filed is done when it is back (P09).

The absence is scaled to ABSENCE seconds, which are longer than every limit of the queue's client (2 s to connect, 2 s for an answer); the
long proof waits the five minutes out, with the product's own times.
"""

import time
import uuid

import pytest
from django.db import connections
from kombu.exceptions import OperationalError as QueueAway

from config.embedded import redis as embedded_redis
from core import file_runs
from core.models import FileRun
from core.tasks import run_file
from tests.proof.begun import Chores
from tests.proof.stores import Service, wait_until
from tests.proof.visitor import Visitor, county_at_work, kept

pytestmark = pytest.mark.xdist_group("proof")

ABSENCE, WHOLE_ABSENCE = 45, 300  # seconds
LONGEST = 8  # seconds that an answer may take on a busy machine; the queue may cost two of them
DIVISIONS = "代码,名称\n99010110{},某某镇{}\n"


def work_day(address, county, case, until):
    """What a person does: sign in, look at lists, enter a visit, send a list. Answers, marks of visits, files sent."""
    answers, marks, sent = [], [], 0
    number = 0
    while time.monotonic() < until:
        number += 1
        officer, liaison = Visitor(address), Visitor(address)
        answers += [
            officer.sign_in("bureau"),
            liaison.sign_in("liaison"),
            officer.ask("/"),
            officer.ask("/students/"),
            officer.ask("/cases/"),
        ]
        marks.append(f"走访{uuid.uuid4().hex}")
        answers.append(liaison.visit(case, marks[-1]))
        content = DIVISIONS.format(f"{number:04d}", uuid.uuid4().hex).encode()
        answers.append(
            officer.upload("/lists/upload/", f"{number}.csv", content, kind="divisions", as_of="2020-03-01", coverage=county.public_id)
        )
        sent += answers[-1].status == 302
        time.sleep(1)
    return answers, marks, sent


@pytest.mark.parametrize("absence", ["dead", "silent"])
def test_people_go_on_working(web, worker, beat, stores, tally, absence, people_at_work):
    away((web, worker, beat), stores, tally, absence, people_at_work, ABSENCE)


@pytest.fixture
def unscaled(stores):
    """Worker and beat with the product's own lease, sweep and limits."""
    services = [Service(stores, part, PROOF_UNSCALED="1").start() for part in ("worker", "beat")]
    yield services
    for service in services:
        service.stop()


@pytest.mark.long
@pytest.mark.parametrize("absence", ["dead", "silent"])
def test_five_minutes(web, unscaled, stores, tally, absence, people_at_work):
    away((web, *unscaled), stores, tally, absence, people_at_work, WHOLE_ABSENCE)


def away(services, stores, tally, absence, people_at_work, seconds):
    world, case = people_at_work
    web = services[0]
    ready = Chores.begin("", 1, key=f"{absence} {seconds}")
    wait_until(ready.are_over, 120, "a worker that works")
    pids = [service.pid for service in services]
    before = set(FileRun.objects.values_list("pk", flat=True))
    until = time.monotonic() + seconds
    if absence == "dead":
        stores.kill_redis()
        answers, marks, sent = work_day(web.address, world.nodes.county, case, until)
        assert not embedded_redis.answers(stores.places), "somebody has started Redis again"
        stores.start_redis()
    else:
        with stores.paused_redis():
            answers, marks, sent = work_day(web.address, world.nodes.county, case, until)
    queued = FileRun.objects.exclude(pk__in=before)
    assert queued.count() == sent > 0
    wrong = [answer for answer in answers if answer.status not in (200, 302) or answer.seconds > LONGEST]
    missing = sum(kept(mark) != 1 for mark in marks)
    began = time.monotonic()
    wait_until(lambda: not queued.filter(state__in=["waiting", "running"]).exists(), 300, "the end of the queued work")
    after = time.monotonic() - began
    lost = queued.exclude(state="done").count()
    slowest = max(answer.seconds for answer in answers)
    note = (
        f"{seconds} s; {len(marks)} visits kept, {sent} lists filed and read {after:.0f} s after its return; slowest answer {slowest:.1f} s"
    )
    tally("Redis", f"{absence} while people work: answers", len(answers), len(wrong) + missing + lost, note)
    assert [service.pid for service in services] == pids
    assert all(service.runs() for service in services)
    connections.close_all()


def test_published_as_usual_an_act_fails_after_its_commit(stores, tally, monkeypatch):
    """The control: Celery's own publication, in the request."""
    monkeypatch.setattr(file_runs, "publish", lambda run_id: run_file.apply_async([run_id]))
    stores.kill_redis()
    failed = 0
    try:
        for number in range(3):
            try:
                Chores.begin("", 1, key=f"as usual {number}")
            except QueueAway:
                failed += 1
    finally:
        stores.start_redis()
    tally("Redis", "published as usual: work begun while Redis is dead", 3, failed, f"{failed} errors after the commit", control=True)


@pytest.fixture(scope="module")
def people_at_work(stores):
    world, cases = county_at_work(1)
    return world, cases[0]
