"""Why a child of school age is where the lists alone do not show it: dated, sourced, ended but never removed (domain.md §3.5)."""

import uuid

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from students.models.account_now import stale_marks
from students.rules.standings import SOURCES, STANDING_CHOICES


class StandingQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(child__scope_nodes__overlap=granted_nodes(user, permission), child__merged_into=None)

    def in_force(self, on):
        """Facts that hold on the day `on`; `until` is the first day they no longer do."""
        return self.filter(Q(until=None) | Q(until__gt=on), since__lte=on)

    def open(self):
        """Those that nobody has ended; the stated last day of some may have passed."""
        return self.filter(ended_at=None)


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old, level=pghistory.Statement))
class Standing(models.Model):
    """A dated fact that explains where a child is (codes: students.rules.standings). Written by students.actions.standings alone."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, related_name="standings", db_index=False)
    code = models.CharField(max_length=16, choices=STANDING_CHOICES)
    reason = models.CharField(max_length=3, blank=True, help_text="code or sub-code of domain.md §3.5")
    place = models.CharField(max_length=120, blank=True, help_text="where the child is: school, town")
    document = models.CharField(max_length=80, blank=True, help_text="number of the paper that proves it")
    since = models.DateField()
    until = models.DateField(null=True, blank=True, help_text="first day it no longer holds; may lie ahead")
    proof = models.ForeignKey("core.Attachment", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    row = models.ForeignKey("students.ListRow", on_delete=models.PROTECT, null=True, blank=True, related_name="standings", db_index=False)
    source = models.CharField(max_length=12, choices=SOURCES)
    reference = models.CharField(max_length=40, blank=True, help_text="public_id of what wrote it")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["child", "since"], name="standing_child"),
            models.Index(fields=["source", "reference"], name="standing_reference"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "source", "reference", "code"], condition=Q(ended_at=None), name="standing_once_while_open"
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="standing_dates"),
            models.CheckConstraint(condition=Q(ended_at=None) | Q(until__isnull=False), name="standing_ended"),
            models.CheckConstraint(
                condition=~Q(code="removed") | ~Q(reason=""),
                name="standing_removed_with_reason",
                violation_error_message="核减要写明原因代码",
            ),
        ]
        triggers = stale_marks()
