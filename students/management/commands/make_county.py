"""``manage.py make_county --out DIR``: the workbooks of an invented county, for the demo and for tests of any size."""

import json
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from students.county.files import make_county
from students.county.plan import VARIANTS, Plan


class Command(BaseCommand):
    help = "生成一个虚构县的八份名单和 truth.json（证件号均以 99 开头）"
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--out", required=True, type=Path, help="放文件的文件夹，没有就新建")
        parser.add_argument("--pupils", type=int, default=520, help="孩子总数，含不在校的")
        parser.add_argument("--schools", type=int, default=10)
        parser.add_argument("--seed", type=int, default=1, help="同一个种子总是同一个县")
        parser.add_argument("--variant", choices=VARIANTS, default="a", help="a 常见表头；b 另一套表头、标题行、两级表头和 GB18030 编码")
        parser.add_argument("--as-of", type=date.fromisoformat, default=date(2020, 3, 1), help="名单的日期")
        parser.add_argument("--json", action="store_true", help="输出 truth.json 的内容")

    def handle(self, *args, **options):
        try:
            plan = Plan(options["pupils"], options["schools"], options["seed"], options["variant"], options["as_of"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        truth = make_county(plan, options["out"])
        if options["json"]:
            self.stdout.write(json.dumps(truth, ensure_ascii=False))
            return
        self.stdout.write(f"{plan.pupils} 个孩子、{truth['schools']} 所学校的八份名单和 truth.json 已写入 {options['out']}")
