"""Pairs only a person can join: proposed with their reason, counted in no figure, never proposed twice."""

import pytest

from students import detection
from students.actions import candidates, matching
from students.models import Child, Match
from tests import make
from tests.students.lists import APRIL, MARCH, in_class, load, pupil, resident

NUMBER, OTHER = "990101201302070023", "990101201302071237"
BORN = {"出生日期": "2013-02-07"}


def account():
    found = detection.account(on=MARCH, low=6, high=15, mode="point")
    return {key: getattr(found, key) for key in (*detection.PARTS, "registered", "unconfirmed")}


def found():
    candidates.find()
    return [(match.rule, match.odd.child.name, match.meant.child.name) for match in Match.objects.filter(state="candidate").order_by("pk")]


def without_number(name="王一", **fields):
    return pupil(NUMBER, name, **{"身份证件号": "", "全国学籍号": "", "监护人姓名": "", **BORN, **fields})


def register(number=NUMBER, name="王一", **fields):
    return resident(number, name, **{"监护人姓名": "", **fields})


TABLE = {
    # what the register says, what the roll says, the rule (None: no pair)
    "guardian": (register(监护人姓名="王大山"), without_number(监护人姓名="王大山"), "guardian"),
    "head of the household": (register(户主姓名="王大山"), without_number(监护人姓名="王大山"), "guardian"),
    "homophone": (register(name="王钰", 监护人姓名="王大山"), without_number("王玉", 监护人姓名="王大山"), "guardian"),
    "middle dots": (
        register(name="古丽娜尔·买买提", 监护人姓名="王大山"),
        without_number("古丽娜尔•买买提", 监护人姓名="王大山"),
        "guardian",
    ),
    "rare character with a variation selector": (
        register(name="王䶮\U000e0100", 监护人姓名="王大山"),
        without_number("王䶮", 监护人姓名="王大山"),
        "guardian",
    ),
    "one word and a guardian": (register(name="卓玛", 监护人姓名="央金措"), without_number("卓玛", 监护人姓名="央金措"), "guardian"),
    "one word and a homophone": (register(name="卓玛", 监护人姓名="央金措"), without_number("卓马", 监护人姓名="央金措"), None),
    "name and birth date alone": (register(监护人姓名="王大山"), without_number(监护人姓名="李四"), None),
    "one word alone": (register(name="卓玛"), without_number("卓玛"), None),
    "another birth date": (register(监护人姓名="王大山"), without_number(监护人姓名="王大山", 出生日期="2013-02-08"), None),
    "another name": (register(监护人姓名="王大山"), without_number("王二", 监护人姓名="王大山"), None),
    "roll number of the old number": (register(NUMBER), pupil(OTHER, 全国学籍号=f"G{NUMBER}", **BORN), "roll_number"),
    "roll number, another name": (register(NUMBER), pupil(OTHER, "李二", 全国学籍号=f"G{NUMBER}", **BORN), None),
    "roll number, another birth date": (
        register(NUMBER),
        pupil("990101201302081234", 全国学籍号=f"G{NUMBER}", 出生日期="2013-02-08"),
        None,
    ),
    "J and L carry no number": (register(NUMBER), pupil(OTHER, 全国学籍号=f"J{NUMBER}", **BORN), None),
    "an L number need not be the holder's": (register(NUMBER), pupil(OTHER, 全国学籍号=f"L{NUMBER}", **BORN), None),
    "two valid numbers and a guardian": (register(监护人姓名="王大山"), pupil(OTHER, 监护人姓名="王大山", **BORN), "guardian"),
}


@pytest.mark.parametrize(("registered", "enrolled", "rule"), TABLE.values(), ids=TABLE)
def test_pairs(registered, enrolled, rule, places, tmp_path):
    load(tmp_path, "hukou", [registered], **places)
    load(tmp_path, "roll", [enrolled], **places)
    before = account()
    assert [match[0] for match in found()] == ([rule] if rule else [])
    assert account() == before
    assert candidates.find() == 0


def test_twins_are_no_pair(places, tmp_path):
    twins = [register(NUMBER, "王一", 监护人姓名="王大山"), register("99010120130207004X", "王二", 监护人姓名="王大山")]
    load(tmp_path, "hukou", twins, **places)
    load(tmp_path, "roll", [pupil(NUMBER, "王一", 监护人姓名="王大山"), pupil("99010120130207004X", "王二", 监护人姓名="王大山")], **places)
    assert found() == []


def test_twins_of_one_sound_with_numbers_of_their_own_are_no_pair(places, tmp_path):
    load(tmp_path, "hukou", [register(NUMBER, "王钰"), register("99010120130207004X", "王玉")], **places)
    assert found() == []


def test_an_old_number_of_fifteen_digits_is_the_same_number(places, tmp_path):
    load(tmp_path, "hukou", [register("990101196704010011", 出生日期="1967-04-01")], **places)
    load(tmp_path, "attending", [in_class("990101670401001")], **places)
    assert Child.objects.here().count() == 1


def test_two_near_numbers_are_both_shown(places, tmp_path):
    first, second, typed = "990101201302070015", "990101201302070023", "990101201302070025"
    load(tmp_path, "hukou", [resident(first, household="H1"), resident(second, household="H2")], **places)
    load(tmp_path, "roll", [pupil(typed, 全国学籍号="", 出生日期="2013-02-07")], **places)
    assert [match[0] for match in found()] == ["one_edit", "one_edit"]
    assert account()["unconfirmed"] == 0


def test_a_child_found_at_its_door_meets_the_list_that_brings_its_number(places, tmp_path):
    load(tmp_path, "hukou", [register("990101201011110012", "赵钱", household="H9")], **places)
    village = Child.objects.get().registrations.get().household.village
    made = make.child("王一", (village, "reported"), birth_on=Child.objects.get().birth_on.replace(2013, 2, 7))
    load(tmp_path, "hukou", [register("990101201011110012", "赵钱", household="H9"), register()], as_of=APRIL, **places)
    assert found() == [("village", "王一", "王一")]
    matching.decide(match=Match.objects.get(), same=True, reason="村干部认得", by=places["by"])
    made.refresh_from_db()
    assert made.merged_into.number == NUMBER
    assert Match.objects.get().state == "confirmed"


class TestWord:
    @pytest.fixture
    def pair(self, places, tmp_path):
        load(tmp_path, "hukou", [register(监护人姓名="王大山")], **places)
        load(tmp_path, "roll", [without_number(监护人姓名="王大山")], **places)
        candidates.find()
        return Match.objects.get()

    def test_same_makes_one_record(self, pair, places):
        assert account()["neither"] == 1
        matching.decide(match=pair, same=True, reason="户口簿核对过", by=places["by"])
        assert account()["on_roll_not_attending"] == 1
        assert Child.objects.here().count() == 1
        assert candidates.find() == 0

    def test_not_the_same_is_remembered(self, pair, places, tmp_path):
        matching.decide(match=pair, same=False, reason="两个孩子", by=places["by"])
        load(tmp_path, "roll", [without_number(监护人姓名="王大山", 班级="2班")], as_of=APRIL, **places)
        assert candidates.find() == 0
        assert Child.objects.here().count() == 2
        assert Match.objects.get().state == "rejected"

    def test_the_reason_is_kept(self, pair):
        assert pair.tier == "T4"
        assert pair.inputs == {"version": 1, "name": "same", "birth_on": "2013-02-07", "guardian": "王大山"}


def test_the_number_of_queries_does_not_grow(places, tmp_path, django_assert_max_num_queries):
    load(
        tmp_path,
        "hukou",
        [register(f"9901012013020{day:02d}0010"[:18], f"王{day}", household=f"H{day}") for day in range(10, 28)],
        **places,
    )
    with django_assert_max_num_queries(30):
        candidates.find()
