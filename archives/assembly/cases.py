"""What the dropout cases bring to part A, and what became known late (design.md §5: a late fact enters the next period as 补报).

The books follow from month to month: an event that happened in an earlier period but was recorded after that period's report was filed is
counted in this one, and the stand at the start is the one that was reported (dropout.reports.figures, `closed_at`).
"""

from django.db.models import Max, Q

from archives.models.report import Report
from core.models import Organization
from dropout.reports import figures as case_figures
from dropout.reports import names as case_names
from dropout.reports.figures import figures_elsewhere

COUNTED = (
    "suspected_start", "suspected_new", "removed", "confirmed", "suspected_end", "dropout_start", "reopened", "removed_dropout",
    "dropout_total_pri",
    "dropout_total_jun", "returned", "returned_total", "closed", "dropout_end",
)  # fmt: skip
LATE = "late"
CASE_FIGURES = frozenset(COUNTED)


def case_values(lines, span):
    """{node id: the columns that come from cases, and `late`} for `lines` {school id: [its nodes]} and the period `span`."""
    ids = [node.pk for nodes in lines.values() for node in nodes]
    closed_at = closed_moments(lines, span.key)
    counted = case_figures(schools=ids, period_start_exclusive=span.starts_after, period_end=span.ends_on, closed_at=closed_at)
    return {pk: {key: counted[pk][key] for key in (*COUNTED, LATE)} for pk in ids}


def cases_behind(report, figure, nodes, known_until):
    """The cases that `figure` (a key of COUNTED, or late) of `report` counts in `nodes`; `known_until`: when it was filed, None for a
    draft.
    """
    return case_names(
        figure, schools=[node.pk for node in nodes], period_start_exclusive=report.starts_after, period_end=report.ends_on,
        closed_at=closed_moments({report.organization_id: nodes}, report.period), known_until=known_until,
    )  # fmt: skip


def values_without_school(node, span, schools):
    """The columns of cases that no report of `schools` (ids of those that owe one) counts: children who never had a school, or whose school
    reports nothing. The township answers for them; {} for nodes that are neither a township nor the county, or where there are none."""
    if node.kind not in (Organization.Kind.BUREAU, Organization.Kind.TOWNSHIP):
        return {}
    points = Organization.objects.filter(kind=Organization.Kind.TEACHING_POINT, parent__in=schools).values_list("pk", flat=True)
    township = node.pk if node.kind == Organization.Kind.TOWNSHIP else None
    counted = figures_elsewhere(
        reporting=[*schools, *points], period_start_exclusive=span.starts_after, period_end=span.ends_on, township=township
    )
    return {key: counted[key] for key in COUNTED} if any(counted.values()) else {}


def filed_at():
    """Aggregate of Report: the moment at which this version was last filed."""
    return Max("events__recorded_at", filter=Q(events__target="filed"))


def closed_moments(lines, period):
    """{node id: moment at which the last report before `period` was filed}; a school without one is not in it."""
    earlier = Report.objects.filter(organization__in=list(lines), kind=Report.Kind.MONTHLY, period__lt=period).counted()
    filed = earlier.annotate(filed_at=filed_at()).order_by("organization", "-period").values_list("organization_id", "filed_at")
    newest = {}
    for pk, moment in filed:
        newest.setdefault(pk, moment)
    return {node.pk: newest[pk] for pk, nodes in lines.items() if pk in newest for node in nodes}


def nodes_of(report):
    """The school of a report and its teaching points."""
    points = Organization.objects.filter(kind=Organization.Kind.TEACHING_POINT, parent=report.organization)
    return [report.organization, *points.order_by("code")]


def filed_moment(report):
    """When the report was filed; None for a draft."""
    return Report.objects.filter(pk=report.pk).aggregate(moment=filed_at())["moment"] if report.is_frozen else None
