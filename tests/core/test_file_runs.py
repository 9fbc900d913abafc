"""Long work: the row is the record. A queue that is away, a worker that is killed and work asked twice lose and double nothing."""

import errno
import signal
import time
from datetime import timedelta

import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from billiard.pool import soft_timeout_sighandler
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as QueueAway
from redis.exceptions import ResponseError

from core import audit, file_runs, files, tasks
from core.models import AuditEntry, FileRun
from tests import make

STEPS = 10


@pytest.fixture
def clerk(db):
    return make.person("clerk")


@pytest.fixture
def kinds(monkeypatch):
    """A registry of the test's own."""
    monkeypatch.setattr(file_runs, "WORKS", {})
    return file_runs.WORKS


@pytest.fixture
def counting(kinds):
    """Work that leaves a row for each time it was done."""

    @file_runs.work("count", label="数一数")
    def count(run):
        audit.record("counted", by=run.requested_by)
        return f"数了 {run.parameters['upto']} 个。"

    return lambda: AuditEntry.objects.filter(act="counted").count()


@pytest.fixture
def queue(monkeypatch):
    """The ids that reached the queue; `queue.away = True` takes it away."""

    class Queue(list):
        away = False

    reached = Queue()

    def apply_async(arguments, **_options):
        if reached.away:
            raise QueueAway("connection refused")
        reached.extend(arguments)

    monkeypatch.setattr(tasks.run_file, "apply_async", apply_async)
    return reached


def begin(clerk, key="one", **parameters):
    return file_runs.start("count", key, by=clerk, parameters={"upto": 3, **parameters})


class TestStart:
    def test_the_id_goes_out_after_the_commit(self, clerk, counting, queue, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            run = begin(clerk)
            assert queue == []
        assert queue == [run.pk]

    def test_the_same_work_asked_twice_is_one_run(self, clerk, counting, queue, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            assert begin(clerk).pk == begin(clerk).pk
        assert len(queue) == 1
        assert begin(clerk, "two").pk != begin(clerk).pk

    def test_work_that_failed_begins_anew(self, clerk, counting, queue, django_capture_on_commit_callbacks):
        run = begin(clerk)
        file_runs.claim(run.pk, timezone.now())
        run.refresh_from_db()
        file_runs.fail(run, "没有做完。", "fault")
        with django_capture_on_commit_callbacks(execute=True):
            again = begin(clerk)
        assert (again.pk, again.state, again.attempts, again.message) == (run.pk, "waiting", 0, "")
        assert queue == [run.pk]

    def test_an_unknown_kind_is_an_error_of_the_programme(self, clerk, kinds):
        with pytest.raises(KeyError):
            file_runs.start("unheard", "k", by=clerk)

    def test_without_a_queue_the_save_succeeds(self, clerk, counting, queue, django_capture_on_commit_callbacks):
        queue.away = True
        with django_capture_on_commit_callbacks(execute=True):
            run = begin(clerk)
        assert FileRun.objects.get(pk=run.pk).state == "waiting"


class TestSweeper:
    def test_stranded_runs_are_published_again(self, clerk, counting, queue):
        run = begin(clerk)
        later = timezone.now() + timedelta(minutes=1)
        assert file_runs.sweep(later) == 1
        assert queue == [run.pk]

    def test_fresh_running_and_finished_ones_are_left_alone(self, clerk, counting, queue):
        run = begin(clerk)
        assert file_runs.sweep(timezone.now()) == 0
        file_runs.claim(run.pk, timezone.now())
        assert file_runs.sweep(timezone.now() + timedelta(seconds=60)) == 0
        assert file_runs.sweep(timezone.now() + timedelta(seconds=120)) == 1

    def test_it_waits_with_the_queue(self, clerk, counting, queue):
        begin(clerk)
        queue.away = True
        assert file_runs.sweep(timezone.now() + timedelta(minutes=1)) == 0

    @pytest.mark.parametrize("trouble", [ResponseError("command not allowed when used memory > 'maxmemory'"), TimeoutError("silent")])
    def test_a_queue_in_trouble_is_nobodys_who_asked(self, clerk, counting, monkeypatch, trouble):
        def refuse(*_arguments, **_options):
            raise trouble

        monkeypatch.setattr(tasks.run_file, "apply_async", refuse)
        assert file_runs.publish(begin(clerk).pk) is False

    def test_a_database_that_is_away_leaves_the_run_to_the_sweeper(self, clerk, counting, monkeypatch):
        def away(_run_id, _now):
            raise OperationalError("connection refused")

        run = begin(clerk)
        monkeypatch.setattr(file_runs, "claim", away)
        assert file_runs.execute(run.pk) is False

    def test_all_can_be_done_without_a_queue(self, clerk, counting, queue, capsys):
        begin(clerk)
        begin(clerk, "two")
        call_command("run_waiting")
        assert "完成 2 件" in capsys.readouterr().out
        assert counting() == 2


class TestExecute:
    def test_done_with_its_sentence(self, clerk, counting, queue):
        run = begin(clerk)
        assert file_runs.execute(run.pk) is True
        run.refresh_from_db()
        assert (run.state, run.message, run.attempts, run.lease_until) == ("done", "数了 3 个。", 1, None)
        assert run.finished_at is not None

    def test_done_is_done(self, clerk, counting, queue):
        run = begin(clerk)
        assert [file_runs.execute(run.pk) for _ in range(3)] == [True, False, False]
        assert counting() == 1

    def test_only_one_worker_at_a_time(self, clerk, counting, queue):
        run = begin(clerk)
        now = timezone.now()
        assert file_runs.claim(run.pk, now) is not None
        assert file_runs.claim(run.pk, now + timedelta(seconds=89)) is None
        assert file_runs.execute(run.pk) is False
        assert counting() == 0

    def test_a_killed_workers_run_is_taken_over(self, clerk, counting, queue):
        run = begin(clerk)
        file_runs.claim(run.pk, timezone.now() - timedelta(minutes=5))  # and then nothing more was heard of it
        assert file_runs.execute(run.pk) is True
        run.refresh_from_db()
        assert run.attempts == 2

    def test_a_run_that_kills_its_worker_ends(self, clerk, counting, queue):
        run = begin(clerk)
        for attempt in range(file_runs.MOST_ATTEMPTS):
            assert file_runs.claim(run.pk, timezone.now() - timedelta(minutes=20 - 3 * attempt))
        assert file_runs.execute(run.pk) is False
        run.refresh_from_db()
        assert run.state == "failed"
        assert "3 次" in run.message
        assert counting() == 0

    def test_a_result_can_be_fetched(self, clerk, kinds, queue, settings, tmp_path):
        settings.FILES_ROOT = tmp_path

        @file_runs.work("count", label="导出")
        def export(run):
            return "共 2 行。", files.store(b"two rows", "名单.csv", "text/csv", run.requested_by)

        run = begin(clerk)
        file_runs.execute(run.pk)
        run.refresh_from_db()
        assert files.read(run.result) == b"two rows"


class TestFailure:
    def failing(self, clerk, error):
        @file_runs.work("count", label="数一数")
        def fail(run):
            audit.record("counted", by=run.requested_by)
            raise error

        run = begin(clerk)
        assert file_runs.execute(run.pk) is False
        assert not AuditEntry.objects.filter(act="counted").exists()
        run.refresh_from_db()
        return run

    def test_a_refusal_is_its_sentence(self, clerk, kinds, queue):
        run = self.failing(clerk, file_runs.RunRefused("第 3 行没有姓名，请补上后再传。"))
        assert (run.state, run.message) == ("failed", "第 3 行没有姓名，请补上后再传。")

    def test_no_memory_is_a_sentence_and_not_the_end_of_the_worker(self, clerk, kinds, queue):
        assert "内存不够" in self.failing(clerk, MemoryError()).message

    def test_too_long_is_a_sentence(self, clerk, kinds, queue):
        assert "用时太长" in self.failing(clerk, SoftTimeLimitExceeded()).message

    def test_a_full_disk_is_a_sentence(self, clerk, kinds, queue):
        assert "磁盘写满了" in self.failing(clerk, OSError(errno.ENOSPC, "No space left on device")).message

    def test_a_full_disk_of_the_database_is_the_same_sentence(self, clerk, kinds, queue):
        error = OperationalError("could not extend file")
        error.__cause__ = type("DiskFull", (Exception,), {"pgcode": "53100"})()
        assert "磁盘写满了" in self.failing(clerk, error).message

    @pytest.mark.expects_errors
    def test_an_error_of_the_programme_gives_a_number_to_report(self, clerk, kinds, queue):
        run = self.failing(clerk, ZeroDivisionError("x"))
        assert str(run.public_id)[:8] in run.message
        assert "division" not in run.message

    def test_a_lost_database_is_tried_again(self, clerk, kinds, queue):
        run = self.failing(clerk, OperationalError("server closed the connection"))
        assert run.state == "running"
        assert FileRun.objects.stranded(timezone.now() + timedelta(minutes=2)).get() == run


@pytest.mark.django_db(transaction=True)
class TestBesideTheTransaction:
    def elsewhere(self, run, columns):
        """What another connection sees now."""
        link = connection.copy()
        try:
            with link.cursor() as cursor:
                cursor.execute(f"select {columns} from core_filerun where id = %s", [run.pk])
                return cursor.fetchone()
        finally:
            link.close()

    def test_progress_is_seen_while_the_work_goes_on(self, kinds, queue):
        seen = []

        @file_runs.work("count", label="数一数")
        def count(run):
            audit.record("counted", by=None)
            for step in range(1, STEPS + 1):
                file_runs.progress(run, step, STEPS)
                seen.append(self.elsewhere(run, "steps_done, steps_total"))
            return ""

        assert file_runs.execute(begin(None).pk)
        assert seen[0] == (1, STEPS)
        assert seen[-1] == (STEPS, STEPS)

    def test_work_of_a_worker_that_lost_its_lease_is_rolled_back(self, kinds, queue):
        @file_runs.work("count", label="数一数")
        def count(run):
            audit.record("counted", by=None)
            link = connection.copy()
            with link.cursor() as cursor:  # another worker takes the run over meanwhile
                cursor.execute("update core_filerun set attempts = attempts + 1 where id = %s", [run.pk])
            link.close()
            return ""

        run = begin(None)
        assert file_runs.execute(run.pk) is False
        assert not AuditEntry.objects.filter(act="counted").exists()
        assert FileRun.objects.get(pk=run.pk).state == "running"

    def test_a_run_of_an_act_undone_was_never_there(self, counting, queue):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            begin(None)
            raise ZeroDivisionError
        assert not FileRun.objects.exists()
        assert queue == []


@pytest.mark.django_db(transaction=True)
class TestLimits:
    """A worker's parent that does not keep the time limits: nobody sends the child a signal but its own pulse."""

    @pytest.fixture
    def limits(self, settings, monkeypatch):
        monkeypatch.setattr(file_runs, "GRACE", 0)
        settings.CELERY_TASK_SOFT_TIME_LIMIT, settings.CELERY_TASK_TIME_LIMIT = 0.2, 3600

    @pytest.fixture
    def a_worker(self):
        """The handler that a worker's child has for the soft limit."""
        before = signal.signal(signal.SIGUSR1, soft_timeout_sighandler)
        yield
        signal.signal(signal.SIGUSR1, before)

    def slow(self, seconds):
        @file_runs.work("count", label="数一数")
        def count(run):
            audit.record("counted", by=None)
            time.sleep(seconds)
            return "数完了。"

        run = begin(None)
        file_runs.execute(run.pk)
        run.refresh_from_db()
        return run

    def test_overlong_work_is_ended_by_its_own_pulse(self, limits, a_worker, kinds, queue):
        run = self.slow(120)
        assert (run.state, run.trouble) == ("failed", "time")
        assert not AuditEntry.objects.filter(act="counted").exists()

    def test_a_command_has_no_limit(self, limits, kinds, queue):
        assert self.slow(0.6).state == "done"

    def test_what_does_not_hear_is_killed_after_that(self, a_worker, settings):
        settings.CELERY_TASK_SOFT_TIME_LIMIT, settings.CELERY_TASK_TIME_LIMIT = 540, 600
        assert file_runs._limits() == [(555, signal.SIGUSR1), (615, signal.SIGKILL)]
