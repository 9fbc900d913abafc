"""Reasons entered in a batch: one person proposes with the papers, another decides; only then do they count (domain.md §3.5)."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.workflow import Transition, Workflow
from students.rules.standings import STANDING_CHOICES


class StandingProposalQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(organization__path__overlap=granted_nodes(user, permission))


class ProposalState(models.TextChoices):
    PENDING = "pending", "待复核"
    APPROVED = "approved", "已同意"
    REJECTED = "rejected", "已退回"


def _proposer(proposal):
    return {proposal.proposed_by_id}


STANDING_PROPOSAL = Workflow(
    "standing_proposal",
    ProposalState,
    "pending",
    (
        Transition("approve", "同意", ("pending",), "approved", "review_standing", other_than=_proposer),
        Transition("reject", "退回", ("pending",), "rejected", "review_standing", other_than=_proposer),
    ),
    lambda proposal: [proposal.organization],
)


class StandingProposal(models.Model):
    """A batch of reasons by one person of one unit, with its proof; decided once, by somebody else."""

    State, workflow = ProposalState, STANDING_PROPOSAL

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    proof = models.ForeignKey("core.Attachment", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=ProposalState.choices, default=ProposalState.PENDING)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=200, blank=True)

    objects = StandingProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        triggers = [
            *STANDING_PROPOSAL.triggers(),
            pgtrigger.Protect(name="decision_stands", operation=pgtrigger.Update, condition=~pgtrigger.Q(old__state="pending")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="pending", decided_by=None, decided_at=None)
                | Q(state__in=["approved", "rejected"], decided_by__isnull=False, decided_at__isnull=False),
                name="standing_proposal_decided",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")), name="standing_proposal_second_person",
                violation_error_message="登记去向的人不能自己复核",
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(decision_note=""), name="standing_proposal_rejected_with_reason",
                violation_error_message="退回要写明原因",
            ),
        ]  # fmt: skip


class StandingProposalLine(models.Model):
    """One child of a batch and the reason proposed for it."""

    proposal = models.ForeignKey(StandingProposal, on_delete=models.PROTECT, related_name="lines")
    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=16, choices=STANDING_CHOICES)
    reason = models.CharField(max_length=3, blank=True)
    place = models.CharField(max_length=120, blank=True)
    document = models.CharField(max_length=80, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True, help_text="first day it no longer holds")

    class Meta:
        ordering = ["id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [models.UniqueConstraint(fields=["proposal", "child"], name="standing_proposal_child_once")]
