"""Who did, saw or was refused what: written in the act's own transaction, never changed."""

import pgtrigger
from django.db import models

from core.models.organization import OfUnitsQuerySet


class AuditEntry(models.Model):
    """One act. References are soft, so that the entry outlives what it speaks of; its id is the number printed on exports."""

    class Outcome(models.TextChoices):
        DONE = "done", "完成"
        SEEN = "seen", "查看"
        REFUSED = "refused", "拒绝"

    at = models.DateTimeField(auto_now_add=True)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    actor_name = models.CharField(max_length=60)
    act = models.CharField(max_length=60, db_index=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.DONE)
    organization_id = models.BigIntegerField(null=True, db_index=True)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=40, blank=True, db_index=True)
    detail = models.JSONField(default=dict)
    reason = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=45, blank=True)

    objects = OfUnitsQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    @property
    def number(self):
        """The number that exports carry and that leads back here."""
        return f"A{self.pk:08d}"
