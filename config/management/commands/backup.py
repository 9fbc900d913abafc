"""One file with everything a county needs to begin again, but the keys."""

import signal
import sys

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.backup import parcel, taking
from core.models import User


class Command(BaseCommand):
    help = "Write a backup: database, stored files, manifest with checksums. Keys are not in it."

    def add_arguments(self, parser):
        parser.add_argument("--out", required=True, metavar="DIR", help="folder for the file; best on another disk")
        parser.add_argument("--by", metavar="USER", help="user name to be written into the manifest and the audit list")

    def handle(self, *, out, by=None, **options):
        user = User.objects.filter(username=by).first() if by else None
        if by and user is None:
            raise CommandError(f"没有账号“{by}”。请写一个现有的账号，或省去 --by。")
        earlier = {number: signal.signal(number, _leave) for number in (signal.SIGTERM, signal.SIGHUP)}
        try:
            path, manifest = taking.take(out, now=timezone.now(), by=user)
        except parcel.BackupRefused as refused:
            raise CommandError(str(refused)) from refused
        finally:
            for number, handler in earlier.items():
                signal.signal(number, handler)
        self._tell(path, manifest)

    def _tell(self, path, manifest):
        rows = sum(table["rows"] for table in manifest["tables"].values())
        size = path.stat().st_size / 1_000_000
        self.stdout.write(
            f"备份已写好并核对：{path}（{size:.1f} MB，{len(manifest['tables'])} 张表 {rows} 行，文件 {len(manifest['parts']) - 1} 个）"
        )
        if manifest["missing_files"]:
            listed = "、".join(name[:12] for name in manifest["missing_files"][:10])
            self.stderr.write(f"注意：有 {len(manifest['missing_files'])} 个存储文件本来就找不到，没有备进去（sha256 {listed}）。")
        self.stdout.write("密钥不在备份里：请另外保管，没有它们备份打不开。")


def _leave(number, _frame):
    """Leave through the finally clauses, so that no draft stays."""
    sys.exit(128 + number)
