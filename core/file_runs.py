"""Long work. The row is the record and is written in the business transaction; the queue only carries its id and may vanish.

    start      in the request: the row, and its id published after the commit
    execute    in a worker or in manage.py run_waiting: claim, work, result and state in one transaction
    progress   counted steps, visible at once to the page that waits
    sweep      publishes again what nobody works on

An app registers its work: ``@file_runs.work("import_list", label="读取名单")`` over ``def read_list(run): …``, in its tasks.py, which
its AppConfig.ready imports. The callable returns a sentence, or (sentence, Attachment).
"""

import logging
import signal
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta

import pghistory
from billiard.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError as QueueAway

from core import crypto, files, scope
from core.models import FileRun, Organization

LEASE = timedelta(seconds=90)  # renewed while the work goes on; a killed worker's run is free again after it
FRESH = timedelta(seconds=20)  # the publication of the run's own commit is on its way
MOST_ATTEMPTS = 3
GRACE = 15  # seconds that the worker's parent has to keep a time limit before the run's own pulse keeps it
OWN_SENTENCES = frozenset(FileRun.Trouble.values) - {"refused"}  # written in this module: they name nobody
AFRESH = {
    "state": "waiting", "attempts": 0, "message": "", "trouble": "", "finished_at": None, "lease_until": None, "steps_done": 0,
    "steps_total": 0,
}  # fmt: skip
# A person waits: one attempt, and two seconds for a queue that is connected and silent.
ONE_ATTEMPT = {
    "max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0, "connect_retries_timeout": 1, "socket_timeout": 2,
}  # fmt: skip
BETWEEN_SIGNS = 0.3  # seconds between two written signs of progress

log = logging.getLogger(__name__)
_pulse = ContextVar("pulse", default=None)


class RunRefused(Exception):
    """The work cannot be done; the message is the sentence that stays on the run."""


class LeaseLost(Exception):
    """Another worker has taken the run over: what this one did is rolled back."""


@dataclass(frozen=True)
class Work:
    kind: str
    label: str
    do: Callable
    page: str = ""


WORKS: dict[str, Work] = {}


def work(kind, *, label, page=""):
    """Register the callable that does runs of `kind`. `page`: the name of the page where its outcome is looked at."""

    def register(do):
        WORKS[kind] = Work(kind, label, do, page)
        return do

    return register


def page_of(run):
    """The name of the page where the run's outcome is looked at, "" where there is none."""
    return WORKS[run.kind].page if run.kind in WORKS else ""


def label_of(run):
    return WORKS[run.kind].label if run.kind in WORKS else run.kind


def start(kind, key, *, by, organization=None, parameters=None, permission=None):
    """The run of `key`, made or found: the same work asked twice is one run; one that failed begins anew, in the name of who begins it.

    `permission`: what the result is made by; it is fetched only while it is held where it was held now (`may_fetch`).
    The id is published when the caller's transaction has committed; without a queue the sweeper finds the row.
    """
    if kind not in WORKS:
        raise KeyError(f"no work is registered for runs of kind {kind!r}")
    parameters = {**(parameters or {}), **_held(by, permission, organization)}
    wanted = {"kind": kind, "parameters": parameters, "requested_by": by, "organization": organization}
    try:
        with transaction.atomic():
            run, made = FileRun.objects.get_or_create(key=key, defaults=wanted)
    except IntegrityError:
        run, made = FileRun.objects.get(key=key), False
    if made:
        transaction.on_commit(lambda: publish(run.pk))
    elif run.state == FileRun.State.FAILED and not again(run, **wanted):
        run.refresh_from_db()
    return run


def again(run, **wanted):
    """Queue a failed run anew; False when it is not failed (any more). `wanted` replaces what it was begun with."""
    queued = bool(FileRun.objects.filter(pk=run.pk, state="failed").update(**AFRESH, **wanted))
    if queued:
        run.refresh_from_db()
        transaction.on_commit(lambda: publish(run.pk))
    return queued


def start_period(kind, on):
    """The work `kind` of the day `on`, whoever asks and however often: two schedulers, an outage and a lost message make one run of it.

    One that failed begins anew when it is asked for again; the one that asks is beat, every hour.
    """
    return start(kind, f"{kind}:{on}", by=None, parameters={"on": f"{on}"})


def _held(by, permission, organization):
    if permission is None:
        return {}
    return {"permission": permission, "nodes": [organization.pk] if organization else scope.granted_nodes(by, permission)}


def may_fetch(run, user):
    """Whether `user` still holds what the result was made by: a right that ended takes the files along that it made."""
    permission = run.parameters.get("permission")
    if permission is None:
        return True
    nodes = Organization.objects.filter(pk__in=run.parameters["nodes"])
    return bool(nodes) and all(scope.may(user, permission, node) for node in nodes)


def publish(run_id):
    """Give the id to the queue; whether it took it. One attempt: kombu would go on for 6 s, and a person waits for the answer.

    Away, silent, out of memory or with a full disk of its own: the queue's trouble is nobody's who asked for the work.
    """
    from core.tasks import run_file

    link = run_file.app.connection_for_write()
    try:
        with link:
            link.transport_options = {**link.transport_options, **ONE_ATTEMPT}
            run_file.apply_async([run_id], connection=link, retry=False)
    except (QueueAway, *link.connection_errors, *link.channel_errors) as away:
        log.warning("queue away (%s), run %s waits for the sweeper", type(away).__name__, run_id)
        return False
    return True


def claim(run_id, now):
    """The run with this worker's lease on it; None if another works on it or it is finished. Commits at once, before the work,
    so that a run that kills its worker is counted (reliability.md T20)."""
    free = FileRun.objects.stranded(now).filter(pk=run_id)
    if not free.update(state="running", attempts=F("attempts") + 1, started_at=now, lease_until=now + LEASE):
        return None
    return FileRun.objects.select_related("requested_by", "organization").get(pk=run_id)


def execute(run_id):
    """Do one run to its end; True if it is done. What goes wrong stands on the run as a sentence."""
    try:
        run = claim(run_id, timezone.now())
    except (OperationalError, InterfaceError):
        log.warning("the database is away, run %s waits for the sweeper", run_id, exc_info=True)
        return False
    if run is None:
        return False
    if run.attempts > MOST_ATTEMPTS:
        fail(run, f"已尝试 {MOST_ATTEMPTS} 次都没有做完，不再自动重试。请把文件分小后再试，或联系系统管理员。", "attempts")
        return False
    try:
        with pulse(run), pghistory.context(user=run.requested_by_id, run=str(run.public_id)), transaction.atomic():
            outcome = _do(run)
            finish(run, *(outcome if isinstance(outcome, tuple) else (outcome or "",)))
    except RunRefused as refused:
        fail(run, str(refused), "refused")
    except LeaseLost:
        log.warning("run %s was taken over by another worker", run.pk)
    except MemoryError:  # must not reach Celery: it would end the worker, again and again (reliability.md, fact 4)
        fail(run, "文件太大，内存不够，没有做完。请把文件分成几份再试。", "memory")
    except SoftTimeLimitExceeded:
        log.warning("run %s of kind %s took too long", run.pk, run.kind)
        fail(run, "用时太长，已停下，没有保存任何东西。请把文件分成几份，或缩小范围后再试。", "time")
    except Exception as error:
        _put_down(run, error)
    else:
        return True
    return False


def _put_down(run, error):
    """The house's own trouble: a full disk and a fault of the programme end the run, a lost database leaves it to the next attempt."""
    if files.is_disk_full(error):
        log.warning("run %s met a full disk", run.pk, exc_info=True)
        fail(run, "服务器的磁盘写满了，没有做完，没有保存任何东西。请联系系统管理员腾出空间，然后再办一次。", "disk")
    elif isinstance(error, crypto.SealError | files.FileLost):
        log.error("run %s of kind %s failed: %s", run.pk, run.kind, error)
        fail(run, f"没有做完，没有保存任何东西。{error}", "stored")
    elif isinstance(error, OperationalError | InterfaceError):
        log.warning("run %s lost the database, it waits for the next attempt", run.pk, exc_info=True)
    else:
        log.error("run %s of kind %s failed", run.pk, run.kind, exc_info=error)
        fail(run, f"程序出错，没有做完，没有保存任何东西。请把编号 {run.number} 告诉系统管理员。", "fault")


def _do(run):
    if run.kind not in WORKS:
        raise RunRefused(f"系统里没有“{run.kind}”这种任务，可能是程序版本不一致。请联系系统管理员。")
    return WORKS[run.kind].do(run)


def finish(run, message="", result=None):
    """Done, in the transaction of the work itself. LeaseLost rolls both back when the run is no longer this worker's."""
    _settle(run, state="done", message=message[:500], result=result)


def fail(run, sentence, trouble):
    """Failed, with the sentence and one word of FileRun.Trouble; nothing when another worker has taken the run over meanwhile."""
    try:
        _settle(run, state="failed", message=sentence[:500], trouble=trouble)
    except LeaseLost:
        log.warning("run %s was taken over by another worker", run.pk)


def _settle(run, **values):
    mine = FileRun.objects.filter(pk=run.pk, state="running", attempts=run.attempts)
    if not mine.update(**values, finished_at=timezone.now(), lease_until=None):
        raise LeaseLost
    run.refresh_from_db()


def progress(run, done, total):
    """Counted steps, committed at once beside the transaction of the work."""
    beat = _pulse.get()
    if beat is None or beat.run_id != run.pk:
        FileRun.objects.filter(pk=run.pk).update(steps_done=done, steps_total=total)
    else:
        beat.note(done, total)


def _limits():
    """[(seconds, signal)] that end overlong work, in order. Only in a worker's child, which has set its handler; a command has no limit.

    Celery's parent process keeps them as a rule. After the death of another child it has been seen to look neither at its timers nor at
    this child for as long as the work went on, with a lease renewed all the while.
    """
    if not callable(signal.getsignal(signal.SIGUSR1)):
        return []
    soft, hard = settings.CELERY_TASK_SOFT_TIME_LIMIT, settings.CELERY_TASK_TIME_LIMIT
    return [(soft + GRACE, signal.SIGUSR1), (hard + GRACE, signal.SIGKILL)]


class Pulse:
    """A second connection that says "still at it" and how far, since the work's own transaction shows nothing before its end; and the
    last to keep the time limits."""

    def __init__(self, run):
        self.run_id, self.attempts = run.pk, run.attempts
        self.began, self.limits = time.monotonic(), _limits()
        self.link = connection.copy()
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.noted_at = 0.0
        self.thread = threading.Thread(target=self._renew, name=f"pulse of run {run.pk}", daemon=True)

    def note(self, done, total):
        now = time.monotonic()
        if done < total and now - self.noted_at < BETWEEN_SIGNS:
            return
        self.noted_at = now
        self._write("steps_done = %s, steps_total = %s, lease_until = %s", [done, total, timezone.now() + LEASE])

    def _renew(self):
        while not self.over.wait(self._pause()):
            self._keep_limits()
            try:
                self._write("lease_until = %s", [timezone.now() + LEASE])
            except (OperationalError, InterfaceError):
                log.warning("the lease of run %s could not be renewed", self.run_id)

    def _pause(self):
        due = self.limits[0][0] - (time.monotonic() - self.began) if self.limits else LEASE.total_seconds()
        return min(LEASE.total_seconds() / 3, max(due, 0))

    def _keep_limits(self):
        while self.limits and time.monotonic() - self.began >= self.limits[0][0]:
            seconds, blow = self.limits.pop(0)
            log.warning("run %s outlived its worker's limit, ended after %s s", self.run_id, seconds)
            signal.pthread_kill(threading.main_thread().ident, blow)

    def _write(self, assignments, values):
        with self.lock, self.link.cursor() as cursor:
            cursor.execute(
                f"update core_filerun set {assignments} where id = %s and attempts = %s and state = 'running'",
                [*values, self.run_id, self.attempts],
            )

    def stop(self):
        self.over.set()
        self.thread.join()
        self.link.close()


@contextmanager
def pulse(run):
    beat = Pulse(run)
    beat.link.inc_thread_sharing()
    beat.thread.start()
    token = _pulse.set(beat)
    try:
        yield
    finally:
        _pulse.reset(token)
        beat.stop()


def sweep(now):
    """Publish the runs that nobody works on; how many. Fresh ones are left to the publication of their own commit."""
    stranded = FileRun.objects.stranded(now).filter(created_at__lt=now - FRESH).order_by("pk")
    published = 0
    for run_id in stranded.values_list("pk", flat=True)[:200]:
        if not publish(run_id):
            break
        published += 1
    return published
