"""缺勤与报告: the list, one absence with its receipts, the paper."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import audit
from core.scope import get_visible, has_permission, home_node, require
from dropout.actions import absence_reports
from dropout.filters import AbsenceFilter
from dropout.models import Absence
from dropout.reports import absences as report
from dropout.views.cases import WORKBOOK
from students.attendance import alert_hours

PAGE = 50


def filtered(request, permission):
    absences = Absence.objects.counted().visible_to(request.user, "see_cases").visible_to(request.user, permission)
    return AbsenceFilter(request.GET, absences, request=request, waiting=report.waits_for(request.user))


def get_absence(user, public_id):
    return get_visible(Absence.objects.with_places(), user, "see_cases", public_id=public_id)


@require_GET
def absence_list(request):
    require(request.user, "see_cases")
    found = filtered(request, "see_cases")
    page = Paginator(report.listed(found.qs), PAGE).get_page(request.GET.get("page"))
    on_time, due = report.timeliness(found.qs)
    return render(request, "dropout/absence_list.html", {
        "filter": found, "page_obj": page, "rows": report.rows(page.object_list), "due": due, "on_time": on_time,
        "may_export": has_permission(request.user, "export_lists"), "hours": alert_hours(timezone.localdate()), "now": timezone.now(),
        "nobody": not request.GET,
    })  # fmt: skip


@require_POST
def absence_export(request):
    """The list as filtered, as a workbook whose foot leads back to the audit row."""
    require(request.user, "see_cases")
    require(request.user, "export_lists")
    absences = filtered(request, "export_lists").qs
    entry = audit.record_view("absence_reports_exported", by=request.user, rows=absences.count())
    unit, on = home_node(request.user), timezone.localdate()
    note = f"{entry.actor_name} {timezone.localtime(entry.at):%Y-%m-%d %H:%M} 导出，编号 {entry.number}"
    book = report.workbook(absences, on=on, unit=unit.name if unit else "", note=note)
    return FileResponse(book, as_attachment=True, filename=f"缺勤报告_{on:%Y%m%d}_{entry.number}.xlsx", content_type=WORKBOOK)


@require_GET
def absence_detail(request, public_id):
    absence = get_absence(request.user, public_id)
    audit.record_view("absence_viewed", by=request.user, subject=absence.child, organization=absence.school)
    return render(request, "dropout/absence_detail.html", report.page(absence, request.user))


@require_POST
def absence_receive(request, public_id):
    """签收: once for the township, once for the bureau."""
    absence = get_absence(request.user, public_id)
    require(request.user, "receive_absence_report")
    if report.report_of(absence) is None:
        raise Http404
    receipt = absence_reports.receive(report=absence.report, by=request.user, at=timezone.now())
    messages.success(request, f"已代表{receipt.get_side_display()}签收 {absence.report.number}。请 48 小时内核实：学生在哪里、为什么没有到校。")
    return redirect("dropout:absence_detail", public_id=public_id)


def goes_to_the_family(user, absence):
    """Whether the paper carries telephone and address in full: for those who call and visit, or may see numbers anyway."""
    return any(Absence.objects.visible_to(user, verb).filter(pk=absence.pk).exists() for verb in ("record_visit", "reveal_numbers"))


@require_GET
def absence_print(request, public_id):
    """The report as PDF; its foot carries who printed it and the number that leads back to the audit row."""
    absence = get_absence(request.user, public_id)
    if report.report_of(absence) is None:
        raise Http404
    whole, number = goes_to_the_family(request.user, absence), absence.report.number
    entry = audit.record_view("absence_report_printed", by=request.user, subject=absence.child, number=number, whole_contact=whole)
    stamp = f"{entry.actor_name} {timezone.localtime(entry.at):%Y-%m-%d} {entry.number}"
    response = HttpResponse(report.paper(absence, stamp=stamp, whole=whole), content_type="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{report.file_name(absence.report)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
