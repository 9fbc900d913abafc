"""What the dropout cases bring to part A, and what became known late (design.md §5: a late fact enters the next period as 补报)."""

from datetime import date

from archives.assembly.figures import FLOWS
from archives.models.report import Report
from core.calendar import read_period_key
from dropout.reports import figures as case_figures

COUNTED = (
    "suspected_start", "suspected_new", "removed", "confirmed", "suspected_end", "dropout_start", "reopened", "dropout_total_pri",
    "dropout_total_jun", "returned", "returned_total", "closed", "dropout_end",
)  # fmt: skip
CASE_FLOWS = tuple(key for key in FLOWS if key in COUNTED)


def case_values(ids, span):
    """{node id: the columns that come from cases}, as they stand now for the period `span`."""
    counted = case_figures(schools=ids, period_start_exclusive=span.starts_after, period_end=span.ends_on)
    return {pk: {key: counted.get(pk, {}).get(key, 0) for key in COUNTED} for pk in ids}


def add_late(values, lines, span):
    """Move into this period, in place, what belongs to an earlier one but was not in its report. {school id: {flow: persons late}}.

    Late = everything known today about the reported periods of the last twelve months − what their reports said. The stand at the start becomes the
    one that was reported, so that the books follow from month to month and the balance still holds.
    """
    late = {}
    for base_on, reported in _reported_by_base(list(lines), span).items():
        ids = [node.pk for pk in reported for node in lines[pk]]
        today = case_figures(schools=ids, period_start_exclusive=base_on, period_end=span.starts_after)
        for pk, said in reported.items():
            changes = [_shift(values[node.pk], today.get(node.pk, {}), said.get(node.code, {})) for node in lines[pk]]
            late[pk] = {key: total for key in CASE_FLOWS if (total := sum(change[key] for change in changes))}
    return late


def _shift(values, today, said):
    change = {key: today.get(key, 0) - said.get(key, 0) for key in CASE_FLOWS}
    for key, persons in change.items():
        values[key] += persons
    values["suspected_start"] -= change["suspected_new"] - change["removed"] - change["confirmed"]
    values["dropout_start"] -= change["confirmed"] + change["reopened"] - change["returned"]
    return change


def _reported_by_base(schools, span):
    """{first day (exclusive) that the frozen reports cover: {school id: {line code: {flow: Σ reported}}}}."""
    oldest = f"{read_period_key(span.key)[0] - 1:04d}-{span.key[5:]}"
    frozen = Report.objects.filter(organization__in=schools, kind=Report.Kind.MONTHLY, period__gte=oldest, period__lt=span.key).counted()
    begins, said = {}, {}
    for pk, starts_after, figures in frozen.values_list("organization_id", "starts_after", "figures"):
        begins[pk] = min(begins.get(pk, date.max), starts_after)
        for line in figures["lines"]:
            sums = said.setdefault(pk, {}).setdefault(line["code"], dict.fromkeys(CASE_FLOWS, 0))
            for key in CASE_FLOWS:
                sums[key] += line["values"][key] or 0
    by_base = {}
    for pk, base_on in begins.items():
        by_base.setdefault(base_on, {})[pk] = said[pk]
    return by_base
