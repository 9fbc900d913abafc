"""Two records of one child become one, or one record becomes two: an event that can be taken back."""

import uuid

from django.db import models
from django.db.models import F, Q


class MergeEventQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        """Events of the children whom `user` may see: a record that was merged away is seen through the one that stands."""
        from core.scope import granted_nodes

        return self.filter(target__scope_nodes__overlap=granted_nodes(user, permission))

    def standing(self):
        return self.filter(undone_at=None)

    def about(self, children):
        return self.filter(Q(source__in=children) | Q(target__in=children))


class MergeEvent(models.Model):
    """What hung on `source` went to `target`: all of it (merge), or one number with its rows (split, or a number that was misread).

    `moved`: {"students.Enrolment.child": [ids]}; `images`: {"students.Enrolment": {id: {column: value before}}}. Undoing sends the ids
    back and restores the values; what came afterwards stays where it came."""

    class Kind(models.TextChoices):
        MERGE = "merge", "合并"
        NUMBER = "number", "号码改归"
        SPLIT = "split", "拆分"

    class Origin(models.TextChoices):
        LIST = "list", "名单入库"
        PERSON = "person", "人工办理"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    source = models.ForeignKey("students.Child", on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey("students.Child", on_delete=models.PROTECT, related_name="+")
    source_name = models.CharField(max_length=60, help_text="as it was")
    target_name = models.CharField(max_length=60, help_text="as it was")
    snapshot = models.ForeignKey("students.SourceSnapshot", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    moved = models.JSONField(default=dict)
    images = models.JSONField(default=dict)
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_reason = models.CharField(max_length=200, blank=True)

    objects = MergeEventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(source=F("target")), name="merge_of_two"),
            models.CheckConstraint(
                condition=Q(origin="list") | Q(by__isnull=False) & ~Q(reason=""), name="merge_by_person",
                violation_error_message="人工合并、拆分要写明由谁办理、为什么",
            ),
        ]  # fmt: skip

    @property
    def counts(self):
        """{reference: rows that went along}, empty ones left out."""
        return {key: len(ids) for key, ids in self.moved.items() if ids}
