"""The ledgers and statutory tables: what there is, and all of it in one click as an archive of workbooks."""

import uuid

from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from archives.reports import books
from core import audit, file_runs, scope
from students.reports import indicator_needs as needs
from students.reports.account import usual_day
from students.views.statuses import read_question

PERMISSION = "see_account"


@require_GET
def table_list(request):
    """As of today, what has happened since the newest lists included: a ledger says where every child is now."""
    scope.require(request.user, PERMISSION)
    today = timezone.localdate()
    form, question = read_question(request, on=today)
    lists_day = usual_day(today)
    return render(request, "archives/table_list.html", {
        "form": form, "question": question, "levels": books.LEVELS.items(), "chosen": request.GET.get("split", "township"),
        "tables": books.listed(needs.known(question.ask.on if question else today)),
        "lists_day": lists_day, "lists_query": question.query(on=lists_day.isoformat()) if question else "",
        "may_export": scope.has_permission(request.user, "export_lists"),
    }, status=200 if question else 422)  # fmt: skip


@require_POST
def table_export(request):
    scope.require(request.user, "export_lists")
    scope.require(request.user, PERMISSION)
    _, question = read_question(request, on=timezone.localdate())
    split = request.GET.get("split") or request.POST.get("split") or "township"
    if question is None or split not in books.LEVELS:
        raise Http404
    ask = question.ask
    entry = audit.record_view("ledgers_exported", by=request.user, level=split, of=ask.on.isoformat(), low=ask.low, high=ask.high)
    parameters = {
        "on": ask.on.isoformat(), "low": ask.low, "high": ask.high, "mode": ask.mode, "node": ask.node.pk if ask.node else None,
        "level": split, "audit": entry.pk,
    }  # fmt: skip
    key = f"export_ledgers:{uuid.uuid4()}"
    run = file_runs.start("export_ledgers", key, by=request.user, parameters=parameters, permission="export_lists")
    return redirect("core:run_detail", public_id=run.public_id)
