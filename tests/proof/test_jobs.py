"""Long work under fault, with real workers: none lost, none doubled, each ends as done or with a sentence (reliability.md F7)."""

import os
import signal
import time

import pytest
from django.db import connection, connections

from core import file_runs
from core.models import FileRun
from tests.proof.begun import DONE, FAILED, Chores
from tests.proof.stores import wait_until

pytestmark = pytest.mark.xdist_group("proof")

# What strikes inside the worker's child in the first attempt, how the run ends, and a word of the sentence its person reads.
FAULTS = {
    "kill before": (DONE, "做完了"),
    "kill inside": (DONE, "做完了"),
    "kill after": (DONE, "做完了"),
    "connection cut": (DONE, "做完了"),
    "hard limit": (DONE, "做完了"),
    "hard limit in SQL": (DONE, "做完了"),
    "soft limit": (FAILED, "用时太长"),
    "memory error": (FAILED, "内存不够"),
    "memory limit": (FAILED, "内存不够"),
    "disk full": (FAILED, "磁盘写满了"),
}
POISON = (FAILED, "已尝试 3 次")


def strike_inside(tally, count, starved=()):
    # what ends a run strikes again where a slow machine let another worker take the run over
    begun = {
        fault: Chores.begin(fault, count, times=99 if end == FAILED else 1, key=f"{fault} x{count}") for fault, (end, _) in FAULTS.items()
    }
    poison = Chores.begin("kill inside", count, times=99, key=f"poison x{count}")
    healthy = Chores.begin("", 5 * count, key=f"healthy x{count}")
    Chores([run for those in (*begun.values(), poison, healthy) for run in those.runs]).wait(300 + 40 * count)
    for fault, those in begun.items():
        those.say(tally, f"child: {fault}", those.wait(0), FAULTS[fault], starved=starved)
    poison.say(tally, "child: killed at every attempt", poison.wait(0), POISON, strikes=3 * count)
    assert healthy.judge((DONE, "做完了"), *starved) == (0, 0, 0)


@pytest.mark.quick
def test_faults_in_the_child(worker, beat, tally):
    """Beside the ordinary suite these workers are seconds without a processor: the scaled lease may pass to another three times."""
    strike_inside(tally, 1, starved=[POISON])
    assert worker.runs()


def test_faults_in_the_child_thrice(worker, beat, tally):
    strike_inside(tally, 3)
    assert worker.runs()


WORKER_FAULTS = {
    "kill -9 of the parent alone": lambda worker: worker.kill(family=False),
    "kill -9 of parent and children": lambda worker: worker.kill(),
    "SIGTERM (warm)": lambda worker: worker.tell(signal.SIGTERM),
    "SIGQUIT (cold)": lambda worker: worker.tell(signal.SIGQUIT),
}


@pytest.mark.parametrize("fault", WORKER_FAULTS)
def test_faults_of_the_worker(worker, beat, tally, fault):
    begun = Chores([])
    for strike in range(2):
        these = Chores.begin("slow", 4, key=f"{fault} {strike}")
        wait_until(lambda these=these: any(run.steps_done for run in these.now()), 120, "the first slow chore")
        WORKER_FAULTS[fault](worker)
        wait_until(lambda: not worker.runs(), 120, "the end of the worker")
        worker.revive()
        begun.runs += these.runs
    begun.say(tally, f"worker: {fault}", begun.wait(300), strikes=2)


def away(stores):
    stores.kill_redis()
    time.sleep(2)
    begun = Chores.begin("", 3, key="while Redis is dead")
    stores.start_redis()
    return begun.runs


def flushed(stores):
    stores.redis().flushall()
    return []


def paused(stores):
    with stores.paused_redis():
        began = time.monotonic()
        begun = Chores.begin("", 2, key="while Redis is silent")
        assert time.monotonic() - began < 6, "a person waits for a silent queue"
        time.sleep(10)
    return begun.runs


def full(stores):
    client = stores.redis()
    before = client.config_get("maxmemory")["maxmemory"]
    client.config_set("maxmemory", "100kb")
    begun = Chores.begin("", 2, key="while Redis is full")
    time.sleep(2)
    client.config_set("maxmemory", before)
    return begun.runs


REDIS_FAULTS = {"kill -9, back after 2 s": away, "FLUSHALL": flushed, "silent (SIGSTOP) for 12 s": paused, "out of memory": full}


@pytest.mark.parametrize("fault", REDIS_FAULTS)
def test_faults_of_redis(worker, beat, stores, tally, fault):
    worker.revive(), beat.revive()
    pids = worker.pid, beat.pid
    begun = Chores.begin("slow", 6, key=fault)
    wait_until(lambda: any(run.steps_done for run in begun.now()), 120, "the first slow chore")
    begun.runs += REDIS_FAULTS[fault](stores)
    begun.say(tally, f"Redis: {fault}", begun.wait(300), strikes=1)
    assert (worker.runs(), beat.runs(), (worker.pid, beat.pid)) == (True, True, pids), "a restart of ours was needed"


def cut(stores):
    assert stores.cut() > 0


def one_backend_killed(stores):
    with connection.cursor() as cursor:
        cursor.execute("select pid from pg_stat_activity where application_name = 'not-one-less job' and pid <> pg_backend_pid() limit 1")
        os.kill(cursor.fetchone()[0], signal.SIGKILL)


def postgres_killed(stores):
    stores.kill_postgres()
    time.sleep(3)
    stores.start_postgres()


POSTGRES_FAULTS = {
    "all connections of the workers cut": cut,
    "kill -9 of one backend (all restart)": one_backend_killed,
    "kill -9 of the server, back after 3 s": postgres_killed,
}


@pytest.mark.parametrize("fault", POSTGRES_FAULTS)
def test_faults_of_postgres(worker, beat, stores, tally, fault):
    worker.revive(), beat.revive()
    pids = worker.pid, beat.pid
    begun = Chores.begin("slow", 4, key=fault)
    wait_until(lambda: any(run.steps_done for run in begun.now()), 120, "the first slow chore")
    POSTGRES_FAULTS[fault](stores)
    connections.close_all()
    wait_until(answers, 120, "PostgreSQL")
    begun.say(tally, f"PostgreSQL: {fault}", begun.wait(300), strikes=1)
    assert (worker.runs(), beat.runs(), (worker.pid, beat.pid)) == (True, True, pids), "a restart of ours was needed"


def answers():
    try:
        return FileRun.objects.exists() or True
    except Exception:
        connections.close_all()
        return False


def test_one_message_delivered_five_times(worker, beat, tally):
    begun = Chores.begin("slow", 4, key="five times")
    for _ in range(4):
        for run in begun.runs:
            file_runs.publish(run.pk)
    begun.say(tally, "queue: one message delivered five times", begun.wait(300))


def test_a_process_that_dies_between_commit_and_publication(worker, beat, tally, monkeypatch):
    """The row is the outbox: what the queue never heard of, the sweeper finds."""
    monkeypatch.setattr(file_runs, "publish", lambda _run_id: False)
    begun = Chores.begin("", 5, key="never published")
    begun.say(tally, "queue: death between commit and publication", begun.wait(300))
