"""Do the long work that waits, in this process and without a queue."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from core import file_runs
from core.models import FileRun


class Command(BaseCommand):
    help = "Do all runs that wait or whose worker died; needs no Redis."

    def handle(self, **options):
        done = failed = 0
        for run_id in list(FileRun.objects.stranded(timezone.now()).order_by("pk").values_list("pk", flat=True)):
            if file_runs.execute(run_id):
                done += 1
            else:
                failed += 1
        self.stdout.write(f"等待中的任务已办理：完成 {done} 件，未完成 {failed} 件。")
