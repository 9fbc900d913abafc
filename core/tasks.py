"""Envelopes for the queue; all of it can be done from manage.py as well (run_waiting)."""

from celery import shared_task
from django.utils import timezone

from core import file_runs
from core.actions import sealing


@shared_task(name="core.tasks.run_file")
def run_file(run_id):
    file_runs.execute(run_id)


@shared_task(name="core.tasks.sweep")
def sweep():
    file_runs.sweep(timezone.now())


@shared_task(name="core.tasks.seal_audit")
def seal_audit():
    sealing.seal_entries(timezone.now())
