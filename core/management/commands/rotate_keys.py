"""Bring every sealed value and stored file under the newest field key; can be stopped and run again at any time."""

from django.core.management.base import BaseCommand, CommandError

from core import audit
from core.actions import rotation


class Command(BaseCommand):
    help = "Re-seal everything that is still under an older field key or cipher, while people work; --check only counts."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a value is still under an older key")

    def handle(self, *, check, **options):
        if not check:
            done = rotation.rotate()
            if done.counts:
                audit.record("keys_rotated", by=None, values=sum(done.counts.values()), faults=len(done.faults))
            self._print("换到最新密钥", done.counts)
            if done.faults:
                raise CommandError("\n".join([f"有 {len(done.faults)} 个加密值打不开，没有动它们：", *done.faults[:20]]))
        left = rotation.remaining()
        if check:
            self._print("仍在旧密钥下", left)
        if any(left.values()):
            raise CommandError(f"还有 {sum(left.values())} 个值在旧密钥下，旧密钥不能撤。请再运行一次 manage.py rotate_keys。")
        self.stdout.write(
            f"全部在最新密钥下（{len(left) - 1} 个加密列和存储的文件）。备份仍要用旧密钥才能打开，旧密钥请与备份一同保管到备份销毁。"
        )

    def _print(self, words, counts):
        for what, number in sorted(counts.items()):
            if number:
                self.stdout.write(f"{words}：{what} {number}")
