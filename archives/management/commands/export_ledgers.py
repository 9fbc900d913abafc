"""manage.py export_ledgers --on 2020-03-01 --by USER --level township --out 台账.zip"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from archives.reports import books
from core import audit, scope
from core.models import User
from students import statuses
from students.management.arguments import age_range, iso_date
from students.reports.export import note_of
from students.rules.ages import MODES


class Command(BaseCommand):
    help = "三本台账和统计表，每个单位一个工作簿，打成一个包。"

    def add_arguments(self, parser):
        parser.add_argument("--on", type=iso_date, required=True)
        parser.add_argument("--by", required=True, help="导出人账号；只含这个人能看的范围")
        parser.add_argument("--ages", type=age_range, default=(6, 15))
        parser.add_argument("--mode", choices=list(MODES), default="point")
        parser.add_argument("--level", choices=list(books.LEVELS), default="township")
        parser.add_argument("--out", type=Path, required=True)

    def handle(self, *, on, by, ages, mode, level, out, **options):
        user = User.objects.filter(username=by, is_active=True).first()
        if user is None or not scope.has_permission(user, "export_lists"):
            raise CommandError(f"账号“{by}”不存在，或者没有导出权限。")
        ask = statuses.Ask(on, *ages, mode, nodes=tuple(scope.granted_nodes(user, "export_lists")))
        entry = audit.record_view("ledgers_exported", by=user, level=level, of=on.isoformat(), low=ask.low, high=ask.high)
        count, children = books.write_books(out, ask=ask, level=level, note=note_of(entry))
        self.stdout.write(f"{count} 个工作簿，{children} 人，编号 {entry.number}。")
