"""What people found by looking: the four checks place by place, and children whom no list knows (domain.md §3.3)."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.crypto import SealedTextField


class FieldCheckQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(place__path__overlap=granted_nodes(user, permission))


class FieldCheck(models.Model):
    """One place checked: who, when, how many children, what was found. Never changed; a second look is another row."""

    class What(models.TextChoices):
        HUKOU = "hukou", "查户籍"
        ROLL = "roll", "查学籍"
        ATTENDING = "attending", "查在校学生"
        POVERTY = "poverty", "查脱贫户适龄儿童"
        DOOR = "door", "铁脚板入户摸排"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    what = models.CharField("查什么", max_length=10, choices=What.choices)
    place = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    term = models.CharField(max_length=5, help_text="2020S or 2020A")
    checked_on = models.DateField("检查日期")
    people = models.CharField("检查人", max_length=120)
    checked = models.PositiveIntegerField("查了多少人")
    problems = models.PositiveIntegerField("发现问题多少人")
    findings = models.CharField("查到什么", max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = FieldCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-checked_on", "-id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        indexes = [models.Index(fields=["term", "what", "place"], name="field_check_coverage")]
        constraints = [
            models.CheckConstraint(
                condition=Q(problems__lte=F("checked")),
                name="field_check_problems",
                violation_error_message="发现问题的人数不能多于查的人数",
            ),
            models.CheckConstraint(
                condition=Q(problems=0) | ~Q(findings=""), name="field_check_findings", violation_error_message="发现问题的，要写明查到什么"
            ),
        ]


class FoundChildQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(child__scope_nodes__overlap=granted_nodes(user, permission), child__merged_into=None)


class FoundChild(models.Model):
    """铁脚板: a child found at the door whom no list knows. It has a provisional number until a list brings its own."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, related_name="finds")
    number = models.CharField(max_length=20, unique=True, help_text="摸〔2020〕0001")
    village = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    age_only = models.BooleanField(help_text="the birth date was worked out from the age that was told")
    guardian = models.CharField(max_length=60, blank=True)
    phone = SealedTextField(field="person.phone", null=True, blank=True)
    whereabouts = models.CharField(max_length=200)
    found_on = models.DateField()
    row = models.OneToOneField(
        "students.ListRow", on_delete=models.PROTECT, null=True, related_name="find", help_text="the row of a filled form that brought it"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = FoundChildQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
