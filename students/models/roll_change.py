"""学籍异动: one change of one child's roll, from the application to the day it is entered, with its proofs and the call to the guardian."""

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from core.workflow import Transition, Workflow
from students.models.school import Section
from students.rules import roll_changes as rules
from students.workflow import ROLL_CHANGE, ChangeState


class RollChangeQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        """Changes of children in scope, and those that name a school in scope: the receiving school sees the child who is to come."""
        from core.scope import granted_nodes

        granted = granted_nodes(user, permission)
        return self.filter(Q(nodes__overlap=granted) | Q(child__scope_nodes__overlap=granted))

    def open(self):
        return self.filter(state__in=ChangeState.waiting())

    def overdue(self, on):
        return self.open().filter(due_on__lt=on)

    def with_places(self):
        return self.select_related("child", "school", "target_school", "started_by")

    def suspended(self):
        """Suspensions in force: done, and neither resumed nor taken back."""
        return self.filter(kind="suspension", state=ChangeState.DONE, resumed_on=None)


class RollChange(models.Model):
    """`school` the school on whose roll the child is (null when coming from outside), `target_school` where the child goes to within the
    county (the same school for a resumption). `effective_on` is the first day on which the new fact holds. `nodes`: the schools' paths."""

    State, workflow = ChangeState, ROLL_CHANGE

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("异动号", max_length=24, unique=True, help_text="异〔2026〕0001")
    kind = models.CharField("异动类型", max_length=12, choices=rules.KIND_CHOICES)
    state = models.CharField("状态", max_length=12, choices=ChangeState.choices, default=ChangeState.PROPOSED)
    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, related_name="roll_changes")
    school = models.ForeignKey("core.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    target_school = models.ForeignKey("core.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    nodes = ArrayField(models.BigIntegerField(), default=list)
    asked_by_target = models.BooleanField(default=False, help_text="a transfer within the county that the receiving school applied for")
    place = models.CharField("县外学校或去处", max_length=120, blank=True)
    province = models.BooleanField("省外", default=False)
    stage = models.CharField(max_length=3, choices=Section.Stage.choices, blank=True)
    grade = models.PositiveSmallIntegerField(null=True, blank=True, help_text="year within the stage on the day of the application")
    target_stage = models.CharField(max_length=3, choices=Section.Stage.choices, blank=True)
    target_grade = models.PositiveSmallIntegerField(null=True, blank=True)
    target_class = models.ForeignKey("core.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField("原因", max_length=300)
    effective_on = models.DateField("生效日期")
    ends_on = models.DateField("休学截止日期", null=True, blank=True)
    resumed_on = models.DateField(null=True, blank=True, help_text="the day on which a suspension was over")
    effects = models.JSONField(default=dict, help_text="what entering it ended besides enrolments, for taking it back")
    due_on = models.DateField(null=True, blank=True)
    started_on = models.DateField()
    started_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    done_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = RollChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-started_on", "-id"]
        indexes = [
            GinIndex(fields=["nodes"], name="roll_change_nodes"),
            models.Index(fields=["state", "due_on"], name="roll_change_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(state__in=["proposed", "other_school", "bureau", "returned"]),
                name="roll_change_open_once",
                violation_error_message="这名学生已有一项没有办结的异动",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "undone"], done_on__isnull=False) | ~Q(state__in=["done", "undone"]) & Q(done_on=None),
                name="roll_change_done",
                violation_error_message="办结的异动要有办结日期",
            ),
            models.CheckConstraint(
                condition=Q(kind="suspension", ends_on__gte=F("effective_on")) | ~Q(kind="suspension") & Q(ends_on=None),
                name="roll_change_suspension",
                violation_error_message="休学要写明截止日期，其他异动不写",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["transfer", "transfer_in", "back_home", "restored", "resumption", "skip", "repeat"])
                & Q(target_school__isnull=False)
                | ~Q(kind__in=["transfer", "transfer_in", "back_home", "restored", "resumption", "skip", "repeat"]) & Q(target_school=None),
                name="roll_change_target",
                violation_error_message="转入、复学等异动要写明就读学校",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["transfer_in", "back_home", "restored"]) | Q(school__isnull=False),
                name="roll_change_school",
                violation_error_message="异动要写明学籍所在学校",
            ),
        ]
        triggers = [
            *ROLL_CHANGE.triggers(),
            pgtrigger.ReadOnly(name="roll_change_identity", fields=["public_id", "number", "child", "kind", "started_on", "started_by"]),
        ]  # fmt: skip

    def __str__(self):
        return self.number

    @property
    def spec(self):
        return rules.KIND[self.kind]

    @property
    def call(self):
        """The call that counts: the newest; None where the change was not drawn."""
        return next(iter(self.calls.all()), None)

    def is_overdue(self, on):
        return self.state in ChangeState.waiting() and self.due_on is not None and self.due_on < on


class RollChangeEvent(models.Model):
    """What happened to a change, never altered."""

    change = models.ForeignKey(RollChange, on_delete=models.PROTECT, related_name="events")
    name = models.CharField(max_length=20, help_text="start, or a transition of students.workflow")
    source = models.CharField(max_length=12, blank=True)
    target = models.CharField(max_length=12, choices=ChangeState.choices)
    happened_on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class RollChangeProofQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        return self.filter(change__in=RollChange.objects.visible_to(user, permission))


class RollChangeProof(models.Model):
    """One file of a change. Added, never altered."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    change = models.ForeignKey(RollChange, on_delete=models.PROTECT, related_name="proofs")
    kind = models.CharField(max_length=16, choices=rules.EVIDENCE_CHOICES)
    attachment = models.ForeignKey("core.Attachment", on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    objects = RollChangeProofQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class CallAnswer(models.TextChoices):
    WAITING = "", "待核实"
    AGREES = "agrees", "属实，家长自愿"
    CONFLICTS = "conflicts", "不属实或受到劝离"
    UNREACHED = "unreached", "未联系上"


GUARDIAN_CALL = Workflow(  # who may: students.workflow.why_no_call
    "guardian_call",
    CallAnswer,
    "",
    (
        Transition("agree", "属实", ("", "unreached"), "agrees", "call_guardian"),
        Transition("contradict", "不属实", ("", "unreached"), "conflicts", "call_guardian"),
        Transition("miss", "未联系上", ("",), "unreached", "call_guardian"),
    ),
    lambda call: [call.change.school or call.change.target_school],
    field="answer",
)


class GuardianCall(models.Model):
    """A change that was drawn: somebody of the bureau asks the guardian by telephone whether it is the family's own wish. The newest
    call of a change counts; an answer that was reached stands."""

    Answer, workflow = CallAnswer, GUARDIAN_CALL

    class Drawn(models.TextChoices):
        ENTRY = "entry", "送审时抽中"
        MONTH = "month", "按月补抽"
        AGAIN = "again", "说法不一致后再次送审"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    change = models.ForeignKey(RollChange, on_delete=models.PROTECT, related_name="calls")
    month = models.CharField(max_length=7, help_text="2026-09: the month of the sample")
    drawn = models.CharField(max_length=6, choices=Drawn.choices)
    share = models.FloatField(help_text="the county's share when it was drawn")
    drawn_at = models.DateTimeField(auto_now_add=True)
    answer = models.CharField(max_length=10, choices=CallAnswer.choices, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    spoke_with = models.CharField("通话对象", max_length=60, blank=True)
    note = models.CharField("家长怎么说", max_length=300, blank=True)
    called_on = models.DateField(null=True, blank=True)
    called_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["month"], name="guardian_call_month")]
        constraints = [
            models.UniqueConstraint(fields=["change"], condition=Q(answer__in=["", "unreached"]), name="guardian_call_waiting_once"),
            models.CheckConstraint(
                condition=Q(answer="") | Q(called_on__isnull=False, called_by__isnull=False), name="guardian_call_answered",
                violation_error_message="核实结果要写明通话日期和通话人",
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Protect(
                name="answer_stands", operation=pgtrigger.Update, condition=pgtrigger.Q(old__answer__in=["agrees", "conflicts"])
            ),
            *GUARDIAN_CALL.triggers(),
        ]
