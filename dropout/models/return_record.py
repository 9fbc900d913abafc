"""The return to school, and where the child learns then (domain.md §3.12)."""

import pgtrigger
from django.db import models

from dropout.codes import Placement


class ReturnRecord(models.Model):
    """A child came back. One row for each return; dropping out again leads to another."""

    case = models.ForeignKey("dropout.Case", on_delete=models.PROTECT, related_name="returns")
    returned_on = models.DateField("返校日期")
    school = models.ForeignKey("core.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    school_name = models.CharField("返校学校", max_length=80)
    brought_by = models.CharField("护送、接收人", max_length=60, blank=True)
    note = models.CharField(max_length=500, blank=True)
    recorded_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class PlacementRecord(models.Model):
    """How a returned child is placed, and who looks after it."""

    case = models.ForeignKey("dropout.Case", on_delete=models.PROTECT, related_name="placements")
    placement = models.CharField("安置方式", max_length=16, choices=Placement.choices)
    school_name = models.CharField("就读学校", max_length=80)
    class_name = models.CharField("年级、班级", max_length=40, blank=True)
    support_teacher = models.CharField("帮扶教师", max_length=60)
    plan = models.CharField("教学和帮扶安排", max_length=500, blank=True)
    placed_on = models.DateField("安置日期")
    recorded_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
