"""manage.py raise_alarms [--at 2026-09-23T08:00]"""

from datetime import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dropout.actions import absences
from dropout.models import AbsenceEvent


class Command(BaseCommand):
    help = "缺勤计时：满规定时限的报告，补了假条的说明；每十分钟由定时任务办理，也可以手工补办。"

    def add_arguments(self, parser):
        parser.add_argument("--at", help="按哪一刻办理，如 2026-09-23T08:00（本地时间）；不写就是现在")

    def handle(self, *_arguments, at=None, **_options):
        counted = absences.raise_alarms(at=read_moment(at))
        words = dict(AbsenceEvent.NAMES)
        for name, count in counted.items():
            self.stdout.write(f"{words[name]} {count}")
        self.stdout.write("没有变化。" if not counted else f"共 {sum(counted.values())} 项。")


def read_moment(text):
    try:
        moment = datetime.fromisoformat(text) if text else timezone.now()
    except ValueError as wrong:
        raise CommandError(f"时刻“{text}”不认识，请写成 2026-09-23T08:00 这样。") from wrong
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
