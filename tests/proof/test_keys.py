"""The keys change while people work: nothing is lost, everything ends under the newest key, live, staged, history and files alike."""

import threading
from datetime import date

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection, transaction

from core import crypto, files
from core.actions import rotation
from core.models import Attachment
from students.models import Child, SourceSnapshot, StagedRow
from students.rules import sealed_row
from tests import cast, make
from tests.proof.stores import AtWork

OLD = {1: django_settings.FIELD_KEYS[1]}
NEW = {**OLD, 2: b"n" * 32}
CHILDREN, WRITERS = 120, 3


class Load(AtWork):
    """Writers that change numbers, stage rows and store files, each write remembered once it is committed."""

    def __init__(self, children, snapshot, by, most=10**6):
        super().__init__([(turn,) for turn in range(WRITERS)])
        self.children, self.snapshot, self.by, self.most = children, snapshot, by, most
        self.failed, self.numbers, self.staged, self.files = [], {}, {}, {}

    def work(self, writer):
        try:
            turn = 0
            while turn < self.most and (not self.over.is_set() or turn < 40):
                self._once(writer, turn)
                turn += 1
        except Exception as error:  # noqa: BLE001 shown by the proof
            self.failed.append(error)
        finally:
            connection.close()

    def _once(self, writer, turn):
        mine = self.children[writer::WRITERS]
        pk, number = mine[turn % len(mine)].pk, f"99010120{writer}{turn:09d}"
        with transaction.atomic():
            child = Child.objects.select_for_update().get(pk=pk)
            child.number = number
            child.save(update_fields=["number"])
        self.numbers[pk] = number
        if turn % 5 == 0:
            self.staged[staged(self.snapshot, writer * 10**6 + turn, number).pk] = number
            content = f"{writer} {turn}".encode()
            self.files[files.store(content, "a.txt", "text/plain", self.by).pk] = content

    def lost(self):
        """What was committed and does not read back."""
        numbers = {child.pk: child.number for child in Child.objects.filter(pk__in=self.numbers)}
        rows = {row.pk: row.number for row in StagedRow.objects.filter(pk__in=self.staged)}
        stored = {kept.pk: files.read(kept) for kept in Attachment.objects.filter(pk__in=self.files)}
        pairs = ((self.numbers, numbers), (self.staged, rows), (self.files, stored))
        return sum(wanted[key] != found.get(key) for wanted, found in pairs for key in wanted)


def staged(snapshot, line, number):
    cells = crypto.seal_bytes(sealed_row.closed("G1", "13900000001", "东一村", ("童", "1")), sealed_row.SEALED_AS)
    return StagedRow.objects.create(
        snapshot=snapshot, sheet="名单", row_number=line, person_key=str(line).encode(), content_hash=b"h", number=number, sealed=cells
    )


@pytest.fixture
def county(settings, tmp_path):
    settings.FIELD_KEYS, settings.FILES_ROOT = OLD, tmp_path
    house = cast.build()
    children = [make.child(f"童{turn}") for turn in range(CHILDREN)]
    for version in range(2):  # so that history holds values under the old key
        for turn, child in enumerate(children):
            child.number = f"99010120120301{version}{turn:03d}"
            child.save()
    by = house.people["roll_officer"]
    snapshot = SourceSnapshot.objects.create(
        kind="roll", coverage=house.nodes.root, as_of=date(2020, 3, 1), sha256="0" * 64, received_by=by,
        file=files.store(b"list", "a.xlsx", "application/octet-stream", by),
    )  # fmt: skip
    for line in range(60):
        staged(snapshot, line, f"9901012012030{line:05d}")
    return children, snapshot, by


@pytest.mark.django_db(transaction=True)
class TestRotationUnderLoad:
    def test_nothing_is_lost_and_nothing_stays_under_the_old_key(self, county, settings, monkeypatch, tally):
        monkeypatch.setattr(rotation, "BATCH", 7)
        settings.FIELD_KEYS = NEW
        with Load(*county) as load:
            done = [rotation.rotate() for _ in range(4)]
        assert load.failed == []
        last = rotation.rotate()
        settings.FIELD_KEYS = {2: NEW[2]}
        writes = len(load.numbers) + len(load.staged) + len(load.files)
        events = list(apps.get_model("students.ChildEvent").objects.filter(number__isnull=False))
        rotated = sum(sum(part.counts.values()) for part in (*done, last))
        assert len(events) > CHILDREN
        tally("keys", "values re-sealed while 3 writers work, not opening or under the old key", rotated,
              sum(rotation.remaining().values()) + len(last.faults), f"{len(events)} of history open")  # fmt: skip
        tally("keys", "committed writes meanwhile, lost", writes, load.lost())

    def test_without_the_row_lock_writes_are_lost(self, county, settings, monkeypatch, tally):
        """The negative control: a rotation that reads without locking writes an older value over a newer one."""

        def unlocked(execute, statement, parameters, many, context):
            return execute(statement.replace(" for update skip locked", ""), parameters, many, context)

        write = rotation._write

        def slow(table, rows):
            threading.Event().wait(0.05)
            write(table, rows)

        monkeypatch.setattr(rotation, "_write", slow)
        monkeypatch.setattr(rotation, "BATCH", 40)
        settings.FIELD_KEYS = NEW
        lost = 0
        for _ in range(5):
            settings.FIELD_KEYS = NEW if settings.FIELD_KEYS != NEW else {**NEW, 3: b"m" * 32}
            with Load(*county, most=CHILDREN // WRITERS) as load, connection.execute_wrapper(unlocked):
                rotation.rotate()
            settings.FIELD_KEYS = {**NEW, 3: b"m" * 32}
            lost += load.lost()
            if lost:
                break
        tally("keys", "rotation without the row lock", CHILDREN, lost, control=True)
