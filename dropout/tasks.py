"""Envelopes for the queue; `manage.py expire_removals` and `raise_alarms` do the same by hand. Long exports."""

import tempfile
from datetime import date

from celery import shared_task
from django.utils import timezone

from core import file_runs, files
from core.models import AuditEntry
from core.scope import granted_nodes
from dropout import actions
from dropout.actions import absences
from dropout.reports import indicator_page, indicators
from students import statuses
from students.reports import export


@shared_task(name="dropout.tasks.expire_removals")
def expire_removals():
    file_runs.start_period("expire_removals", timezone.localdate())


@file_runs.work("expire_removals", label="核减到期")
def expire(run):
    return f"到期 {len(actions.expire_removals(on=date.fromisoformat(run.parameters['on'])))} 件。"


@shared_task(name="dropout.tasks.raise_alarms")
def raise_alarms():
    absences.raise_alarms(at=timezone.now())


@file_runs.work("export_indicator_names", label="导出指标名单")
def export_indicator_names(run):
    given, entry = run.parameters, AuditEntry.objects.get(pk=run.parameters["audit"])
    nodes = tuple(granted_nodes(run.requested_by, "see_account"))
    ask = statuses.Ask(date.fromisoformat(given["on"]), given["low"], given["high"], given["mode"], nodes=nodes)
    figure = given["key"], given["side"], given["by"], given["value"]
    count, lines = indicators.rows_behind(ask, *figure)
    label = indicator_page.label_of(indicators.INDICATOR[given["key"]], *figure[1:])
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as target:
        indicator_page.write_names(target.name, indicator_page.Question(ask), label, lines, export.note_of(entry))
        stored = files.store(target.name, f"指标名单_{given['on']}_{entry.number}.xlsx", export.MEDIA_TYPE, run.requested_by)
    return f"共 {count} 行，编号 {entry.number}。", stored
