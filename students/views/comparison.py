"""The account of children of school age: the equation, by place, and the names behind each figure."""

from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import audit, scope
from core.models import Organization
from students.forms import AccountForm
from students.models import SourceSnapshot
from students.reports import account as report
from students.reports import children as listing
from students.reports.export import note_of
from students.rules.ages import POINT
from students.views.exporting import workbook_response

PAGE = 50
NODE_KINDS = (Organization.Kind.TOWNSHIP, Organization.Kind.VILLAGE)
NAME_COLUMNS = listing.chosen_columns(["sex", "birth", "number", "school", "grade", "roll", "township", "village"])


def read_question(request):
    """(form, question or None): what the address asks, the usual question where it asks nothing."""
    usual = {"on": report.usual_day(timezone.localdate()), "low": 6, "high": 15, "mode": POINT}
    asked = {key: request.GET[key] for key in usual if request.GET.get(key)}
    form = AccountForm(usual | asked)
    if not form.is_valid():
        return form, None
    return form, report.Question(**form.cleaned_data, node=read_node(request))


def read_node(request):
    """The township or village to look into; 404 for any other node and for one out of scope."""
    public_id = request.GET.get("node")
    if not public_id:
        return None
    return node_by_id(request.user, public_id)


def node_by_id(user, public_id):
    """A place below the person's nodes, or one where a child of theirs is registered, which the figures have shown; 404 for others."""
    try:
        node = Organization.objects.filter(kind__in=NODE_KINDS, public_id=public_id).first()
    except ValidationError as wrong:
        raise Http404 from wrong
    if node is None or not report.shows(node, user):
        raise Http404
    return node


def unconfirmed_url(user, question):
    """Those who may decide come to the decisions, the others to the names."""
    return reverse("students:match_list") if scope.has_permission(user, "decide_match") else question.names_url("unconfirmed")


@require_GET
def comparison(request):
    scope.require(request.user, report.PERMISSION)
    form, question = read_question(request)
    if question is None:
        return render(request, "students/comparison.html", {"form": form}, status=422)
    if not SourceSnapshot.objects.filter(state="applied", kind="hukou").exists():
        may_import = scope.has_permission(request.user, "import_lists")
        return render(request, "students/comparison.html", {"form": form, "missing": True, "may_import": may_import})
    figures, rows = report.read(question, request.user)
    return render(request, "students/comparison.html", {
        "form": form, "question": question, "figures": figures, "parts": report.equation_parts(question, figures),
        "columns": report.COLUMN_KEYS, "labels": [report.LABELS[key] for key in report.COLUMN_KEYS],
        "rows": rows, "beside": report.beside(question, figures),
        "whole": report.whole_lists(question, figures), "lists": report.lists_behind(request.user),
        "total_url": question.names_url("registered"),
        "unconfirmed_url": unconfirmed_url(request.user, question),
        "totals": [{"key": key, "figure": figures[key], "url": question.names_url(key)} for key in report.COLUMN_KEYS],
        "may_export": scope.has_permission(request.user, "export_lists"), "unit": scope.home_node(request.user),
    })  # fmt: skip


@require_GET
def comparison_names(request):
    """The names behind one figure."""
    scope.require(request.user, report.PERMISSION)
    question, bucket, children = asked_names(request)
    page = Paginator(listing.ordered(children, "name", question.on), PAGE).get_page(request.GET.get("page"))
    found = listing.with_present_facts(page.object_list, question.on)
    rows = [{"child": child, "cells": listing.drawn_cells(child, NAME_COLUMNS)} for child in found]
    return render(request, "students/comparison_names.html", {
        "question": question, "bucket": bucket, "label": report.LABELS[bucket], "page_obj": page, "rows": rows, "columns": NAME_COLUMNS,
        "may_export": scope.has_permission(request.user, "export_lists"),
    })  # fmt: skip


def asked_names(request):
    _, question = read_question(request)
    bucket = request.GET.get("bucket", "")
    if question is None or bucket not in report.LABELS:
        raise Http404
    return question, bucket, report.names(question, bucket, request.user)


@require_POST
def comparison_export(request):
    """The account's table, or the names behind one figure, as a workbook; numbers stay masked."""
    scope.require(request.user, "export_lists")
    scope.require(request.user, report.PERMISSION)
    target = BytesIO()
    name = write_names(request, target) if request.GET.get("bucket") else write_table(request, target)
    target.seek(0)
    return workbook_response(target, name)


def write_names(request, target):
    question, bucket, children = asked_names(request)
    children = listing.ordered(children, "name", question.on)
    entry = audit.record_view(
        "account_names_exported", by=request.user, bucket=bucket, rows=children.order_by().count(), of=question.on.isoformat()
    )
    titles = (f"{report.LABELS[bucket]}名单", question.sentence)
    listing.write_children(target, children=children, columns=NAME_COLUMNS, on=question.on, shown=False, note=note_of(entry), titles=titles)
    return f"{report.LABELS[bucket]}_{question.on:%Y%m%d}_{entry.number}.xlsx"


def write_table(request, target):
    _, question = read_question(request)
    if question is None:
        raise Http404
    entry = audit.record_view("account_exported", by=request.user, of=question.on.isoformat(), mode=question.mode)
    unit = question.node or scope.home_node(request.user)
    report.write_account(target, question=question, user=request.user, note=note_of(entry), unit=unit.name if unit else "")
    return f"适龄儿童总账_{question.on:%Y%m%d}_{entry.number}.xlsx"
