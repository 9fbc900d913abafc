"""What waits for a person today: the shape in which each app tells the home page, and core's own line."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from core.models import FileRun
from core.scope import has_permission

RECENT = timedelta(days=30)


@dataclass(frozen=True)
class WorkItem:
    """One line of work. `tone` is plain, amber (to do) or red (late); `url` leads to the place where it is done in one click."""

    title: str
    count: int
    url: str
    due_on: date | None = None
    tone: str = "amber"
    note: str = ""


def summary(user, on):
    """Work that failed in the last days, for those who watch over it."""
    if not has_permission(user, "watch_runs"):
        return []
    failed = FileRun.objects.visible_to(user, "watch_runs").dead().filter(finished_at__date__gte=on - RECENT)
    return [WorkItem("没有做完的任务", failed.count(), reverse("core:run_list"), note="近 30 天；毛病除了再试一次")]
