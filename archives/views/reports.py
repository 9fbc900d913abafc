"""Monthly reports: the list of the role, one report, the names behind a figure."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from archives.actions.filing import figures_now
from archives.assembly.cases import CASE_FIGURES, LATE, cases_behind, filed_moment, nodes_of
from archives.assembly.figures import FIGURE
from archives.assembly.periods import closed_period
from archives.models import Report
from archives.reports import pages
from archives.reports.summary import summary
from archives.reports.summary_page import summary_context
from archives.views.loading import get_report, node_asked_for
from core import audit
from core.scope import has_permission
from dropout.models import Case


@require_GET
def report_list(request):
    """A school sees its months, every other office the table of its schools for one period."""
    node = node_asked_for(request)
    if node.kind in ("school", "teaching_point"):
        reports = Report.objects.visible_to(request.user, "see_reports").newest().select_related("organization")
        rows = pages.months(reports, request.user, timezone.localdate())
        return render(request, "archives/report_months.html", {"rows": rows, "columns": pages.MONTH_COLUMNS, "node": node})
    newest = Report.objects.visible_to(request.user, "see_reports").values_list("period", flat=True).first()
    period = request.GET.get("period") or newest or closed_period(timezone.localdate())
    try:
        table = summary(node=node, period=period)
    except ValueError as wrong:
        raise Http404(str(wrong)) from wrong
    context = summary_context(table, request.user, timezone.localdate(), only_waiting=bool(request.GET.get("waiting")))
    return render(request, "archives/report_summary.html", context | {"may_make": has_permission(request.user, "make_reports")})


@require_GET
def report_detail(request, public_id):
    return detail_page(request, get_report(request.user, public_id))


def detail_page(request, report, *, figures=None, refusal=None, form=None, status=200):
    """A draft shows the figures of this moment, a filed report those that were filed."""
    figures = figures or (report.figures if report.is_frozen else figures_now(report))
    context = pages.detail_context(report, figures, request.user, form=form)
    return render(
        request,
        "archives/report_detail.html",
        context | {"refusal": refusal, "overdue": report.is_overdue(timezone.localdate())},
        status=status,
    )


@require_GET
def report_names(request, public_id, figure):
    """Who is counted in a figure. Cases of children whom this person may not see are counted, not named."""
    report = get_report(request.user, public_id)
    if figure not in CASE_FIGURES | {LATE}:
        raise Http404
    cases = cases_behind(report, figure, nodes_of(report), filed_moment(report))
    seen = Case.objects.visible_to(request.user, "see_cases").filter(pk__in=cases.values("pk")).select_related("child", "school")
    label = "补报" if figure == LATE else FIGURE[figure].full_label
    audit.record_view("report_names", by=request.user, subject=report, organization=report.organization, figure=figure)
    context = {"report": report, "label": label, "cases": seen.order_by("number"), "hidden": cases.count() - seen.count()}
    return render(request, "archives/report_names.html", context)
