"""A person's word on a list row that no rule could tie to a child (tier T5, domain.md §3.4)."""

import uuid

import pghistory
from django.db import models
from django.db.models import Q


class ResolutionQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(coverage__path__overlap=granted_nodes(user, permission))

    def standing(self):
        return self.filter(undone_at=None)


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old, level=pghistory.Statement))
class Resolution(models.Model):
    """Said of an identity, so that the next list with the same number (or the same name, birth date and place) asks no more. `number` is
    what it made to tie the rows, `merge` the event by which a record of its own became another one; taking it back removes both."""

    class Conclusion(models.TextChoices):
        IS_CHILD = "is_child", "就是这个学生"
        NEW_CHILD = "new_child", "是另一个孩子"
        NOT_OURS = "not_ours", "不是本县适龄儿童"
        ASKED = "asked", "请提供单位核实"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    identity = models.BinaryField(max_length=32)
    name = models.CharField(max_length=80, help_text="as the row wrote it")
    told = models.CharField(max_length=120, help_text="list, as-of date, sheet and row")
    coverage = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    conclusion = models.CharField(max_length=10, choices=Conclusion.choices)
    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, null=True, related_name="resolutions")
    number = models.ForeignKey("students.ChildNumber", on_delete=models.PROTECT, null=True, related_name="+")
    merge = models.ForeignKey("students.MergeEvent", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200)
    by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_reason = models.CharField(max_length=200, blank=True)

    objects = ResolutionQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["identity"], condition=Q(undone_at=None), name="resolution_stands_once"),
            models.CheckConstraint(
                condition=Q(conclusion__in=["is_child", "new_child"], child__isnull=False)
                | Q(conclusion__in=["not_ours", "asked"], child=None)
                | Q(undone_at__isnull=False),
                name="resolution_names_a_child",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False), name="resolution_undone"
            ),
        ]
