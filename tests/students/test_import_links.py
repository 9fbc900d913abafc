"""Rows find their child, in whatever order the lists come, without making twins."""

import itertools

import pytest

from core.models import Organization
from students import detection
from students.actions import matching
from students.models import Child, Enrolment, ListRow, Match
from students.rules.identity import check_digit
from tests import make
from tests.students import lists
from tests.students.lists import APRIL, MARCH, in_class, load, pupil, resident

GOOD = "990101201302070023"
TYPED = {"check digit": "990101201302070026", "inner digit": "990101201302170023", "swapped": "990101201302070203"}
LISTS = {
    "hukou": lambda wrong: [resident(GOOD)],
    "roll": lambda wrong: [pupil(wrong, 全国学籍号="", 出生日期="2013-02-07")],
    "attending": lambda wrong: [in_class(GOOD)],
}


def account():
    found = detection.account(on=MARCH, low=6, high=15, mode="point")
    return {key: getattr(found, key) for key in (*detection.PARTS, "registered", "unconfirmed")}


@pytest.mark.parametrize("wrong", TYPED.values(), ids=TYPED)
@pytest.mark.parametrize("order", list(itertools.permutations(LISTS)), ids=lambda order: "-".join(order))
def test_a_mistyped_number_belongs_to_the_child_it_was_meant_for(order, wrong, places, tmp_path):
    for kind in order:
        load(tmp_path, kind, LISTS[kind](wrong), **places)
    child = Child.objects.here().get()
    assert child.number == GOOD
    assert child.number_state == "valid"
    assert account() == {
        "registered": 1, "on_roll_and_attending": 1, "attending_not_on_roll": 0, "on_roll_not_attending": 0, "neither": 0, "unconfirmed": 1
    }  # fmt: skip
    assert Match.objects.get().state == "open"
    assert set(ListRow.objects.filter(child__isnull=False).values_list("child", flat=True)) == {child.pk}
    assert set(child.scope_nodes) == {above for place in child.places.filter(until=None) for above in place.node.path}


def test_a_mistyped_number_in_the_classroom_has_no_birth_date_of_its_own(places, tmp_path):
    load(tmp_path, "attending", [in_class("990101201303070023")], **places)
    load(tmp_path, "hukou", [resident(GOOD)], **places)
    assert account()["attending_not_on_roll"] == 1


def test_the_number_inside_the_roll_number_decides(places, tmp_path):
    load(tmp_path, "hukou", [resident(GOOD)], **places)
    load(tmp_path, "roll", [pupil("990101201302079993", 全国学籍号=f"G{GOOD}", 出生日期="2013-02-07")], **places)
    assert Match.objects.get().rule == "roll_number"
    assert account()["on_roll_not_attending"] == 1


def test_another_name_or_birth_date_is_another_child(places, tmp_path):
    load(tmp_path, "hukou", [resident(GOOD)], **places)
    load(tmp_path, "roll", [pupil(TYPED["check digit"], "李二"), pupil(TYPED["swapped"], 全国学籍号="", 出生日期="2013-02-08")], **places)
    assert Child.objects.here().count() == 3
    assert not Match.objects.exists()


def test_two_candidates_are_none(places, tmp_path):
    """The typed number is one edit from two valid numbers of children with one name and birth date: nobody is guessed."""
    first, second, typed = "990101201302070015", "990101201302070023", "990101201302070025"
    load(tmp_path, "hukou", [resident(first, household="H1"), resident(second, household="H2")], **places)
    load(tmp_path, "roll", [pupil(typed, 全国学籍号="", 出生日期="2013-02-07")], **places)
    assert Child.objects.here().count() == 3
    assert not Match.objects.exists()


def test_confirmed_changes_no_figure_and_rejected_does_for_good(places, tmp_path):
    for kind, rows in LISTS.items():
        load(tmp_path, kind, rows(TYPED["check digit"]), **places)
    officer, before = places["by"], account()
    match = Match.objects.get()
    with pytest.raises(Exception, match="不能确认匹配"):
        matching.decide(match=match, same=False, reason="", by=make.person("校长", ("principal", Enrolment.objects.first().school)))
    matching.decide(match=match, same=False, reason="户口簿核对过", by=officer)
    parted = account()
    assert (before["on_roll_and_attending"], parted["on_roll_and_attending"], parted["attending_not_on_roll"]) == (1, 0, 1)
    assert Child.objects.here().count() == 2
    load(tmp_path, "roll", [pupil(TYPED["check digit"], 全国学籍号="", 出生日期="2013-02-07", 班级="2班")], as_of=APRIL, **places)
    assert Match.objects.get().state == "rejected"
    assert Child.objects.here().count() == 2


def test_a_confirmed_match_keeps_the_figures(places, tmp_path):
    for kind, rows in LISTS.items():
        load(tmp_path, kind, rows(TYPED["check digit"]), **places)
    before = account()
    matching.decide(match=Match.objects.get(), same=True, reason="", by=places["by"])
    assert account() == before | {"unconfirmed": 0}


def test_a_second_claim_is_kept_and_shown(places, tmp_path):
    load(tmp_path, "roll", [pupil(GOOD), pupil(GOOD, school="2199000004")], **places)
    assert sorted(Enrolment.objects.values_list("accepted", flat=True)) == [False, True]
    assert detection.account(on=MARCH, low=6, high=15, mode="point").whole_lists["double_roll"] == 1
    kept = Enrolment.objects.get(accepted=False).school.code
    load(tmp_path, "roll", [pupil(GOOD, school=kept)], as_of=APRIL, **places)
    assert Enrolment.objects.get(accepted=True, until=None).school.code == kept
    assert detection.account(on=APRIL, low=6, high=15, mode="point").whole_lists["double_roll"] == 0


def test_states_decide_what_counts(places, tmp_path):
    load(tmp_path, "hukou", [resident(GOOD), resident("990101201008310014", "李二", household="H2", 人员状态="死亡")], **places)
    load(tmp_path, "roll", [pupil(GOOD, 学籍状态="转出")], **places)
    load(tmp_path, "attending", [in_class(GOOD, 在校情况="未到校")], **places)
    assert (account()["registered"], account()["neither"]) == (1, 1)


def test_a_village_that_comes_later_takes_its_children(officer, tmp_path):
    about = {"by": officer, "coverage": make.county()}
    load(tmp_path, "hukou", [resident(GOOD)], **about)
    assert Child.objects.get().scope_nodes == [make.county().pk]
    load(tmp_path, "divisions", lists.DIVISIONS, **about)
    village = make.county().__class__.objects.get(code="990101100200")
    assert set(Child.objects.get().scope_nodes) >= set(village.path)
    assert Child.objects.get().registrations.get().household.village == village


def test_a_roll_that_comes_before_the_directory_waits_for_its_schools(officer, tmp_path):
    about = {"by": officer, "coverage": make.county()}
    unlisted = pupil("990101201101150027", "李二", school="2199999999")
    roll = load(tmp_path, "roll", [pupil(GOOD), unlisted], **about)
    load(tmp_path, "attending", [in_class(GOOD, school="", 学校名称="东关第一小学")], **about)
    assert (roll.new, roll.warnings) == (2, 2)
    assert Child.objects.get(name="王一").scope_nodes == [make.county().pk]
    load(tmp_path, "divisions", lists.DIVISIONS, **about)
    load(tmp_path, "schools", lists.SCHOOLS, **about)
    load(tmp_path, "hukou", [resident(GOOD), resident("990101201101150027", "李二")], **about)
    assert {enrolment.school.code for enrolment in Enrolment.objects.filter(child__name="王一")} == {"2199000003"}
    assert account()["on_roll_and_attending"] == 1
    assert account()["neither"] == 1  # the school of 李二 is in no directory: nobody vouches for the enrolment


def test_whom_the_register_drops_and_no_school_knows_stays_in_sight(places, tmp_path):
    load(tmp_path, "hukou", [resident("990101201008310014"), resident("990101201101150027", "李二", "H2")], **places)
    load(tmp_path, "hukou", [resident("990101201101150027", "李二", "H2")], as_of=APRIL, **places)
    child = Child.objects.get(name="王一")
    assert not child.registrations.filter(until=None).exists()
    assert child in Child.objects.visible_to(places["by"], "see_children")
    load(tmp_path, "roll", [pupil("990101201008310014")], as_of=APRIL, **places)
    child.refresh_from_db()
    assert not child.places.filter(why="hukou", until=None).exists()


def test_one_class_in_many_spellings_is_one_node_and_another_spelling_no_change(places, tmp_path):
    spellings = ("1班", "三(1)班", "三年级（一）班", "301班", "2017级1班")
    numbers = [head + check_digit(head) for head in (f"99010120130207{at:03}" for at in range(1, 6))]
    told = zip(numbers, spellings, strict=True)
    load(tmp_path, "roll", [pupil(number, f"王{at}", 班级=text) for at, (number, text) in enumerate(told)], **places)
    load(tmp_path, "attending", [in_class(number, f"王{at}", 班级="三1班") for at, number in enumerate(numbers)], **places)
    assert [node.name for node in Organization.objects.filter(kind="class")] == ["2017级1班"]
    assert set(Enrolment.objects.values_list("class_name", "class_node__name")) == {("1班", "2017级1班")}
    assert [row.cells[3] for row in ListRow.objects.filter(kind="roll").order_by("row_number")] == list(spellings)
    again = load(tmp_path, "roll", [pupil(number, f"王{at}", 班级="(1)班") for at, number in enumerate(numbers)], as_of=APRIL, **places)
    assert (again.unchanged, again.changed) == (len(numbers), 0)
