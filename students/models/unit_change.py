"""撤并、更名: a school or village renamed, merged into another, split into two or closed on a day; previewed, undoable; old terms keep the old
name."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q


class UnitChangeQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(node__path__overlap=granted_nodes(user, permission))

    def standing(self):
        return self.filter(undone_at=None)


class UnitChange(models.Model):
    """`before`: ids and values that undoing brings back. `old_name`: what the unit was called until `happened_on`.
    `successor`: the unit it was merged into, or the new one that a split made beside it."""

    class Kind(models.TextChoices):
        RENAME = "rename", "更名"
        MERGE = "merge", "并入另一单位"
        SPLIT = "split", "分出新单位"
        CLOSE = "close", "停办（撤销）"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    node = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    successor = models.ForeignKey("core.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    old_name = models.CharField(max_length=80)
    new_name = models.CharField(max_length=80, blank=True)
    happened_on = models.DateField()
    reason = models.CharField("批准文件、原因", max_length=200)
    before = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    applied_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    objects = UnitChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        triggers = [pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete)]
        constraints = [
            models.UniqueConstraint(
                fields=["node"], condition=Q(undone_at=None, kind__in=["merge", "close"]), name="unit_ends_once",
                violation_error_message="这个单位已经撤并",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["merge", "split"], successor__isnull=False) & ~Q(successor=F("node"))
                | ~Q(kind__in=["merge", "split"]) & Q(successor=None),
                name="unit_merges_into_another", violation_error_message="并入要写明并入哪个单位",
            ),
            models.CheckConstraint(condition=~Q(kind__in=["rename", "split"]) | ~Q(new_name=""), name="unit_has_new_name"),
        ]  # fmt: skip
