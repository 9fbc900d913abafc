"""manage.py export_report --period 2020-03 --organization CODE --format xlsx|pdf --out DIR: a school's report, or the table of a node's
schools.
"""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from archives.management.commands.make_reports import organization_by_code
from archives.reports.export import NothingToExport, export


class Command(BaseCommand):
    help = "导出月报：学校导出本校月报，教育组、乡镇、教育局导出所属学校汇总表。"

    def add_arguments(self, parser):
        parser.add_argument("--period", required=True, help="报告期，如 2020-03")
        parser.add_argument("--organization", required=True, metavar="CODE", help="单位代码")
        parser.add_argument("--format", required=True, choices=["xlsx", "pdf"], help="xlsx 或 pdf")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="写到哪个文件夹")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON 对象")

    def handle(self, *, period, organization, out, **options):
        node = organization_by_code(organization)
        try:
            file = export(node=node, period=period, format=options["format"], by=None)
        except (NothingToExport, ValueError) as wrong:
            raise CommandError(str(wrong)) from wrong
        out.mkdir(parents=True, exist_ok=True)
        path = out / file.name
        path.write_bytes(file.content)
        if options["json"]:
            self.stdout.write(json.dumps({"file": str(path), "bytes": len(file.content), "audit": file.number}, ensure_ascii=False))
        else:
            self.stdout.write(f"已导出 {path}（{len(file.content)} 字节，导出编号 {file.number}）")
