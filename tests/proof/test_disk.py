"""Full disks: a clear sentence, nothing half, and work again once there is room (P10). A small tmpfs each; skipped loudly without root."""

import os
import subprocess
import sys
import uuid
from contextlib import ExitStack, closing, contextmanager, nullcontext

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import override_settings

from config.embedded import postgres
from core import audit, file_runs, files
from core.models import Attachment, FileRun
from students.models import SourceSnapshot
from tests.proof.stores import ROOT, Service, WebService, wait_until
from tests.proof.visitor import Visitor, county_at_work, kept

pytestmark = [
    pytest.mark.xdist_group("proof"),
    pytest.mark.skipif(os.geteuid() != 0, reason="a small tmpfs needs root: DISK FULL IS NOT PROVEN IN THIS RUN"),
]

HEAD = "代码,名称\n"


@contextmanager
def small_disk(path, size):
    path.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "none", str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


@contextmanager
def filled(disk):
    """Not a byte left, until the block ends."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as stream:
        for size in (1 << 16, 1 << 10, 1):
            try:
                while True:
                    stream.write(b"x" * size)
            except OSError:
                continue
    yield
    ballast.unlink()


def left_behind(disk):
    return [path for path in disk.rglob("*") if path.is_file() and path.name != "ballast"]


@pytest.fixture(scope="module")
def disks(stores):
    """files: where uploads, results and exports are kept; spool: where a request is received; table: where PostgreSQL keeps the visits."""
    root = stores.home / "disks"
    with ExitStack() as stack:
        for name, size in (("files", "8m"), ("spool", "2m"), ("table", "3m"), ("out", "1m")):
            stack.enter_context(small_disk(root / name, size))
        stack.enter_context(override_settings(FILES_ROOT=root / "files"))
        yield root


@pytest.fixture(scope="module")
def county(stores, disks):
    world, cases = county_at_work(1)
    return world, cases[0]


@pytest.fixture(scope="module")
def address(stores, disks, county):
    running = WebService(stores, NOL_MEDIA_ROOT=str(disks / "files"), PROOF_SPOOL=str(disks / "spool")).start()
    wait_until(lambda: Visitor(running.address).ask("/sign-in/").status == 200, 60, "the first page")
    yield running.address
    running.stop()


def a_list(size):
    rows = "".join(f"99010{number:07d},某镇{uuid.uuid4().hex}\n" for number in range(size // 50))
    return (HEAD + rows).encode()


@pytest.mark.parametrize("place", ["files", "spool"])
def test_an_upload(address, disks, county, tally, place):
    world, _case = county
    person = Visitor(address)
    assert person.sign_in("bureau").status == 302
    content = a_list(3_000_000)  # more than a request keeps in memory
    fields = {"kind": "divisions", "as_of": "2020-03-01", "coverage": world.nodes.county.public_id}
    wrong, before = 0, (SourceSnapshot.objects.count(), Attachment.objects.count())
    kept_before = left_behind(disks / "files")
    with filled(disks / place):
        for _ in range(3):
            answer = person.upload("/lists/upload/", "a.csv", content, **fields)
            half = (SourceSnapshot.objects.count(), Attachment.objects.count()) != before or left_behind(disks / "files") != kept_before
            wrong += not (answer.status == 507 and "磁盘写满了" in answer.text) or half or bool(left_behind(disks / "spool"))
    small = person.upload("/lists/upload/", "b.csv", a_list(20_000), **fields)
    wrong += small.status != 302
    tally("disk", f"upload while the disk of the {place} is full", 3, wrong, "507 with its sentence, nothing half; works again with room")


def test_a_visit_while_the_databases_disk_is_full(address, stores, disks, county, tally):
    _world, case = county
    owner = (stores.places.postgres.stat().st_uid, stores.places.postgres.stat().st_gid)
    place = disks / "table" / "space"
    place.mkdir()
    os.chown(place, *owner)
    with closing(postgres.connect(stores.places, name=stores.database)) as link, link.cursor() as cursor:
        cursor.execute(f"create tablespace small location '{place}'")
        cursor.execute("alter table dropout_visit set tablespace small")
        try:
            wrong = visits_while_full(address, disks, case)
        finally:
            cursor.execute("alter table dropout_visit set tablespace pg_default")
            cursor.execute("drop tablespace small")
    tally("disk", "visit entered while the database's disk is full", 3, wrong, "507 with its sentence, nothing half; works again with room")


def visits_while_full(address, disks, case):
    person, wrong = Visitor(address), 0
    assert person.sign_in("liaison").status == 302
    assert person.visit(case, "有空间").status == 302
    marks = []
    with filled(disks / "table"):
        for _ in range(200):  # the table's last page still has room for some
            marks.append(f"走访{uuid.uuid4().hex}" + "，详谈。" * 100)
            answer = person.visit(case, marks[-1])
            if answer.status != 302:
                break
        for _ in range(3):
            marks.append(f"走访{uuid.uuid4().hex}" + "，详谈。" * 100)
            answer = person.visit(case, marks[-1])
            wrong += not (answer.status == 507 and "磁盘写满了" in answer.text and kept(marks[-1]) == 0)
    marks.append(f"走访{uuid.uuid4().hex}")
    return wrong + (person.visit(case, marks[-1]).status != 302) + (kept(marks[-1]) != 1)


def test_an_export(stores, disks, county, tally):
    world, _case = county
    worker = Service(stores, "worker", NOL_MEDIA_ROOT=str(disks / "files")).start()
    entry = audit.record_view("children_exported", by=world.bureau, rows=1)
    parameters = {"query": "", "search": None, "on": "2020-03-02", "full": False, "audit": entry.pk}
    before, wrong = left_behind(disks / "files"), 0
    try:
        with filled(disks / "files"):
            runs = [
                file_runs.start("export_children", f"export {n}", by=world.bureau, parameters=parameters, permission="export_lists")
                for n in range(3)
            ]
            wait_until(lambda: not is_open(runs), 60, "the end of the exports")
            for run in FileRun.objects.filter(pk__in=[run.pk for run in runs]):
                wrong += not (run.state == "failed" and "磁盘写满了" in run.message and run.result is None)
            wrong += left_behind(disks / "files") != before
        again = file_runs.start("export_children", "export 0", by=world.bureau, parameters=parameters, permission="export_lists")
        wait_until(lambda: not is_open([again]), 60, "the export with room")
        again.refresh_from_db()
        wrong += again.state != "done" or again.result is None
    finally:
        worker.kill()
    tally(
        "disk",
        "export while the disk of the files is full",
        3,
        wrong,
        f"sentence, no half file; again with room: {again.state} {again.message}",
    )


def test_written_in_place_half_a_file_stays(stores, disks, tally, monkeypatch):
    """The control: without the name of its own, a file that found no room stands there with its final name."""
    monkeypatch.setattr(files, "_replace", lambda place, sealed: place.write_bytes(sealed))
    half = 0
    for number in range(3):
        before = left_behind(disks / "files")
        with filled(disks / "files"):
            os.truncate(disks / "files" / "ballast", 100_000)
            with pytest.raises(OSError, match="No space left"):
                files.store(os.urandom(9_000_000), f"{number}.bin", "application/octet-stream", None)
            left = set(left_behind(disks / "files")) - set(before)
            half += bool(left)
        for path in left:
            path.unlink()
    tally("disk", "files written in place: full disk", 3, half, f"half a file {half} times", control=True)


def is_open(runs):
    return FileRun.objects.filter(pk__in=[run.pk for run in runs], state__in=["waiting", "running"]).exists()


def test_a_backup(stores, disks, county, tally):
    """`manage.py backup` itself, as the owner."""
    surroundings = Service(stores, "backup").surroundings | {"NOL_MEDIA_ROOT": str(disks / "files")}
    command = [sys.executable, str(ROOT / "manage.py"), "backup", "--out"]
    wrong = 0
    for room in (0, 1):
        with filled(disks / "out") if not room else nullcontext():
            done = subprocess.run([*command, str(disks / "out")], cwd=ROOT, env=surroundings, capture_output=True, text=True)
            wrong += not (done.returncode != 0 and "磁盘写满了" in done.stderr and not left_behind(disks / "out"))
    whole = stores.home / f"backup-{uuid.uuid4().hex}"
    done = subprocess.run([*command, str(whole)], cwd=ROOT, env=surroundings, capture_output=True, text=True)
    wrong += done.returncode != 0
    (path,) = whole.iterdir()
    call_command("restore", source=str(path), check=True, verbosity=0)
    tally("disk", "backup to a disk that is full, and one that fills meanwhile", 2, wrong, "sentence, nothing left; whole on another disk")
    connections.close_all()
