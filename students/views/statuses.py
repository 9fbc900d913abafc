"""The account by status: the equation, by place, and the names behind each figure with source and day."""

from dataclasses import replace
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import audit, scope
from core.forms import whole
from core.models import Organization
from core.spreadsheets import Column, SheetOut, write_workbook
from students import statuses
from students.forms import AccountForm
from students.models import Section
from students.reports import account, export
from students.reports import children as listing
from students.reports import statuses as report
from students.rules.ages import POINT
from students.rules.statuses import STATUSES, UNEXPLAINED
from students.views.exporting import workbook_response

PAGE = 50
NAME_COLUMNS = listing.chosen_columns(["sex", "birth", "number", "school", "grade", "township", "village"])


def read_question(request, on=None):
    """(form, Question or None) of the address; 404 for a place out of scope. `on`: the day unless another is asked for."""
    usual = {"on": on or account.usual_day(timezone.localdate()), "low": 6, "high": 15, "mode": POINT}
    form = AccountForm(usual | {key: request.GET[key] for key in usual if request.GET.get(key)})
    if not form.is_valid():
        return form, None
    place = {"node": node_of(request), "section": section_of(request), "unplaced": request.GET.get("unplaced") or None}
    asked = statuses.Ask(**form.cleaned_data, **place)
    return form, report.question_of(asked, request.GET.get("level", ""), request.user)


def node_of(request):
    public_id = request.GET.get("node")
    if not public_id:
        return None
    try:
        node = Organization.objects.filter(public_id=public_id).first()
    except ValidationError as wrong:
        raise Http404 from wrong
    if node is None or not account.shows(node, request.user) and not scope.may(request.user, "see_schools", node):
        raise Http404
    return node


def section_of(request):
    return Section.objects.filter(pk=whole(request.GET.get("section", ""))).values_list("pk", flat=True).first()


@require_GET
def status_account(request):
    scope.require(request.user, report.PERMISSION)
    form, question = read_question(request)
    if question is None:
        return render(request, "students/status_account.html", {"form": form}, status=422)
    found, by_place = report.whole(question)
    return render(request, "students/status_account.html", {
        "form": form, "question": question, "found": found, "parts": report.parts(question, found),
        "rows": report.rows(question, found, by_place),
        "shown": report.shown_statuses(found), "levels": [(key, word) for key, (_, word) in statuses.LEVELS.items()],
        "word": statuses.LEVELS[question.level][1], "total_url": question.names_url(),
        "unexplained_url": question.names_url(",".join(UNEXPLAINED)), "may_freeze": scope.has_permission(request.user, "freeze_account"),
        "explained": [part for part in report.parts(question, found) if part["explained"]],
        "may_export": scope.has_permission(request.user, "export_lists"),
        "reasons": found.neither_by_reason.items(),
    })  # fmt: skip


def asked_names(request):
    """(Question, status codes, children in scope) behind a figure; 404 for an unknown status."""
    _, question = read_question(request)
    codes = [code for code in request.GET.get("status", "").split(",") if code]
    if question is None or set(codes) - set(STATUSES):
        raise Http404
    return question, codes, statuses.children(question.ask, codes or None).visible_to(request.user, report.PERMISSION)


@require_GET
def status_names(request):
    scope.require(request.user, report.PERMISSION)
    question, codes, children = asked_names(request)
    page = Paginator(listing.ordered(children, "name", question.ask.on), PAGE).get_page(request.GET.get("page"))
    shown = listing.as_of(list(listing.with_present_facts(page.object_list, question.ask.on)), question.ask.on)
    rows = [row | {"cells": listing.drawn_cells(row["child"], NAME_COLUMNS)} for row in report.told(shown, question.ask)]
    return render(request, "students/status_names.html", {
        "question": question, "label": "、".join(STATUSES[code].label for code in codes) or "户籍适龄", "page_obj": page, "rows": rows,
        "columns": NAME_COLUMNS, "may_record": scope.has_permission(request.user, "record_standing"),
        "may_export": scope.has_permission(request.user, "export_lists"),
    })  # fmt: skip


@require_POST
def status_export(request):
    """The names behind a figure as a workbook, with status, source and day; numbers stay masked."""
    scope.require(request.user, "export_lists")
    scope.require(request.user, report.PERMISSION)
    question, codes, children = asked_names(request)
    on = question.ask.on
    found = listing.as_of(list(listing.with_present_facts(listing.ordered(children, "name", on), on)), on)
    entry = audit.record_view("status_names_exported", by=request.user, statuses=codes, rows=len(found), of=on.isoformat())
    target = BytesIO()
    write_status_names(target, found, replace(question.ask, nodes=None), export.note_of(entry), question.sentence)
    target.seek(0)
    return workbook_response(target, f"去向名单_{on:%Y%m%d}_{entry.number}.xlsx")


def write_status_names(target, found, ask, note, sentence):
    columns = [*(Column(column.label, column.width) for column in NAME_COLUMNS), Column("去向", 20), Column("来源", 18), Column("自哪天起", 12)]
    body = (
        [*listing.cells_of(row["child"], NAME_COLUMNS), row["status"], row["source"], row["since"].isoformat() if row["since"] else "—"]
        for row in report.told(found, ask)
    )
    write_workbook(target, [SheetOut("去向名单", columns, body, titles=("去向名单",), unit_line=sentence, frozen_columns=1)], note=note)
