"""The reports of a node's schools for one period: who owes, who has sent, each school's figures, subtotals and totals.

Sums are made by the database over the versions that count (ReportQuerySet.counted); a handful of queries whatever the number of schools.
"""

from dataclasses import dataclass, field

from django.db.models import BigIntegerField, Count, F, Q, Sum
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast

from archives.assembly.cases import values_without_school
from archives.assembly.figures import FIGURES
from archives.assembly.periods import Span, span_of
from archives.models import Report, ReportKind, ReportObligation
from core.models import Organization
from students.actions import units


@dataclass(frozen=True)
class Line:
    """One school: its newest version (None where none was made) and the version whose figures count (None before it was filed)."""

    school: Organization
    newest: Report | None
    counted: Report | None
    mode: str

    @property
    def sent(self):
        return self.sent_on is not None

    @property
    def sent_on(self):
        """The day on which the unit first sent its report of the period; a corrected version does not make it late."""
        return min((report.sent_on for report in (self.newest, self.counted) if report is not None and report.sent_on), default=None)

    @property
    def on_time(self):
        return self.sent and self.sent_on <= (self.newest or self.counted).due_on


@dataclass
class Group:
    """Schools under one education group; `node` is None for those directly under the bureau. `total`: sums, None where a part has no
    source.
    """

    node: Organization | None
    lines: list = field(default_factory=list)
    total: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Summary:
    """owed, sent and on_time count schools (及时率 = on_time ÷ owed, domain.md §3.13); `counted` says how many reports the total is made
    of; `without_school`: the columns of cases that stand in no school's report, as they are now, and inside the total.
    """

    node: Organization
    span: Span
    groups: list
    total: dict
    reasons: dict
    owed: int
    sent: int
    on_time: int
    counted: int
    without_school: dict

    @property
    def lines(self):
        return [line for group in self.groups for line in group.lines]

    @property
    def missing(self):
        return [line for line in self.lines if not line.sent]


def schools_below(node):
    """Which units a node's table holds: those under it in the tree; for a township those that lie in it, since its schools hang beside
    it.
    """
    below = Q(organization__path__contains=[node.pk])
    return below | Q(organization__profile__township=node) if node.kind == Organization.Kind.TOWNSHIP else below


def summary(*, node, period):
    """The table of `node` for `period` ("2020-03"). ValueError for a period that is none."""
    span = span_of(period)
    owed = (
        ReportObligation.objects.in_force(span.ends_on).filter(schools_below(node), kind=ReportKind.MONTHLY).select_related("organization")
    )
    reports = Report.objects.of_period(span.key).filter(schools_below(node)).select_related("organization")
    newest = {report.organization_id: report for report in reports.newest()}
    counted = {report.organization_id: report for report in reports.counted()}
    groups = _groups(list(owed.order_by("organization__code")), newest, counted)
    _add_sums(groups, reports.counted())
    everything = reports.counted().aggregate(**_sums(), counted=Count("pk"))
    lines = [line for group in groups for line in group.lines]
    units.call_as_on([node, *(line.school for line in lines), *(group.node for group in groups if group.node)], span.ends_on)
    reporting = ReportObligation.objects.in_force(span.ends_on).filter(kind=ReportKind.MONTHLY).values_list("organization_id", flat=True)
    outside = values_without_school(node, span, list(reporting))
    return Summary(
        node, span, groups, _with(_values(everything, everything["counted"]), outside), _reasons(counted.values()), owed=len(lines),
        sent=sum(line.sent for line in lines), on_time=sum(line.on_time for line in lines), counted=everything["counted"],
        without_school=outside,
    )  # fmt: skip


def _with(total, outside):
    """The total with the cases that no school reports; a column without a source stays without."""
    return {key: value if value is None else value + outside.get(key, 0) for key, value in total.items()}


def _groups(obligations, newest, counted):
    above = {pk for row in obligations for pk in row.organization.path}
    nodes = {node.pk: node for node in Organization.objects.filter(pk__in=above, kind=Organization.Kind.EDUCATION_GROUP).order_by("code")}
    groups = {pk: Group(node) for pk, node in nodes.items()}
    for row in obligations:
        key = next((pk for pk in row.organization.path if pk in nodes), None)
        groups.setdefault(key, Group(nodes.get(key))).lines.append(
            Line(row.organization, newest.get(row.organization_id), counted.get(row.organization_id), row.mode)
        )
    return [group for group in groups.values() if group.lines]


def _sums():
    """For each column the sum, and how many reports have a value in it."""
    columns = {}
    for figure in FIGURES:
        value = Cast(KeyTextTransform(figure.key, KeyTransform("total", "figures")), BigIntegerField())
        columns[f"sum_{figure.key}"], columns[f"with_{figure.key}"] = Sum(value), Count(value)
    return columns


def _values(row, reports):
    """A sum counts where every report has the column: the sum of some is not the total."""
    return {figure.key: row[f"sum_{figure.key}"] if reports and row[f"with_{figure.key}"] == reports else None for figure in FIGURES}


def _add_sums(groups, counted):
    rows = counted.order_by().values(place=F("group_id")).annotate(**_sums(), reports=Count("pk"))
    sums = {row["place"]: _values(row, row["reports"]) for row in rows}
    for group in groups:
        group.total = sums.get(group.node.pk if group.node else None, {})


def _reasons(reports):
    reasons = {}
    for report in reports:
        reasons |= report.figures.get("reasons", {})
    return reasons
