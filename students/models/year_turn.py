"""学年升级: every class of a county or a school moves up a grade on one day; undone as one."""

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class YearTurnQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        """Turns of a node in scope, and those of a node above: a school sees the county's turn, which was its own as well."""
        from core.models import Organization
        from core.scope import granted_nodes

        granted = granted_nodes(user, permission)
        above = Organization.objects.filter(pk__in=granted).values_list("path", flat=True)
        return self.filter(Q(node__path__overlap=granted) | Q(node__in={pk for path in above for pk in path}))

    def standing(self):
        return self.filter(undone_at=None)


class YearTurn(models.Model):
    """One turn: `school_year` is the calendar year in which the new school year begins, `happened_on` its first day. The enrolments it
    ended and began carry its public_id; `counts` {moves, stays, leaves} of the roll."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    node = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    path = ArrayField(models.BigIntegerField(), default=list)
    school_year = models.PositiveSmallIntegerField()
    happened_on = models.DateField()
    counts = models.JSONField(default=dict)
    applied_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True, help_text="why it was undone")

    objects = YearTurnQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        triggers = [pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete)]
        constraints = [
            models.UniqueConstraint(
                fields=["node", "school_year"], condition=Q(undone_at=None), name="year_turn_once",
                violation_error_message="这个单位已经办过这一学年的升级",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False), name="year_turn_undone"
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.school_year}—{self.school_year + 1}学年升级"
