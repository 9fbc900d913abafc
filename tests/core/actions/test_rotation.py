"""Rotation of the field keys: every sealed column of every table and every file, while people write; nothing else changes."""

import io
import threading
from datetime import date

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, models, transaction

from core import crypto, files
from core.actions import rotation
from core.crypto import SealedBytesField, SealedTextField, SealError
from core.models import AuditEntry
from students.models import Child, ChildNumber, Household, ListRow, SourceSnapshot, StagedRow
from students.rules import sealed_row
from tests import make

OLD, NEW = {1: settings.FIELD_KEYS[1]}, {1: settings.FIELD_KEYS[1], 2: b"n" * 32}
NUMBER = "99010120120301{:04d}"


def said(*arguments):
    out = io.StringIO()
    call_command("rotate_keys", *arguments, stdout=out)
    return out.getvalue()


def raw(model, column, key):
    with connection.cursor() as cursor:
        pk = model._meta.pk.column
        cursor.execute(f'select "{column}" from "{model._meta.db_table}" where "{pk}" = %s', [key])
        return bytes(cursor.fetchone()[0])


def write_raw(model, column, key, value):
    with connection.cursor() as cursor:
        cursor.execute(f'update "{model._meta.db_table}" set "{column}" = %s where "{model._meta.pk.column}" = %s', [value, key])


@pytest.fixture
def old_key(settings, tmp_path):
    settings.FIELD_KEYS, settings.FILES_ROOT = OLD, tmp_path
    return settings


def numbered(house, count=3):
    """Children whose numbers were changed once, so that history holds the old one."""
    children = []
    for turn in range(count):
        child = make.child(f"童{turn}")
        for version in (1, 2):
            child.number = NUMBER.format(turn * 10 + version)
            child.save()
        children.append(child)
    return children


class TestCoverage:
    def test_every_column_of_bytes_is_an_index_or_is_rotated(self):
        """A new sealed column that rotation does not know fails here: say SealedTextField or SealedBytesField."""
        covered = {(table.model, column.name) for table in rotation.sealed_tables() for column in table.columns}
        unknown = []
        for model in apps.get_models(include_auto_created=True):
            for column in model._meta.local_concrete_fields:
                stored = isinstance(column, models.BinaryField | SealedTextField)
                if stored and (model, column.name) not in covered and not getattr(column, "max_length", None):
                    unknown.append(f"{model._meta.label}.{column.name}")
        assert unknown == []

    def test_live_lists_staging_and_history_are_found(self):
        tables = {table.model._meta.label: [column.name for column in table.columns] for table in rotation.sealed_tables()}
        assert tables["students.Child"] == tables["students.ChildEvent"] == ["number"]
        assert tables["students.ListRow"] == tables["students.StagedRow"] == ["number", "household_address", "sealed"]
        assert list(tables)[-1] == "students.ChildEvent", "history goes last"

    def test_the_field_survives_a_clone_and_is_plain_in_migrations(self):
        column = ListRow._meta.get_field("sealed")
        assert isinstance(column.clone(), SealedBytesField)
        assert column.deconstruct()[1] == "django.db.models.BinaryField"


@pytest.mark.django_db
class TestRotation:
    def test_live_and_history_come_under_the_new_key_and_say_the_same(self, house, old_key):
        child = numbered(house)[0]
        event = apps.get_model("students.ChildEvent")
        before = list(event.objects.order_by("pk").values_list("pk", "number"))
        assert any(number for _, number in before)
        old_key.FIELD_KEYS = NEW
        with pytest.raises(CommandError, match="旧密钥不能撤"):
            said("--check")
        assert "students.ChildEvent.number" in said()
        old_key.FIELD_KEYS = {2: NEW[2]}  # the old key is gone
        assert Child.objects.get(pk=child.pk).number == NUMBER.format(2)
        assert list(event.objects.order_by("pk").values_list("pk", "number")) == before, "no event of its own, each says what it said"
        assert "全部在最新密钥下" in said("--check")
        assert AuditEntry.objects.filter(act="keys_rotated").count() == 1

    def test_twice_is_once(self, house, old_key):
        child = numbered(house, 1)[0]
        old_key.FIELD_KEYS = NEW
        rotation.rotate()
        kept = raw(Child, "number", child.pk)
        assert rotation.rotate().counts == {}
        assert raw(Child, "number", child.pk) == kept

    def test_stopped_half_way_it_goes_on(self, house, old_key, monkeypatch):
        numbered(house, 6)
        old_key.FIELD_KEYS = NEW
        monkeypatch.setattr(rotation, "BATCH", 2)
        table = next(table for table in rotation.sealed_tables() if table.model is Child)
        rotation._rotate_batch(table, 0, rotation.Rotated())
        left = rotation.remaining()["students.Child.number"]
        assert left > 0
        assert rotation.rotate().counts["students.Child.number"] == left
        assert not any(rotation.remaining().values())

    def test_rows_that_may_never_change_are_resealed_and_still_may_not_change(self, house, old_key):
        request = self._submitted(house)
        old_key.FIELD_KEYS = NEW
        said()
        request.refresh_from_db()
        assert (request.new, raw(type(request), "new", request.pk)[1]) == ("新名", 2)
        with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
            type(request).objects.filter(pk=request.pk).update(new="别的")

    def _submitted(self, house):
        from core.models import ChangeRequest

        request = ChangeRequest.objects.create(
            subject_kind="students.child", subject_id="1", subject_name="童", nodes=[], field="name", old="旧名", new="新名", reason="错字",
            requested_by=house.people["school_clerk"],
        )  # fmt: skip
        ChangeRequest.objects.filter(pk=request.pk).update(state="submitted", submitted_at="2020-03-01T00:00:00Z")
        return request

    def test_a_staged_row_keeps_its_three_sealed_values(self, house, old_key):
        by = house.people["roll_officer"]
        snapshot = SourceSnapshot.objects.create(
            kind="roll", coverage=house.nodes.root, as_of=date(2020, 3, 1), sha256="0" * 64, received_by=by,
            file=files.store(b"list", "a.xlsx", "application/octet-stream", by),
        )  # fmt: skip
        cells = crypto.seal_bytes(sealed_row.closed("G1", "13900000001", "东一村", ("张三", "1")), sealed_row.SEALED_AS)
        row = StagedRow.objects.create(
            snapshot=snapshot, sheet="名单", row_number=2, person_key=b"k", content_hash=b"h", number=NUMBER.format(7), sealed=cells,
            household_address="东一村一组",
        )  # fmt: skip
        old_key.FIELD_KEYS = NEW
        counts = rotation.rotate().counts
        assert [counts[f"students.StagedRow.{name}"] for name in ("number", "household_address", "sealed")] == [1, 1, 1]
        old_key.FIELD_KEYS = {2: NEW[2]}
        row = StagedRow.objects.get(pk=row.pk)
        assert (row.number, row.household_address, row.phone, row.cells) == (NUMBER.format(7), "东一村一组", "13900000001", ("张三", "1"))

    def test_the_cipher_can_change_too(self, house, old_key):
        child = numbered(house, 1)[0]
        old_key.FIELD_CIPHER = "aes"
        said()
        assert raw(Child, "number", child.pk)[0] == crypto.VERSION << 4 | crypto.ALGORITHMS["aes"]
        assert Child.objects.get(pk=child.pk).number == NUMBER.format(2)

    def test_stored_files(self, house, old_key):
        kept = files.store(b"proof", "a.txt", "text/plain", house.people["principal"])
        old_key.FIELD_KEYS = NEW
        assert rotation.remaining()["files"] == 1
        assert "files 1" in said()
        old_key.FIELD_KEYS = {2: NEW[2]}
        assert files.read(kept) == b"proof"
        assert [place.name for place in old_key.FILES_ROOT.rglob("*") if place.is_file()] == [kept.sha256], "nothing is left aside"


@pytest.mark.django_db
class TestFaults:
    def test_a_value_moved_from_another_field_is_named_and_left(self, house, old_key):
        child, other = numbered(house, 2)
        Household.objects.filter(pk=house.households.own.pk).update(address="东一村一组")
        moved = raw(Household, "address", house.households.own.pk)
        write_raw(Child, "number", child.pk, moved)
        old_key.FIELD_KEYS = NEW
        with pytest.raises(CommandError, match=rf"students\.Child\.number 主键 {child.pk}：.*挪到了别的字段"):
            said()
        assert raw(Child, "number", child.pk) == moved
        assert raw(Child, "number", other.pk)[1] == 2, "the others are done"
        with pytest.raises(SealError, match="打不开"):
            Child.objects.get(pk=child.pk)

    def test_a_missing_old_key(self, house, old_key):
        child = numbered(house, 1)[0]
        old_key.FIELD_KEYS = {2: NEW[2]}
        with pytest.raises(CommandError, match="1 号密钥，现有密钥里没有它"):
            said()
        with pytest.raises(SealError, match="补上这把旧密钥"):
            Child.objects.get(pk=child.pk)

    def test_a_wrong_key_under_the_old_number(self, house, old_key):
        child = numbered(house, 1)[0]
        old_key.FIELD_KEYS = {1: b"w" * 32, 2: NEW[2]}
        with pytest.raises(CommandError, match="密钥不对"):
            said()
        with pytest.raises(SealError, match="密钥不对"):
            Child.objects.get(pk=child.pk)


@pytest.mark.django_db(transaction=True)
class TestWhilePeopleWrite:
    def test_a_writer_beside_it_loses_nothing(self, house, old_key, monkeypatch):
        children = numbered(house, 20)
        old_key.FIELD_KEYS = NEW
        monkeypatch.setattr(rotation, "BATCH", 3)
        stop, written, failed = threading.Event(), {}, []

        def write():
            turn = 0
            try:
                while not stop.is_set() or turn < 20:
                    with transaction.atomic():
                        child = Child.objects.select_for_update().get(pk=children[turn % 20].pk)
                        child.number = NUMBER.format(1000 + turn)
                        child.save()
                    written[child.pk] = child.number
                    turn += 1
            except Exception as error:  # noqa: BLE001 shown by the test
                failed.append(error)
            finally:
                connection.close()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for _ in range(3):
                rotation.rotate()
        finally:
            stop.set()
            writer.join()
        assert failed == []
        rotation.rotate()
        assert not any(rotation.remaining().values())
        old_key.FIELD_KEYS = {2: NEW[2]}
        assert {child.pk: child.number for child in Child.objects.filter(pk__in=written)} == written
        assert all(
            event.number for event in apps.get_model("students.ChildEvent").objects.filter(pgh_obj_id__in=written, number__isnull=False)
        )

    def test_a_row_that_somebody_holds_is_passed_over_and_counted(self, house, old_key):
        child = numbered(house, 1)[0]
        ChildNumber.objects.all().delete()
        old_key.FIELD_KEYS = NEW
        holding, go_on = threading.Event(), threading.Event()

        def hold():
            with transaction.atomic():
                Child.objects.select_for_update().get(pk=child.pk)
                holding.set()
                go_on.wait(30)
            connection.close()

        holder = threading.Thread(target=hold)
        holder.start()
        try:
            assert holding.wait(30)
            with pytest.raises(CommandError, match="再运行一次"):
                said()
        finally:
            go_on.set()
            holder.join()
        assert "全部在最新密钥下" in said()
