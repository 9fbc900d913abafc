"""What beat asks for exists: a line of the schedule that names no task would be skipped in silence every night."""

import pytest
from django.conf import settings
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from config.celery import app
from core import file_runs
from core.models import FileRun

WANTED = {"core.tasks.sweep", "dropout.tasks.expire_removals", "dropout.tasks.raise_alarms", "archives.tasks.make_monthly_reports"}


def test_every_line_names_a_registered_task():
    app.loader.import_default_modules()
    named = {line["task"] for line in settings.CELERY_BEAT_SCHEDULE.values()}
    assert named >= WANTED
    assert named - set(app.tasks) == set()


@pytest.mark.django_db
def test_the_scheduler_writes_the_lines_into_its_tables():
    for name, line in settings.CELERY_BEAT_SCHEDULE.items():  # what setup_schedule does, which also drops its connection
        DatabaseScheduler.Entry.from_entry(name, app=app, **line)
    assert set(PeriodicTask.objects.filter(enabled=True).values_list("task", flat=True)) >= WANTED
    sweep = PeriodicTask.objects.get(task="core.tasks.sweep")
    assert (sweep.interval.every, sweep.interval.period, sweep.expire_seconds) == (30, "seconds", 25)
    hourly = PeriodicTask.objects.get(task="dropout.tasks.expire_removals").crontab
    assert (hourly.hour, hourly.minute, str(hourly.timezone)) == ("*", "10", "Asia/Shanghai")


@pytest.mark.django_db
@pytest.mark.parametrize("task", sorted(WANTED))
def test_each_task_runs_on_an_empty_county(task):
    app.loader.import_default_modules()
    app.tasks[task].apply(throw=True)


@pytest.mark.django_db
@pytest.mark.parametrize("task", ["dropout.tasks.expire_removals", "archives.tasks.make_monthly_reports"])
def test_a_days_work_asked_for_twice_is_one_run(task):
    app.loader.import_default_modules()
    for _ in range(2):
        app.tasks[task].apply(throw=True)
    run = FileRun.objects.get()
    assert run.key == f"{task.rpartition('.')[2]}:{timezone.localdate()}"
    assert file_runs.execute(run.pk)
