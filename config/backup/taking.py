"""From the running county to one file. Everything comes from one snapshot of the database; people go on working meanwhile.

Written under a temporary name, read again and compared, then renamed: what has the final name is whole.
"""

import fcntl
import json
import os
import pwd
import subprocess
import tempfile
import tomllib
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from config.backup import keyring, parcel, tables, tools
from config.backup.parcel import BackupRefused
from core import audit, files, scope
from core.models import Attachment

SUFFIX, DRAFT = ".backup", ".partial"


def take(folder, *, now, by=None):
    """Write a backup into `folder`; (path, manifest). BackupRefused when it cannot be whole: then nothing is left behind."""
    folder = Path(folder)
    county = scope.root()
    path = folder / f"not-one-less-{county.code if county else 'empty'}-{now:%Y%m%dT%H%M%SZ}{SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep(folder)
        with _draft(folder) as dump, _draft(folder) as draft:
            manifest, sources = _gather(dump, now=now, by=by, county=county)
            _write(draft, manifest, sources)
            parcel.check(draft.name)
            os.replace(draft.name, path)
            _flush_folder(folder)
    except OSError as error:
        if files.is_disk_full(error):
            raise BackupRefused(f"磁盘写满了，备份没有做成，没有留下半份文件。请在 {folder} 腾出空间，或换一个文件夹后重做。") from error
        raise BackupRefused(
            f"备份没有做成，没有留下半份文件：{error.strerror}（{error.filename or folder}）。请核对文件夹和权限后重做。"
        ) from error
    audit.record("backup_made", by=by, file=path.name, files=len(manifest["parts"]) - 1, missing=len(manifest["missing_files"]))
    return path, manifest


def _gather(dump, *, now, by, county):
    """Dump the database into `dump`; (manifest, paths of its parts)."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        counted = tables.measure()
        migrations = sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
        digests = sorted(set(Attachment.objects.values_list("sha256", flat=True)))
        size, digest = _dump(snapshot, dump)
    parts, sources, missing = [{"name": parcel.DATABASE, "size": size, "sha256": digest}], [dump.name], []
    for name in digests:
        source = Path(settings.FILES_ROOT) / name[:2] / name[2:4] / name
        if not source.is_file():
            missing.append(name)
            continue
        with source.open("rb") as content:
            size, digest = parcel.digest_of(content)
        parts.append({"name": f"files/{name}", "size": size, "sha256": digest})
        sources.append(source)
    manifest = {
        "format": parcel.FORMAT, "product": "not-one-less", "version": app_version(), "database_version": connection.pg_version,
        "county": {"code": county.code, "name": county.name} if county else None, "demo": settings.DEMO,
        "taken_at": now.isoformat(), "by": {"account": getattr(by, "username", ""), "system_user": _system_user()},
        "migrations": migrations, "tables": counted, "keys": keyring.reference(), "missing_files": missing, "parts": parts,
    }  # fmt: skip
    return manifest, sources


def _dump(snapshot, dump):
    command = [tools.program("pg_dump"), "--format=custom", f"--snapshot={snapshot}", "--lock-wait-timeout=10s", "--no-password"]
    command += [f"--exclude-table-data=public.{name}" for name in tables.WITHOUT_ROWS]
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(command, env=tools.surroundings(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said)
        try:
            size, digest = parcel.digest_of(child.stdout, dump.write)
            dump.flush()
        except BaseException:
            child.kill()
            raise
        finally:
            child.stdout.close()
            child.wait()
        said.seek(0)
        if child.returncode != 0:
            raise BackupRefused(f"数据库没有导出来：{tools.first_error(said.read())}。没有留下半份文件，请把这句话告诉系统管理员。")
    return size, digest


def _write(draft, manifest, sources):
    raw = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    parcel.write(draft, raw, keyring.sign(raw), sources)
    draft.flush()
    os.fsync(draft.fileno())


@contextmanager
def _draft(folder):
    """A file of ours alone, locked as long as we live, gone at the end unless it was renamed."""
    number, name = tempfile.mkstemp(prefix=".not-one-less-", suffix=DRAFT, dir=folder)
    os.close(number)
    try:
        with Path(name).open("wb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield stream
    finally:
        Path(name).unlink(missing_ok=True)


def _sweep(folder):
    """Drafts of backups that were killed: nobody holds their lock any more."""
    for path in folder.glob(f".not-one-less-*{DRAFT}"):
        with suppress(FileNotFoundError), path.open("rb") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            path.unlink()


def _flush_folder(folder):
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def app_version():
    return tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def _system_user():
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
