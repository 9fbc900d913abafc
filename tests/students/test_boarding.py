"""Boarding from lists that say it, beside what people entered by hand; contradictions are shown, nothing is overwritten."""

from datetime import date

import pytest

from core.models import Organization
from students.actions import boarding, snapshots, undoing
from students.models import Boarding, Child
from students.reports import boarding as report
from tests import make
from tests.students.lists import APRIL, MARCH, in_class, load, pupil, stage

A, B = "990101201008310014", "990101201101150027"
MAY = date(2020, 5, 1)


def sleeper(number=A, name="王一", **more):
    return {"学校标识码": "2199000003", "姓名": name, "身份证号": number, "宿舍号": "3-201", "入住日期": "2020-03-05"} | more


def child(name="王一"):
    return Child.objects.get(name=name)


def who(on):
    return {Child.objects.get(pk=pk).name for pk in boarding.boards(list(Child.objects.values_list("pk", flat=True)), on)}


@pytest.fixture
def rolled(places, tmp_path):
    load(tmp_path, "roll", [pupil(A, 就读方式="走读"), pupil(B, "李二", 就读方式="住校")], **places)
    return places


def test_the_boarding_list_makes_dated_facts_and_its_successor_ends_them(rolled, tmp_path):
    assert who(MARCH) == {"李二"}
    load(tmp_path, "boarding", [sleeper()], as_of=APRIL, **rolled)
    fact = Boarding.objects.get()
    assert (fact.child, fact.school.code, fact.since, fact.until, fact.row.kind) == (
        child(),
        "2199000003",
        date(2020, 3, 5),
        None,
        "boarding",
    )
    assert who(APRIL) == {"王一", "李二"}
    last = load(tmp_path, "boarding", [sleeper(B, "李二")], as_of=MAY, **rolled)
    assert list(Boarding.objects.order_by("pk").values_list("until", flat=True)) == [MAY, None]
    assert who(MAY) == {"李二"}
    undoing.undo(snapshot=last, by=rolled["by"])
    assert [(row.child.name, row.until) for row in Boarding.objects.all()] == [("王一", None)]
    assert not snapshots.SourceSnapshot.objects.filter(pk=last.pk, state="applied").exists()


def test_one_schools_list_need_not_name_it(rolled, tmp_path):
    school = Organization.objects.get(code="2199000003")
    rows = [{"姓名": "王一", "身份证号": A, "宿舍号": "1"}]
    load(tmp_path, "boarding", rows, as_of=APRIL, by=rolled["by"], coverage=school)
    assert Boarding.objects.get().school == school
    batch = stage(tmp_path, "boarding", rows, as_of=MAY, **rolled)
    assert batch.refused_rows == 1


def test_the_newest_list_is_believed_and_the_other_shown(rolled, tmp_path):
    load(tmp_path, "attending", [in_class(A, 是否住校="是"), in_class(B, "李二", 是否住校="是")], as_of=APRIL, **rolled)
    assert who(APRIL) == {"王一", "李二"}
    assert [(line["child"].name, line["now"], line["other"]) for line in report.contradicted(rolled["by"], "see_children", APRIL)] == [
        ("王一", "住校", "走读")
    ]
    assert "学籍库 2020-03-01写走读" in report.words(boarding.conflicts([child().pk], APRIL)[child().pk])


def test_an_entry_by_hand_holds_against_a_later_list_which_is_shown(client, rolled, tmp_path):
    node = child().enrolments.get().class_node
    teacher = make.person("班主任", ("class_teacher", node))
    assert boarding.keep(node=node, boarders=[child().pk], on=APRIL, by=teacher) == (1, 1)  # 李二 of the list leaves, 王一 comes
    assert who(APRIL) == {"王一"}
    load(tmp_path, "roll", [pupil(A, 就读方式="走读", 班级="1班"), pupil(B, "李二", 就读方式="住校")], as_of=MAY, **rolled)
    assert who(MAY) == {"王一"}
    lines = report.contradicted(rolled["by"], "see_children", MAY)
    assert {(line["child"].name, line["now"], line["other"]) for line in lines} == {("王一", "住校", "走读"), ("李二", "走读", "住校")}
    assert "班主任" in lines[0]["why"]
    client.force_login(rolled["by"])
    page = client.get("/arrivals/boarding/").content.decode()
    assert "王一" in page
    assert "2020-04-01 登记" in page
    assert b"".join(client.post("/arrivals/boarding/export/").streaming_content)[:2] == b"PK"
    client.force_login(teacher)
    assert "学籍库 2020-05-01写走读" in client.get(f"/arrivals/{node.public_id}/").content.decode()


def test_the_child_s_page_tells_it_with_days_and_by_whom(client, rolled, tmp_path):
    load(tmp_path, "boarding", [sleeper()], **rolled)
    found = report.of_child(child(), APRIL)
    assert (found["now"], [(span["since"], span["by"]) for span in found["spans"]]) == ("住校", [(date(2020, 3, 5), "住校生名单 2020-03-01")])
    assert found["lists"] == ["学籍库 2020-03-01写走读"]
    client.force_login(rolled["by"])
    page = client.get(f"/children/{child().public_id}/").content.decode()
    assert "2020-03-05 起住校" in page
    assert "与登记不一致" in page
    assert report.of_child(make.child("无校"), APRIL) is None


def test_an_entry_by_hand_after_the_list_is_no_contradiction(rolled):
    node = child().enrolments.get().class_node
    teacher = make.person("班主任", ("class_teacher", node))
    boarding.keep(node=node, boarders=[child().pk], on=APRIL, by=teacher)
    assert boarding.conflicts([child().pk, child("李二").pk], APRIL) == {}


def test_constant_queries(rolled, django_assert_max_num_queries):
    ids = list(Child.objects.values_list("pk", flat=True)) * 50
    with django_assert_max_num_queries(3):
        boarding.boards(ids, MARCH)
    with django_assert_max_num_queries(12):
        report.contradicted(rolled["by"], "see_children", MARCH)
