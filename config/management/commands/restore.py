"""A backup back into an empty database; says what it checked."""

from django.core.management.base import BaseCommand, CommandError

from config.backup import parcel, restoring


class Command(BaseCommand):
    help = "Restore a backup into an empty database, or check one (--check) without touching anything."
    requires_system_checks = []  # the database may be empty

    def add_arguments(self, parser):
        parser.add_argument("--from", required=True, metavar="FILE", dest="source", help="a file written by `manage.py backup`")
        parser.add_argument("--replace", default="", metavar="COUNTY", help="name of the county in the database that is to be replaced")
        parser.add_argument("--check", action="store_true", help="only read the file and compare every part with its checksum")

    def handle(self, *, source, replace="", check=False, **options):
        try:
            done = {"manifest": parcel.check(source)[0]} if check else restoring.restore(source, replace=replace)
        except parcel.BackupRefused as refused:
            raise CommandError(str(refused)) from refused
        manifest = done["manifest"]
        county = manifest["county"]["name"] if manifest["county"] else "（未建县）"
        rows = sum(table["rows"] for table in manifest["tables"].values())
        self.stdout.write(f"{county}，{manifest['taken_at']} 的备份：{len(manifest['parts'])} 个部分的校验和全部相符。")
        if check:
            return
        self.stdout.write(
            f"已恢复 {len(manifest['tables'])} 张表 {rows} 行、文件 {len(manifest['parts']) - 1} 个，逐表核对行数和内容无误。"
        )
        self.stdout.write(f"抽查 {done['opened']} 个加密值和文件，都能打开。" + ("数据库已升到现在的版本。" if done["migrated"] else ""))
        if manifest["missing_files"]:
            self.stderr.write(f"注意：备份时就缺 {len(manifest['missing_files'])} 个存储文件。")
