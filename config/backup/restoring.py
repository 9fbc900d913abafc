"""From the file to an empty database. Everything is checked before anything is touched; the database changes in one transaction that
also compares every table with the manifest, so that it holds the whole backup or what it held before."""

import os
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config.backup import keyring, parcel, tables, tools
from config.backup.parcel import BackupRefused
from core import audit, crypto, files
from core.models import Attachment

SAMPLE = 20


def restore(path, *, replace=""):
    """Restore the backup at `path`; {"manifest", "migrated", "opened"}. BackupRefused or BackupDamaged before anything is changed.

    `replace` is the name of the county that the database holds now and that is to be replaced.
    """
    path = Path(path)
    manifest, raw, signed = parcel.check(path)
    _refuse_newer(manifest)
    keyring.check(path, manifest, raw, signed)
    _refuse_demo(manifest)
    _refuse_full(replace)
    with tempfile.NamedTemporaryFile(dir=_files_root(), prefix=".restoring-") as dump:
        _put_parts(path, dump)
        _load(dump.name, manifest)
    migrated = _catch_up(manifest)
    opened = open_samples()
    audit.record("county_restored", by=None, file=path.name, taken_at=manifest["taken_at"], opened=opened)
    return {"manifest": manifest, "migrated": migrated, "opened": opened}


def _refuse_newer(manifest):
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    newer = [name for name in manifest["migrations"] if name not in known]
    if newer:
        raise BackupRefused(
            f"这份备份来自更新的程序（{manifest['version']}）：现在的程序没有 {'、'.join(newer[:5])}。请先升级程序，再恢复。什么也没有改动。"
        )


def _refuse_demo(manifest):
    """Demo passwords are known to everybody: neither may a demo become a county, nor a county a demo."""
    if manifest["demo"] != settings.DEMO:
        raise BackupRefused("演示环境的备份只能恢复到演示环境，正式系统的备份只能恢复到正式系统。什么也没有改动。")


def _refuse_full(replace):
    """The database must be empty, or the county in it be called by its name while nobody uses it."""
    present = set(tables.names())
    if present and not _is_fresh(present):
        name = _county_name(present)
        if not name:
            raise BackupRefused("现在的数据库里有别的内容，没有建县。请另建一个空的数据库（docs/operations.md），再恢复。什么也没有改动。")
        if replace != name:
            raise BackupRefused(
                f"现在的数据库里有“{name}”，只能恢复到空的数据库。确实要换掉它，请先给它做一份备份，再加上 --replace {name}。什么也没有改动。"
            )
    others = _one(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
    )
    if others:
        raise BackupRefused(f"还有 {others} 个连接在用这个数据库。请先停下 web、worker、beat 三个服务，再恢复。什么也没有改动。")


def _is_fresh(present):
    """Migrated, and nothing more: no account and no unit."""
    ours = {"core_user", "core_organization", "django_migrations"} <= present
    return ours and not _one("SELECT EXISTS (SELECT 1 FROM public.core_user) OR EXISTS (SELECT 1 FROM public.core_organization)")


def _county_name(present):
    """In plain SQL: the tables may be those of another version."""
    if "core_organization" not in present:
        return ""
    return _one("SELECT coalesce(max(name), '') FROM public.core_organization WHERE parent_id IS NULL")


def _one(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def _files_root():
    root = Path(settings.FILES_ROOT)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    return root


def _put_parts(path, dump):
    """The stored files to their places (each whole or not at all), the dump to a file of its own. Files first: no row may lack its file."""
    try:
        for name, content in parcel.parts(path):
            if name == parcel.DATABASE:
                parcel.digest_of(content, dump.write)
                dump.flush()
            else:
                _put_file(name.removeprefix("files/"), content)
    except OSError as error:
        raise BackupRefused(
            f"恢复中断，数据库没有改动：{error.strerror}（{error.filename or settings.FILES_ROOT}）。请腾出空间后重做。"
        ) from error


def _put_file(digest, content):
    place = Path(settings.FILES_ROOT) / digest[:2] / digest[2:4] / digest
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    number, aside = tempfile.mkstemp(dir=place.parent)
    try:
        with os.fdopen(number, "wb") as stream:
            parcel.digest_of(content, stream.write)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(aside, place)
    finally:
        Path(aside).unlink(missing_ok=True)


def _load(dump, manifest):
    """One transaction: BEGIN, drop what is there, the dump's statements, the comparison, COMMIT. Whoever dies on the way rolls it back:
    psql commits only what it is told to."""
    before = ["BEGIN;", "SET lock_timeout = '10s';", "SET client_min_messages = warning;", *tables.drop_statements()]
    after = [*tables.check_statements(manifest["tables"]), "COMMIT;"]
    connection.close()
    unpack = [tools.program("pg_restore"), "--no-owner", "--no-privileges", "--no-comments", "--file=-", dump]
    command = [tools.program("psql"), "--no-psqlrc", "--quiet", "--no-password", "--output=/dev/null", "--set=ON_ERROR_STOP=1"]
    connection.close()
    with tempfile.TemporaryFile("w+") as said:
        target = subprocess.Popen(
            [*command, "--set=VERBOSITY=terse"], env=tools.surroundings(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
        )
        try:
            _feed(target, unpack, before, after, said)
        except BrokenPipeError:
            pass  # psql stopped at an error, which it has written down
        except BaseException:
            target.kill()
            raise
        finally:
            _close(target)
        said.seek(0)
        if target.returncode != 0:
            raise BackupRefused(f"数据库没有恢复成，仍是原来的样子：{tools.first_error(said.read())}。请把这句话告诉系统管理员。")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _feed(target, unpack, before, after, said):
    target.stdin.write(("\n".join(before) + "\n").encode())
    with subprocess.Popen(unpack, env=tools.surroundings(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said) as source:
        parcel.digest_of(source.stdout, target.stdin.write)
    if source.returncode != 0:
        said.seek(0)
        raise BackupRefused(f"数据库部分读不出来，数据库仍是原来的样子：{tools.first_error(said.read())}。请换另一份备份。")
    target.stdin.write(("\n" + "\n".join(after) + "\n").encode())


def _close(target):
    with suppress(BrokenPipeError):  # it may have gone already
        target.stdin.close()
    target.wait()


def _catch_up(manifest):
    """Migrate a backup of an older program to this one; whether there was anything to do."""
    done = set(manifest["migrations"])
    loader = MigrationLoader(connection)
    behind = any(f"{app}.{name}" not in done for app, name in loader.graph.nodes)
    if behind:
        call_command("migrate", verbosity=0, interactive=False)
    return behind


def open_samples():
    """Decrypt some values of every sealed column and read some stored files; how many. BackupRefused names what does not open."""
    opened = 0
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, crypto.SealedTextField):
                opened += _open_column(model, field)
    for attachment in Attachment.objects.order_by("?")[:SAMPLE]:
        try:
            files.read(attachment)
        except (files.FileLost, crypto.SealError) as lost:
            raise BackupRefused(f"恢复已完成，但抽查没有通过：{lost}") from lost
        opened += 1
    return opened


def _open_column(model, field):
    values = model._base_manager.filter(**{f"{field.attname}__isnull": False}).order_by("?").values_list(field.attname, flat=True)
    try:
        return len(list(values[:SAMPLE]))
    except crypto.SealError as closed:
        raise BackupRefused(f"恢复已完成，但抽查没有通过（{model._meta.db_table}.{field.column}）：{closed}") from closed
