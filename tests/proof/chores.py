"""Work that leaves one row for each time it was done and breaks where its run says; the worker under proof imports this module.

A run's `parameters["fault"]` is a word of FAULTS; it strikes in the first `times` attempts. PROOF_WITHOUT names the guard that a negative
control goes without.
"""

import os
import resource
import signal
import time
from contextlib import nullcontext
from datetime import timedelta
from types import SimpleNamespace

import pgtrigger
from billiard.exceptions import SoftTimeLimitExceeded
from celery import shared_task
from celery.signals import task_postrun
from django.db import connection, transaction
from django.utils import timezone

from core import audit, file_runs, files, tasks
from core.models import FileRun
from core.spreadsheets import admission
from core.spreadsheets.reading import read_workbook
from students.imports import staging

KIND = "proof"
ACT = "proof_chore_done"
STEPS = 20
SLOW = 2.0  # seconds that a slow chore takes, for faults from outside


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def lack_memory():
    """Real: the child may not grow by more than 64 MB."""
    pages = int(open("/proc/self/statm").read().split()[0])  # noqa: SIM115
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (64 << 20), hard))
    try:
        bytearray(1 << 30)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def be_deaf():
    """Longer than the hard limit, and the soft one is not heard: a library that catches everything."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            time.sleep(0.5)
        except SoftTimeLimitExceeded:
            continue


def be_slow_in_sql():
    """No signal reaches Python before the statement ends: only the hard limit helps, and the statement goes on without its asker."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_sleep(30)")


def cut_off():
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(pg_backend_pid())")


def fill_disk(run):
    """What a full disk is to the one who writes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        files.store(os.urandom(50_000), f"{run.pk}.bin", "application/octet-stream", None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def raise_memory_error():
    raise MemoryError


BEFORE = {"kill before": die}
INSIDE = {
    "kill inside": die,
    "memory error": raise_memory_error,
    "memory limit": lack_memory,
    "soft limit": lambda: time.sleep(20),
    "hard limit": be_deaf,
    "hard limit in SQL": be_slow_in_sql,
    "connection cut": cut_off,
    "slow": lambda: time.sleep(SLOW),
}


worked = set()  # runs that this child has worked on


@file_runs.work(KIND, label="证明")
def do_chore(run):
    worked.add(run.pk)
    fault = run.parameters["fault"] if run.attempts <= run.parameters.get("times", 1) else ""
    BEFORE.get(fault, lambda: None)()
    audit.record(ACT, by=None, run=run.pk)
    file_runs.progress(run, 1, 2)
    if fault == "disk full":
        fill_disk(run)
    INSIDE.get(fault, lambda: None)()
    if fault == "steps":
        for step in range(1, STEPS + 1):
            time.sleep(4 * SLOW / STEPS)
            file_runs.progress(run, step, STEPS)
    return "做完了。"


PERIOD = 12  # seconds, in place of a day
DAILY, DAILY_ACT, PLAIN_ACT = "proof_daily", "proof_daily_done", "proof_plain_done"


def period():
    return int(time.time()) // PERIOD


@shared_task(name="tests.proof.poke")
def poke():
    """As the product's daily work: asked for more often than it is due."""
    file_runs.start_period(DAILY, period())


@file_runs.work(DAILY, label="证明")
def do_daily(run):
    audit.record(DAILY_ACT, by=None, period=run.parameters["on"])


@shared_task(name="tests.proof.plain")
def plain():
    """Once a period as far as beat is concerned, and no row that says it is done."""
    audit.record(PLAIN_ACT, by=None, period=f"{period()}")


def after_the_commit(args=(), **_named):
    """Committed, not yet acknowledged to the queue. Only the child that did the work dies: whoever gets the message once more finds the run
    done, and would die of it for ever."""
    if not worked.intersection(args):
        return
    run = FileRun.objects.filter(pk=args[0], parameters__fault="kill after").first()
    if run is not None and run.attempts <= run.parameters.get("times", 1):
        die()


MOVES = "core.FileRun:file_run_moves"


def go_without(guard):
    """Take one guard away, in this process only."""
    if guard == "lease":  # whoever gets a message does the work
        file_runs.claim, file_runs._settle = _claim_anyway(file_runs.claim), _settle_anyway
    elif guard == "one transaction":  # the work commits by itself, and its state afterwards
        file_runs.transaction = SimpleNamespace(atomic=nullcontext, on_commit=transaction.on_commit)
    elif guard == "attempts first":  # the attempt is committed with the work
        file_runs.execute = transaction.atomic(file_runs.execute)
    elif guard == "look inside":  # nobody looks into a package before it is read
        admission._check_package = lambda path, name, limits: None
    elif guard == "reading child":  # the worker reads a stranger's file itself; the machine of the proof is spared
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, resource.RLIM_INFINITY))
        staging.read_guarded = read_workbook
    else:
        raise ValueError(guard)


def _claim_anyway(claim):
    def claim_anyway(run_id, now):
        with pgtrigger.ignore(MOVES):  # the table's own guard would refuse it as well
            FileRun.objects.filter(pk=run_id).update(state="waiting", finished_at=None)
        return claim(run_id, now)

    return claim_anyway


def _settle_anyway(run, **values):
    with pgtrigger.ignore(MOVES):
        FileRun.objects.filter(pk=run.pk).update(**values, finished_at=timezone.now(), lease_until=None)


if os.environ.get("PROOF_DATABASE"):  # in a service under proof; the test process only wants the work's name
    if not os.environ.get("PROOF_UNSCALED"):
        file_runs.LEASE = timedelta(seconds=int(os.environ.get("PROOF_LEASE", "3")))
        file_runs.FRESH = timedelta(seconds=1)
    file_runs.GRACE = 1
    task_postrun.connect(after_the_commit, sender=tasks.run_file)
    if os.environ.get("PROOF_WITHOUT"):
        go_without(os.environ["PROOF_WITHOUT"])
