"""The drill of reliability.md F20: a county is backed up, restored into nothing, compared and entered."""

import subprocess
from contextlib import closing

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.backup import parcel, restoring, tables, taking, tools
from config.embedded import postgres
from core import files
from core.actions import proving
from core.models import Attachment, AuditEntry, AuditSeal, Organization, User
from students.models import Child
from tests import harness, make
from tests.config.backup.conftest import BACKED_UP

pytestmark = pytest.mark.xdist_group("backup")


def restore(county, **options):
    call_command("restore", source=str(county.path), **options)


def test_a_county_comes_back_whole(county, restored):
    assert "逐表核对行数和内容无误" in restored.said
    assert dict(Child.objects.order_by("pk").values_list("name", "number")) == county.numbers
    assert [files.read(kept) for kept in Attachment.objects.order_by("pk")] == list(BACKED_UP)
    assert AuditEntry.objects.exclude(act="county_restored").count() == county.acts
    assert AuditEntry.objects.get(act="county_restored").detail["file"] == county.path.name
    new = User.objects.create_user("newcomer", "新人")
    assert new.pk > User.objects.exclude(pk=new.pk).order_by("-pk")[0].pk  # the sequences came along


def test_the_audits_chain_is_proven_after_the_restore(restored):
    assert AuditSeal.objects.exists()
    assert list(proving.faults(timezone.now())) == []
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE core_auditentry SET reason = 'x' WHERE id = (SELECT min(entry_id) FROM core_auditseal)")
    assert len(list(proving.faults(timezone.now()))) == 1


def test_people_sign_in_and_work_as_the_application(restored):
    harness._connect_as(postgres.APPLICATION, restored.name)
    client = Client()
    wrong = client.post(reverse("core:sign_in"), {"username": "school_clerk", "password": "not this one"})
    assert wrong.status_code == 200
    entered = client.post(reverse("core:sign_in"), {"username": "school_clerk", "password": make.PASSWORD})
    assert entered.status_code == 302
    assert client.get("/").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('core_user', 'TRUNCATE')")
        assert cursor.fetchone() == (False,)


def test_nobody_stays_signed_in_through_a_restore(county):
    assert "django_session" not in county.manifest["tables"]
    assert "core_user" in county.manifest["tables"]


def test_triggers_and_constraints_come_along(restored):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal")
        assert cursor.fetchone()[0] > 20
    with pytest.raises(Exception, match="append_only"):
        AuditEntry.objects.update(act="x")


def test_a_database_with_a_county_is_not_written_over(county, restored):
    Child.objects.filter(name="东小明").update(name="改名后")
    with pytest.raises(CommandError, match="有“示范县”.*--replace 示范县"):
        restore(county)
    with pytest.raises(CommandError, match="有“示范县”"):
        restore(county, replace="别的县")
    assert Child.objects.filter(name="改名后").exists()
    restore(county, replace="示范县")
    assert not Child.objects.filter(name="改名后").exists()
    assert dict(Child.objects.order_by("pk").values_list("name", "number")) == county.numbers


def test_a_database_in_use_is_not_replaced(county, restored):
    with (
        closing(postgres.connect(harness.servers().places, postgres.APPLICATION, restored.name)),
        pytest.raises(CommandError, match="还有 1 个连接"),
    ):
        restore(county, replace="示范县")


def test_a_database_of_something_else_is_left_alone(county, empty):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE pictures (id int)")
    with pytest.raises(CommandError, match="别的内容"):
        restore(county, replace="示范县")
    assert tables.names() == ["pictures"]


def test_other_keys_are_named_and_nothing_is_touched(county, empty, settings):
    settings.FIELD_KEYS = {1: b"another key of thirty-two bytes!"}
    with pytest.raises(CommandError, match="字段密钥 1 号（指纹 [0-9a-f]{16}）"):
        restore(county)
    assert tables.names() == []


def test_a_sample_that_does_not_open_is_reported(restored, settings):
    assert restoring.open_samples() > len(BACKED_UP)
    settings.FIELD_KEYS = {1: b"another key of thirty-two bytes!"}
    with pytest.raises(parcel.BackupRefused, match="抽查没有通过"):
        restoring.open_samples()


def test_a_demo_is_not_restored_into_a_county(county, empty, settings):
    settings.DEMO = True
    with pytest.raises(CommandError, match="演示环境"):
        restore(county)
    assert tables.names() == []


def test_the_file_holds_neither_keys_nor_numbers(county, settings):
    assert county.path.stat().st_mode & 0o077 == 0
    for name, content in parcel.parts(county.path):
        if name == parcel.DATABASE:
            dump = county.path.with_suffix(".sql")
            dump.write_bytes(content.read())
    raw = county.path.read_bytes()
    unpacked = subprocess.run([tools.program("pg_restore"), "--file=-", dump], capture_output=True, check=True).stdout
    dump.unlink()
    assert "东小明".encode() in unpacked  # what is not secret is found, so the search would find the rest
    for secret in (*settings.FIELD_KEYS.values(), settings.INDEX_KEY, b"99010120100301123", BACKED_UP[0], settings.SECRET_KEY.encode()):
        assert secret not in raw
        assert secret not in unpacked
        assert secret.hex().encode() not in unpacked


def test_the_manifest_says_what_when_and_by_whom(county):
    said = county.manifest
    assert said["version"] == taking.app_version()
    assert said["county"] == {"code": "990101000000", "name": "示范县"}
    assert said["by"]["account"] == "system_admin"
    assert said["tables"]["students_child"]["rows"] == len(county.numbers)
    assert [part["name"] for part in said["parts"]] == ["database.dump", *sorted(f"files/{digest}" for digest in county.digests)]
    assert "core.0001_initial" in said["migrations"]
    assert Organization._meta.db_table in said["tables"]
