"""What Celery beat asks for, and long work; all of it can be done by hand: `manage.py make_reports`, `export_report`, `run_waiting`."""

import tempfile
from datetime import date

from celery import shared_task
from django.utils import timezone

from archives.actions.making import make_closed
from archives.reports import books
from archives.reports.export import export_summary
from core import file_runs, files
from core.models import AuditEntry, Organization
from core.scope import granted_nodes
from students import statuses
from students.reports.export import note_of


@shared_task(name="archives.tasks.make_monthly_reports")
def make_monthly_reports():
    """Asked for every hour, done once a day: the reports of the period that is over."""
    file_runs.start_period("make_monthly_reports", timezone.localdate())


@file_runs.work("make_monthly_reports", label="生成月报")
def make_reports(run):
    made = make_closed(on=date.fromisoformat(run.parameters["on"]))
    return f"{made.period}：应报 {made.owed}，新生成 {made.added}，重新计数 {made.refreshed}。"


@file_runs.work("export_reports", label="导出月报汇总")
def export_reports(run):
    """The table of many schools on paper: minutes of rendering are no request's business."""
    wanted = run.parameters
    if not file_runs.may_fetch(run, run.requested_by):
        raise file_runs.RunRefused("您现在没有导出这个范围的权限，没有生成文件。")
    file = export_summary(
        node=Organization.objects.get(pk=wanted["node"]), period=wanted["period"], format=wanted["format"], by=run.requested_by
    )
    return f"{file.name}，导出编号 {file.number}", files.store(file.content, file.name, file.media_type, run.requested_by)


@file_runs.work("export_ledgers", label="导出台账和统计表")
def export_ledgers(run):
    given, user = run.parameters, run.requested_by
    node = Organization.objects.get(pk=given["node"]) if given["node"] else None
    nodes = tuple(granted_nodes(user, "export_lists"))
    ask = statuses.Ask(date.fromisoformat(given["on"]), given["low"], given["high"], given["mode"], nodes=nodes, node=node)
    entry = AuditEntry.objects.get(pk=given["audit"])
    with tempfile.NamedTemporaryFile(suffix=".zip") as target:
        count, children = books.write_books(
            target.name, ask=ask, level=given["level"], note=note_of(entry),
            progress=lambda done, total: file_runs.progress(run, done, total),
        )  # fmt: skip
        stored = files.store(target.name, f"台账和统计表_{given['on']}_{entry.number}.zip", "application/zip", user)
    return f"{count} 个工作簿，{children} 人，编号 {entry.number}。", stored
