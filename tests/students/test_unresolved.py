"""T5: a row that nothing ties to a child is concluded by a person; the next list remembers it, and it can be taken back."""

import pytest

from core.workflow import Refused
from students.actions import concluding
from students.models import Child, ListRow, Resolution, SpecialGroup
from students.reports import unresolved as report
from tests.students.lists import APRIL, MARCH, load, pupil, resident

A, B = "990101201008310014", "990101201101150027"
WRONG = "990101201009310018"  # an impossible date, far from any number


def aided(number, name, **more):
    return {"姓名": name, "身份证号": number, "救助类别": "低保", "享受起始日期": "2019-01-01"} | more


def waiting(user, on=APRIL):
    return [(row.name, row.is_asked) for row in report.waiting(user, on)]


def row_of(name):
    return ListRow.objects.get(name=name, until=None, kind="civil_affairs")


@pytest.fixture
def county(places, tmp_path):
    load(tmp_path, "hukou", [resident(A)], **places)
    load(tmp_path, "civil_affairs", [aided(A, "王一"), aided(B, "王依"), aided("990101195001010013", "王老")], **places)
    return places


def test_children_wait_the_tied_and_the_old_do_not(county):
    assert waiting(county["by"]) == [("王依", False)]


def test_it_is_this_child_remembered_and_taken_back(client, county, tmp_path):
    child = Child.objects.get(name="王一")
    client.force_login(county["by"])
    page = client.get(f"/matches/unresolved/{row_of('王依').pk}/").content.decode()
    assert B not in page
    given = {"conclude": "1", "conclusion": "is_child", "reason": "户口簿上是一个人", "child": child.public_id}
    client.post(f"/matches/unresolved/{row_of('王依').pk}/", given)
    said = Resolution.objects.get()
    assert (said.child, row_of("王依").child, said.number.valid) == (child, child, False)
    assert waiting(county["by"]) == []
    child.refresh_from_db()
    assert (child.number, child.number_state) == (A, "valid")
    assert SpecialGroup.objects.filter(child=child, until=None).count() == 2
    load(tmp_path, "civil_affairs", [aided(B, "王依", 户主="王大")], as_of=APRIL, **county)
    assert row_of("王依").child == child
    assert waiting(county["by"]) == []
    assert "户口簿上是一个人" in client.get("/matches/unresolved/?part=concluded").content.decode()
    client.post(f"/matches/unresolved/{said.public_id}/undo/", {"reason": "看错了人"})
    assert row_of("王依").child is None
    assert SpecialGroup.objects.filter(child=child, until=None).count() == 0
    assert waiting(county["by"]) == [("王依", False)]


def test_it_is_a_new_child(county):
    said = concluding.conclude(row=row_of("王依"), conclusion="new_child", reason="另一家的孩子", by=county["by"])
    made = Child.objects.get(name="王依")
    assert (said.child, made.number, made.number_state, row_of("王依").child) == (made, B, "valid", made)
    assert made in Child.objects.visible_to(county["by"], "see_children")
    concluding.undo(said=said, reason="录错了", by=county["by"])
    assert not Child.objects.filter(name="王依").exists()
    assert waiting(county["by"]) == [("王依", False)]


def test_a_new_child_that_another_list_knows_meanwhile_stays(county, tmp_path):
    said = concluding.conclude(row=row_of("王依"), conclusion="new_child", reason="另一家的孩子", by=county["by"])
    load(tmp_path, "roll", [pupil(B, "王依")], **county)
    assert Child.objects.filter(name="王依").count() == 1
    with pytest.raises(Refused, match="拆分"):
        concluding.undo(said=said, reason="录错了", by=county["by"])


def test_nobody_of_ours_is_not_asked_again(county, tmp_path):
    said = concluding.conclude(row=row_of("王依"), conclusion="not_ours", reason="户口在外县", by=county["by"])
    load(tmp_path, "civil_affairs", [aided(B, "王依", 户主="王大")], as_of=APRIL, **county)
    assert waiting(county["by"]) == []
    concluding.undo(said=said, reason="又迁回来了", by=county["by"])
    assert waiting(county["by"]) == [("王依", False)]


def test_the_supplier_is_asked_and_the_row_waits(county):
    concluding.conclude(row=row_of("王依"), conclusion="asked", reason="请民政核对证件号", by=county["by"])
    assert waiting(county["by"]) == [("王依", True)]
    concluding.conclude(row=row_of("王依"), conclusion="not_ours", reason="民政答复是外县", by=county["by"])
    assert waiting(county["by"]) == []
    assert Resolution.objects.standing().count() == 1
    with pytest.raises(Refused, match="已由"):
        concluding.conclude(row=row_of("王依"), conclusion="new_child", reason="再想想", by=county["by"])


def test_a_record_of_its_own_becomes_the_child_and_parts_again(county, tmp_path):
    load(tmp_path, "roll", [pupil(WRONG, "赵六", 全国学籍号="", 出生日期="2010-09-30")], **county)
    own, child = Child.objects.get(name="赵六"), Child.objects.get(name="王一")
    row = ListRow.objects.get(name="赵六")
    assert ("赵六", False) in waiting(county["by"])
    said = concluding.conclude(row=row, conclusion="is_child", child=child, reason="改过名字", by=county["by"])
    own.refresh_from_db()
    assert (own.merged_into, said.merge.target) == (child, child)
    concluding.undo(said=said, reason="不是他", by=county["by"])
    own.refresh_from_db()
    assert own.merged_into is None


def test_it_goes_out_as_a_workbook_and_queries_stay_few(client, county, django_assert_max_num_queries):
    client.force_login(county["by"])
    assert b"".join(client.post("/matches/unresolved/export/").streaming_content)[:2] == b"PK"
    assert b"".join(client.post("/matches/export/?state=candidate").streaming_content)[:2] == b"PK"
    with django_assert_max_num_queries(3):
        report.lines(report.waiting(county["by"], MARCH)[:50])
