"""Long work as a row: PostgreSQL is the record, the queue only carries its id (design.md §1, reliability.md T18)."""

import uuid

from django.conf import settings
from django.db import models

from core.models.organization import OfUnitsQuerySet
from core.workflow import Transition, Workflow


class FileRunQuerySet(OfUnitsQuerySet):
    def of(self, user):
        return self.filter(requested_by=user)

    def dead(self):
        """Ended by the house's own trouble. What was refused is an answer, and its person has it."""
        return self.filter(state="failed").exclude(trouble="refused")

    def stranded(self, now):
        """Runs that wait without a worker or whose worker's lease has ended."""
        return self.filter(models.Q(state="waiting") | models.Q(state="running", lease_until__lt=now))


class RunState(models.TextChoices):
    WAITING = "waiting", "等待中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"


class Trouble(models.TextChoices):
    """Why a run failed."""

    ATTEMPTS = "attempts", "试满次数"
    MEMORY = "memory", "内存不够"
    TIME = "time", "用时太长"
    DISK = "disk", "磁盘写满"
    STORED = "stored", "密钥或文件"
    FAULT = "fault", "程序出错"
    REFUSED = "refused", "不能办"


FILE_RUN = Workflow(
    "file_run",
    RunState,
    "waiting",
    (
        Transition("claim", "领取", ("waiting",), "running"),
        Transition("finish", "做完", ("running",), "done"),
        Transition("fail", "没有做完", ("running",), "failed"),
        Transition("again", "重新排队", ("running", "failed"), "waiting"),
    ),
)


class FileRun(models.Model):
    """One piece of long work: state, counted progress, what was wrong, the resulting file."""

    State, Trouble, workflow = RunState, Trouble, FILE_RUN

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=160, unique=True, help_text="idempotency key: the same work asked twice is one run")
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.WAITING)
    steps_done = models.PositiveIntegerField(default=0)
    steps_total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True)
    trouble = models.CharField(max_length=10, choices=Trouble.choices, blank=True, help_text="why it failed; not kept before 0005")
    result = models.ForeignKey("core.Attachment", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="file_runs")
    organization = models.ForeignKey("core.Organization", on_delete=models.PROTECT, null=True, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = FileRunQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "lease_until"], name="file_run_state")]
        triggers = FILE_RUN.triggers()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["done", "failed"], finished_at__isnull=False)
                | models.Q(state__in=["waiting", "running"], finished_at=None),
                name="file_run_finished",
            ),
            models.CheckConstraint(condition=models.Q(state="failed") | models.Q(trouble=""), name="file_run_trouble"),
        ]

    @property
    def number(self):
        """What the sentences call it."""
        return str(self.public_id)[:8]

    @property
    def is_open(self):
        return self.state in (self.State.WAITING, self.State.RUNNING)
