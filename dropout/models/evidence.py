"""Proof: a stored file and what it proves."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q

from dropout.codes import EvidenceKind


class EvidenceQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(case__child__scope_nodes__overlap=granted_nodes(user, permission))


class Evidence(models.Model):
    """One file of a case; it may belong to a removal, a visit, a return or a close-out. Added, never changed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("dropout.Case", on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=20, choices=EvidenceKind.choices)
    attachment = models.ForeignKey("core.Attachment", on_delete=models.PROTECT, related_name="+")
    removal = models.ForeignKey("dropout.Removal", on_delete=models.PROTECT, null=True, blank=True, related_name="evidence")
    visit = models.ForeignKey("dropout.Visit", on_delete=models.PROTECT, null=True, blank=True, related_name="evidence")
    return_record = models.ForeignKey("dropout.ReturnRecord", on_delete=models.PROTECT, null=True, blank=True, related_name="evidence")
    closing = models.ForeignKey("dropout.Closing", on_delete=models.PROTECT, null=True, blank=True, related_name="evidence")
    added_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                condition=Q(visit=None, return_record=None, closing=None)
                | Q(removal=None, return_record=None, closing=None)
                | Q(removal=None, visit=None, closing=None)
                | Q(removal=None, visit=None, return_record=None),
                name="evidence_of_one_thing",
            ),
        ]
