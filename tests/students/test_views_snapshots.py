"""A list's way in through the browser: sent, read, previewed, approved by the right person, taken back."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEntry, FileRun
from students.models import Child, SourceSnapshot
from tests import cast

pytestmark = pytest.mark.django_db
HEAD = "户号,户主姓名,与户主关系,姓名,性别,出生日期,公民身份号码,乡镇,村(居)\n"
GOOD = HEAD + "H1,户主甲,子,赵一,男,2010-03-01,99010120100301{},东关镇,东一村\nH1,户主甲,子,钱二,男,2011-03-01,990101201103011118,东关镇,东一村\n"
BROKEN = GOOD.format("1115") + "H2,户主乙,子,,男,2010-03-01,990101201003012221,东关镇,东一村\nH2,户主乙,子,孙三,男,2010-02-30,990101201003012222,东关镇,东一村\n"


@pytest.fixture
def house():
    return cast.build()


@pytest.fixture
def officer(client, house):
    client.force_login(house.people["roll_officer"])
    return client


def send(client, house, text, *, capture, kind="hukou", as_of="2020-03-01", name="公安户籍.csv", coverage=None):
    """Upload as the form does; the reading runs when the request has committed."""
    given = {"kind": kind, "as_of": as_of, "supplier": "县公安局", "coverage": (coverage or house.nodes.root).public_id}
    with capture(execute=True):
        return client.post("/lists/upload/", given | {"file": SimpleUploadedFile(name, text.encode())})


@pytest.fixture
def staged(officer, house, django_capture_on_commit_callbacks):
    send(officer, house, BROKEN, capture=django_capture_on_commit_callbacks)
    return SourceSnapshot.objects.get()


def page_of(snapshot, query=""):
    return reverse("students:snapshot_detail", args=[snapshot.public_id]) + query


class TestUpload:
    def test_is_read_at_once_and_leads_to_its_page(self, officer, house, django_capture_on_commit_callbacks):
        answer = send(officer, house, BROKEN, capture=django_capture_on_commit_callbacks)
        snapshot = SourceSnapshot.objects.get()
        assert answer["Location"] == page_of(snapshot)
        assert (snapshot.state, snapshot.rows, snapshot.new, snapshot.refused_rows) == ("staged", 4, 2, 2)
        assert snapshot.supplier == "县公安局"
        assert not Child.objects.filter(name="赵一").exists()

    def test_the_same_file_again_leads_to_the_first(self, officer, house, staged, django_capture_on_commit_callbacks):
        answer = send(officer, house, BROKEN, capture=django_capture_on_commit_callbacks)
        assert answer["Location"] == page_of(staged)
        assert SourceSnapshot.objects.count() == 1
        assert "不再重复导入" in officer.get(page_of(staged)).content.decode()

    def test_a_day_to_come_is_refused_and_the_form_keeps_its_values(self, officer, house, django_capture_on_commit_callbacks):
        answer = send(officer, house, GOOD, as_of="2999-01-01", capture=django_capture_on_commit_callbacks)
        assert answer.status_code == 200
        page = answer.content.decode()
        assert "在今天之后" in page
        assert 'value="县公安局"' in page
        assert not SourceSnapshot.objects.exists()

    def test_without_a_file(self, officer, house):
        assert "请选择要上传的文件" in officer.post("/lists/upload/", {"kind": "hukou", "as_of": "2020-03-01"}).content.decode()

    def test_what_is_no_such_list_says_so(self, officer, house, django_capture_on_commit_callbacks):
        answer = send(officer, house, "甲,乙\n1,2\n", capture=django_capture_on_commit_callbacks)
        page = officer.get(answer["Location"], follow=True).content.decode()
        assert "没有找到公安户籍的表头" in page
        snapshot = SourceSnapshot.objects.get()
        assert (snapshot.state, snapshot.asks_columns) == ("received", True)

    def test_who_may_only_look_does_not_send(self, client, house):
        client.force_login(house.people["bureau_head"])
        assert client.get("/lists/").status_code == 200
        assert client.get("/lists/upload/").status_code == 403


class TestPreview:
    def test_counts_are_an_equation(self, officer, staged):
        page = officer.get(page_of(staged)).content.decode()
        assert "名单行数 4 = 2 + 0 + 0 + 0 + 2" in page
        assert "✓ 平衡" in page

    def test_issues_by_address(self, officer, staged):
        page = officer.get(page_of(staged, "?part=refused")).content.decode()
        assert "第 4 行" in page
        assert "2010-02-30" in page

    @pytest.mark.parametrize("part", ["refused", "warning", "changed", "new", "unchanged", "vanished", "conflict", "nonsense"])
    def test_every_tab_opens(self, officer, staged, part):
        assert officer.get(page_of(staged, f"?part={part}")).status_code == 200

    def test_layout_found(self, officer, staged):
        assert "表头在第 1 行" in officer.get(page_of(staged)).content.decode()

    def test_annotated_workbook(self, officer, staged):
        answer = officer.post(reverse("students:snapshot_annotated", args=[staged.public_id]))
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content)[:2] == b"PK"
        assert AuditEntry.objects.filter(act="annotated_list_fetched").exists()


def approve(client, snapshot, capture):
    with capture(execute=True):
        return client.post(reverse("students:snapshot_approve", args=[snapshot.public_id]))


def test_a_reading_that_broke_is_taken_up_again(officer, house, monkeypatch, django_capture_on_commit_callbacks):
    from students import imports

    def broken(snapshot, progress, ask):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(imports, "stage", broken)
        send(officer, house, GOOD.format("1115"), capture=django_capture_on_commit_callbacks)
    snapshot = SourceSnapshot.objects.get()
    assert "内存不够" in officer.get(page_of(snapshot)).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        officer.post(reverse("students:snapshot_read", args=[snapshot.public_id]))
    snapshot.refresh_from_db()
    assert (snapshot.state, snapshot.new) == ("staged", 2)


class TestApproval:
    def test_applies_and_leads_on_to_the_account(self, officer, staged, django_capture_on_commit_callbacks):
        approve(officer, staged, django_capture_on_commit_callbacks)
        staged.refresh_from_db()
        assert staged.state == "applied"
        assert Child.objects.filter(name="赵一").exists()
        assert 'href="/account/"' in officer.get(page_of(staged)).content.decode()

    def test_changes_and_vanished_are_shown_before(self, officer, staged, house, django_capture_on_commit_callbacks):
        approve(officer, staged, django_capture_on_commit_callbacks)
        newer = HEAD + "H9,户主丙,子,赵一,男,2010-03-01,990101201003011115,东关镇,东二村\n"
        send(officer, house, newer, as_of="2020-09-01", capture=django_capture_on_commit_callbacks)
        second = SourceSnapshot.objects.get(as_of="2020-09-01")
        assert (second.changed, second.vanished) == (1, 1)
        assert "H9" in officer.get(page_of(second, "?part=changed")).content.decode()
        assert "钱二" in officer.get(page_of(second, "?part=vanished")).content.decode()

    def test_a_great_change_waits_for_another_person(self, officer, staged, house, client, django_capture_on_commit_callbacks):
        SourceSnapshot.objects.filter(pk=staged.pk).update(needs_second_person=True)
        page = officer.get(page_of(staged)).content.decode()
        assert "要由另一个人核对后批准" in page
        assert "<button class=\"btn\" type=\"button\" disabled>批准入库</button>" in page
        assert officer.post(reverse("students:snapshot_approve", args=[staged.public_id])).status_code == 403
        client.force_login(house.people["bureau_head"])
        approve(client, staged, django_capture_on_commit_callbacks)
        staged.refresh_from_db()
        assert staged.approved_by == house.people["bureau_head"]

    def test_progress_is_polled_while_work_goes_on(self, officer, staged):
        run = FileRun.objects.create(kind="apply_snapshot", key="slow", parameters={"snapshot": staged.pk}, steps_done=1, steps_total=4)
        assert 'hx-get="/lists/' in officer.get(page_of(staged)).content.decode()
        address = reverse("students:snapshot_progress", args=[staged.public_id])
        assert "25%" in officer.get(address).content.decode()
        FileRun.objects.filter(pk=run.pk).update(state="running")
        FileRun.objects.filter(pk=run.pk).update(state="done", finished_at=timezone.now())
        assert officer.get(address)["HX-Refresh"] == "true"

    def test_withdrawn(self, officer, staged):
        officer.post(reverse("students:snapshot_withdraw", args=[staged.public_id]))
        staged.refresh_from_db()
        assert staged.state == "withdrawn"
        assert officer.post(reverse("students:snapshot_approve", args=[staged.public_id])).status_code == 403

    def test_taken_back(self, officer, staged, django_capture_on_commit_callbacks):
        approve(officer, staged, django_capture_on_commit_callbacks)
        officer.post(reverse("students:snapshot_undo", args=[staged.public_id]))
        staged.refresh_from_db()
        assert staged.state == "undone"
        assert not Child.objects.filter(name="赵一").exists()


def test_overview_names_what_is_missing(officer, staged, django_capture_on_commit_callbacks):
    page = officer.get("/lists/").content.decode()
    assert page.count("还没有") >= 8
    approve(officer, staged, django_capture_on_commit_callbacks)
    lines = {line["kind"]: line for line in officer.get("/lists/").context["kinds"]}
    assert lines["hukou"]["standing"] == staged
    assert lines["roll"]["standing"] is None


def test_waiting_lists_stand_in_the_worklist(officer, staged, house):
    from students import worklist

    titles = {item.title: item.count for item in worklist.summary(house.people["roll_officer"], staged.as_of)}
    assert titles == {"名单待批准入库": 1}
    assert worklist.summary(house.people["principal"], staged.as_of) == []
