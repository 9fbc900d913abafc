"""Striking a child off the suspected list: a proposal, and another person's decision (domain.md §3.5)."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q

from core.workflow import Transition, Workflow
from dropout import codes
from dropout.workflow import scope_of


class Decision(models.TextChoices):
    PENDING = "pending", "待复核"
    APPROVED = "approved", "同意"
    REJECTED = "rejected", "退回"


def decided_once(name, permission):
    """A proposal's table: it begins undecided and is decided once, by another person."""
    steps = (
        Transition("approve", "同意", ("pending",), "approved", permission, other_than=_proposer),
        Transition("reject", "退回", ("pending",), "rejected", permission, other_than=_proposer),
    )
    return Workflow(name, Decision, "pending", steps, lambda proposal: scope_of(proposal.case), field="decision")


def _proposer(proposal):
    return {proposal.proposed_by_id}


def decision_triggers(workflow):
    """What the table says, and that a decision stands."""
    stands = pgtrigger.Protect(name="decision_stands", operation=pgtrigger.Update, condition=~pgtrigger.Q(old__decision="pending"))
    return [*workflow.triggers(), stands]


REMOVAL = decided_once("removal", "review_removal")
DECIDED = Q(decision="pending", reviewed_by=None, reviewed_at=None) | Q(
    decision__in=["approved", "rejected"], reviewed_by__isnull=False, reviewed_at__isnull=False
)
ANOTHER_PERSON = Q(reviewed_by=None) | ~Q(reviewed_by=F("proposed_by"))


class Removal(models.Model):
    """One proposal with its evidence. `expires_on` is the last day it holds, computed from the reason's re-check rule."""

    Decision, workflow = Decision, REMOVAL

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("dropout.Case", on_delete=models.PROTECT, related_name="removals")
    reason = models.CharField(max_length=2, choices=codes.REASON_CHOICES)
    sub_reason = models.CharField(max_length=3, blank=True, choices=codes.SUB_CHOICES)
    statement = models.CharField("情况说明", max_length=500, blank=True)
    reply_number = models.CharField("公安回复文号或证明编号", max_length=60, blank=True)
    ends_on = models.DateField("休学截止日期", null=True, blank=True, help_text="reason 13 only")
    proposed_on = models.DateField()
    proposed_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.PENDING)
    reviewed_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.CharField(max_length=200, blank=True)
    expires_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        triggers = [
            *decision_triggers(REMOVAL),
            pgtrigger.ReadOnly(
                name="proposal_stands",
                fields=["case", "reason", "sub_reason", "statement", "reply_number", "ends_on", "proposed_on", "proposed_by"],
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(decision="pending"), name="removal_pending_once"),
            models.CheckConstraint(condition=DECIDED, name="removal_decided", violation_error_message="复核要写明复核人和时间"),
            models.CheckConstraint(
                condition=ANOTHER_PERSON, name="removal_second_person", violation_error_message="提出核减的人不能自己复核"
            ),
            models.CheckConstraint(
                condition=~Q(decision="rejected") | ~Q(decision_note=""), name="removal_rejected_with_reason",
                violation_error_message="退回要写明原因",
            ),
        ]

    @property
    def label(self):
        return codes.reason_label(self.reason, self.sub_reason)
