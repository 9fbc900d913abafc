"""Ten minutes of an ordinary day at once: people sign in, look at lists, enter visits, send lists. The processes keep their size, nothing
is lost, nothing stands idle in a transaction, and no line of the log is an ERROR (reliability.md F27, shortened)."""

import os
import re
import statistics
import threading
import time
import uuid
from pathlib import Path

import pytest
from django.db import connections

from core.models import FileRun
from students.models import SourceSnapshot
from tests.proof.begun import Chores
from tests.proof.stores import WebService, wait_until
from tests.proof.test_redis import DIVISIONS
from tests.proof.visitor import Visitor, county_at_work, kept

pytestmark = [pytest.mark.xdist_group("proof"), pytest.mark.long]

SOAK, LEAKING = 600, 150  # seconds
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


class Day:
    """People at work until they are told to stop."""

    def __init__(self, address, county, cases, pause=0.3):
        self.address, self.county, self.pause = address, county, pause
        self.over = threading.Event()
        self.answers, self.marks, self.sent = [], [], 0
        self.threads = [threading.Thread(target=self.work, args=(number, case), daemon=True) for number, case in enumerate(cases)]

    def work(self, number, case):
        round_ = 0
        while not self.over.is_set():
            officer, liaison = Visitor(self.address), Visitor(self.address)
            self.answers += [officer.sign_in("bureau"), liaison.sign_in("liaison")]
            for path in ("/", "/students/", "/cases/", "/lists/", f"/cases/{case.public_id}/", "/help/"):
                self.answers.append(officer.ask(path))
            for _ in range(3):
                mark = f"走访{uuid.uuid4().hex}"
                answer = liaison.visit(case, mark)
                self.answers.append(answer)
                self.marks += [mark] if answer.status == 302 else []
            content = DIVISIONS.format(f"{number}{round_:03d}", uuid.uuid4().hex).encode()
            sent = officer.upload(
                "/lists/upload/", f"{number}-{round_}.csv", content, kind="divisions", as_of="2020-03-01", coverage=self.county.public_id
            )
            self.answers.append(sent)
            self.sent += sent.status == 302
            round_ += 1
            self.over.wait(self.pause)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_failure):
        self.over.set()
        for thread in self.threads:
            thread.join()


def soaked(day, services, stores, seconds):
    """({part: its sizes, one every five seconds}, how often somebody stood idle in a transaction)."""
    sizes, idle = {service.part: [] for service in services}, 0
    with day:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(5)
            for service in services:
                sizes[service.part].append(weight(service))
            with connections["default"].cursor() as cursor:
                cursor.execute(IDLE)
                idle += cursor.fetchone()[0]
    connections.close_all()
    return sizes, idle


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


def test_ten_minutes(web, worker, beat, stores, tally, at_work):
    world, cases = at_work
    services = (web, worker, beat)
    ready = Chores.begin("", 1, key="soak")
    wait_until(ready.are_over, 120, "a worker that works")
    places, pids = [service.log.stat().st_size for service in services], [service.pid for service in services]
    day = Day(web.address, world.nodes.county, cases)
    sizes, idle = soaked(day, services, stores, SOAK)
    wait_until(lambda: not FileRun.objects.filter(state__in=["waiting", "running"]).exists(), 300, "the end of the queued work")
    odd = [answer for answer in day.answers if answer.status not in (200, 302)]
    lost = sum(kept(mark) != 1 for mark in day.marks) + (SourceSnapshot.objects.filter(state="staged").count() < day.sent)
    errors = [line for service, place in zip(services, places, strict=True) for line in told(service, place)]
    others = [(answer.status, answer.text[:80]) for answer in odd[:3]]
    note = f"{SOAK} s, {len(day.marks)} visits, {day.sent} lists; odd {others}, lost {lost}, wrong in the log {errors[:3]}"
    tally("soak", "answers in ten minutes of mixed work", len(day.answers), len(odd) + lost + len(errors) + idle, note)
    growth = {part: grown(of) for part, of in sizes.items()}
    heavy = sum(factor > GROWTH for factor in growth.values())
    said = "; ".join(f"{part} {of[0] // 1024} → {of[-1] // 1024} MB, ×{growth[part]:.2f}" for part, of in sizes.items())
    tally("soak", "sizes of the processes (PSS)", sum(map(len, sizes.values())), heavy, said)
    assert [service.pid for service in services] == pids


def test_a_page_that_keeps_what_it_drew_is_found(stores, tally, at_work):
    """The control: a web that keeps 200 kB of every request."""
    world, cases = at_work
    leaking = WebService(stores, PROOF_LEAK="1").start()
    try:
        wait_until(lambda: Visitor(leaking.address).ask("/sign-in/").status == 200, 120, "the first page")
        day = Day(leaking.address, world.nodes.county, cases)
        sizes, _idle = soaked(day, [leaking], stores, LEAKING)
    finally:
        leaking.stop()
    factor = grown(sizes["web"])
    tally("soak", "a web that keeps of every request", len(sizes["web"]), factor > GROWTH, f"×{factor:.2f} in {LEAKING} s", control=True)
