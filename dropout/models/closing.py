"""Taking a case off the ledger (销号): proven attendance, a proposal, another person's decision (domain.md §3.12)."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q

from dropout.codes import CloseCode
from dropout.models.removal import ANOTHER_PERSON, DECIDED, Decision, decided_once, decision_triggers


class AttendanceCountQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(case__child__scope_nodes__overlap=granted_nodes(user, permission))

    def standing(self):
        return self.filter(correction=None)


class AttendanceCount(models.Model):
    """Days of attendance entered by hand for a span after the return: `present` of `school_days`. A correction is a new row."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("dropout.Case", on_delete=models.PROTECT, related_name="attendance_counts")
    corrects = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="correction")
    first_on = models.DateField("起")
    last_on = models.DateField("止")
    school_days = models.PositiveSmallIntegerField("应到天数")
    present = models.PositiveSmallIntegerField("实到天数")
    recorded_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = AttendanceCountQuerySet.as_manager()

    class Meta:
        ordering = ["first_on", "id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="attendance_dates", violation_error_message="截止日期不能早于起始日期",
            ),
            models.CheckConstraint(
                condition=Q(present__lte=F("school_days")), name="attendance_days", violation_error_message="实到天数不能多于应到天数",
            ),
        ]


CLOSING = decided_once("closing", "review_close")


class Closing(models.Model):
    """A proposal to close. `attendance_by` entered the last of the attendance (nobody where the end is proven by a paper instead:
    codes.CLOSE_EVIDENCE); whoever entered any, the proposer and the reviewer are different people."""

    Decision, workflow = Decision, CLOSING

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("dropout.Case", on_delete=models.PROTECT, related_name="closings")
    code = models.CharField("销号类型", max_length=16, choices=CloseCode.choices)
    statement = models.CharField("销号理由", max_length=500)
    days_present = models.PositiveSmallIntegerField(help_text="days of attendance since the return, at the time of proposing")
    days_wanted = models.PositiveSmallIntegerField(help_text="the county's parameter on that day")
    attendance_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proposed_on = models.DateField()
    proposed_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.PENDING)
    reviewed_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]
        triggers = [
            *decision_triggers(CLOSING),
            pgtrigger.ReadOnly(
                name="proposal_stands",
                fields=["case", "code", "statement", "days_present", "days_wanted", "attendance_by", "proposed_on", "proposed_by"],
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(decision="pending"), name="closing_pending_once"),
            models.CheckConstraint(condition=DECIDED, name="closing_decided", violation_error_message="审批要写明审批人和时间"),
            models.CheckConstraint(
                condition=ANOTHER_PERSON, name="closing_second_person", violation_error_message="提出销号的人不能自己批准"
            ),
            models.CheckConstraint(
                condition=Q(attendance_by=None)
                | ~Q(attendance_by=F("proposed_by")) & (Q(reviewed_by=None) | ~Q(attendance_by=F("reviewed_by"))),
                name="closing_third_person",
                violation_error_message="登记出勤、提出销号、批准销号要由三个人分别办理",
            ),
            models.CheckConstraint(
                condition=~Q(code="consolidated") | Q(days_present__gte=F("days_wanted"), attendance_by__isnull=False),
                name="closing_attendance",
                violation_error_message="出勤天数不足，不能提出销号",
            ),
            models.CheckConstraint(
                condition=~Q(decision="rejected") | ~Q(decision_note=""),
                name="closing_rejected_with_reason",
                violation_error_message="退回要写明原因",
            ),
        ]
