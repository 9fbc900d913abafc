"""Back to one second before a mistake (point-in-time recovery, docs/operations.md, ADR 0005): PostgreSQL's own base backup and archived
log, with the stored files and the keys brought beside them, on another machine."""

import os
import shutil
import subprocess
import time

import pytest
from django.db import connection, connections
from psycopg2 import OperationalError

from config.embedded import Embedded, LauncherError, places, postgres
from core import files
from core.models import Attachment
from tests.proof.stores import WebService, manage, wait_until
from tests.proof.test_postgres import Load
from tests.proof.visitor import Visitor, county_at_work

pytestmark = pytest.mark.xdist_group("proof")

EARLY = "recovery ended before configured recovery target was reached"
MISTAKE = ("alter table dropout_visit disable trigger user", "delete from dropout_visit")
DAMAGES = 5


class Archive:
    """What a county's database server keeps beside its data: `wal` and base backups, in folders of the server's account."""

    def __init__(self, stores):
        self.stores = stores
        self.account = places.prepare(stores.home)[1]
        self.wal, self.base = stores.places.root / "wal", stores.places.root / "base"
        for folder in (self.wal, self.base):
            shutil.rmtree(folder, ignore_errors=True)
            places._own_folder(folder, self.account)

    def asked(self, statement, database="postgres"):
        link = postgres.connect(self.stores.places, name=database)
        try:
            with link.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchone()[0] if cursor.description else None
        finally:
            link.close()

    def switch_on(self):
        self.asked("alter system set archive_mode = on")
        self.asked(f"alter system set archive_command = 'test ! -f {self.wal}/%f && cp %p {self.wal}/%f'")
        self._restart()

    def switch_off(self):
        self.asked("alter system reset all")
        self._restart()

    def _restart(self):
        connections.close_all()
        postgres.stop(self.stores.places, self.account)
        self.stores.start_postgres()

    def run(self, program, *words, check=True):
        """One of PostgreSQL's own programs as the server's account."""
        packaged = postgres.packaged_binaries()
        tree = packaged.parent.parent
        folder = places.binaries(packaged, tree, [tree.with_name(f"{tree.name}.libs")], self.account)
        where = postgres.address(self.stores.places, postgres.SUPERUSER)
        surroundings = {**postgres.ENVIRONMENT, "PGHOST": where["HOST"], "PGUSER": where["USER"], "PGPASSWORD": where["PASSWORD"]}
        done = subprocess.run(
            [str(folder / program), *words], cwd="/", env=surroundings, capture_output=True, text=True, check=False, **self.account.switch
        )
        assert not check or done.returncode == 0, done.stderr
        return done.returncode

    def copy_base(self):
        self.run("pg_basebackup", "--pgdata", str(self.base), "--checkpoint=fast", "--wal-method=stream")

    def close_the_log(self):
        """Everything up to now lies in the archive."""
        last = self.asked("select pg_walfile_name(pg_switch_wal())")
        wait_until(lambda: (self.wal / last).is_file(), 60, "the archived log")


class OtherMachine:
    """A home of its own from the base backup; the log brings it to the moment. `home` and `database` as Service wants them."""

    def __init__(self, archive, home, wal, moment):
        shutil.rmtree(home, ignore_errors=True)
        self.home, self.database = home, archive.stores.database
        self.places, account = places.prepare(home)
        shutil.copytree(archive.stores.home / "secrets", home / "secrets")
        shutil.copytree(archive.stores.home / "files", home / "files", dirs_exist_ok=True)
        subprocess.run(["cp", "-a", str(archive.base), str(self.places.postgres)], check=True)
        self._write("postgresql.auto.conf", f"restore_command = 'cp {wal}/%f %p'\nrecovery_target_time = '{moment}'\n"
                    "recovery_target_action = 'promote'\n", account)  # fmt: skip
        self._write("recovery.signal", "", account)
        self.servers = Embedded(home)

    def _write(self, name, text, account):
        path = self.places.postgres / name
        path.write_text(text, encoding="utf-8")
        if os.geteuid() == 0:
            os.chown(path, account.uid, account.gid)

    def recover(self):
        self.servers.hold()
        wait_until(lambda: not self.asked("select pg_is_in_recovery()"), 120, "the end of the recovery")

    def asked(self, statement):
        link = postgres.connect(self.places, name=self.database)
        try:
            with link.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchone()[0]
        finally:
            link.close()

    def notes(self):
        return self.asked("select coalesce(array_agg(notes), '{}') from dropout_visit")


@pytest.fixture(scope="module")
def archive(stores):
    archive = Archive(stores)
    archive.switch_on()
    yield archive
    archive.switch_off()


@pytest.fixture(scope="module")
def past(archive, stores):
    """A base backup while people work, what they did until the moment, a mistake by hand and what they did after it."""
    world, cases = county_at_work(2)
    files.store("证明".encode() * 999, "证明.txt", "text/plain", world.bureau)
    web = WebService(stores).start()
    try:
        wait_until(lambda: Visitor(web.address).ask("/sign-in/").status == 200, 120, "the first page")
        with Load(web.address, cases) as load:
            wait_until(lambda: load.acknowledged(), 120, "a visit")
            archive.copy_base()
            after_base = len(load.acknowledged())
            wait_until(lambda: len(load.acknowledged()) > after_base + 5, 120, "visits after the base backup")
        connections.close_all()
        before = load.acknowledged()
        moment = archive.asked("select clock_timestamp()::text")
        time.sleep(2)
        for statement in MISTAKE:
            archive.asked(statement, stores.database)
        archive.asked("alter table dropout_visit enable trigger user", stores.database)
        with Load(web.address, cases) as later:
            wait_until(lambda: later.acknowledged(), 120, "a visit after the mistake")
        archive.close_the_log()
    finally:
        web.stop()
    return moment, before, later.acknowledged(), after_base


@pytest.fixture
def home(stores):
    home = stores.home.parent / "other-machine"
    yield home
    shutil.rmtree(home, ignore_errors=True)


def test_one_second_before_the_mistake(past, archive, tally, home):
    moment, before, later, after_base = past
    machine = OtherMachine(archive, home, archive.wal, moment)
    began = time.monotonic()
    machine.recover()
    seconds = time.monotonic() - began
    try:
        notes = machine.notes()
        looks = {f"visit {number}": notes.count(mark) == 1 for number, mark in enumerate(before)}
        looks |= {f"later visit {number}": mark not in notes for number, mark in enumerate(later)}
        stored = Attachment.objects.values_list("sha256", flat=True)
        looks |= {f"file {name[:8]}": (home / "files" / name[:2] / name[2:4] / name).is_file() for name in stored}
        looks["chain"] = manage(machine, "verify_audit").returncode == 0
        looks["sign-in"] = signs_in(machine)
    finally:
        machine.servers.release()
    wrong = [name for name, right in looks.items() if not right]
    since = len(before) - after_base
    note = f"{len(before)} acknowledged visits, {since} of them after the base backup; recovered in {seconds:.1f} s {wrong or ''}"
    tally("moment", "looks at a county brought back to the second before a mistake", len(looks), len(wrong), note)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from dropout_visit where notes = any(%s)", [before])
        lost = len(before) - cursor.fetchone()[0]
    tally("moment", "the server with the mistake", len(before), lost, f"lost {lost} visits", control=True)


def signs_in(machine):
    web = WebService(machine).start()
    try:
        wait_until(lambda: Visitor(web.address).ask("/sign-in/").status == 200, 120, "the first page")
        return Visitor(web.address).sign_in("liaison").status == 302
    finally:
        web.stop()


def test_without_the_log_it_does_not_pretend(past, archive, tally, home, monkeypatch):
    """The last part of the archive is missing: PostgreSQL refuses to be there earlier than it was told."""
    moment = past[0]
    torn = archive.wal.with_name("torn")
    shutil.rmtree(torn, ignore_errors=True)
    subprocess.run(["cp", "-a", str(archive.wal), str(torn)], check=True)
    for path in sorted(torn.glob("0*"))[-2:]:
        path.unlink()
    machine = OtherMachine(archive, home, torn, moment)
    monkeypatch.setattr(postgres, "PATIENCE", 15)
    pretends = False
    try:
        machine.recover()
        pretends = True
    except (LauncherError, OperationalError):  # not started, or gone while it was asked
        wait_until(lambda: EARLY in (machine.places.root / "postgres.log").read_text(), 60, "the reason in the log")
    finally:
        machine.servers.release()
    tally("moment", "an archive without its end", 1, pretends, "it does not start, and says why")


def test_a_damaged_base_backup_is_called_damaged(past, archive, tally):
    assert archive.run("pg_verifybackup", "--no-parse-wal", str(archive.base), check=False) == 0
    missed = 0
    for path in sorted((archive.base / "base").rglob("[0-9]*"), key=lambda path: path.stat().st_size, reverse=True)[:DAMAGES]:
        whole = path.read_bytes()
        path.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
        missed += archive.run("pg_verifybackup", "--no-parse-wal", str(archive.base), check=False) == 0
        path.write_bytes(whole)
    tally("moment", "base backups with one bit changed", DAMAGES, missed, "pg_verifybackup names each")
