"""A wrong key, an altered or a moved ciphertext is a sentence wherever a sealed value is read: page, export, import, stored file."""

import pytest
from django.db import connection
from django.urls import reverse

from core import crypto, file_runs, files
from core.actions import rotation
from core.crypto import SealedTextField, SealError
from core.models import FileRun
from students.models import Child, Contact, SourceSnapshot
from tests.students.lists import receive, resident

COLUMNS = [(table.model, column) for table in rotation.sealed_tables() for column in table.columns]
NUMBER = "990101201302070023"


@pytest.mark.parametrize(("model", "column"), COLUMNS, ids=lambda part: getattr(getattr(part, "_meta", None), "label", getattr(part,
    "name", "")))
class TestEveryColumn:
    def opened(self, column, value):
        if isinstance(column, SealedTextField):
            return column.from_db_value(value, None, None)
        return crypto.unseal_bytes(value, column.sealed_as).decode()

    def test_its_own_value_opens(self, model, column):
        assert self.opened(column, crypto.seal("真", column.sealed_as)) == "真"

    def test_moved_altered_cut_off_or_under_another_key(self, model, column, settings):
        value = crypto.seal("真", column.sealed_as)
        altered = value[:-1] + bytes([value[-1] ^ 1])
        for wrong in (crypto.seal("真", "another.field"), altered, value[:20], b"\xff" + value[1:]):
            with pytest.raises(SealError, match=column.sealed_as):
                self.opened(column, wrong)
        settings.FIELD_KEYS = {1: b"?" * 32}
        with pytest.raises(SealError, match="密钥"):
            self.opened(column, value)


@pytest.mark.django_db
@pytest.mark.expects_errors
class TestSentences:
    @pytest.fixture
    def officer(self, client, house, settings, tmp_path):
        settings.FILES_ROOT = tmp_path
        client.force_login(house.people["bureau_admin"])
        return client

    @pytest.mark.parametrize("name", ["archives:child_detail", "students:child_contacts", "students:correction_request"])
    def test_a_page_under_a_wrong_key(self, officer, house, settings, name):
        Contact.objects.create(child=house.children.own, kind="carer", name="东奶奶", phone="13900000000", since="2020-03-01",
                               by=house.people["bureau_admin"])  # fmt: skip
        url = reverse(name, args=[house.children.own.public_id])
        assert officer.get(url).status_code == 200
        settings.FIELD_KEYS = {1: b"?" * 32}
        answer = officer.get(url)
        page = answer.content.decode()
        assert answer.status_code == 500
        assert "密钥不对" in page
        assert "东小明" not in page

    def test_a_page_with_a_moved_value(self, officer, house):
        with connection.cursor() as cursor:
            moved = crypto.seal("13900000000", "person.phone")
            cursor.execute("update students_child set number = %s where id = %s", [moved, house.children.own.pk])
        answer = officer.get(reverse("archives:child_detail", args=[house.children.own.public_id]))
        assert answer.status_code == 500
        assert "person.id_number" in answer.content.decode()

    def test_a_job(self, house, settings, monkeypatch, tmp_path):
        monkeypatch.setattr(file_runs, "WORKS", {})
        file_runs.work("look", label="看")(lambda run: Child.objects.get(pk=house.children.own.pk).number)
        run = FileRun.objects.create(kind="look", key="look", requested_by=house.people["bureau_admin"])
        settings.FIELD_KEYS = {1: b"?" * 32}
        assert not file_runs.execute(run.pk)
        run.refresh_from_db()
        assert "person.id_number" in run.message
        assert "系统管理员核对密钥 1 号" in run.message

    def test_the_reading_of_a_list(self, house, settings, tmp_path):
        """The stored workbook is sealed as well: it does not open under another key."""
        settings.FILES_ROOT = tmp_path / "files"
        snapshot = receive(tmp_path, "hukou", [resident(NUMBER)], by=house.people["roll_officer"], coverage=house.nodes.root)
        run = FileRun.objects.create(kind="stage_snapshot", key="s", parameters={"snapshot": snapshot.pk},
            requested_by=snapshot.received_by)
        settings.FIELD_KEYS = {1: b"?" * 32}
        assert not file_runs.execute(run.pk)
        run.refresh_from_db()
        assert "attachment" in run.message
        assert SourceSnapshot.objects.get(pk=snapshot.pk).state == "received"

    def test_a_stored_file_that_is_gone(self, officer, house, tmp_path):
        by = house.people["bureau_admin"]
        stored = files.store(b"content", "名单.xlsx", "application/octet-stream", by)
        run = FileRun.objects.create(kind="probe", key="gone", requested_by=by)
        FileRun.objects.filter(pk=run.pk).update(state="running")
        FileRun.objects.filter(pk=run.pk).update(state="done", finished_at="2020-03-01T00:00Z", result=stored)
        files._place(stored.sha256).unlink()
        answer = officer.get(reverse("core:run_file", args=[run.public_id]))
        assert answer.status_code == 500
        assert "请系统管理员从备份恢复" in answer.content.decode()
