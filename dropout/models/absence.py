"""An unexcused absence and its clock, the 48-hour report that follows from it, who received it (辍学报告制, domain.md §3.1, §3.8)."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q

from core.workflow import Transition, Workflow
from students.models.attendance import HALVES

OPEN = ("running", "reported")


class AbsenceQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(child__scope_nodes__overlap=granted_nodes(user, permission))

    def counted(self):
        """Each absence once: those that were folded into another when two records became one stay behind it."""
        return self.filter(folded_into=None)

    def open(self):
        """Whose child is still away without leave, as far as the marks say."""
        return self.counted().filter(state__in=OPEN)

    def due(self):
        """Those that had to be reported: the hours were full, and nothing explained the whole of them since."""
        return self.counted().filter(threshold_at__isnull=False)

    def on_time(self):
        return self.due().filter(report__delivered_at__lte=F("due_at"))

    def with_places(self):
        return self.select_related("child", "school", "class_node", "report__township", "report__case")


class AbsenceState(models.TextChoices):
    RUNNING = "running", "计时中"
    REPORTED = "reported", "已报告"
    EXPLAINED = "explained", "已说明"
    RETURNED = "returned", "已到校"


ABSENCE = Workflow(
    "absence",
    AbsenceState,
    ("running", "reported", "explained", "returned"),  # the marks decide: one that is entered late may be over when it is first seen
    (
        Transition("report", "报告", ("running",), "reported"),
        Transition("explain", "有假条或去向", ("running", "reported", "returned"), "explained"),
        Transition("return", "到校", ("running", "reported", "explained"), "returned"),
        Transition("resume", "恢复计时", ("explained", "returned"), "running"),
        Transition("resume_reported", "恢复计时（已报告）", ("explained", "returned"), "reported"),
    ),
)


class Absence(models.Model):
    """One unexcused absence of one child from its first missed half-day on. The marks decide; this row remembers what followed.

    A backdated change moves or ends it and says so in an event. `missed`: half-days known to be missed. `folded_into`: the same absence of
    the same child, told twice while the child had two records; its events and its report are read there."""

    State, workflow = AbsenceState, ABSENCE

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, related_name="absences")
    school = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    class_node = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    class_label = models.CharField(max_length=60)
    stage = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=AbsenceState.choices, default=AbsenceState.RUNNING)
    first_on = models.DateField()
    first_half = models.CharField(max_length=2, choices=HALVES)
    discovered_at = models.DateTimeField(help_text="when the first missed half-day was marked")
    missed = models.PositiveSmallIntegerField(default=1)
    ended_on = models.DateField(null=True)
    ended_half = models.CharField(max_length=2, choices=HALVES, blank=True)
    threshold_at = models.DateTimeField(null=True, help_text="when the hours were full")
    due_at = models.DateTimeField(null=True, help_text="last moment at which the report is in time")
    weeks_on = models.DateField(null=True, help_text="day on which the weeks were full after which a dropout is to be decided on")
    rule = models.JSONField(default=dict, help_text="thresholds, their version and the half-days behind the alarm")
    folded_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="folded")
    recorded_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["-first_on", "-id"]
        indexes = [
            models.Index(fields=["school", "threshold_at"], name="absence_school"),
            models.Index(fields=["state"], name="absence_state"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["child", "first_on", "first_half"], condition=Q(folded_into=None), name="absence_once"),
            models.UniqueConstraint(fields=["child"], condition=Q(state__in=OPEN, folded_into=None), name="absence_open_once"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, ended_on=None, ended_half="")
                | Q(state__in=["explained", "returned"], ended_on__isnull=False) & ~Q(ended_half=""),
                name="absence_ended",
            ),
            models.CheckConstraint(
                condition=Q(threshold_at=None, due_at=None) | Q(threshold_at__isnull=False, due_at__isnull=False), name="absence_due"
            ),
            models.CheckConstraint(condition=~Q(state="reported") | Q(threshold_at__isnull=False), name="absence_reported"),
        ]
        triggers = ABSENCE.triggers()

    @property
    def first(self):
        return (self.first_on, self.first_half)

    @property
    def ended(self):
        return (self.ended_on, self.ended_half) if self.ended_on else None

    @property
    def first_words(self):
        return f"{self.first_on.month}月{self.first_on.day}日{self.get_first_half_display()}"


class AbsenceEvent(models.Model):
    """What happened to an absence, never changed. `happened_at`: the moment that was judged; `by` null: the system."""

    NAMES = (
        ("began", "开始计时"), ("reported", "报告"), ("missed_report", "未及时报告"), ("case_opened", "列为疑似"), ("moved", "起点更正"),
        ("recomputed", "重新计算"), ("explained", "已说明"), ("returned", "已到校"), ("resumed", "恢复计时"), ("weeks", "满规定周数"),
        ("received", "签收"),
    )  # fmt: skip

    absence = models.ForeignKey(Absence, on_delete=models.PROTECT, related_name="events")
    name = models.CharField(max_length=16, choices=NAMES)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class AbsenceReport(models.Model):
    """The 48-hour report: numbered, delivered to the township where the child lives and to the bureau. Its names stay as they were.

    `fallback`: the sentence why no township got it. `case`: the suspected case that opened with it, or the one that was open already."""

    class Lives(models.TextChoices):
        RESIDENCE = "residence", "现住地"
        HUKOU = "hukou", "户籍地"
        UNKNOWN = "unknown", "住址不明"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    absence = models.OneToOneField(Absence, on_delete=models.PROTECT, related_name="report")
    number = models.CharField("报告编号", max_length=24, unique=True, help_text="缺报〔2026〕0001")
    school_name = models.CharField(max_length=80)
    township = models.ForeignKey("core.Organization", on_delete=models.PROTECT, null=True, related_name="+")
    township_name = models.CharField(max_length=80, blank=True)
    village_name = models.CharField(max_length=80, blank=True)
    lives = models.CharField(max_length=10, choices=Lives.choices)
    fallback = models.CharField(max_length=200, blank=True)
    discovered_at = models.DateTimeField()
    threshold_at = models.DateTimeField()
    due_at = models.DateTimeField()
    delivered_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    case = models.ForeignKey("dropout.Case", on_delete=models.PROTECT, null=True, related_name="absence_reports")

    class Meta:
        ordering = ["-delivered_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(township=None) & ~Q(fallback="") | Q(township__isnull=False, fallback=""), name="absence_report_place",
                violation_error_message="没有送乡镇的报告要写明原因",
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Protect(name="report_no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="report_stands",
                fields=[
                    "absence", "number", "school_name", "township", "township_name", "lives", "fallback", "discovered_at", "threshold_at",
                    "due_at", "delivered_at",
                ],
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.number

    @property
    def is_on_time(self):
        return self.delivered_at <= self.due_at


class AbsenceReceipt(models.Model):
    """签收: who of the township, who of the bureau took the report, and when. Once for each side, never changed."""

    class Side(models.TextChoices):
        TOWNSHIP = "township", "乡镇"
        BUREAU = "bureau", "教育局"

    report = models.ForeignKey(AbsenceReport, on_delete=models.PROTECT, related_name="receipts")
    side = models.CharField(max_length=10, choices=Side.choices)
    received_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    role = models.CharField(max_length=30)
    organization = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["report", "side"], name="absence_receipt_once")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
