"""A correction of what was issued: asked for by one person, decided by another, frozen in between (peers.md §2a)."""

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from core.crypto import SealedTextField
from core.workflow import Transition, Workflow

PEOPLE = settings.AUTH_USER_MODEL
FROZEN = ("subject_kind", "subject_id", "nodes", "field", "old", "new", "reason", "proof_id", "requested_by_id", "submitted_at")


class ChangeRequestQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(nodes__overlap=granted_nodes(user, permission))

    def waiting(self):
        return self.filter(state="submitted")


class ChangeState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待审批"
    APPROVED = "approved", "已更正"
    REFUSED = "refused", "未同意"
    WITHDRAWN = "withdrawn", "已撤回"


def _asker(request):
    return {request.requested_by_id}


def nodes_of(request):
    from core.models import Organization

    return Organization.objects.filter(pk__in=request.nodes)


CHANGE = Workflow(
    "change_request",
    ChangeState,
    "draft",
    (
        Transition("submit", "提交审批", ("draft",), "submitted", "request_change"),
        Transition("approve", "同意更正", ("submitted",), "approved", "approve_change", other_than=_asker),
        Transition("refuse", "不予同意", ("submitted",), "refused", "approve_change", other_than=_asker),
        Transition("withdraw", "撤回", ("draft", "submitted"), "withdrawn", "request_change"),
    ),
    nodes_of,
)


def _frozen():
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FROZEN)
    return pgtrigger.Trigger(
        name="frozen_request", when=pgtrigger.Before, operation=pgtrigger.Update,
        func=f"IF OLD.state <> 'draft' AND ({changed}) THEN"
        " RAISE EXCEPTION 'pgtrigger: a submitted change request does not change'; END IF; RETURN NEW;",
    )  # fmt: skip


class ChangeRequest(models.Model):
    """One field of one subject: what it was when asked, what it should be. `nodes` are the subject's scope at the time of asking.

    What may be asked for, and what an approval does, is registered with core.actions.change_requests by the app that owns the subject."""

    State, workflow = ChangeState, CHANGE

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=40)
    subject_name = models.CharField(max_length=60, help_text="as it was")
    nodes = ArrayField(models.BigIntegerField())
    field = models.CharField(max_length=30)
    old = SealedTextField(field="change_request.value")
    new = SealedTextField(field="change_request.value")
    reason = models.CharField(max_length=200)
    proof = models.ForeignKey("core.Attachment", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=ChangeState.choices, default=ChangeState.DRAFT)
    requested_by = models.ForeignKey(PEOPLE, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(PEOPLE, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=200, blank=True, help_text="why so, in the decider's words")

    objects = ChangeRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            GinIndex(fields=["nodes"], name="change_request_nodes"),
            models.Index(fields=["subject_kind", "subject_id"], name="change_request_subject"),
        ]
        triggers = [*CHANGE.triggers(), _frozen()]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "field"], condition=Q(state__in=["draft", "submitted"]),
                name="change_request_one_open",
                violation_error_message="这一项已有一份更正申请在办理",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")), name="change_request_two_people",
                violation_error_message="更正要由另一个人审批",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "refused"], decided_by__isnull=False, decided_at__isnull=False)
                | Q(state__in=["draft", "submitted", "withdrawn"], decided_by=None, decided_at=None),
                name="change_request_decided",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", submitted_at=None) | Q(state="withdrawn") | Q(state__in=["submitted", "approved", "refused"],
                                                                                          submitted_at__isnull=False),
                name="change_request_submitted",
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(decision=""), name="change_request_refused_with_reason"),
            models.CheckConstraint(condition=~Q(reason=""), name="change_request_reason"),
        ]  # fmt: skip

    @property
    def is_open(self):
        return self.state in (ChangeState.DRAFT, ChangeState.SUBMITTED)
