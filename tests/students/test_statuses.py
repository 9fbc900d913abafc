"""The account by status: each child one status, the precedence, and the truth of the samples after the reasons are entered."""

import json
from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core import crypto
from core.spreadsheets import Column, SheetOut, write_workbook
from students import detection, statuses
from students.actions import explaining, standings
from students.models import Child, Standing
from students.rules.statuses import STATUSES
from tests import make
from tests.students.lists import MARCH, SAMPLES
from tests.students.test_import_truth import FILES, take_in

ASK = statuses.Ask(MARCH)


@pytest.fixture
def world(officer):
    """A registered child of ten for each test to dress; the officer who records."""
    county = make.county()
    township = make.node("township", "东关镇", county)
    village = make.node("village", "一村", township)
    school = make.node("school", "一小", county)
    child = make.child("王一", (village, "hukou"))
    make.registration(child, make.household(village))
    return officer, village, school, child


def status_of(child, ask=ASK):
    line = statuses.facts_of([child.pk], ask)[child.pk]
    return line["status"]


def stand(officer, child, code, **more):
    standings.record(rows=[{"child": child, "code": code, "since": MARCH, "source": "entry", **more}], by=officer)


class TestPrecedence:
    def test_the_lists_alone(self, world):
        _, _, school, child = world
        assert status_of(child) == "nowhere"
        make.enrolment(child, school, "roll")
        assert status_of(child) == "absent"
        make.enrolment(child, school, "attending")
        assert status_of(child) == "in_school"

    def test_in_the_classroom_without_a_roll(self, world):
        _, _, school, child = world
        make.enrolment(child, school, "attending")
        assert status_of(child) == "in_school_unrolled"

    @pytest.mark.parametrize(("state", "status"), [("休学", "suspended"), ("送教", "home_teaching"), ("在读", "absent")])
    def test_what_the_roll_itself_says(self, world, state, status):
        _, _, school, child = world
        make.enrolment(child, school, "roll", state=state)
        assert status_of(child) == status

    def test_a_junior_graduate_of_the_roll(self, world):
        _, _, school, child = world
        make.enrolment(child, school, "roll", state="毕业", counts=False, stage="jun")
        assert status_of(child) == "graduated"

    @pytest.mark.parametrize("code", ["elsewhere", "graduated", "deferred", "unable"])
    def test_the_classroom_wins_over_an_explanation(self, world, code):
        officer, _, school, child = world
        stand(officer, child, code)
        assert status_of(child) == code
        make.enrolment(child, school, "attending")
        assert status_of(child) == "in_school_unrolled"

    @pytest.mark.parametrize("code", ["suspected", "dropout", "home_teaching", "suspended"])
    def test_a_case_and_home_teaching_win_over_the_classroom(self, world, code):
        officer, _, school, child = world
        make.enrolment(child, school, "attending")
        stand(officer, child, code)
        assert status_of(child) == code

    def test_a_confirmed_case_before_everything(self, world):
        officer, _, _, child = world
        for code in ("elsewhere", "suspected", "dropout"):
            stand(officer, child, code)
        assert status_of(child) == "dropout"

    def test_a_standing_holds_on_its_days_only(self, world):
        officer, _, _, child = world
        stand(officer, child, "suspended", until=date(2020, 6, 1))
        assert status_of(child, replace(ASK, on=date(2020, 2, 28))) == "nowhere"
        assert status_of(child, replace(ASK, on=date(2020, 5, 31))) == "suspended"
        assert status_of(child, replace(ASK, on=date(2020, 6, 1))) == "nowhere"

    def test_a_school_for_special_needs(self, world):
        _, _, school, child = world
        make.enrolment(child, school, "attending", stage="spe", grade=2)
        assert status_of(child) == "special_school"


class TestSums:
    def test_places_and_children_without_one_add_up(self, world):
        officer, village, school, child = world
        group = make.node("group", "一组", village)
        second = make.child("李二", (group, "hukou"))
        make.registration(second, make.household(group))
        make.enrolment(second, school, "roll")
        total = statuses.counted(ASK)
        assert (total.registered, total.unexplained, total.balanced) == (2, 2, False)
        for level in statuses.LEVELS:
            rows = statuses.counted_by(level, ASK)
            assert sum(sum(row.values()) for row in rows.values()) == 2, level
            assert statuses.counted_whole(level, ASK) == (total, rows)
        assert set(statuses.counted_by("group", ASK)) == {group.pk, None}
        assert set(statuses.counted_by("school", ASK)) == {school.pk, None}
        assert list(statuses.children(ASK.at(group))) == [second]
        assert list(statuses.children(ASK, ["nowhere"])) == [child]
        assert list(statuses.children(replace(ASK, unplaced="school"))) == [child]

    def test_a_removal_is_counted_by_its_reason(self, world):
        officer, _, _, child = world
        stand(officer, child, "removed", reason="05")
        found = statuses.counted(ASK)
        assert (found.by_status["removed"], found.neither_by_reason, found.balanced) == (1, {"死亡": 1}, True)


def fill(path, groups):
    """The workbook an officer fills in after the field work: one row for each child of the groups of the truth."""
    columns = [Column(heading, 20) for heading in ("身份证件号", "去向或原因", "起始日期", "去处", "证明文号")]
    told = [(number, word) for word, numbers in groups.items() for number in numbers]
    rows = [[number, word, "2020-02-20", "外县", f"证〔2020〕{index}号"] for index, (number, word) in enumerate(told)]
    write_workbook(path, [SheetOut("去向", columns, rows, titles=("去向登记",))])


def explain(folder, tmp_path, mode="point"):
    """Enters the reasons that the field work would find and opens a case's standing for the dropouts; gives the truth."""
    truth = json.loads((folder / "truth.json").read_text())
    groups = {word: truth["groups"][word] for word in truth["balance_6_15_point"]["neither_by_reason"]}
    gone = groups.pop("辍学")
    fill(tmp_path / "去向.xlsx", groups)
    make.person("复核", ("bureau_head", make.county()))
    call_command("record_standings", tmp_path / "去向.xlsx", by="学籍员", approved_by="复核", on=MARCH, stdout=StringIO())
    children = {bytes(child.number_index): child for child in Child.objects.here().exclude(number_index=None)}
    out = [(children[crypto.blind_index(number, "person.id_number")], number[-4:]) for number in gone]
    rows = [{"child": child, "code": "dropout", "since": MARCH, "source": "case", "reference": reference} for child, reference in out]
    standings.record(rows=rows, by=None)
    return truth


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples lie beside the repository and are not here")
@pytest.mark.parametrize(("name", "order"), [("tiny", list(FILES)), ("qi", ["divisions", "schools", "attending", "hukou", "roll"])])
def test_the_reasons_come_out_as_the_truth_says(name, order, officer, tmp_path):
    folder = SAMPLES / name
    take_in(folder, order, officer)
    truth = explain(folder, tmp_path)
    for mode in ("point", "school_year"):
        found, wanted = statuses.counted(replace(ASK, mode=mode)), truth[f"balance_6_15_{mode}"]
        assert found.neither_by_reason == wanted["neither_by_reason"]
        assert found.registered == wanted["registered"] == sum(found.by_status.values())
        assert found.by_status["absent"] == wanted["on_roll_not_attending"]
        assert found.by_status["in_school"] == wanted["on_roll_and_attending"]
        assert found.by_status["in_school_unrolled"] == wanted["attending_not_on_roll"]
        for status, count in found.by_status.items():
            assert statuses.children(replace(ASK, mode=mode), [status]).count() == count
    out = StringIO()
    call_command("compare", on=MARCH, ages=(6, 15), mode="point", json=True, stdout=out)
    printed = json.loads(out.getvalue())
    assert printed["neither_by_reason"] == truth["balance_6_15_point"]["neither_by_reason"]
    assert set(printed["statuses"]) == set(STATUSES)
    assert printed["neither"] == detection.account(on=MARCH, low=6, high=15, mode="point").neither


class TestTheWorkbook:
    def enter(self, tmp_path, rows, **more):
        columns = [Column(heading, 20) for heading in ("姓名", "身份证件号", "去向或原因", "起始日期", "证明文号")]
        write_workbook(tmp_path / "去向.xlsx", [SheetOut("去向", columns, rows, titles=("去向登记",))])
        out = StringIO()
        call_command("record_standings", tmp_path / "去向.xlsx", by="学籍员", on=MARCH, stdout=out, **more)
        return out.getvalue()

    @pytest.fixture
    def child(self, world):
        _, village, _, _ = world
        number = "990101200906010014"
        made = make.child("周三", (village, "hukou"), number=number)
        make.registration(made, make.household(village))
        return made, number

    def test_without_a_second_person_it_waits(self, child, tmp_path):
        assert "等待复核" in self.enter(tmp_path, [["周三", child[1], "送教", "2020-02-01", "送教1号"]])
        assert not Standing.objects.exists()

    @pytest.mark.parametrize(
        ("row", "sentence"),
        [
            (["周三", "990101200906010014", "出去玩", "2020-02-01", "1"], "第 3 行 C列 去向或原因“出去玩”：不认识"),
            (["周三", "990101200906010014", "送教", "2020-02-30", "1"], "第 3 行 D列 起始日期“2020-02-30”"),
            (["赵四", "990101200906010014", "送教", "2020-02-01", "1"], "与档案中的姓名“周三”不一致"),
            (["赵四", "990101200806010014", "送教", "2020-02-01", "1"], "在您的范围内没有找到"),
            (["周三", "990101200906010014", "90", "2020-02-01", "1"], "不认识"),
        ],
    )
    def test_a_bad_row_is_named_by_its_place_and_nothing_is_entered(self, child, tmp_path, row, sentence):
        with pytest.raises(CommandError, match="还没有登记") as refused:
            self.enter(tmp_path, [row])
        assert sentence in str(refused.value)
        assert not Standing.objects.exists()

    def test_the_recorder_cannot_approve(self, child, tmp_path):
        make.person("专干", ("dropout_officer", make.county()))
        row = ["周三", child[1], "送教", "2020-02-01", "1"]
        columns = [Column(heading, 20) for heading in ("姓名", "身份证件号", "去向或原因", "起始日期", "证明文号")]
        write_workbook(tmp_path / "b.xlsx", [SheetOut("去向", columns, [row], titles=("去向登记",))])
        with pytest.raises(CommandError, match="登记的人不能自己复核"):
            call_command("record_standings", tmp_path / "b.xlsx", by="专干", approved_by="专干", on=MARCH, stdout=StringIO())
        assert not Standing.objects.exists()

    def test_a_reason_ends_by_itself_where_the_table_says_so(self, child, tmp_path):
        make.person("复核", ("bureau_head", make.county()))
        self.enter(tmp_path, [["周三", child[1], "延缓入学", "2020-02-01", "缓1号"]], approved_by="复核")
        row = Standing.objects.get()
        assert (row.code, row.until, row.document) == ("deferred", date(2020, 9, 1), "缓1号")


def test_what_the_table_does_not_allow_is_refused(world):
    officer, _, _, child = world
    given = {"child": child, "code": "elsewhere", "since": MARCH}
    for more, sentence in (({}, "要有证明"), ({"code": "dropout"}, "不能登记为疑似或辍学"), ({"code": "suspended", "document": "1"}, "写明截止日期")):
        assert sentence in explaining.why_not_row(given | more, proven=False)
