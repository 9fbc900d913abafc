"""Long work of the student pages: envelopes around what the command line does too."""

import tempfile
from datetime import date

from celery import shared_task
from django.http import QueryDict
from django.utils import timezone

from core import file_runs, files
from core.models import AuditEntry
from core.scope import Forbidden
from students import imports
from students.actions import candidates, keeping, snapshots, turning
from students.filters import Search
from students.models import SourceSnapshot
from students.reports import account, export, list_changes
from students.reports.listing import read_listing


@shared_task(name="students.tasks.keep_account")
def keep_account():
    keeping.refresh(account.usual_day(timezone.localdate()))
    keeping.sum_up()


@file_runs.work("stage_snapshot", label="读取名单")
def stage_snapshot(run):
    snapshot = SourceSnapshot.objects.select_related("coverage", "file").get(pk=run.parameters["snapshot"])
    imports.stage(snapshot, progress=lambda done, total: file_runs.progress(run, done, total), ask=not snapshot.filled)
    snapshot.refresh_from_db()
    return snapshot.message or f"已读取 {snapshot.rows} 行。"


@file_runs.work("apply_snapshot", label="入库")
def apply_snapshot(run):
    snapshot = SourceSnapshot.objects.get(pk=run.parameters["snapshot"])
    try:
        snapshot = snapshots.approve(
            snapshot=snapshot, by=run.requested_by, on_step=lambda done, total: file_runs.progress(run, done, total)
        )
    except Forbidden as refusal:
        raise file_runs.RunRefused(str(refusal)) from refusal
    if snapshot.state == SourceSnapshot.State.APPLIED and snapshot.kind not in ("divisions", "schools"):
        file_runs.start("find_candidates", f"find_candidates:{snapshot.pk}", by=run.requested_by)
    return "已入库。" if snapshot.state == SourceSnapshot.State.APPLIED else snapshot.message


@file_runs.work("find_candidates", label="查找可能是同一人的记录")
def find_candidates(run):
    found = candidates.find()
    return f"新找出 {found} 对，请在“待确认匹配”的“候选”里逐对判断。" if found else "没有新的可能是同一人的记录。"


@file_runs.work("export_children", label="导出学生台账")
def export_children(run):
    given = run.parameters
    search = Search(**given["search"]) if given["search"] else None
    on = date.fromisoformat(given["on"])
    permission = "reveal_numbers" if given["full"] else "export_lists"
    listing = read_listing(QueryDict(given["query"]), search=search, user=run.requested_by, permission=permission, on=on)
    entry = AuditEntry.objects.get(pk=given["audit"])
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as target:
        export.write_listing(target.name, listing, entry=entry, full=given["full"])
        stored = files.store(target.name, export.file_name(on, entry), export.MEDIA_TYPE, run.requested_by)
    return f"共 {entry.detail['rows']} 人，编号 {entry.number}。", stored


@file_runs.work("export_changes", label="导出名单变化")
def export_changes(run):
    snapshot = SourceSnapshot.objects.select_related("coverage").get(pk=run.parameters["snapshot"])
    entry = AuditEntry.objects.get(pk=run.parameters["audit"])
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as target:
        list_changes.write(target.name, snapshot, note=export.note_of(entry))
        stored = files.store(target.name, list_changes.file_name(snapshot, entry), export.MEDIA_TYPE, run.requested_by)
    return f"新增 {snapshot.new} 行，变化 {snapshot.changed} 行，消失 {snapshot.vanished} 行，编号 {entry.number}。", stored


@file_runs.work("turn_school_year", label="学年升级", page="students:year_turn_list")
def turn_school_year(run):
    try:
        made = turning.turn(node=run.organization, school_year=run.parameters["year"], by=run.requested_by, today=timezone.localdate())
    except Forbidden as refusal:
        raise file_runs.RunRefused(str(refusal)) from refusal
    return f"升级 {made.counts.get('moves', 0)} 人，毕业 {made.counts.get('leaves', 0)} 人，休学不升级 {made.counts.get('stays', 0)} 人。"
