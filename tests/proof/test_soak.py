"""An ordinary day at once: people sign in, look at lists, enter visits, send lists. The processes keep their size, nothing is lost,
nothing stands idle in a transaction, and no line of the log is an ERROR; ten minutes without a fault, forty-five with a fault a minute
(reliability.md F27)."""

import itertools
import os
import re
import signal
import statistics
import time
import uuid
from collections import Counter
from pathlib import Path

import pytest
from django.db import DatabaseError, connections

from core.models import FileRun
from students.models import SourceSnapshot
from tests.proof.begun import Chores
from tests.proof.stores import AtWork, Service, WebService, wait_until
from tests.proof.test_redis import DIVISIONS
from tests.proof.visitor import Visitor, county_at_work, kept

pytestmark = [pytest.mark.xdist_group("proof"), pytest.mark.long]

SOAK, LEAKING = 600, 150  # seconds
FAULTS = int(os.environ.get("PROOF_SOAK", "2700"))  # seconds of the soak with faults; reliability.md F27 wants 45 minutes
BETWEEN = 60  # seconds from one fault to the next
WARM = 0.4  # of the time, in which caches fill and every worker has drawn every page once
GROWTH = 1.1  # the last tenth of the samples over the first after warming
PEOPLE = 3
WRONG = re.compile(r'"level": "(error|critical)"|^Traceback|\bERROR\b|\bCRITICAL\b', re.MULTILINE)
IDLE = "select count(*) from pg_stat_activity where state = 'idle in transaction' and state_change < now() - interval '60 s'"


def weight(service):
    """Kilobytes of a service and its children that nobody else holds (PSS), by the session it leads."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == service.pid:
                total += int(re.search(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)[1])
        except (OSError, TypeError):  # gone meanwhile
            continue
    return total


class Day(AtWork):
    """People at work until they are told to stop. `told`: what a person may be told while a store is away."""

    def __init__(self, address, county, cases, pause=0.3, told=""):
        self.address, self.county, self.pause, self.told = address, county, pause, told
        self.answers, self.marks, self.sent = [], [], []
        super().__init__(enumerate(cases))

    def work(self, number, case):
        for round_ in itertools.count():
            self.round(case, f"{number}{round_:03d}")
            if self.over.wait(self.pause):
                return

    def round(self, case, code):
        officer, liaison = Visitor(self.address), Visitor(self.address)
        signed = [officer.sign_in("bureau"), liaison.sign_in("liaison")]
        self.answers += signed
        if any(answer.status != 302 for answer in signed):
            return
        for path in ("/", "/students/", "/cases/", "/lists/", f"/cases/{case.public_id}/", "/help/"):
            self.answers.append(officer.ask(path))
        for _ in range(3):
            mark = f"走访{uuid.uuid4().hex}"
            answer = liaison.visit(case, mark)
            self.answers.append(answer)
            self.marks += [mark] if answer.status == 302 and answer.place.startswith("/cases/") else []
        content = DIVISIONS.format(code, uuid.uuid4().hex).encode()
        fields = {"kind": "divisions", "as_of": "2020-03-01", "coverage": self.county.public_id}
        sent = officer.upload("/lists/upload/", f"{code}.csv", content, **fields)
        self.answers.append(sent)
        self.sent += [sent.place.rstrip("/").rpartition("/")[2]] if sent.status == 302 and sent.place.startswith("/lists/") else []

    def odd(self):
        """Answers that are neither done nor the sentence. Who could not sign in is shown the door or the sentence."""
        return [a for a in self.answers if a.status not in (200, 302) and not (self.told and a.status == 503 and self.told in a.text)]

    def lost(self):
        """Acknowledged visits and lists that are not there once, read."""
        read = SourceSnapshot.objects.filter(public_id__in=self.sent, state="staged").count()
        return sum(kept(mark) != 1 for mark in self.marks) + len(self.sent) - read


class Faults:
    """A fault each BETWEEN seconds, in turn, as F7 to F9 name them. Whoever ends a service's parent starts it again: that is systemd."""

    def __init__(self, stores, web, worker, beat):
        self.stores, self.web, self.worker, self.beat = stores, web, worker, beat
        self.turn = itertools.cycle([
            self.redis_killed, self.worker_child_killed, self.worker_killed, self.connections_of_the_web_cut, self.connections_of_jobs_cut,
            self.postgres_restarted, self.redis_flushed, self.beat_killed, self.redis_silent, self.postgres_killed, self.worker_told_to_end,
        ])  # fmt: skip
        self.struck = Counter()

    def strike(self):
        fault = next(self.turn)
        connections.close_all()
        fault()
        self.struck[fault.__name__.replace("_", " ")] += 1

    def redis_killed(self):
        self.stores.kill_redis()
        time.sleep(10)
        self.stores.start_redis()

    def redis_flushed(self):
        self.stores.redis().flushall()

    def redis_silent(self):
        with self.stores.paused_redis():
            time.sleep(10)

    def worker_child_killed(self):
        children = Path(f"/proc/{self.worker.pid}/task/{self.worker.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)

    def worker_killed(self):
        self.worker.kill()
        time.sleep(2)
        self.worker.start()

    def worker_told_to_end(self):
        self.worker.tell(signal.SIGTERM)
        self.worker.child.wait(timeout=120)
        self.worker.start()

    def beat_killed(self):
        self.beat.kill()
        self.beat.start()

    def connections_of_the_web_cut(self):
        self.stores.cut("not-one-less web")

    def connections_of_jobs_cut(self):
        self.stores.cut("not-one-less job")

    def postgres_restarted(self):
        os.kill(self.stores.postmaster(), signal.SIGINT)  # a fast shutdown, as systemd's restart begins
        wait_until(lambda: not (self.stores.places.postgres / "postmaster.pid").exists(), 60, "the end of PostgreSQL")
        time.sleep(2)
        self.stores.start_postgres()

    def postgres_killed(self):
        self.stores.kill_postgres()
        time.sleep(2)
        self.stores.start_postgres()


def soaked(day, services, seconds, faults=None):
    """({part: its sizes, one every five seconds}, how often somebody stood idle in a transaction)."""
    sizes, idle = {service.part: [] for service in services}, 0
    began = struck = time.monotonic()
    with day:
        while time.monotonic() < began + seconds:
            time.sleep(5)
            for service in services:
                sizes[service.part].append(weight(service))
            if faults and time.monotonic() > struck + BETWEEN:
                struck = time.monotonic()
                faults.strike()
            idle += stand_idle()
    connections.close_all()
    return sizes, idle


def stand_idle():
    """How many stand idle in a transaction; whose connection a fault has cut asks once more."""
    for _ in range(2):
        try:
            with connections["default"].cursor() as cursor:
                cursor.execute(IDLE)
                return cursor.fetchone()[0]
        except DatabaseError:
            connections.close_all()
    raise AssertionError("no database after a fault")


def grown(sizes):
    """The last tenth of the samples over the first tenth after warming."""
    warm = sizes[int(len(sizes) * WARM) :]
    tenth = max(len(warm) // 10, 2)
    return statistics.median(warm[-tenth:]) / statistics.median(warm[:tenth])


def told(service, since):
    """The wrong lines that a service has written since that place of its log."""
    with service.log.open("rb") as log:
        log.seek(since)
        text = log.read().decode(errors="replace")
    return [line for line in text.splitlines() if WRONG.search(line)]


@pytest.fixture(scope="module")
def at_work(stores):
    return county_at_work(PEOPLE)


def ready(key):
    begun = Chores.begin("", 1, key=key)
    wait_until(begun.are_over, 120, "a worker that works")


def all_work_over():
    wait_until(lambda: not FileRun.objects.filter(state__in=["waiting", "running"]).exists(), 600, "the end of the queued work")


def say_sizes(tally, what, sizes):
    growth = {part: grown(of) for part, of in sizes.items()}
    heavy = sum(factor > GROWTH for factor in growth.values())
    said = "; ".join(f"{part} {of[0] // 1024} → {of[-1] // 1024} MB, ×{growth[part]:.2f}" for part, of in sizes.items())
    tally("soak", what, sum(map(len, sizes.values())), heavy, said)


def test_ten_minutes(web, worker, beat, stores, tally, at_work):
    world, cases = at_work
    services = (web, worker, beat)
    ready("soak")
    places, pids = [service.log.stat().st_size for service in services], [service.pid for service in services]
    day = Day(web.address, world.nodes.county, cases)
    sizes, idle = soaked(day, services, SOAK)
    all_work_over()
    odd, lost = day.odd(), day.lost()
    errors = [line for service, place in zip(services, places, strict=True) for line in told(service, place)]
    others = [(answer.status, answer.text[:80]) for answer in odd[:3]]
    note = f"{SOAK} s, {len(day.marks)} visits, {len(day.sent)} lists; odd {others}, lost {lost}, wrong in the log {errors[:3]}"
    tally("soak", "answers in ten minutes of mixed work", len(day.answers), len(odd) + lost + len(errors) + idle, note)
    say_sizes(tally, "sizes of the processes (PSS)", sizes)
    assert [service.pid for service in services] == pids


@pytest.fixture
def unscaled(stores):
    """Web, worker and beat of their own with the product's lease and limits, to be killed."""
    web, worker, beat = WebService(stores, PROOF_UNSCALED="1"), *(Service(stores, part, PROOF_UNSCALED="1") for part in ("worker", "beat"))
    for service in (web, worker, beat):
        service.start()
    wait_until(lambda: Visitor(web.address).ask("/sign-in/").status == 200, 120, "the first page")
    yield web, worker, beat
    for service in (web, worker, beat):
        service.stop()


def test_with_a_fault_a_minute(unscaled, stores, tally, at_work):
    """The log is not looked at: the faults stand in it. What people get is the answer or the sentence of a database that is away."""
    world, cases = at_work
    web = unscaled[0]
    pid, faults = web.pid, Faults(stores, *unscaled)
    ready("soak with faults")
    before = set(FileRun.objects.values_list("pk", flat=True))
    day = Day(web.address, world.nodes.county, cases, told="暂时不能使用")
    sizes, idle = soaked(day, [web], FAULTS, faults)
    all_work_over()
    odd, lost = day.odd(), day.lost()
    failed = list(FileRun.objects.exclude(pk__in=before).exclude(state="done").values_list("kind", "message"))
    away = sum(answer.status == 503 for answer in day.answers)
    others = [(answer.status, answer.text[:120]) for answer in odd[:3]]
    note = (
        f"{FAULTS} s, {sum(faults.struck.values())} faults ({', '.join(f'{what} {times}' for what, times in faults.struck.items())}); "
        f"{len(day.marks)} visits and {len(day.sent)} lists acknowledged, lost {lost}; {away} times the sentence; "
        f"runs not done {failed[:3]}; idle in a transaction {idle}; odd {others}"
    )
    tally("soak", "answers with a fault a minute", len(day.answers), len(odd) + lost + len(failed) + idle, note)
    say_sizes(tally, "size of the web with a fault a minute (PSS)", sizes)
    assert (web.runs(), web.pid) == (True, pid)


def test_a_page_that_keeps_what_it_drew_is_found(stores, tally, at_work):
    """The control: a web that keeps 200 kB of every request."""
    world, cases = at_work
    leaking = WebService(stores, PROOF_LEAK="1").start()
    try:
        wait_until(lambda: Visitor(leaking.address).ask("/sign-in/").status == 200, 120, "the first page")
        day = Day(leaking.address, world.nodes.county, cases)
        sizes, _idle = soaked(day, [leaking], LEAKING)
    finally:
        leaking.stop()
    factor = grown(sizes["web"])
    tally("soak", "a web that keeps of every request", len(sizes["web"]), factor > GROWTH, f"×{factor:.2f} in {LEAKING} s", control=True)
