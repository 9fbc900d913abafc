"""Looks for records that may be one child and that only a person can join; what a list's approval starts too."""

from django.core.management.base import BaseCommand

from students.actions import candidates


class Command(BaseCommand):
    help = "查找可能是同一人的记录（T4 等），列入“待确认匹配”的候选；不改变任何数字。"

    def handle(self, *args, **options):
        self.stdout.write(f"新找出 {candidates.find()} 对。")
