"""The list of children: who is found by what, what never stands in an address, and how many queries a page takes."""

import io
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import AuditEntry, FileRun
from students import filters
from students.models import Child, Enrolment, Registration
from students.views import exporting
from tests import cast, make

pytestmark = pytest.mark.django_db
LIST = "/students/"
NUMBER = "990101201003011234"


@pytest.fixture
def house():
    return cast.build()


def signed_in(client, house, name):
    client.force_login(house.people[name])
    return client


@pytest.fixture
def admin(client, house):
    return signed_in(client, house, "bureau_admin")


def names_on(page):
    return [row["child"].name for row in page.context["rows"]]


class TestSearch:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("小明", "name"), ("dxm", "pinyin"), ("DXM", "pinyin"), ("1234", "last_four"), ("123x", "last_four"), (NUMBER, "number"),
            ("G" + NUMBER, "number"), (f" {NUMBER[:6]} {NUMBER[6:]} ", "number"), ("12345", "unclear"),
        ],
    )  # fmt: skip
    def test_text_is_read_as(self, text, kind):
        assert filters.read_search(text).kind == kind

    @pytest.mark.parametrize("text", ["小明", "dxm", "1234", NUMBER, "G" + NUMBER])
    def test_finds_the_child(self, admin, text):
        page = admin.post("/students/search/", {"q": text}, follow=True)
        assert names_on(page) == ["东小明"]

    def test_a_foreign_child_is_not_found(self, client, house):
        page = signed_in(client, house, "principal").post("/students/search/", {"q": "990101201003011236"}, follow=True)
        assert names_on(page) == []
        assert "没有符合条件的学生" in page.content.decode()

    @pytest.mark.parametrize("text", [NUMBER, "1234", "9901012010"])
    def test_a_number_stands_in_no_address_and_in_no_session(self, admin, text):
        answer = admin.post("/students/search/", {"q": text})
        assert text not in answer["Location"]
        kept = repr(dict(admin.session.items()))
        assert text not in kept
        page = admin.get(answer["Location"])
        assert page.status_code == 200
        assert text not in page.content.decode()

    def test_a_number_typed_into_an_address_leaves_it_at_once(self, admin):
        answer = admin.get(LIST, {"q": NUMBER})
        assert answer.status_code == 302
        assert NUMBER not in answer["Location"]

    def test_filters_and_pages_keep_the_search(self, admin):
        admin.post("/students/search/", {"q": NUMBER})
        assert names_on(admin.get(LIST, {"by": "number", "sort": "-birth"})) == ["东小明"]

    def test_a_number_of_no_form_is_told(self, admin):
        page = admin.post("/students/search/", {"q": "12345"}, follow=True)
        assert "不是完整的证件号" in page.content.decode()


class TestFilters:
    def test_scope(self, client, house):
        assert set(names_on(signed_in(client, house, "principal").get(LIST))) == {"东小明"}

    def test_standing_and_school_speak_of_one_enrolment(self, admin, house):
        """On the roll here, sitting elsewhere: not one of those who sit here."""
        make.enrolment(house.children.own, house.nodes.school, "roll")
        make.enrolment(house.children.own, house.nodes.junior_school, "attending")
        asked = {"school": house.nodes.school.public_id, "standing": "attending"}
        assert names_on(admin.get(LIST, asked)) == []
        assert names_on(admin.get(LIST, asked | {"standing": "on_roll"})) == ["东小明"]

    @pytest.mark.parametrize(
        ("standing", "found"), [("roll_only", ["东小明"]), ("attending_only", ["东二妹"]), ("not_attending", ["东小明", "西小红"])]
    )
    def test_standing(self, admin, house, standing, found):
        make.enrolment(house.children.own, house.nodes.school, "roll")
        make.enrolment(house.children.second, house.nodes.school, "attending")
        assert names_on(admin.get(LIST, {"standing": standing})) == found

    def test_grade(self, admin, house):
        make.enrolment(house.children.own, house.nodes.school, grade=4)
        assert names_on(admin.get(LIST, {"grade": "pri-4"})) == ["东小明"]
        assert names_on(admin.get(LIST, {"grade": "pri-5"})) == []

    def test_area(self, admin, house):
        assert names_on(admin.get(LIST, {"area": house.nodes.other_township.public_id})) == ["西小红"]

    def test_a_filter_nobody_offers_is_told_and_breaks_nothing(self, admin):
        assert admin.get(LIST, {"grade": "nonsense", "school": "nonsense"}).status_code == 200


class TestOrderAndColumns:
    @pytest.mark.parametrize("sort", ["name", "-name", "birth", "-birth", "school", "-grade", "nonsense"])
    def test_sorts(self, admin, sort):
        assert admin.get(LIST, {"sort": sort}).status_code == 200

    def test_order_turns_round(self, admin):
        assert names_on(admin.get(LIST)) == list(reversed(names_on(admin.get(LIST, {"sort": "-name"}))))

    def test_chosen_columns(self, admin):
        page = admin.get(LIST, {"col": ["birth", "ethnic"]})
        assert [head["label"] for head in page.context["heads"]] == ["姓名", "出生日期", "民族"]

    def test_numbers_are_masked(self, admin):
        page = admin.get(LIST).content.decode()
        assert "9****************4" in page
        assert NUMBER not in page


def many_more(house, number):
    made = [Child(name=f"学生{n}", name_key=f"学生{n}", pinyin="xs", scope_nodes=house.nodes.school.path) for n in range(number)]
    Child.objects.bulk_create(made)
    Enrolment.objects.bulk_create([Enrolment(child=child, school=house.nodes.school, kind="roll", since=make.LONG_AGO) for child in made])
    Registration.objects.bulk_create([Registration(child=child, household=house.households.own, since=make.LONG_AGO) for child in made])


@pytest.mark.parametrize("sort", ["name", "school"])
def test_queries_do_not_grow_with_the_children(admin, house, sort):
    def count():
        with CaptureQueriesContext(connection) as seen:
            assert admin.get(LIST, {"sort": sort}).status_code == 200
        return len(seen)

    admin.get(LIST)
    few = count()
    many_more(house, 1000)
    many = count()
    assert many <= few + 3  # facts that were not there before are now fetched, each kind once
    assert many < 20


class TestExport:
    def text_of(self, response):
        content = b"".join(response.streaming_content)
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return "".join(
                book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets") or "sharedStrings" in name
            )

    def test_masked_and_numbered(self, admin):
        text = self.text_of(admin.post("/students/export/", {}))
        entry = AuditEntry.objects.get(act="children_exported")
        assert entry.number in text
        assert "东小明" in text
        assert NUMBER not in text
        assert entry.detail["rows"] == 3

    def test_full_numbers_need_a_reason(self, admin):
        answer = admin.post("/students/export/", {"full_numbers": "on", "reason": ""}, follow=True)
        assert "要写明理由" in answer.content.decode()
        assert not AuditEntry.objects.filter(act="children_exported").exists()

    def test_full_numbers_with_a_reason(self, admin):
        text = self.text_of(admin.post("/students/export/", {"full_numbers": "on", "reason": "上报国家平台"}))
        assert NUMBER in text
        assert AuditEntry.objects.get(act="children_exported").reason == "上报国家平台"

    def test_who_may_not_see_numbers_gets_none(self, client, house):
        answer = signed_in(client, house, "auditor").post("/students/export/", {"full_numbers": "on", "reason": "检查需要看"})
        assert answer.status_code == 403

    def test_the_export_holds_what_is_shown(self, admin):
        text = self.text_of(admin.post("/students/export/?q=" + "东二妹", {}))
        assert "东二妹" in text
        assert "东小明" not in text

    def test_long_lists_are_work_of_their_own(self, admin, monkeypatch, django_capture_on_commit_callbacks):
        monkeypatch.setattr(exporting, "AT_ONCE", 2)
        with django_capture_on_commit_callbacks(execute=True):
            answer = admin.post("/students/export/", {})
        run = FileRun.objects.get(kind="export_children")
        assert answer["Location"] == reverse("core:run_detail", args=[run.public_id])
        assert NUMBER not in repr(run.parameters)
        assert run.state == "done"
        text = self.text_of(admin.get(reverse("core:run_file", args=[run.public_id])))
        assert "东小明" in text
        assert AuditEntry.objects.get(act="children_exported").number in text

    def test_a_long_list_found_by_number_keeps_only_the_index(self, admin, monkeypatch, django_capture_on_commit_callbacks):
        monkeypatch.setattr(exporting, "AT_ONCE", 0)
        admin.post("/students/search/", {"q": NUMBER})
        with django_capture_on_commit_callbacks(execute=True):
            admin.post("/students/export/?by=number", {})
        run = FileRun.objects.get(kind="export_children")
        assert NUMBER not in repr(run.parameters)
        assert run.message.startswith("共 1 人")
