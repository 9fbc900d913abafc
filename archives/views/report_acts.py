"""Acts on a report: filed, signed, accepted, sent back, corrected. GET never writes."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from archives.actions import correcting, filing, making, signing
from archives.actions.moves import why_not
from archives.assembly.periods import closed_period
from archives.forms import AcceptForm, CorrectForm, ReturnForm, SignForm, TextsForm, ZeroForm
from archives.models.report import period_words
from archives.reports import pages
from archives.views.loading import get_report
from archives.views.reports import detail_page
from core.scope import require
from core.workflow import Refused


def after(report):
    return redirect("archives:report_detail", public_id=report.public_id)


@require_POST
def report_make(request):
    """The reports of a period, made by hand; those that are there stay."""
    require(request.user, "make_reports")
    try:
        made = making.make(
            period=request.POST.get("period") or closed_period(timezone.localdate()), on=timezone.localdate(), by=request.user
        )
    except ValueError as wrong:
        messages.error(request, str(wrong))
        return redirect("archives:report_list")
    messages.success(request, f"{period_words(made.period)}应报 {made.owed} 校，新生成 {made.added} 份，重新计数 {made.refreshed} 份草稿。")
    return redirect(f"{redirect('archives:report_list').url}?period={made.period}")


@require_POST
def report_file(request, public_id):
    """Save part B; with `act` = file also file the report."""
    report, form = get_report(request.user, public_id), TextsForm(request.POST)
    require(request.user, "file_report", report.organization)
    if not form.is_valid():
        return detail_page(request, report, form=form, status=422)
    try:
        report = filing.save_texts(report=report, texts=form.texts, revision=form.cleaned_data["revision"], by=request.user)
    except filing.TextsChanged as changed:
        return render(request, "409.html", pages.conflict_context(report, changed.newer, form.texts), status=409)
    if request.POST.get("act") != "file":
        messages.success(request, "第二部分已存，还没有填报；填报后由校长签字。")
        return after(report)
    return _filed(request, report, shown=form.cleaned_data["shown"])


@require_POST
def report_zero(request, public_id):
    report, form = get_report(request.user, public_id), ZeroForm(request.POST)
    require(request.user, "file_report", report.organization)
    if not form.is_valid():
        return detail_page(request, report, refusal="零报告要写明由谁核查：请填写核查人后再报。", status=422)
    return _filed(request, report, shown=form.cleaned_data["shown"], zero_checked_by=form.cleaned_data["checked_by"])


def _filed(request, report, **named):
    try:
        report = filing.file(report=report, by=request.user, on=timezone.localdate(), **named)
    except filing.FiguresChanged as changed:
        return detail_page(request, get_report(request.user, report.public_id), refusal=str(changed), status=409)
    except Refused as refusal:
        return detail_page(request, get_report(request.user, report.public_id), refusal=str(refusal), status=403)
    messages.success(request, f"{report}已填报，编号 {report.short_code}，等校长签字。")
    return after(report)


@require_http_methods(["GET", "POST"])
def report_sign(request, public_id):
    """What is signed, and the password once more."""
    report = get_report(request.user, public_id)
    require(request.user, "sign_report", report.organization)
    form = SignForm(request.POST or None, request=request, initial={"sha256": report.content_sha256})
    if not (form.is_bound and form.is_valid()):
        refusal = why_not(report, "sign", request.user)
        return render(request, "archives/report_sign.html", pages.sign_context(report, form, refusal), status=422 if form.is_bound else 200)
    try:
        report = signing.sign(report=report, sha256=form.cleaned_data["sha256"], by=request.user, on=timezone.localdate())
    except (filing.FiguresChanged, signing.ContentChanged) as changed:
        return render(request, "archives/report_sign.html", pages.sign_context(report, form, str(changed)), status=409)
    messages.success(request, f"已签字。{report}已报{report.group.name if report.group else '教育局'}，等待接收。")
    return after(report)


@require_POST
def report_accept(request, public_id):
    report, form = get_report(request.user, public_id), AcceptForm(request.POST)
    if not form.is_valid():
        return detail_page(request, report, refusal="页面没有带回内容指纹，请刷新页面，核对后再接收。", status=422)
    try:
        report = signing.accept(report=report, sha256=form.cleaned_data["sha256"], by=request.user, on=timezone.localdate())
    except signing.ContentChanged as changed:
        return detail_page(request, report, refusal=str(changed), status=409)
    messages.success(request, f"{report}：{report.get_state_display()}。")
    return after(report)


@require_http_methods(["GET", "POST"])
def report_return(request, public_id):
    report, form = get_report(request.user, public_id), ReturnForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        report = signing.send_back(report=report, reason=form.cleaned_data["reason"], by=request.user, on=timezone.localdate())
        messages.success(request, f"{report}已退回填报人，原因已附上；改好后要重新填报、签字。")
        return after(report)
    context = {"report": report, "form": form, "refusal": why_not(report, "return", request.user)}
    return render(request, "archives/report_return.html", context, status=422 if form.is_bound else 200)


@require_POST
def report_correct(request, public_id):
    report, form = get_report(request.user, public_id), CorrectForm(request.POST)
    if not form.is_valid():
        return detail_page(request, report, refusal="请写明为什么更正，再开新的一版。", status=422)
    version = correcting.correct(report=report, reason=form.cleaned_data["reason"], by=request.user, on=timezone.localdate())
    messages.success(request, f"已开第 {version.version} 版；它被接收之前，汇总仍取第 {report.version} 版。")
    return after(version)
