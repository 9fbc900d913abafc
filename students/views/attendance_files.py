"""导入考勤表: a sheet fetched, upload, preview with what is wrong by address, one act that takes it in."""

import tempfile
from io import BytesIO
from pathlib import Path

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import audit, files, scope
from core.models import Organization
from core.spreadsheets import annotate_workbook
from students.forms.attendance import SheetForm
from students.imports import attendance_files
from students.models import AttendanceFile
from students.reports import export
from students.reports.attendance import classes_below
from students.reports.attendance_sheets import Sheets
from students.rules.school_days import DAY
from students.views.exporting import workbook_response

SHOWN = 200
SHEET_DAYS = 7  # the days offered first


class UploadForm(forms.Form):
    file = forms.FileField(
        label="考勤表", help_text="列名：学校、班级、日期、时段（上午、下午、全天）、姓名、证件号（可空）、考勤（全到、缺勤、病假、事假、迟到）。.xlsx、.xls、.csv 均可。",
    )  # fmt: skip


def get_file(user, public_id):
    found = AttendanceFile.objects.select_related("organization", "file", "received_by", "applied_by")
    return scope.get_visible(found, user, "mark_attendance", public_id=public_id)


@require_http_methods(["GET", "POST"])
def attendance_import(request):
    scope.require(request.user, "mark_attendance")
    form = UploadForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        found, is_new = attendance_files.receive(content=upload.read(), name=upload.name, by=request.user, today=timezone.localdate())
        if not is_new:
            messages.info(request, f"这份考勤表已于 {timezone.localtime(found.received_at):%Y-%m-%d %H:%M} 收到，没有重复登记。")
        return redirect("students:attendance_file", public_id=found.public_id)
    return draw_import(request, form, sheet_form(request.user), 422 if form.is_bound else 200)


def sheet_form(user):
    today = timezone.localdate()
    return SheetForm(user=user, today=today, initial={"first": today - DAY * (SHEET_DAYS - 1), "last": today})


def draw_import(request, form, sheet, status):
    recent = AttendanceFile.objects.visible_to(request.user, "mark_attendance").select_related("file", "received_by")[:20]
    return render(request, "students/attendance_import.html", {"form": form, "sheet": sheet, "recent": recent}, status=status)


@require_POST
def attendance_sheet_fetch(request):
    """The days of a school or a class as a sheet to be filled in; an audit row, for it may hold full numbers."""
    scope.require(request.user, "mark_attendance")
    form = SheetForm(request.POST, user=request.user, today=timezone.localdate())
    if not form.is_valid():
        return draw_import(request, UploadForm(), form, 422)
    unit, first, last = (form.cleaned_data[name] for name in ("unit", "first", "last"))
    sheets = Sheets(classes_of_unit(unit), first, last)
    if sentence := sheets.why_not():
        form.add_error(None, sentence)
        return draw_import(request, UploadForm(), form, 422)
    facts = {"rows": sheets.count(), "first": str(first), "last": str(last), "full_numbers": sheets.numbers()}
    entry = audit.record_view("attendance_sheet_fetched", by=request.user, organization=unit, **facts)
    target = BytesIO()
    sheets.write(target, export.note_of(entry))
    target.seek(0)
    return workbook_response(target, f"考勤表_{unit.name}_{first:%Y%m%d}_{last:%Y%m%d}_{entry.number}.xlsx")


def classes_of_unit(unit):
    if unit.kind == Organization.Kind.CLASS:
        return Organization.objects.filter(pk=unit.pk).select_related("parent")
    return classes_below(unit).select_related("parent")


@require_GET
def attendance_file(request, public_id):
    found = get_file(request.user, public_id)
    context = {"file": found, "issues": found.issues[:SHOWN], "more": len(found.issues) - SHOWN}
    return render(request, "students/attendance_file.html", context)


@require_POST
def attendance_file_apply(request, public_id):
    found, outcome = attendance_files.apply(file=get_file(request.user, public_id), by=request.user, today=timezone.localdate())
    held = f"；有 {found.held_back} 个班级半天因为有问题没有入库，仍是“未登记”" if found.held_back else ""
    messages.success(
        request, f"考勤表入库：新登记 {outcome.new} 个班级半天，更正 {outcome.changed} 个，未变 {outcome.unchanged} 个{held}。"
    )
    return redirect("students:attendance_file", public_id=public_id)


@require_POST
def attendance_file_annotated(request, public_id):
    """The sender's workbook with the reasons in a last column."""
    found = get_file(request.user, public_id)
    audit.record_view("attendance_file_annotated", by=request.user, subject=found, organization=found.organization)
    reasons = [(sheet, row, reason) for sheet, row, _, _, reason in found.issues]
    target = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    with tempfile.NamedTemporaryFile() as source, tempfile.NamedTemporaryFile(suffix=".xlsx") as out:
        source.write(files.read(found.file))
        source.flush()
        annotate_workbook(source.name, found.file.name, reasons, out.name)
        target.write(Path(out.name).read_bytes())
    target.seek(0)
    return workbook_response(target, f"{Path(found.file.name).stem}_处理结果.xlsx")
