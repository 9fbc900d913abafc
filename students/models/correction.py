"""What a person corrected and another approved: a fact that later lists do not undo."""

import uuid

from django.db import models
from django.db.models import Q


class Correction(models.Model):
    """One particular of one child, from a change request. The newest stands;
    `details` what follows from the value (comparison key, pinyin).

    An identity number is the ChildNumber it names; the former numbers stay the child's, so that lists that still have them find it."""

    class Field(models.TextChoices):
        NAME = "name", "姓名"
        BIRTH = "birth_on", "出生日期"
        SEX = "sex", "性别"
        ETHNIC = "ethnic", "民族"
        NUMBER = "number", "证件号"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, related_name="corrections")
    field = models.CharField(max_length=10, choices=Field.choices)
    value = models.CharField(max_length=60, blank=True, help_text="empty for a number, which is sealed where it belongs")
    details = models.JSONField(default=dict)
    number = models.ForeignKey("students.ChildNumber", on_delete=models.PROTECT, null=True, related_name="corrections")
    request = models.ForeignKey("core.ChangeRequest", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child", "field"], condition=Q(superseded_at=None), name="correction_stands_once"),
            models.CheckConstraint(
                condition=Q(field="number", number__isnull=False, value="") | ~Q(field="number") & Q(number=None) & ~Q(value=""),
                name="correction_value",
            ),
        ]
