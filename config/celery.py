"""The queue. It carries ids of work and may be lost; PostgreSQL is the record (design.md §1)."""

import os

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("not_one_less")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_named):
    """Celery would replace the handlers with its own, which print arguments."""
    from django.conf import settings

    from config.logs import configure

    configure(settings.LOGGING)


@worker_init.connect
@beat_init.connect
def refuse_example_keys(**_named):
    from config.environment import refuse_example_keys as refuse

    refuse()
