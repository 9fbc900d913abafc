"""manage.py import_file KIND FILE --as-of 2020-03-01 --by USER [--coverage CODE] [--map 列名=字段] [--apply] [--json]"""

import json
import time
from pathlib import Path

import pghistory
from django.core.management.base import BaseCommand, CommandError

from core import scope
from core.models import Organization, User
from core.scope import Forbidden
from core.spreadsheets import WorkbookRefused
from students import imports
from students.actions import mapping, snapshots
from students.imports.columns import parse_words
from students.management.arguments import iso_date
from students.models import KINDS, SourceSnapshot


class Command(BaseCommand):
    help = "读取一份部门名单，预览；加 --apply 则批准入库。"

    def add_arguments(self, parser):
        parser.add_argument("kind", choices=[code for code, _ in KINDS])
        parser.add_argument("file", type=Path)
        parser.add_argument("--as-of", type=iso_date, required=True, help="名单截至日期")
        parser.add_argument("--by", required=True, metavar="USER", help="以谁的名义")
        parser.add_argument("--coverage", metavar="CODE", help="名单覆盖的单位，默认全县")
        parser.add_argument("--supplier", default="", help="提供单位")
        parser.add_argument("--map", action="append", default=[], metavar="列名=字段", help="列名对应的字段，可写多次；“列名=”表示不用这一列")
        parser.add_argument("--apply", action="store_true", help="预览后立即批准入库")
        parser.add_argument("--json", action="store_true", help="标准输出只有一个 JSON 对象")

    @pghistory.context(command="import_file")
    def handle(self, *, kind, file, as_of, by, coverage, apply, **options):
        started = time.monotonic()
        if not file.is_file():
            raise CommandError(f"找不到文件 {file}。请核对路径。")
        user = _user(by)
        pghistory.context(user=user.pk)
        try:
            about = {"kind": kind, "path": file, "name": file.name, "as_of": as_of, "coverage": _node(coverage), "by": user}
            answer = self._import(about | {"supplier": options["supplier"]}, parse_words(kind, options["map"]), apply)
        except (Forbidden, WorkbookRefused) as refusal:
            raise CommandError(str(refusal)) from refusal
        answer["seconds"] = round(time.monotonic() - started, 3)
        self.stdout.write(json.dumps(answer, ensure_ascii=False) if options["json"] else _as_text(answer))

    def _import(self, about, words, apply):
        try:
            snapshot = snapshots.receive(**about)
        except snapshots.AlreadyReceived as same:
            if not (words and same.snapshot.state in (SourceSnapshot.State.RECEIVED, SourceSnapshot.State.STAGED)):
                return self._again(same.snapshot, about["by"], apply)
            snapshot = mapping.read_anew(snapshot=same.snapshot)
        self._stage(snapshot, words)
        if words:
            mapping.remember(snapshot=snapshot, words=words, by=about["by"])
        return answer_of(_approved(snapshot, about["by"]) if apply else snapshot)

    def _stage(self, snapshot, words):
        snapshot.mapping = words
        snapshot.save(update_fields=["mapping"])
        imports.stage(snapshot)
        if snapshot.state == SourceSnapshot.State.REFUSED:
            raise CommandError(snapshot.message)

    def _again(self, snapshot, user, apply):
        """The same file once more: nothing if it is in; a batch that still waits is taken up where it stands."""
        if snapshot.state == SourceSnapshot.State.APPLIED:
            return answer_of(snapshot) | dict.fromkeys(("new", "changed", "conflicts", "vanished"), 0) | {
                "unchanged": snapshot.rows - snapshot.refused_rows, "applied": False, "duplicate_of": str(snapshot.public_id)
            }  # fmt: skip
        if snapshot.state == SourceSnapshot.State.RECEIVED:
            imports.stage(snapshot)
        return answer_of(_approved(snapshot, user) if apply else snapshot)


def _approved(snapshot, user):
    """Apply; where another batch came between, the second look is the command's own."""
    for _ in range(2):
        snapshot = snapshots.approve(snapshot=snapshot, by=user)
        if snapshot.state == SourceSnapshot.State.APPLIED:
            return snapshot
    raise CommandError(snapshot.message)


def answer_of(snapshot):
    """The counts of a batch as the JSON object of the command."""
    refused = snapshot.issues.filter(severity="refused").order_by("id").values("sheet", "row_number", "column", "value", "reason")
    return {
        "snapshot": str(snapshot.public_id), "kind": snapshot.kind, "rows": snapshot.rows, "new": snapshot.new, "changed": snapshot.changed,
        "unchanged": snapshot.unchanged, "conflicts": snapshot.conflicts, "vanished": snapshot.vanished, "warnings": snapshot.warnings,
        "refused": [{"row": row.pop("row_number"), **row} for row in refused],
        "applied": snapshot.state == SourceSnapshot.State.APPLIED, "duplicate_of": None,
        "skipped_sheets": snapshot.layout.get("skipped", []),
        "columns": {heading: field for sheet in snapshot.layout.get("sheets", []) for field, heading in sheet["columns"].items()},
        "unused_columns": sorted({heading for sheet in snapshot.layout.get("sheets", []) for heading in sheet["unknown"]}),
    }  # fmt: skip


def _as_text(answer):
    refused = [f"  {row['sheet']} 第 {row['row']} 行 {row['column']}:{row['reason']}" for row in answer["refused"]]
    head = (
        f"共 {answer['rows']} 行 = 新增 {answer['new']} + 变化 {answer['changed']} + 未变 {answer['unchanged']}"
        f" + 冲突 {answer['conflicts']} + 未导入 {len(answer['refused'])};"
        f"消失 {answer['vanished']}，提醒 {answer['warnings']},{'已入库' if answer['applied'] else '未入库'}，用时 {answer['seconds']} 秒"
    )
    if answer["duplicate_of"]:
        head = f"这份文件已经入库，没有重复导入。{head}"
    return "\n".join([head, *refused])


def _user(username):
    try:
        return User.objects.get(username=username)
    except User.DoesNotExist as absent:
        raise CommandError(f"没有账号“{username}”。请用 --by 写一个现有的账号。") from absent


def _node(code):
    node = scope.root() if code is None else Organization.objects.filter(code=code).first()
    if node is None:
        raise CommandError("还没有建立县级单位，请先运行 manage.py start_county。" if code is None else f"没有代码为“{code}”的单位。")
    return node
