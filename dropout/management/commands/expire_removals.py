from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dropout import actions


class Command(BaseCommand):
    help = "核减有效期已过的个案恢复为疑似；每天由定时任务办理，也可以手工补办。"

    def add_arguments(self, parser):
        parser.add_argument("--on", help="按哪一天办理，如 2020-09-01；不写就是今天")

    def handle(self, *_arguments, on=None, **_options):
        cases = actions.expire_removals(on=read_day(on))
        for case in cases:
            self.stdout.write(f"{case.number} 恢复为疑似")
        self.stdout.write(f"共 {len(cases)} 个核减到期。")


def read_day(text):
    try:
        return date.fromisoformat(text) if text else timezone.localdate()
    except ValueError as wrong:
        raise CommandError(f"日期“{text}”不认识，请写成 2020-09-01 这样。") from wrong
