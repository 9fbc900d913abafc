"""What the 48-hour reports bring to part A: how many were owed in the period, how many went out in time (domain.md §11.8, §3.13)."""

from django.utils import timezone

from archives.assembly.cases import closed_moments
from core.models import Organization
from dropout.models import Absence
from students.models import ClassMark
from students.rules.school_days import DAY

DUE, ON_TIME = "report_48h_due", "report_48h_on_time"


def reported(lines, span):
    """{node id: {due, on time}} for `lines` {school id: [its nodes]}: only of nodes that marked attendance in the period, since of the
    others nobody knows. An absence that became known after the earlier report was filed counts here (补报)."""
    ids = [node.pk for nodes in lines.values() for node in nodes]
    marked = ClassMark.objects.between(span.starts_after + DAY, span.ends_on).filter(class_node__parent__in=ids)
    found = {pk: {DUE: 0, ON_TIME: 0} for pk in marked.values_list("class_node__parent", flat=True).distinct()}
    classes = set(Organization.objects.filter(kind=Organization.Kind.CLASS, parent__in=ids).values_list("parent_id", flat=True))
    for nodes in lines.values():
        if any(node.pk in found for node in nodes):  # a teaching point without classes has nobody to mark
            found |= {pk: {DUE: 0, ON_TIME: 0} for pk in {node.pk for node in nodes} - set(found) - classes}
    closed_at = closed_moments(lines, span.key)
    rows = Absence.objects.due().filter(school__in=list(found))
    for school, full_at, due_at, recorded_at, delivered_at in rows.values_list(
        "school_id", "threshold_at", "due_at", "recorded_at", "report__delivered_at"
    ):
        full_on = timezone.localdate(full_at)
        late = full_on <= span.starts_after and school in closed_at and recorded_at > closed_at[school]
        if late or span.starts_after < full_on <= span.ends_on:
            found[school][DUE] += 1
            found[school][ON_TIME] += bool(delivered_at and delivered_at <= due_at)
    return found
