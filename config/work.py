"""The work that waits, asked of every app that keeps a worklist (design.md §1)."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.core.cache import cache as remembered
from django.db.models import Max

from core.models import AuditEntry

APPS = ("dropout", "archives", "subsidies", "students")  # a child that waits comes before a form that waits
SECONDS = 60


@cache
def worklists():
    """Of the apps that have pages: a line of work leads to one."""
    return [import_module(f"{app}.worklist") for app in APPS if find_spec(f"{app}.worklist") and find_spec(f"{app}.urls")]


def summary(user, on):
    """All that waits for `user` on the day `on`: late first, then by due day; lines without work are left out."""
    items = [item for worklist in worklists() for item in worklist.summary(user, on) if item.count]
    return sorted(items, key=lambda item: (item.tone != "red", item.due_on is None, item.due_on or on))


def remembered_summary(user, on):
    """The same for the badges of the menu. It is counted anew after each act of this person, else once a minute."""
    last = AuditEntry.objects.filter(actor_id=user.pk).aggregate(last=Max("pk"))["last"]
    return remembered.get_or_set(f"work:{user.pk}:{on}:{last}", lambda: summary(user, on), SECONDS)
