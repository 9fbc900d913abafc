"""The work that waits, asked of every app that keeps a worklist (design.md §1)."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.core.cache import cache as remembered
from django.db.models import Max

from core.models import AuditEntry
from core.scope import grants_of

APPS = ("dropout", "archives", "subsidies", "students", "core")  # a child that waits comes before a form that waits
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
    """The same as it was counted less than a minute and no act of this person ago, by the same grants; None when it has to be counted
    anew.
    """
    return remembered.get(_key(user, on))


def remember_summary(user, on):
    """Count and keep it for the badges of the menu."""
    items = summary(user, on)
    remembered.set(_key(user, on), items, SECONDS)
    return items


def _key(user, on):
    last = AuditEntry.objects.filter(actor_id=user.pk).aggregate(last=Max("pk"))["last"]
    grants = "-".join(str(grant.pk) for grant in sorted(grants_of(user), key=lambda grant: grant.pk))
    return f"work:{user.pk}:{on}:{last}:{grants}"
