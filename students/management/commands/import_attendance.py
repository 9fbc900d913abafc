"""manage.py import_attendance FILE --by USER [--apply] [--json]"""

import json
from pathlib import Path

import pghistory
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.models import User
from core.scope import Forbidden
from students.imports import attendance_files


class Command(BaseCommand):
    help = "读取一份考勤表，列出有问题的行；加 --apply 则入库。"

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", required=True, metavar="USER", help="以谁的名义")
        parser.add_argument("--apply", action="store_true", help="核对后立即入库")
        parser.add_argument("--json", action="store_true", help="标准输出只有一个 JSON 对象")

    @pghistory.context(command="import_attendance")
    def handle(self, *_arguments, file, by, apply, **options):
        user = User.objects.filter(username=by).first()
        if user is None or not file.is_file():
            raise CommandError(f"找不到文件 {file}。请核对路径。" if user else f"没有账号“{by}”。请用 --by 写一个现有的账号。")
        pghistory.context(user=user.pk)
        today = timezone.localdate()
        try:
            found, is_new = attendance_files.receive(content=file.read_bytes(), name=file.name, by=user, today=today)
            if found.state == "refused":
                raise CommandError(found.message)
            if apply and found.state == "staged":
                found, _ = attendance_files.apply(file=found, by=user, today=today)
        except Forbidden as refusal:
            raise CommandError(str(refusal)) from refusal
        answer = answer_of(found, is_new)
        self.stdout.write(json.dumps(answer, ensure_ascii=False) if options["json"] else as_text(answer))


def answer_of(file, is_new):
    names = ("sheet", "row", "column", "value", "reason")
    refused = [dict(zip(names, issue, strict=True)) for issue in file.issues]
    return {
        "file": str(file.public_id), "rows": file.rows, "half_days": file.half_days, "held_back": file.held_back, "refused": refused,
        "applied": file.state == "applied", "repeated": not is_new,
    }  # fmt: skip


def as_text(answer):
    state = "已入库" if answer["applied"] else "未入库"
    head = f"共 {answer['rows']} 行，{answer['half_days']} 个班级半天，{answer['held_back']} 个因为有问题不入库；{state}"
    lines = [f"  {row['sheet']} 第 {row['row']} 行 {row['column']}：{row['reason']}" for row in answer["refused"]]
    return "\n".join([("这份文件已经收到过，没有重复登记。" if answer["repeated"] else "") + head, *lines])
