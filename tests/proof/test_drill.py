"""The drill of reliability.md F20 on an empty machine: another home with servers of its own, the keys brought by hand, the product's own
commands; and damaged backups, each of which is to be called damaged."""

import random
import shutil
import subprocess
import sys
import tarfile
import time
from contextlib import closing

import pytest
from django.utils import timezone

from config.backup import parcel
from config.embedded import Embedded, postgres
from core import files
from core.actions import sealing
from core.models import Attachment, AuditSeal
from tests import make
from tests.proof.stores import KEYS, ROOT, Service, WebService, manage, wait_until
from tests.proof.visitor import Visitor, county_at_work

pytestmark = pytest.mark.xdist_group("proof")

DAMAGES = 60
TAMPERED = "update core_auditentry set reason = 'x' where id = (select entry_id from core_auditseal order by id limit 1)"


class EmptyMachine:
    """Another home. `stores` as Service wants it: home and database."""

    def __init__(self, home):
        shutil.rmtree(home, ignore_errors=True)
        self.home, self.database = home, postgres.DATABASE
        self.servers = Embedded(home)
        self.servers.hold()

    def asked(self, statement):
        with closing(postgres.connect(self.servers.places, name=self.database)) as link, link.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0] if cursor.description else None


@pytest.fixture(scope="module")
def county(stores):
    """A county with numbers, files and a sealed audit; its backup; what is to be found again."""
    world, cases = county_at_work(3)
    numbered = [make.child(f"乙{n}", (world.nodes.village, "hukou"), number=f"9901012010030112{n:02d}") for n in range(30)]
    for n in range(10):
        files.store(f"证明 {n}".encode() * 999, f"{n}.txt", "text/plain", world.bureau)
    wait_until(lambda: sealing.seal_entries(timezone.now()) == 0 and AuditSeal.objects.exists(), 30, "the seal")
    out = stores.home / "drill"
    shutil.rmtree(out, ignore_errors=True)
    done = manage(stores, "backup", "--out", str(out))
    assert done.returncode == 0, done.stderr
    (path,) = out.iterdir()
    return path, numbered


@pytest.fixture
def machine(stores):
    machine = EmptyMachine(stores.home.parent / "empty-machine")
    for name in KEYS:
        shutil.copy(stores.home / "secrets" / name, machine.home / "secrets" / name)
    yield machine
    machine.servers.release()


def test_an_empty_machine_becomes_the_county(county, machine, stores, tally):
    path, numbered = county
    looks = {}
    began = time.monotonic()
    done = manage(machine, "restore", "--from", str(path))
    seconds = time.monotonic() - began
    looks["restore"] = done.returncode == 0 and "逐表核对行数和内容无误" in done.stdout
    manifest = parcel.check(path)[0]
    for table, wanted in manifest["tables"].items():  # the restored database may hold its own audit row and nothing else new
        rows = machine.asked(f'select count(*) from public."{table}"')
        looks[f"rows of {table}"] = rows == wanted["rows"] + (table == "core_auditentry")
    looks["chain"] = manage(machine, "verify_audit").returncode == 0
    kept = {
        name: (machine.home / "files" / name[:2] / name[2:4] / name).is_file()
        for name in Attachment.objects.values_list("sha256", flat=True)
    }
    looks |= {f"file {name[:8]}": there for name, there in kept.items()}
    looks["numbers"] = opened(machine, stores) == {child.name: child.number for child in numbered}
    web = WebService(machine).start()
    try:
        wait_until(lambda: Visitor(web.address).ask("/sign-in/").status == 200, 90, "the first page")
        person = Visitor(web.address)
        looks["sign-in"] = person.sign_in("bureau").status == 302
        looks["a list"] = "甲0" in person.ask("/cases/").text
    finally:
        web.stop()
    wrong = [name for name, right in looks.items() if not right]
    tally("drill", "looks at a county restored on an empty machine", len(looks), len(wrong), f"restored in {seconds:.1f} s {wrong or ''}")
    machine.asked("alter table core_auditentry disable trigger user")
    machine.asked(TAMPERED)
    said = manage(machine, "verify_audit")
    tally("drill", "an audit row changed after the restore", 1, said.returncode != 0, "verify_audit says so", control=True)


def opened(machine, stores):
    """{name: number} as the restored home's own keys open it, by the product's own reading."""
    script = (
        "import django; django.setup(); from students.models import Child; "
        "[print(c.name, c.number) for c in Child.objects.exclude(number_index=None).order_by('pk') if c.number]"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=Service(machine, "x").surroundings, capture_output=True, text=True, check=True
    )
    return dict(line.split() for line in done.stdout.splitlines())


def test_damaged_backups_are_called_damaged(county, tmp_path, tally):
    path, _numbered = county
    whole = path.read_bytes()
    dice, missed = random.Random(4), []
    with tarfile.open(path) as tar:  # heads and contents; between them is padding that means nothing
        parts = [(member.offset, member.offset_data + member.size) for member in tar]
    for _ in range(DAMAGES):
        content = bytearray(whole)
        kind = dice.choice(("flip", "cut", "zero"))
        place = dice.randrange(*dice.choice(parts))
        if kind == "flip":
            content[place] ^= 1 << dice.randrange(8)
        elif kind == "cut":
            del content[place:]
        else:
            content[place : place + 512] = bytes(512) if any(content[place : place + 512]) else b"x" * 512
        broken = tmp_path / "broken.backup"
        broken.write_bytes(content)
        missed += [(kind, place)] if passes(broken) else []
    assert passes(path)
    tally("drill", "damaged backups (a bit, a block, an end)", DAMAGES, len(missed), f"each refused with its sentence {missed or ''}")


def passes(path):
    try:
        parcel.check(path)
    except parcel.BackupRefused:
        return False
    return True
