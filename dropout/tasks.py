"""Envelopes for the queue; `manage.py expire_removals` does the same by hand."""

from celery import shared_task
from django.utils import timezone

from dropout import actions


@shared_task(name="dropout.tasks.expire_removals")
def expire_removals():
    actions.expire_removals(on=timezone.localdate())
