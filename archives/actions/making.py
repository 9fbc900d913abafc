"""Making the month's reports: one set-based pass, and doing it again adds nothing."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from archives.actions.obligations import refresh_obligations
from archives.assembly.counting import figures_of
from archives.assembly.periods import closed_period, keys_between, span_of
from archives.models import Report, ReportEvent, ReportKind, ReportObligation
from core import audit
from core.models import Organization

BATCH = 500


@dataclass(frozen=True)
class Made:
    """owed = units that owe the period's report; added and refreshed (drafts counted anew) = rows of this run."""

    period: str
    owed: int
    added: int
    refreshed: int


def make_closed(*, on, by=None):
    """The reports of the last period that is over on the day `on`, and of those that were missed before it while nothing ran; what Celery
    beat asks for. Returns what was made of the last.
    """
    closed = closed_period(on)
    newest = Report.objects.filter(kind=ReportKind.MONTHLY).aggregate(period=Max("period"))["period"]
    for period in keys_between(newest, closed) if newest else ():
        make(period=period, on=on, by=by)
    return make(period=closed, on=on, by=by)


@transaction.atomic
def make(*, period, on, organization=None, by=None):
    """Drafts for all units (below `organization`, where given) that owe the report of `period` and have none; drafts that wait are counted
    anew.
    """
    span = span_of(period)
    if span.starts_after >= on:
        raise ValueError(f"{span.key} 的统计期在 {span.starts_after} 以后才开始，今天 {on} 还不能生成。请改为已经开始的月份。")
    # beat and a person at once: the second waits and adds nothing
    list(Organization.objects.select_for_update(no_key=True).filter(parent=None))
    refresh_obligations(since=span.starts_after, until=span.ends_on, by=by)
    obligations = ReportObligation.objects.in_force(span.ends_on).filter(kind=ReportKind.MONTHLY).select_related("organization")
    if organization is not None:
        obligations = obligations.below(organization)
    owing = {row.organization_id: row for row in obligations.order_by("organization__code")}
    there = Report.objects.of_period(span.key).filter(organization__in=list(owing))
    drafts = {row.organization_id: row for row in there.filter(state="draft")}
    have = set(there.values_list("organization_id", flat=True))
    wanted = [row for pk, row in owing.items() if pk not in have or pk in drafts]
    figures = figures_of([row.organization for row in wanted], span) if wanted else {}
    added = _add([row for row in wanted if row.organization_id not in have], span, figures, on, by)
    refreshed = _refresh(drafts, figures)
    if added or refreshed:
        audit.record("reports_made", by=by, organization=organization, period=span.key, added=added, refreshed=refreshed)
    return Made(span.key, len(owing), added, refreshed)


def group_of(nodes):
    """{node id: id of the education group above it}; a school directly under the bureau is not in it."""
    above = {pk for node in nodes for pk in node.path}
    groups = set(Organization.objects.filter(pk__in=above, kind=Organization.Kind.EDUCATION_GROUP).values_list("pk", flat=True))
    return {node.pk: pk for node in nodes for pk in node.path if pk in groups}


def _add(obligations, span, figures, on, by):
    groups = group_of([row.organization for row in obligations])
    texts = _texts_before(obligations, span)
    reports = [
        Report(
            period=span.key, organization=row.organization, organization_name=row.organization.name,
            group_id=groups.get(row.organization_id),
            mode=row.mode, starts_after=span.starts_after, ends_on=span.ends_on, due_on=span.due_on,
            figures=figures[row.organization_id], texts=texts.get(row.organization_id, {}),
        )
        for row in obligations
    ]  # fmt: skip
    Report.objects.bulk_create(reports, batch_size=BATCH)
    ReportEvent.objects.bulk_create([made_event(report, on, by) for report in reports], batch_size=BATCH)
    return len(reports)


def made_event(report, on, by, name="made", reason=""):
    return ReportEvent(
        report=report, name=name, target="draft", happened_on=on, by=by, by_name=getattr(by, "name", "") or "系统", reason=reason
    )


def _texts_before(obligations, span):
    """Part B of the unit's last report, as a beginning: most of it stays the same from month to month."""
    before = Report.objects.filter(
        organization__in=[row.organization_id for row in obligations], kind=ReportKind.MONTHLY, period__lt=span.key
    )
    newest = before.exclude(state="draft").order_by("organization", "-period", "-version").distinct("organization")
    return dict(newest.values_list("organization_id", "texts"))


def _refresh(drafts, figures):
    changed = []
    for pk, report in drafts.items():
        if report.figures != figures[pk]:
            report.figures = figures[pk]
            changed.append(report)
    Report.objects.bulk_update(changed, ["figures"], batch_size=BATCH)
    return len(changed)
