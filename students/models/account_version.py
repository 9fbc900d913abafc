"""The account frozen as of a date: an immutable version with one line a child, and comparisons that were kept (design.md §5)."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from students.rules.ages import MODES


class CountyQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        """What speaks of the whole county is read by those who see the whole county."""
        from core.scope import granted_nodes, root

        county = root()
        return self.all() if county is not None and county.pk in granted_nodes(user, permission) else self.none()


class Asked(models.Model):
    """Of which day, ages and rule an account was drawn up, by whom, and its figures."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    on = models.DateField()
    low = models.PositiveSmallIntegerField()
    high = models.PositiveSmallIntegerField()
    mode = models.CharField(max_length=12, choices=list(MODES.items()))
    registered = models.PositiveIntegerField()
    figures = models.JSONField(help_text="{status: children}")
    neither_by_reason = models.JSONField(default=dict)
    rule_version = models.PositiveSmallIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now())

    objects = CountyQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def sentence(self):
        return f"{self.on.isoformat()} · {self.low}—{self.high} 周岁（{MODES[self.mode]}）"


class AccountVersion(Asked):
    """A frozen account of the whole county. A correction is a new version; `before` is the one it is compared with."""

    number = models.PositiveIntegerField(unique=True)
    content_sha256 = models.CharField(max_length=64, help_text="of head and lines in order")
    before = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-number"]
        triggers = [pgtrigger.Protect(name="frozen", operation=pgtrigger.Update | pgtrigger.Delete)]


class AccountLine(models.Model):
    """One child of a frozen account, with the names as they were. References are soft, so that the version outlives what it speaks of."""

    version = models.ForeignKey(AccountVersion, on_delete=models.PROTECT, related_name="lines", db_index=False)
    child_number = models.BigIntegerField(help_text="id of the child then")
    name = models.CharField(max_length=60)
    status = models.CharField(max_length=20)
    reason = models.CharField(max_length=3, blank=True)
    source = models.CharField(max_length=12, blank=True)
    since = models.DateField(null=True)
    home = models.CharField(max_length=80, blank=True)
    school = models.CharField(max_length=80, blank=True)

    class Meta:
        triggers = [pgtrigger.Protect(name="frozen", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [models.UniqueConstraint(fields=["version", "child_number"], name="account_line_once")]


class ComparisonRun(Asked):
    """A comparison that was kept: who asked when and what came out. `changed`: what differs from the run before with
    the same question."""

    seconds = models.FloatField()
    changed = models.JSONField(default=dict, help_text="{status: difference} to the run before; empty for the first")
    judged = models.PositiveIntegerField(null=True, help_text="children judged anew; null where all were")

    class Meta:
        ordering = ["-id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
