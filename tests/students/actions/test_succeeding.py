"""Lists that still name a school or village as it was before it was split: read as the new unit where that can be told, and said."""

from datetime import date

import pytest

from core.models import Organization
from students.actions import parting
from students.models import Enrolment, Household, ListRow, RowIssue
from tests.students.lists import APRIL, load, pupil, resident, stage

A, B, C = "990101201008310014", "990101201101150027", "990101201202280033"
ON = date(2020, 3, 10)
OLD, NEW = "2199000003", "2199000009"
SPLIT = {"on": ON, "reason": "县政府批复〔2020〕9号", "today": date(2020, 3, 20), "new_code": NEW}


@pytest.fixture
def split(places, tmp_path):
    """First school, two classes; the first class goes to a new school."""
    load(tmp_path, "roll", [pupil(A), pupil(B, "李二", 班级="2班")], **places)
    school, first = Organization.objects.get(code=OLD), Organization.objects.get(kind="class", name__endswith="1班")
    return parting.apply(node=school, parts=[first], by=places["by"], new_name="东关第9小学", **SPLIT)


def schools():
    """{name: codes of the schools whose roll holds the child}."""
    found = {}
    for fact in Enrolment.objects.filter(until=None, kind="roll", counts=True).select_related("child", "school").order_by("school__code"):
        found.setdefault(fact.child.name, []).append(fact.school.code)
    return found


def boards(number, name="王一", **more):
    return pupil(number, name, 就读方式="住校", **more)


def test_those_of_the_class_that_went_are_the_new_school_s(split, places, tmp_path):
    rows = [boards(A), boards(B, "李二", 班级="2班"), boards(C, "赵三")]
    snapshot = load(tmp_path, "roll", rows, as_of=APRIL, **places)
    assert schools() == {"王一": [NEW], "李二": [OLD], "赵三": [NEW]}
    told = RowIssue.objects.get(snapshot=snapshot, column="学校")
    assert told.reason == (
        "东关第1小学已于 2020-03-10 分出东关第9小学，这份名单还没有用新校名：分出去的班 2 行按东关第9小学记。请填报单位下次写明新校名。"
    )
    again = stage(tmp_path, "roll", rows, as_of=date(2020, 5, 1), **places)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 3)


def test_without_a_class_the_child_says_where(split, places, tmp_path):
    snapshot = load(tmp_path, "roll", [boards(A, 班级=""), boards(B, "李二", 班级="")], as_of=APRIL, **places)
    assert schools() == {"王一": [NEW], "李二": [OLD]}
    assert "没有写班级的 2 行" in RowIssue.objects.get(snapshot=snapshot, column="学校").reason


def test_a_list_that_knows_the_new_school_means_the_old_one(split, places, tmp_path):
    snapshot = load(tmp_path, "roll", [boards(A, 班级=""), boards(B, "李二", school=NEW)], as_of=APRIL, **places)
    assert ListRow.objects.get(name="王一", until=None).node.code == OLD
    assert not RowIssue.objects.filter(snapshot=snapshot, column="学校").exists()


def test_a_list_of_before_the_split_is_not_touched(split, places, tmp_path):
    load(tmp_path, "attending", [pupil(A)], as_of=date(2020, 3, 5), **places)
    assert ListRow.objects.get(kind="attending").node.code == OLD


def test_households_that_went_to_the_new_village_stay_there(places, tmp_path):
    load(tmp_path, "hukou", [resident(A), resident(B, "李二", "H2")], **places)
    village = Organization.objects.get(code="990101100200")
    change = parting.apply(
        node=village, parts=[], households=[Household.objects.get(number="H2")], by=places["by"], new_name="新王家庄村",
        **SPLIT | {"new_code": "990101100209"},
    )  # fmt: skip
    load(tmp_path, "hukou", [resident(A, 户主姓名="王老大"), resident(B, "李二", "H2", 户主姓名="李老大")], as_of=APRIL, **places)
    assert dict(Household.objects.values_list("number", "village")) == {"H1": village.pk, "H2": change.successor_id}
