"""The page of columns: shown before the rows are read where a heading is new, answered once, remembered."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from students.models import ColumnMapping, SourceSnapshot

HEAD = "户口簿第几号,娃娃,公民身份号码,村名,爱好\n"
FIRST, SECOND = HEAD + "H1,赵一,990101201003011114,王家庄村,下棋\n", HEAD + "H2,赵二,990101201003011122,王家庄村,\n"


@pytest.fixture
def officer(client, house):
    client.force_login(house.people["roll_officer"])
    return client


@pytest.fixture
def send(officer, house, django_capture_on_commit_callbacks):
    def upload(text, as_of="2020-03-01"):
        given = {"kind": "hukou", "as_of": as_of, "supplier": "县公安局", "coverage": house.nodes.root.public_id}
        with django_capture_on_commit_callbacks(execute=True):
            officer.post("/lists/upload/", given | {"file": SimpleUploadedFile("户籍.csv", text.encode())})
        return SourceSnapshot.objects.order_by("-pk").first()

    return upload


def page_of(snapshot):
    return reverse("students:snapshot_columns", args=[snapshot.public_id])


def answer(officer, snapshot, capture, **words):
    """Post the page's form with these headings said otherwise."""
    form = officer.get(page_of(snapshot)).context["form"]
    given = {field.name: words.get(entry["heading"], entry["field"]) for entry, field in form.lines()}
    with capture(execute=True):
        return officer.post(page_of(snapshot), given)


def test_new_headings_wait_for_a_word(officer, send):
    snapshot = send(FIRST)
    assert (snapshot.state, snapshot.rows) == ("received", 0)
    page = officer.get(reverse("students:snapshot_detail", args=[snapshot.public_id]), follow=True).content.decode()
    assert "娃娃" in page
    assert "18 位号码" in page
    assert "990101201003011114" not in str(snapshot.layout)
    assert "赵一" not in str(snapshot.layout)


def test_answered_once_it_is_remembered_for_the_supplier(officer, send, django_capture_on_commit_callbacks):
    snapshot = send(FIRST)
    answer(officer, snapshot, django_capture_on_commit_callbacks, 娃娃="name", 户口簿第几号="household")
    snapshot.refresh_from_db()
    assert (snapshot.state, snapshot.new) == ("staged", 1)
    assert snapshot.staged_rows.get().facts["household"] == "H1"
    assert ColumnMapping.objects.get().supplier == "县公安局"
    again = send(SECOND, "2020-04-01")
    assert (again.state, again.new) == ("staged", 1)
    assert "定下的对应" in officer.get(reverse("students:snapshot_detail", args=[again.public_id])).content.decode()


def test_a_word_that_leaves_the_list_unreadable_is_refused(officer, send, django_capture_on_commit_callbacks):
    snapshot = send(FIRST)
    page = answer(officer, snapshot, django_capture_on_commit_callbacks, 爱好="number")
    assert "还缺 姓名" in page.content.decode()
    assert "只能对应一列" in page.content.decode()
    assert not ColumnMapping.objects.exists()


def test_a_staged_list_may_be_read_otherwise(officer, send, django_capture_on_commit_callbacks):
    snapshot = send(FIRST)
    answer(officer, snapshot, django_capture_on_commit_callbacks, 娃娃="name")
    answer(officer, snapshot, django_capture_on_commit_callbacks, 户口簿第几号="household")
    snapshot.refresh_from_db()
    assert snapshot.state == "staged"
    assert [row.facts["household"] for row in snapshot.staged_rows.all()] == ["H1"]
