"""Puts the demo county into a demo home; run again it adds nothing. `manage.py demo` comes here before it serves."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.demo_county import seed


class Command(BaseCommand):
    help = "Seeds the demo county, its people, cases and reports; only in a home that `manage.py demo` marked as a demo."
    requires_system_checks = []

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError(
                f"{settings.NOL_HOME} 不是演示环境，不能放入演示数据和演示密码。演示环境由 manage.py demo 在空数据库上建立，"
                "如：NOL_HOME=var/demo make demo"
            )
        made = seed(today=timezone.localdate(), folder=settings.NOL_HOME / "demo-lists", say=self._say)
        self.stdout.write("  演示县已备好" if made else "  演示县已在，没有改动")

    def _say(self, line):
        self.stdout.write(line)
        self.stdout.flush()
