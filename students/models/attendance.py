"""Attendance by exception: one row for each class and half-day that was marked, one more for each pupil who was not simply there.

A half-day without its row is "not marked": neither presence nor absence, but an alarm of its own (domain.md §3.8, peers.md §2b).
"""

import uuid

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from core.workflow import Transition, Workflow
from students.rules.school_days import HALF_LABELS

HALVES = list(HALF_LABELS.items())


class ClassMarkQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(class_node__path__overlap=granted_nodes(user, permission))

    def between(self, first, last):
        return self.filter(on__gte=first, on__lte=last)


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old, level=pghistory.Statement))
class ClassMark(models.Model):
    """One class on one half-day, as marked: `pupils` were expected, the others were there. Corrections keep the former row as history."""

    class Source(models.TextChoices):
        CLASS = "class", "班级登记"
        SCHOOL = "school", "全校登记"
        FILE = "file", "导入"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    class_node = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    on = models.DateField()
    half = models.CharField(max_length=2, choices=HALVES)
    pupils = models.PositiveSmallIntegerField(help_text="persons of the class on that day")
    absent = models.PositiveSmallIntegerField(default=0)
    on_leave = models.PositiveSmallIntegerField(default=0)
    late = models.PositiveSmallIntegerField(default=0)
    source = models.CharField(max_length=8, choices=Source.choices)
    note = models.CharField(max_length=200, blank=True, help_text="why it was corrected")
    marked_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField(help_text="when it was first marked")
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = ClassMarkQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["on", "half"], name="class_mark_day")]
        constraints = [
            models.UniqueConstraint(fields=["class_node", "on", "half"], name="class_mark_once"),
            models.CheckConstraint(condition=Q(pupils__gte=F("absent") + F("on_leave") + F("late")), name="class_mark_counts"),
        ]
        triggers = [pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete)]

    @property
    def present(self):
        return self.pupils - self.absent - self.on_leave


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old, level=pghistory.Statement))
class AttendanceMark(models.Model):
    """A pupil who was not simply there on a marked half-day. `present` is what a correction leaves behind."""

    class Kind(models.TextChoices):
        PRESENT = "present", "到"
        ABSENT = "absent", "缺勤"
        LEAVE = "leave", "请假"
        LATE = "late", "迟到"

    class_mark = models.ForeignKey(ClassMark, on_delete=models.PROTECT, related_name="marks")
    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, related_name="attendance_marks", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    marked_at = models.DateTimeField(db_default=Now(), help_text="when this kind was entered: the discovery of an absence")

    class Meta:
        indexes = [models.Index(fields=["child", "kind"], name="attendance_mark_child")]
        constraints = [models.UniqueConstraint(fields=["class_mark", "child"], name="attendance_mark_once")]
        triggers = [pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete)]


class LeaveSlipQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(child__scope_nodes__overlap=granted_nodes(user, permission))

    def standing(self):
        return self.filter(withdrawn_at=None)

    def covering(self, on, half):
        """Those that excuse the half-day `half` of the day `on`."""
        begun = Q(first_on__lt=on) | Q(first_on=on, first_half__lte=half)
        return self.standing().filter(begun, Q(last_on__gt=on) | Q(last_on=on, last_half__gte=half))

    def touching(self, first, last):
        return self.standing().filter(first_on__lte=last, last_on__gte=first)


class LeaveSlip(models.Model):
    """A leave (假条) from one half-day to another, both included. Never changed; withdrawn where it was wrong."""

    class Kind(models.TextChoices):
        SICK = "sick", "病假"
        PERSONAL = "personal", "事假"
        OTHER = "other", "其他"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, related_name="leave_slips")
    kind = models.CharField("种类", max_length=8, choices=Kind.choices)
    first_on = models.DateField()
    first_half = models.CharField(max_length=2, choices=HALVES)
    last_on = models.DateField()
    last_half = models.CharField(max_length=2, choices=HALVES)
    note = models.CharField("事由", max_length=200, blank=True)
    photo = models.ForeignKey("core.Attachment", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    withdrawn_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=200, blank=True)

    objects = LeaveSlipQuerySet.as_manager()

    class Meta:
        ordering = ["-first_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gt=F("first_on")) | Q(last_on=F("first_on"), last_half__gte=F("first_half")),
                name="leave_slip_dates", violation_error_message="假条的截止时间不能早于起始时间",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_why="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_why=""),
                name="leave_slip_withdrawn", violation_error_message="取消假条要写明原因",
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="slip_stands",
                fields=["child", "kind", "first_on", "first_half", "last_on", "last_half", "note", "photo", "recorded_by"],
            ),
        ]

    def covers(self, on, half):
        """Whether it excuses the half-day."""
        return (self.first_on, self.first_half) <= (on, half) <= (self.last_on, self.last_half)

    @property
    def words(self):
        first, last = (f"{on:%m-%d}{HALF_LABELS[half]}" for on, half in ((self.first_on, self.first_half), (self.last_on, self.last_half)))
        return f"{self.get_kind_display()} {first}" + (f" 至 {last}" if first != last else "")


class AttendanceFileQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(organization__path__overlap=granted_nodes(user, permission))


class FileState(models.TextChoices):
    STAGED = "staged", "待入库"
    APPLIED = "applied", "已入库"
    REFUSED = "refused", "不能读取"


ATTENDANCE_FILE = Workflow(
    "attendance_file",
    FileState,
    ("staged", "refused"),
    (Transition("apply", "入库", ("staged",), "applied", "mark_attendance"),),
    lambda file: [file.organization],
)


class AttendanceFile(models.Model):
    """An attendance workbook as received, previewed before it is taken in; its rows are read from the stored file each time.

    `half_days`: halves of classes that can be taken in; `held_back`: those with a refused row, which would make an absent child present."""

    State, workflow = FileState, ATTENDANCE_FILE

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey("core.Attachment", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=FileState.choices)
    rows = models.PositiveIntegerField(default=0)
    half_days = models.PositiveIntegerField(default=0)
    held_back = models.PositiveIntegerField(default=0)
    already = models.PositiveIntegerField(default=0, help_text="halves of classes that were marked before")
    issues = models.JSONField(default=list, help_text="[[sheet, row, column, masked value, reason]]")
    message = models.CharField(max_length=300, blank=True)
    received_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(auto_now_add=True)
    applied_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)

    objects = AttendanceFileQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "sha256"], condition=Q(state__in=["staged", "applied"]), name="attendance_file_once"
            ),
            models.CheckConstraint(
                condition=Q(state="applied", applied_at__isnull=False, applied_by__isnull=False)
                | ~Q(state="applied") & Q(applied_at=None, applied_by=None),
                name="attendance_file_applied",
            ),
        ]
        triggers = ATTENDANCE_FILE.triggers()
