"""A periodic report of a unit: its figures, its words, its signatures' dates; one row a version (issue 2, stage B; domain.md §11.8)."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

PEOPLE = settings.AUTH_USER_MODEL


class ReportKind(models.TextChoices):
    MONTHLY = "monthly", "控辍保学月报"


class ReportMode(models.TextChoices):
    SYSTEM = "system", "系统填报"
    PAPER = "paper", "纸质报送"


class ReportQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        """Reports of units at or below the nodes on which `user` holds `permission`."""
        from core.scope import granted_nodes

        return self.filter(organization__path__overlap=granted_nodes(user, permission))

    def below(self, node):
        return self.filter(organization__path__contains=[node.pk])

    def of_period(self, period, kind=ReportKind.MONTHLY):
        return self.filter(kind=kind, period=period)

    def newest(self):
        """The newest version of each unit's report of each period."""
        newest = Report.objects.filter(kind=OuterRef("kind"), period=OuterRef("period"), organization=OuterRef("organization"))
        return self.filter(pk=Subquery(newest.order_by("-version").values("pk")[:1]))

    def counted(self):
        """The version of each report that totals are made of: the newest accepted one; before there is one, the newest that was filed."""
        sent = Report.objects.filter(kind=OuterRef("kind"), period=OuterRef("period"), organization=OuterRef("organization"))
        best = sent.exclude(state="draft").annotate(kept=Q(state="accepted")).order_by("-kept", "-version")
        return self.filter(pk=Subquery(best.values("pk")[:1]))


class ReportState(models.TextChoices):
    DRAFT = "draft", "草稿"
    FILED = "filed", "已填报"
    SIGNED = "signed", "已签字"
    ACCEPTED_GROUP = "accepted_group", "教育组已接收"
    ACCEPTED = "accepted", "教育局已接收"


def _table():
    from archives.workflow import MONTHLY_REPORT  # which needs the states above

    return MONTHLY_REPORT


def _triggers():
    """The table of moves in the database, and the promise that what was filed does not change under a signature."""
    frozen = ("figures", "texts", "zero_report", "zero_checked_by", "zero_checked_on", "content_sha256", "short_code", "organization_name")
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in frozen)
    stays = pgtrigger.Trigger(
        name="frozen_content",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"IF OLD.state <> 'draft' AND NEW.state <> 'draft' AND ({changed}) THEN "
        "RAISE EXCEPTION 'pgtrigger: the content of a filed report does not change'; END IF; RETURN NEW;",
    )
    return [*_table().triggers(), stays]


class Report(models.Model):
    """One version of one unit's report of one period (starts_after, ends_on]. `figures` is described in archives.assembly.figures, `texts`
    holds part B by its numbers 1–5. `group` is the education group that accepts first; null for a school directly under the bureau."""

    Kind, Mode, State, workflow = ReportKind, ReportMode, ReportState, _table()

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=ReportKind.choices, default=ReportKind.MONTHLY)
    period = models.CharField(max_length=7, help_text="2020-03")
    organization = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="reports")
    organization_name = models.CharField(max_length=80, help_text="as it was called then")
    group = models.ForeignKey("core.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveSmallIntegerField(default=1)
    corrected_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections")
    correction_reason = models.CharField(max_length=500, blank=True)
    differences = models.JSONField(default=list, help_text="[label, value before, value now] against corrected_from")
    state = models.CharField(max_length=20, choices=ReportState.choices, default=ReportState.DRAFT)
    mode = models.CharField(max_length=10, choices=ReportMode.choices, default=ReportMode.SYSTEM)
    starts_after = models.DateField()
    ends_on = models.DateField()
    due_on = models.DateField()
    figures = models.JSONField(default=dict)
    texts = models.JSONField(default=dict)
    zero_report = models.BooleanField(default=False)
    zero_checked_by = models.CharField(max_length=60, blank=True)
    zero_checked_on = models.DateField(null=True, blank=True)
    content_sha256 = models.CharField(max_length=64, blank=True, help_text="of archives.assembly.content.canonical, from filing on")
    short_code = models.CharField(max_length=9, blank=True, help_text="from the fingerprint; printed on paper, leads back here")
    filed_by = models.ForeignKey(PEOPLE, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    filed_on = models.DateField(null=True, blank=True)
    signed_by = models.ForeignKey(PEOPLE, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signed_on = models.DateField(null=True, blank=True)
    sent_on = models.DateField(null=True, blank=True, help_text="day it reached the next office: signed here, or paper received")
    group_accepted_by = models.ForeignKey(PEOPLE, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    group_accepted_on = models.DateField(null=True, blank=True)
    accepted_by = models.ForeignKey(PEOPLE, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    accepted_on = models.DateField(null=True, blank=True)
    returned_by = models.ForeignKey(PEOPLE, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    returned_on = models.DateField(null=True, blank=True)
    returned_reason = models.CharField(max_length=500, blank=True)
    paper_filer = models.CharField(max_length=60, blank=True, help_text="填表人 as signed on paper")
    paper_signer = models.CharField(max_length=60, blank=True, help_text="校长 as signed on paper")
    scan = models.ForeignKey("core.Attachment", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revision = models.PositiveIntegerField(default=1, help_text="counts the savings of part B; an older page is not saved over a newer one")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-period", "organization_id", "-version"]
        indexes = [models.Index(fields=["period", "state"], name="report_period_state")]
        triggers = _triggers()
        constraints = [
            models.UniqueConstraint(fields=["kind", "period", "organization", "version"], name="report_once"),
            models.UniqueConstraint(
                fields=["kind", "period", "organization"], condition=~Q(state="accepted"), name="report_one_open_version"
            ),
            models.UniqueConstraint(fields=["short_code"], condition=~Q(short_code=""), name="report_short_code"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_after")), name="report_period"),
            models.CheckConstraint(
                condition=Q(version=1, corrected_from=None) | Q(version__gt=1, corrected_from__isnull=False) & ~Q(correction_reason=""),
                name="report_correction", violation_error_message="更正要注明更正的是哪一版、为什么更正",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", filed_on=None, filed_by=None, content_sha256="", short_code="")
                | ~Q(state="draft")
                & Q(filed_on__isnull=False, filed_by__isnull=False, content_sha256__regex="^[0-9a-f]{64}$")
                & ~Q(short_code=""),
                name="report_filed", violation_error_message="已填报的月报要有填报人、日期和内容指纹",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "filed"], signed_on=None, sent_on=None, signed_by=None)
                | Q(state__in=["signed", "accepted_group", "accepted"], signed_on__isnull=False, sent_on__isnull=False),
                name="report_signed", violation_error_message="签字状态和签字日期要一致",
            ),
            models.CheckConstraint(
                condition=Q(signed_on=None) | Q(mode="system", signed_by__isnull=False)
                | Q(mode="paper", signed_by=None, scan__isnull=False) & ~Q(paper_signer="") & ~Q(paper_filer=""),
                name="report_signer", violation_error_message="系统填报要有签字人;纸质报送要有盖章扫描件和纸上签名人",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "filed", "signed"], group_accepted_on=None, group_accepted_by=None)
                | Q(state="accepted_group", group__isnull=False, group_accepted_on__isnull=False, group_accepted_by__isnull=False)
                | Q(state="accepted", group__isnull=False, group_accepted_on__isnull=False, group_accepted_by__isnull=False)
                | Q(state="accepted", group=None, group_accepted_on=None, group_accepted_by=None),
                name="report_group_accepted", violation_error_message="有教育组的学校,先由教育组接收",
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", accepted_on__isnull=False, accepted_by__isnull=False)
                | ~Q(state="accepted") & Q(accepted_on=None, accepted_by=None),
                name="report_accepted", violation_error_message="接收状态和接收日期要一致",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None) | ~Q(signed_by=F("filed_by")), name="report_signer_is_another",
                violation_error_message="填报人和签字人要是两个人",
            ),
            models.CheckConstraint(
                condition=Q(group_accepted_by=None) | Q(mode="paper")
                | ~Q(group_accepted_by=F("filed_by")) & ~Q(group_accepted_by=F("signed_by")),
                name="report_group_is_another", violation_error_message="接收人不能是填报人或签字人",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by=None)
                | ~Q(accepted_by=F("filed_by")) & (Q(signed_by=None) | ~Q(accepted_by=F("signed_by")))
                & (Q(group_accepted_by=None) | ~Q(accepted_by=F("group_accepted_by"))),
                name="report_bureau_is_another", violation_error_message="教育局接收人不能是前面的经手人",
            ),
            models.CheckConstraint(
                condition=Q(zero_report=False, zero_checked_by="", zero_checked_on=None)
                | Q(zero_report=True, zero_checked_on__isnull=False) & ~Q(zero_checked_by=""),
                name="report_zero_named", violation_error_message="零报告要写明由谁核查",
            ),
            models.CheckConstraint(
                condition=Q(returned_on=None, returned_by=None, returned_reason="")
                | Q(returned_on__isnull=False, returned_by__isnull=False) & ~Q(returned_reason=""),
                name="report_returned", violation_error_message="退回要写明原因",
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.organization_name} {self.title}"

    @property
    def title(self):
        """2020年3月月报(第2版)."""
        return f"{period_words(self.period)}月报" + (f"(第{self.version}版)" if self.version > 1 else "")

    @property
    def is_frozen(self):
        return self.state != ReportState.DRAFT

    def is_overdue(self, on):
        """Not sent though its day is over."""
        return self.sent_on is None and self.due_on < on

    @property
    def is_signed(self):
        return self.signed_on is not None


def period_words(period):
    """"2020-03" → "2020年3月"."""
    year, month = period.split("-")
    return f"{year}年{int(month)}月"
