"""Hostile files at the product as it is served: posted over HTTP to gunicorn, read by Celery's worker and its reading children. Each is
refused with its sentence or read, no process of ours ends or grows, and nothing is left in the folder of temporary files."""

import html
import os
import re
import shutil
import threading
import time
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.urls import reverse

from core.models import FileRun
from students.models import SourceSnapshot
from tests.hostile import every, of_module
from tests.hostile.book import good
from tests.hostile.papers import pdf
from tests.proof.begun import Chores
from tests.proof.stores import Service, WebService, wait_until
from tests.proof.visitor import Visitor, county_at_work
from tests.test_hostile_files import READ, REFUSED, unlike

pytestmark = [pytest.mark.xdist_group("proof"), pytest.mark.filterwarnings("ignore::UserWarning")]
PROOF, MEGABYTES = "hostile web", 300  # of one process: what it may take more than before, and of a reading child in all
CHILDREN = ("core.spreadsheets.child", "core.actions.pdf_proofs")
LONGEST_NAME = 255  # characters: no disk keeps a longer one, and Django takes no more than 1,024 bytes of a part's head
ENDED = re.compile(r"WORKER TIMEOUT|was sent SIG|exited prematurely|WorkerLost|Traceback|\bCRITICAL\b")
STRIDE = 3  # of the lists, one of so many goes through the pages that read it themselves as well
LONG_AGO = date(2015, 1, 1)


def highest(pid):
    """(MB a process has held at its most, whether it is a child that reads a stranger's file); None for one that is gone."""
    with suppress(OSError, StopIteration), open(f"/proc/{pid}/status") as status, open(f"/proc/{pid}/cmdline") as words:
        held = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024
        return held, any(one in words.read() for one in CHILDREN)
    return None


def family(service):
    """The processes of a service: all of the session it leads."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found |= {int(folder.name)} if os.getsid(int(folder.name)) == service.pid else set()
    return found


class Watch:
    """The most MB that our processes and the reading children have held, looked at all the while."""

    def __init__(self, *services):
        self.services, self.over = services, threading.Event()
        self.ours = self.largest_child = 0
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.look_once()
        self.before = self.ours

    def look_once(self):
        for pid in set().union(*map(family, self.services)):
            held, reads = highest(pid) or (0, False)
            if reads:
                self.largest_child = max(self.largest_child, held)
            else:
                self.ours = max(self.ours, held)

    def look(self):
        while not self.over.wait(0.02):
            self.look_once()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_failure):
        self.over.set()
        self.thread.join()

    @property
    def grown(self):
        """What the largest of ours holds more than the largest did before; a child of Celery may be another one by then."""
        return self.ours - self.before


class Sender:
    """The people who send, and what became of each file."""

    def __init__(self, address, world, case):
        self.bureau, self.liaison = Visitor(address), Visitor(address)
        assert (self.bureau.sign_in("bureau").status, self.liaison.sign_in("liaison").status) == (302, 302)
        self.county, self.case, self.sent, self.wrong = world.nodes.county.public_id, case.public_id, {}, {}

    def list_(self, name, content, title=""):
        """A list, each of a day of its own: the same bytes twice are the same list."""
        as_of = LONG_AGO + timedelta(days=len(self.sent))
        answer = self.bureau.upload("/lists/upload/", name, content, kind="hukou", as_of=as_of, coverage=self.county)
        if answer.status == 302:
            self.sent[title] = answer.place.rstrip("/").rpartition("/")[2]
        return answer

    def reasons(self, name, content):
        return self.bureau.upload(reverse("students:reason_upload"), name, content, on="2020-03-01")

    def visit(self, name, content):
        facts = {"met": "father", "mode": "home", "reply": "hesitant", "notes": "再想想", "happened_on": "2020-03-13", "officers": "王四"}
        return self.liaison.upload(f"/cases/{self.case}/visit/", name, content, field="photos", **facts)

    def judge(self, hostile, door, fate, sentence):
        fault = unlike(hostile, fate, sentence)
        if fault:
            self.wrong[f"{hostile} ({door})"] = fault[:300]

    def answered(self, hostile, door, answer):
        """What the page itself says of a file."""
        if answer.status == 400 and len(hostile.name) > LONGEST_NAME and "文件名是否过长" in answer.text:
            return
        if answer.status not in (200, 302, 413):
            self.wrong[f"{hostile} ({door})"] = f"answered {answer.status} {answer.text[:200]}"
        else:
            self.judge(hostile, door, READ if answer.status == 302 else REFUSED, html.unescape(answer.text))

    def lists(self, files):
        for hostile in files:
            answer = self.list_(hostile.name, hostile.make(), hostile)
            if hostile not in self.sent:  # refused by the form
                self.answered(hostile, "lists", answer)

    def judge_lists(self):
        """What became of the lists that were taken for reading."""
        wait_until(lambda: not FileRun.objects.filter(state__in=["waiting", "running"]).exists(), 900, "the end of the reading")
        for hostile, public_id in self.sent.items():
            snapshot = SourceSnapshot.objects.get(public_id=public_id)
            run = FileRun.objects.get(key__startswith=f"stage_snapshot:{public_id}:")
            if (run.state, run.attempts) != ("done", 1):
                self.wrong[f"{hostile} (worker)"] = f"{run.state} after {run.attempts}: {run.message}"
            elif isinstance(hostile, str):  # a good one
                self.wrong |= {} if snapshot.state != "refused" else {hostile: snapshot.message}
            else:
                self.judge(hostile, "worker", REFUSED if snapshot.state == "refused" else READ, snapshot.message)
        connections.close_all()


@pytest.fixture(scope="module")
def spool(stores):
    folder = stores.home / "spool"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def pages(stores, spool):
    running = WebService(stores, PROOF_UNSCALED="1", TMPDIR=str(spool)).start()  # its time limits go with what it publishes
    wait_until(lambda: Visitor(running.address).ask("/sign-in/").status == 200, 120, "the first page")
    yield running
    running.stop()


@pytest.fixture
def reader(stores, spool, request):
    """Celery's worker, and without the guard that the test names."""
    without = {"PROOF_WITHOUT": request.param} if getattr(request, "param", "") else {}
    running = Service(stores, "worker", PROOF_UNSCALED="1", TMPDIR=str(spool), **without).start()
    ready = Chores.begin("", 1, key=f"ready {time.time()}")
    wait_until(ready.are_over, 120, "a worker that works")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def at_work(stores):
    world, cases = county_at_work(1)
    return world, cases[0]


@pytest.fixture
def sender(pages, at_work):
    return Sender(pages.address, *at_work)


def ends_told(services, places):
    """Lines of the logs, from those places on, that tell of an end of a process."""
    lines = [line for service, place in zip(services, places, strict=True) for line in service.log.read_text()[place:].splitlines()]
    return [line[:200] for line in lines if ENDED.search(line)]


def test_all_of_them_at_the_served_product(pages, reader, sender, spool, tally):
    services = (pages, reader)
    places = [len(service.log.read_text()) for service in services]
    lists, proofs = every("list"), every("proof")
    sender.list_("好名单.xlsx", good(), "a good list, before")
    sender.visit("证明.pdf", pdf())
    gunicorn, parents = family(pages), [service.pid for service in services]
    with Watch(*services) as watch:
        sender.lists(lists)
        for hostile in proofs:
            sender.answered(hostile, "visit", sender.visit(hostile.name, hostile.make()))
        for hostile in lists[::STRIDE]:
            sender.answered(hostile, "reasons", sender.reasons(hostile.name, hostile.make()))
        sender.list_("好名单.xlsx", good(), "a good list, afterwards")
        sender.judge_lists()
    assert sender.visit("证明.pdf", pdf()).status == 302
    count = len(lists) + len(proofs) + len(lists[::STRIDE])
    ended, left = ends_told(services, places), [path.name for path in spool.rglob("*") if path.is_file()]
    note = f"ours at most +{watch.grown} MB, the reading children at most {watch.largest_child} MB"
    assert count >= 100
    tally(PROOF, "files posted to gunicorn and read by the worker", count, len(sender.wrong), f"{note} {sender.wrong or ''}".strip())
    tally(PROOF, "ends of processes, files left behind", count, len(ended) + len(left), f"{ended[:3]} {left[:3]}" if ended or left else "")
    assert (family(pages), [service.pid for service in services]) == (gunicorn, parents)
    assert all(service.runs() for service in services)
    assert watch.grown < MEGABYTES
    assert 0 < watch.largest_child < MEGABYTES


@pytest.mark.parametrize("reader", ["look inside"], indirect=True)
def test_without_the_look_inside_they_come_in(reader, sender, tally):
    some = [one for one in of_module("packages") if one.says and one.door == "list"][::2]
    sender.lists(some)
    sender.judge_lists()
    tally(PROOF, "the worker does not look into packages", len(some), len(sender.wrong), control=True)


@pytest.mark.parametrize("reader", ["reading child"], indirect=True)
def test_without_a_reading_child_the_worker_ends(reader, sender, tally):
    some = [one for one in of_module("bombs") if str(one) == "A1 and XFD1048576"]
    place = len(reader.log.read_text())
    sender.lists(some)
    wait_until(lambda: ends_told([reader], [place]), 120, "the end of a child")
    ended = ends_told([reader], [place])
    tally(PROOF, "the worker reads by itself: ends of its children", len(some), len(ended), ended[0], control=True)
