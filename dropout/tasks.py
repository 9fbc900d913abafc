"""Envelopes for the queue; `manage.py expire_removals` and `raise_alarms` do the same by hand."""

from celery import shared_task
from django.utils import timezone

from dropout import actions
from dropout.actions import absences


@shared_task(name="dropout.tasks.expire_removals")
def expire_removals():
    actions.expire_removals(on=timezone.localdate())


@shared_task(name="dropout.tasks.raise_alarms")
def raise_alarms():
    absences.raise_alarms(at=timezone.now())
