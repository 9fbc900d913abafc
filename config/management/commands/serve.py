"""One server process: web, worker or beat. Each holds the embedded servers by itself (manage.py), so that any of them may go first."""

import sys

from django.conf import settings
from django.core.management.base import BaseCommand

from config import environment


class Command(BaseCommand):
    help = "Runs one of the three processes: web (gunicorn), worker or beat (Celery)."
    requires_system_checks = ["security"]

    def add_arguments(self, parser):
        parser.add_argument("part", choices=["web", "worker", "beat"])

    def handle(self, part, **options):
        {"web": serve_web, "worker": serve_worker, "beat": serve_beat}[part]()


def serve_web() -> None:
    """gunicorn as in reliability.md §5.7."""
    from gunicorn.app.wsgiapp import WSGIApplication

    bind = f"{environment.text('NOL_BIND', '127.0.0.1')}:{settings.PORT}"
    sys.argv = [
        "gunicorn", "config.wsgi:application", "--bind", bind, "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--preload",
        "--timeout", "35", "--graceful-timeout", "30", "--max-requests", "2000", "--max-requests-jitter", "200",
        "--worker-tmp-dir", "/dev/shm", "--no-control-socket",  # noqa: S108  memory, so that a slow disk is not taken for a hung worker
    ]  # fmt: skip
    WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]").run()


def serve_worker() -> None:
    from config.celery import app

    concurrency = environment.number("NOL_WORKERS", 2, 1, 64)
    app.worker_main(["worker", f"--concurrency={concurrency}", "--without-gossip", "--without-mingle", "--loglevel=INFO"])


def serve_beat() -> None:
    """One a county; a second one doubles messages, not work (core.file_runs.start_period)."""
    from config.celery import app

    app.start(["beat", "--pidfile=", "--loglevel=INFO"])
