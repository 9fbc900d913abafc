"""The three ledgers in one click: an archive of workbooks, one for each place of the chosen level."""

import uuid

from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from core import audit, file_runs, scope
from students.reports import ledgers
from students.reports.statuses import PERMISSION
from students.views.statuses import read_question


@require_POST
def ledger_export(request):
    scope.require(request.user, "export_lists")
    scope.require(request.user, PERMISSION)
    _, question = read_question(request)
    split = request.GET.get("split") or request.POST.get("split") or "township"
    if question is None or split not in ledgers.LEVELS:
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
