"""学区: which section takes which villages and groups in a school year."""

import tempfile

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import scope
from core.forms import whole
from core.models import Organization
from core.spreadsheets import WorkbookRefused
from core.workflow import Refused
from students.actions import catchments as actions
from students.forms.catchments import CatchmentEndForm, CatchmentFileForm, CatchmentForm
from students.imports.catchments import read_catchments
from students.models import Catchment
from students.rules import ages

PAGE = 100


def year_of(request):
    given = whole(request.GET.get("year", "")) or 0
    return given if 1990 <= given <= 2100 else ages.school_year(timezone.localdate())


def township_of(request):
    code = request.GET.get("township", "")
    return Organization.objects.filter(kind="township", code=code).first() if code else None


def here(year, township=None):
    return f"{reverse('students:catchment_list')}?year={year}" + (f"&township={township.code}" if township else "")


@require_GET
def catchment_list(request):
    scope.require(request.user, "see_schools")
    return show(request, None, None)


def show(request, form, file_form):
    year, township = year_of(request), township_of(request)
    rows = Catchment.objects.filter(school_year=year).select_related("section__school", "place__parent").order_by("place__path", "stage",
        "until")
    rows = rows.filter(place__path__contains=[township.pk]) if township else rows
    may_set = scope.has_permission(request.user, actions.PERMISSION)
    context = {
        "year": year, "label": ages.school_year_label(year), "township": township, "may_set": may_set, "here": here(year, township),
        "townships": Organization.objects.filter(kind="township").order_by("code"),
        "page_obj": Paginator(rows, PAGE).get_page(request.GET.get("page")),
    }  # fmt: skip
    if may_set:
        context |= {"form": form or (CatchmentForm(township=township) if township else None), "file_form": file_form or CatchmentFileForm()}
    return render(request, "students/catchment_list.html", context, status=422 if form or file_form else 200)


@require_POST
def catchment_set(request):
    scope.require(request.user, actions.PERMISSION)
    form = CatchmentForm(request.POST, township=township_of(request))
    if not form.is_valid():
        return show(request, form, None)
    year, section = year_of(request), form.cleaned_data["section"]
    rows = [{"section": section, "place": place, "school_year": year} for place in form.cleaned_data["places"]]
    count = actions.record_catchments(rows=rows, by=request.user)
    messages.info(request, f"{section.school.name}{section.get_stage_display()}的学区有 {count} 处变化。")
    return redirect(here(year, township_of(request)))


@require_http_methods(["GET", "POST"])
def catchment_end(request, public_id, year, stage):
    """A dated end: the row stays, so that earlier days are counted as they were."""
    standing = Catchment.objects.select_related("place__parent", "section__school").filter(until=None)
    row = scope.get_visible(standing, request.user, actions.PERMISSION, place__public_id=public_id, school_year=year, stage=stage)
    form = CatchmentEndForm(request.POST or None, initial={"on": timezone.localdate()})
    if form.is_valid() and ended(form, row, request.user):
        messages.info(request, f"{row.place.name}的{row.section.get_stage_display()}学区已停用；停用前的日期照旧按它计算。")
        return redirect(here(row.school_year))
    context = {"row": row, "form": form, "label": ages.school_year_label(row.school_year), "back": here(row.school_year)}
    return render(request, "students/catchment_end.html", context, status=422 if form.is_bound else 200)


def ended(form, row, user):
    try:
        return actions.end_catchment(catchment=row, on=form.cleaned_data["on"], reason=form.cleaned_data["reason"], by=user)
    except Refused as refusal:
        form.add_error("on", str(refusal))
        return None


@require_POST
def catchment_copy(request):
    scope.require(request.user, actions.PERMISSION)
    count = actions.copy_year(school_year=year_of(request), by=request.user)
    messages.info(request, f"照上学年补上 {count} 处。" if count else "上学年没有可照用的学区，或本学年都已划定。")
    return redirect(here(year_of(request)))


@require_POST
def catchment_upload(request):
    """The whole division from a workbook; a row that cannot be used is named by its place and nothing is changed."""
    scope.require(request.user, actions.PERMISSION)
    form = CatchmentFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            count = taken_in(request, form.cleaned_data["file"])
        except (Refused, WorkbookRefused) as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.info(request, f"学区划分表已读入，{count} 处变化。")
            return redirect(here(year_of(request)))
    return show(request, None, form)


def taken_in(request, upload):
    with tempfile.NamedTemporaryFile() as copy:
        copy.write(upload.read())
        copy.flush()
        rows, problems = read_catchments(copy.name, upload.name, county=scope.root(), school_year=year_of(request))
    if problems:
        raise Refused("这个文件没有读入，请先改正：" + "；".join(map(str, problems[:20])))
    return actions.record_catchments(rows=rows, by=request.user)
