"""What Celery beat asks for; `manage.py make_reports` does the same by hand."""

from celery import shared_task
from django.utils import timezone

from archives.actions.making import make_closed


@shared_task
def make_monthly_reports():
    """Daily: the reports of the period that is over. Running it again adds nothing."""
    return make_closed(on=timezone.localdate()).added
