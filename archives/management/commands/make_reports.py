"""manage.py make_reports --period 2020-03 [--organization CODE]: the month's reports by hand; a second run adds none."""

import json
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from archives.actions.making import make
from core.models import Organization


class Command(BaseCommand):
    help = "生成月报：每个有义务教育学段的学校一份草稿；已有的不重复生成，草稿重新计数。"

    def add_arguments(self, parser):
        parser.add_argument("--period", required=True, help="报告期，如 2020-03")
        parser.add_argument("--organization", metavar="CODE", help="只生成这个单位及其下属学校的")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON 对象")

    def handle(self, *, period, organization, **options):
        try:
            made = make(period=period, on=timezone.localdate(), organization=organization_by_code(organization) if organization else None)
        except ValueError as wrong:
            raise CommandError(str(wrong)) from wrong
        if options["json"]:
            self.stdout.write(json.dumps(asdict(made), ensure_ascii=False))
        else:
            self.stdout.write(f"{made.period} 应报 {made.owed} 校：新生成 {made.added} 份，重新计数 {made.refreshed} 份草稿。")


def organization_by_code(code):
    """The unit of that code; CommandError with a sentence when there is none."""
    node = Organization.objects.filter(code=code).first()
    if node is None:
        raise CommandError(f"没有代码为“{code}”的单位。请用学校标识码、教育组代码或区划代码。")
    return node
