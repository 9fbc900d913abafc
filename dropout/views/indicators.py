"""The rates at a glance, each by dimension, each down to the names above and below its line."""

import uuid
from io import BytesIO

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import audit, file_runs, scope
from core.forms import whole
from dropout.reports import indicator_page as page
from dropout.reports import indicators as report
from students import statuses
from students.dimensions import DIMENSIONS
from students.forms import AccountForm
from students.reports import export
from students.reports.account import usual_day
from students.rules.ages import POINT
from students.views.exporting import AT_ONCE, workbook_response

PAGE = 50
PERMISSION = "see_account"


def read_question(request, permission=PERMISSION):
    """(form, Question or None) of the address, within the person's scope; of the day the account is kept for where none is asked."""
    usual = {"on": usual_day(timezone.localdate()), "low": 6, "high": 15, "mode": POINT}
    form = AccountForm(usual | {key: request.GET[key] for key in usual if request.GET.get(key)})
    if not form.is_valid():
        return form, None
    return form, page.Question(statuses.Ask(**form.cleaned_data, nodes=tuple(scope.granted_nodes(request.user, permission))))


@require_GET
def indicator_list(request):
    scope.require(request.user, PERMISSION)
    form, question = read_question(request)
    if question is None:
        return render(request, "dropout/indicator_list.html", {"form": form}, status=422)
    return render(request, "dropout/indicator_list.html", {
        "form": form, "question": question, "rows": page.overview(question),
        "may_export": scope.has_permission(request.user, "export_lists"),
    })  # fmt: skip


@require_GET
def indicator_detail(request):
    scope.require(request.user, PERMISSION)
    form, question = read_question(request)
    key = request.GET.get("key", "")
    if key not in report.INDICATOR:
        raise Http404
    if question is None:
        return render(request, "dropout/indicator_detail.html", {"form": form, "indicator": report.INDICATOR[key]}, status=422)
    by = request.GET.get("by") if request.GET.get("by") in DIMENSIONS else "stage"
    return render(request, "dropout/indicator_detail.html", page.detail(question, key, by) | {
        "form": form, "question": question, "by": by, "word": DIMENSIONS[by], "dimensions": DIMENSIONS.items(),
        "may_export": scope.has_permission(request.user, "export_lists"),
    })  # fmt: skip


@require_POST
def indicator_export(request):
    """All indicators, or the one that `key` names, by every dimension."""
    scope.require(request.user, "export_lists")
    scope.require(request.user, PERMISSION)
    _, question = read_question(request)
    key = request.GET.get("key", "")
    if question is None or key and key not in report.INDICATOR:
        raise Http404
    chosen = (report.INDICATOR[key],) if key else report.INDICATORS
    entry = audit.record_view("indicators_exported", by=request.user, indicator=key, of=question.ask.on.isoformat())
    target, place = BytesIO(), scope.home_node(request.user)
    page.write_indicators(target, question, chosen, export.note_of(entry), place.name if place else "")
    target.seek(0)
    return workbook_response(target, f"{chosen[0].label if key else '控辍保学指标'}_{question.ask.on:%Y%m%d}_{entry.number}.xlsx")


def asked_figure(request):
    """(Question, key, side, dimension, value) of the address; 404 for what is none of ours."""
    _, question = read_question(request)
    key, side, by, value = (request.GET.get(name, "") for name in ("key", "side", "by", "value"))
    if question is None or key not in report.INDICATOR or side not in ("part", "whole") or by and by not in DIMENSIONS:
        raise Http404
    if by in ("school", "township") and value and whole(value) is None:
        raise Http404
    return question, key, side, by, value if by else ""


@require_GET
def indicator_names(request):
    scope.require(request.user, PERMISSION)
    question, key, side, by, value = asked_figure(request)
    number = min(max(whole(request.GET.get("page", "")) or 1, 1), 10**9)
    count, lines = report.rows_behind(question.ask, key, side, by, value, start=(number - 1) * PAGE, most=PAGE)
    row = report.INDICATOR[key]
    return render(request, "dropout/indicator_names.html", {
        "label": page.label_of(row, side, by, value), "indicator": row, "page_obj": Paginator(range(count), PAGE).get_page(number),
        "columns": page.NAME_COLUMNS, "rows": page.told(question, lines), "back": question.detail_url(key, by=by or None),
        "items": any(item for _, item in lines), "may_export": scope.has_permission(request.user, "export_lists"), "question": question,
    })  # fmt: skip


@require_POST
def indicator_names_export(request):
    """The names behind a figure as a workbook; more than AT_ONCE as work that leaves its file on the run's page."""
    scope.require(request.user, "export_lists")
    scope.require(request.user, PERMISSION)
    question, key, side, by, value = asked_figure(request)
    count, lines = report.rows_behind(question.ask, key, side, by, value, most=AT_ONCE)
    entry = audit.record_view("indicator_names_exported", by=request.user, indicator=key, side=side, rows=count,
                              of=question.ask.on.isoformat())  # fmt: skip
    if count > AT_ONCE:
        return begin_run(request, question.ask, entry, {"key": key, "side": side, "by": by, "value": value})
    target = BytesIO()
    page.write_names(target, question, page.label_of(report.INDICATOR[key], side, by, value), lines, export.note_of(entry))
    target.seek(0)
    return workbook_response(target, f"指标名单_{question.ask.on:%Y%m%d}_{entry.number}.xlsx")


def begin_run(request, ask, entry, figure):
    parameters = figure | {"on": ask.on.isoformat(), "low": ask.low, "high": ask.high, "mode": ask.mode, "audit": entry.pk}
    key = f"export_indicator_names:{uuid.uuid4()}"
    run = file_runs.start("export_indicator_names", key, by=request.user, parameters=parameters, permission="export_lists")
    return redirect("core:run_detail", public_id=run.public_id)
