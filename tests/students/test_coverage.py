"""A list speaks for its coverage and what lies below it, up to its own day: not for wider lists, not against newer ones."""

from datetime import date

import pytest

from core.models import Organization
from students.actions import undoing
from students.models import Enrolment, ListRow
from tests.students.lists import APRIL, MARCH, load, pupil, stage

A, B = "990101201008310014", "990101201101150027"
MAY = date(2020, 5, 1)


@pytest.fixture
def school(places):
    return {"by": places["by"], "coverage": Organization.objects.get(code="2199000003")}


def counts(snapshot):
    return (snapshot.new, snapshot.changed, snapshot.unchanged, snapshot.conflicts, snapshot.vanished)


def standing():
    return sorted(ListRow.objects.filter(kind="roll", until=None).values_list("name", "place_key"))


def test_a_later_county_list_closes_what_a_school_sent(places, school, tmp_path):
    load(tmp_path, "roll", [pupil(A), pupil(B, "李二")], **school)
    county = load(tmp_path, "roll", [pupil(A)], as_of=APRIL, **places)
    assert counts(county) == (0, 0, 1, 0, 1)
    assert standing() == [("王一", "2199000003")]
    assert not Enrolment.objects.filter(child__name="李二", until=None).exists()
    undoing.undo(snapshot=county, by=places["by"])
    assert standing() == [("李二", "2199000003"), ("王一", "2199000003")]
    assert set(ListRow.objects.filter(kind="roll").values_list("seen_as_of", flat=True)) == {MARCH}


def test_a_child_whom_the_county_s_list_shows_elsewhere_has_moved(places, school, tmp_path):
    load(tmp_path, "roll", [pupil(A)], **school)
    county = load(tmp_path, "roll", [pupil(A, school="2199000004")], as_of=APRIL, **places)
    assert counts(county) == (0, 1, 0, 0, 0)
    assert standing() == [("王一", "2199000004")]


def test_an_earlier_county_list_closes_nothing_newer(places, school, tmp_path):
    load(tmp_path, "roll", [pupil(A), pupil(B, "李二")], as_of=APRIL, **school)
    county = load(tmp_path, "roll", [pupil(A, school="2199000004")], as_of=MARCH, **places)
    assert counts(county) == (0, 0, 0, 1, 0)
    assert len(standing()) == 2


def test_a_school_s_list_says_nothing_of_the_county_s_rows_and_none_after_a_newer_one(places, school, tmp_path):
    load(tmp_path, "roll", [pupil(A), pupil(B, "李二")], as_of=APRIL, **places)
    later = stage(tmp_path, "roll", [pupil(A)], as_of=MAY, **school)
    assert counts(later) == (0, 0, 1, 0, 0)
    earlier = stage(tmp_path, "roll", [pupil("990101201202280033", "赵三")], as_of=MARCH, **school)
    assert counts(earlier) == (0, 0, 0, 1, 0)


def test_what_villages_found_stands_until_it_is_told_otherwise(places, tmp_path):
    found = {"姓名": "李小虎", "性别": "男", "出生日期": "2012-05-01", "村": "王家庄村", "监护人": "李大", "发现日期": "2020-02-20", "现在哪里、做什么": "在家"}
    village = Organization.objects.get(code="990101100200")
    load(tmp_path, "found", [found], by=places["by"], coverage=village)
    load(tmp_path, "found", [found | {"姓名": "张小花", "性别": "女"}], as_of=APRIL, **places)
    assert ListRow.objects.filter(kind="found", until=None).count() == 2
