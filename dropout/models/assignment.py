"""Who answers for bringing a child back: two lines, one person a level (双线四级, domain.md §3.9)."""

from django.db import models
from django.db.models import F, Q

from core.crypto import SealedTextField
from dropout.codes import LEVEL_CHOICES, LEVELS, Line


class AssignmentQuerySet(models.QuerySet):
    def in_force(self):
        return self.filter(until=None)


class Assignment(models.Model):
    """One responsible person of a case on one level; `until` is the first day the person no longer is."""

    case = models.ForeignKey("dropout.Case", on_delete=models.PROTECT, related_name="assignments")
    line = models.CharField(max_length=16, choices=Line.choices)
    level = models.CharField(max_length=12, choices=LEVEL_CHOICES)
    name = models.CharField(max_length=60)
    post = models.CharField(max_length=60, blank=True)
    phone = SealedTextField(field="person.phone", null=True, blank=True)
    user = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, blank=True, related_name="assignments")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    assigned_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField(auto_now_add=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["line", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "line", "level"], condition=Q(until=None), name="assignment_once",
                violation_error_message="这一级已有责任人",
            ),
            models.CheckConstraint(
                condition=Q(line="administration", level__in=[code for code, _ in LEVELS["administration"]])
                | Q(line="education", level__in=[code for code, _ in LEVELS["education"]]),
                name="assignment_level_of_line", violation_error_message="责任层级与责任线不符",
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="assignment_dates"),
        ]
