"""The way on paper: print for signature, join the stamped scan by its short code, tick 纸质已收."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from archives.actions import filing, paper
from archives.actions.obligations import set_mode
from archives.actions.signing import ContentChanged
from archives.forms import ScanForm, ShownForm, TickForm
from archives.models import ReportMode, ReportObligation
from archives.views.loading import get_report
from archives.views.reports import detail_page
from core import audit, files
from core.scope import require
from core.workflow import Refused


@require_POST
def report_paper(request, public_id):
    """Freeze the sheet that is printed for signature by hand."""
    report, form = get_report(request.user, public_id), ShownForm(request.POST)
    if not form.is_valid():
        return detail_page(request, report, refusal=form["shown"].errors[0], status=422)
    try:
        report = filing.file(report=report, shown=form.cleaned_data["shown"], by=request.user, on=timezone.localdate())
    except filing.FiguresChanged as changed:
        return detail_page(request, report, refusal=str(changed), status=409)
    messages.success(request, f"{report}已定稿，编号 {report.short_code}。请打印，签字盖章后按编号上传扫描件。")
    return redirect("archives:report_detail", public_id=report.public_id)


@require_http_methods(["GET", "POST"])
def report_scan_join(request):
    """A stamped scan finds its report by the code at its foot."""
    require(request.user, "see_reports")
    form = ScanForm(request.POST or None, request.FILES or None, initial={"code": request.GET.get("code", "")})
    if request.method == "POST" and form.is_valid():
        try:
            report = paper.find_by_code(form.cleaned_data["code"], request.user)
        except Refused as refusal:
            form.add_error("code", str(refusal))
        else:
            content, name, media_type = form.cleaned_data["scan"]
            paper.join_scan(
                report=report, attachment=files.store(content, name, media_type, request.user), by=request.user, on=timezone.localdate()
            )
            messages.success(request, f"扫描件已归到{report}。" + ("请核对后登记纸质已收。" if report.mode == "paper" else ""))
            return redirect("archives:report_detail", public_id=report.public_id)
    return render(request, "archives/report_scan.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
def report_tick(request, public_id):
    report, form = get_report(request.user, public_id), TickForm(request.POST)
    if not form.is_valid():
        problems = "；".join(f"{field.label}：{field.errors[0]}" for field in form if field.errors)
        return detail_page(request, report, refusal=f"还不能登记纸质已收。{problems}", status=422)
    try:
        report = paper.tick(report=report, by=request.user, on=timezone.localdate(), **form.cleaned_data)
    except ContentChanged as changed:
        return detail_page(request, report, refusal=str(changed), status=409)
    messages.success(request, f"{report}：纸质已收，{report.get_state_display()}。")
    return redirect("archives:report_detail", public_id=report.public_id)


@require_GET
def report_scan(request, public_id):
    """The stamped scan itself; opening it is recorded."""
    report = get_report(request.user, public_id)
    if report.scan is None:
        raise Http404
    audit.record_view("report_scan_opened", by=request.user, subject=report, organization=report.organization)
    response = HttpResponse(files.read(report.scan), content_type=report.scan.media_type)
    response["Content-Disposition"] = content_disposition_header(True, report.scan.name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def report_mode(request, pk):
    """Whether a school reports in the system or on paper."""
    obligation = get_object_or_404(ReportObligation.objects.visible_to(request.user, "see_reports").select_related("organization"), pk=pk)
    require(request.user, "make_reports", obligation.organization)
    mode = request.POST.get("mode")
    if mode not in ReportMode.values:
        messages.error(request, f"报送方式“{mode}”不认识，只能是系统填报或纸质报送。")
    else:
        set_mode(obligation=obligation, mode=mode, by=request.user)
        messages.success(request, f"{obligation.organization.name}改为{ReportMode(mode).label}。")
    return redirect("archives:report_list")
