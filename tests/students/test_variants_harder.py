"""Lists of a foreign county that are harder to read: layouts of two rows, gaps, feet, encodings, digits, dates and names as people type
them."""

from datetime import date

import pytest
from django.core.management import CommandError

from students.models import Child, ListRow
from tests.students.test_variants import (
    BIRTHS,
    EAST,
    NAMES,
    NUMBERS,
    PUPILS,
    WANTED,
    WEST,
    as_told,
    bring,
    standing,
    text_table,
    two_schools,
    workbook,
)

pytestmark = pytest.mark.django_db
SCHOOL = "东关第1小学"


@pytest.fixture
def county():
    return two_schools()


def pupils():
    return [[at, name, "男", number, SCHOOL, "三年级", "1班"] for at, (name, number, _) in enumerate(PUPILS, 1)]


def test_gb18030_without_a_mark_with_titles_feet_and_rare_characters(county, tmp_path):
    names = ("王𬸚", "龴小龵", "李㐂𠮷")
    rows = [
        ["东关镇在校学生花名册（2020年春）"],
        ["填报单位：东关中心校", "", "填报日期：2020年3月1日"],
        ["序号", "姓 名", "身份证号（18位）", "就读学校", "年级/班级"],
    ]
    rows += [[at, name, f"{number}\t", SCHOOL, "三年级1班"] for at, (name, number) in enumerate(zip(names, NUMBERS, strict=True), 1)]
    rows += [["合计", "", "3人"], ["填报人：张三　审核人：李四"]]
    answer = bring("attending", text_table(tmp_path / "a.csv", rows, "gb18030"))
    assert (answer["new"], answer["refused"]) == (3, [])
    assert [row.name for row in standing("attending")] == list(names)


def test_old_codes_of_rare_characters_are_the_real_ones(county, tmp_path):
    old = "王\ue81e"  # what Python's codec makes of the bytes that GB18030-2022 gives to 龴
    table = [["姓名", "身份证号", "学校代码"], [old, NUMBERS[0], EAST]]
    bring("roll", text_table(tmp_path / "a.csv", table, "gb18030"))
    assert standing("roll")[0].name == "王龴"


HEADS = (
    (["序号", "学生基本信息", "", "", "就读情况", "", ""], ["", "姓名", "性别", "身份证号", "学校", "年级", "班级"], ("A1:A2", "B1:D1", "E1:G1")),
    (["序号", "学生", "学生", "学生", "就读", "就读", "就读"], ["序号", "姓名", "性别", "身份证号", "学校", "年级", "班级"], ()),
    (["序号", "学生信息", "", "", "学校", "班级情况", ""], ["", "姓名", "性别", "证件号码", "", "年级", "班级"], ("A1:A2", "B1:D1", "E1:E2", "F1:G1")),
)  # fmt: skip


@pytest.mark.parametrize(("upper", "lower", "merges"), HEADS, ids=["merged", "repeated", "mixed"])
def test_two_header_rows(county, tmp_path, upper, lower, merges):
    rows = [["东关镇学生名册"], [""], upper, lower, *pupils()]
    moved = [f"{area.split(':')[0][0]}3:{area.split(':')[1][0]}{int(area.split(':')[1][1:]) + 2}" for area in merges]
    answer = bring("attending", workbook(tmp_path / "a.xlsx", rows, merges=moved))
    assert (answer["new"], answer["refused"]) == (3, [])
    assert as_told("attending") == WANTED
    assert [(row.facts["grade"], row.facts["class"]) for row in standing("attending")] == [(3, "1班")] * 3


FEET = (
    ["合计", "", "", "3", "", "", ""], ["", "合计", "", "3人", "", "", ""], ["合　　计", "3", "", "", "", "", ""], ["4", "合计", "", "3", "", "", ""],
    ["", "", "小计", "", "3", "", ""], ["总计：3人"], ["", "本页小计", "", "3", "", "", ""], ["总　计（人）", "", "", "3", "", "", ""], ["", "合计数", "",
        "3", "", "", ""],
    ["单位负责人：", "", "审核人：", "", "填表人：", "", ""], ["东关第1小学学生花名册（续）"], ["花名册（续表一）"],
)  # fmt: skip


@pytest.mark.parametrize("foot", FEET, ids=lambda foot: "|".join(foot).strip("|"))
def test_sums_are_nobody(county, tmp_path, foot):
    body = pupils()
    rows = [["序号", "姓名", "性别", "身份证号", "学校", "年级", "班级"], *body[:2], foot, body[2], foot]
    answer = bring("attending", workbook(tmp_path / "a.xlsx", rows))
    assert (answer["rows"], answer["new"], answer["refused"]) == (3, 3, [])
    assert as_told("attending") == WANTED


def test_households_to_the_right_with_gaps(county, tmp_path):
    head = [
        "户编号",
        "户主",
        "户主身份证号",
        "成员1姓名",
        "成员1身份证号",
        "成员2姓名",
        "成员2身份证号",
        "成员3姓名",
        "成员3身份证号",
        "户类型",
    ]
    rows = [
        head,
        ["61", "王大", "990101198001010014", NAMES[0], NUMBERS[0], "", "", NAMES[1], NUMBERS[1], "脱贫户"],
        ["62", "买买提", "990101198203030012", "", "", "／", "无", NAMES[2], NUMBERS[2], "脱贫户"],
    ]
    answer = bring("poverty", workbook(tmp_path / "a.xlsx", rows))
    assert answer["refused"] == []
    told = {row.name: row.facts["household_number"] for row in standing("poverty")}
    assert {name: told.get(name) for name in NAMES} == {NAMES[0]: "61", NAMES[1]: "61", NAMES[2]: "62"}


def test_two_sheets_in_other_orders_and_one_with_two_header_rows(county, tmp_path):
    first = [["姓名", "身份证号", "学校", "年级", "班级"], [NAMES[0], NUMBERS[0], SCHOOL, "三年级", "1班"]]
    second = [
        ["就读情况", "", "", "学生", ""], ["班级", "年级", "学校名称", "证件号码", "学生姓名"],
        *(["2班", "四年级", SCHOOL, number, name] for name, number, _ in PUPILS[1:]),
    ]  # fmt: skip
    answer = bring("roll", workbook(tmp_path / "a.xlsx", first, second, merges=("A1:C1", "D1:E1")))
    assert (answer["new"], answer["refused"]) == (3, [])
    assert as_told("roll") == WANTED
    assert [row.facts["grade"] for row in standing("roll")] == [3, 4, 4]


LOST = (
    "9.90101E+17",
    "9.90101200904010e17",
    "９．９０１０１Ｅ＋１７",
    "9,90101E+17",
    "'9.90101E+17",
    "9.90101E+017",
    " 9.90E17 ",
    "990101200904010000",
    "9.9010120090401E+17.",
)


@pytest.mark.parametrize("written", LOST)
def test_a_number_that_lost_its_digits_is_refused_with_place_value_and_remedy(county, tmp_path, written):
    (refused,) = bring("roll", text_table(tmp_path / "b.csv", [["姓名", "身份证号", "学校"], [NAMES[0], written, SCHOOL]]))["refused"]
    assert (refused["row"], refused["column"]) == (2, "B 身份证号")
    assert refused["value"].strip() == written.strip()
    assert "文本" in refused["reason"]
    assert not standing("roll")


def test_a_roll_number_that_lost_its_digits_too(county, tmp_path):
    rows = [["姓名", "身份证号", "学籍号", "学校"], [NAMES[0], NUMBERS[0], 9.9010120090401e17, SCHOOL]]
    (refused,) = bring("roll", workbook(tmp_path / "a.xlsx", rows))["refused"]
    assert refused["column"] == "C 学籍号"


FULL = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def test_full_width_everywhere(county, tmp_path):
    rows = [["姓名", "身份证号", "出生日期", "学校代码", "年级", "班级"]]
    rows += [
        [name, number.translate(FULL), birth.replace("-", "．").translate(FULL), EAST.translate(FULL), "３年级", "１班"]
        for name, number, birth in PUPILS
    ]
    assert bring("roll", workbook(tmp_path / "a.xlsx", rows))["refused"] == []
    assert as_told("roll") == WANTED
    assert [str(row.birth_on) for row in standing("roll")] == list(BIRTHS)
    assert {(row.facts["grade"], row.facts["class"]) for row in standing("roll")} == {(3, "1班")}


SPELT = (
    "二〇〇九年四月一日", "二○○九年四月一日", "二零零九年四月一日", "二00九年四月一日", "二OO九年四月一日", "2009年四月一日", "贰零零玖年肆月壹日", "２００９年４月１日", "公元2009年4月1日",
    "2009 年 4 月 1 日", "2009年04月01号", "2009年4月1日 星期三", "2009年4月1日(周三)", "2009/4/1 上午 12:00:00", "2009-04-01T00:00:00", "2009.04.01生",
    "2009年4月1日出生",
    "2009、4、1", "2009年4月1", "2009-4-1 0:00", "2009年4月01日00时00分",
)  # fmt: skip


@pytest.mark.parametrize("written", SPELT)
def test_days_as_people_spell_them(county, tmp_path, written):
    rows = [["姓名", "身份证号", "出生日期", "学校"], [NAMES[0], NUMBERS[0], written, SCHOOL]]
    assert bring("roll", workbook(tmp_path / "a.xlsx", rows))["refused"] == []
    assert [(row.birth_on, row.birth_stated) for row in standing("roll")] == [(date(2009, 4, 1), True)]


@pytest.mark.parametrize(
    ("written", "day"),
    [("二〇〇九年十二月三十一日", 31), ("二〇〇九年十二月廿一日", 21), ("二〇〇九年十二月卅日", 30), ("二〇〇九年十二月二十日", 20)],
)
def test_days_beyond_ten(county, tmp_path, written, day):
    rows = [["姓名", "身份证号", "出生日期", "学校"], [NAMES[0], "", written, SCHOOL]]
    bring("roll", workbook(tmp_path / "a.xlsx", rows))
    assert [row.birth_on for row in standing("roll")] == [date(2009, 12, day)]


@pytest.mark.parametrize("written", ["09年4月1日", "4/1/2009", "二〇〇九年四月初一", "农历2009年4月1日"])
def test_days_that_can_be_read_in_two_ways_are_not_guessed(county, tmp_path, written):
    rows = [["姓名", "身份证号", "出生日期", "学校"], [NAMES[0], NUMBERS[0], written, SCHOOL]]
    answer = bring("roll", workbook(tmp_path / "a.xlsx", rows))
    assert answer["warnings"] >= 1
    assert answer["refused"] == []
    assert [row.birth_stated for row in standing("roll")] == [False]


DOTTED = (
    "阿依古丽·买买提",
    "阿依古丽•买买提",
    "阿依古丽・买买提",
    "阿依古丽．买买提",
    "阿依古丽 · 买买提",
    "阿依古丽‧买买提",
    "阿依古丽・ 买买提",
    "阿依古丽.买买提",
    "阿依古丽﹒买买提",
)


@pytest.mark.parametrize("written", DOTTED)
def test_one_name_by_whatever_dot(county, tmp_path, written):
    mistyped = NUMBERS[2][:16] + "1" + NUMBERS[2][17:]
    bring("hukou", workbook(tmp_path / "h.xlsx", [["姓名", "身份证号", "户号"], [NAMES[2], NUMBERS[2], "H1"]]))
    bring("roll", workbook(tmp_path / "a.xlsx", [["姓名", "身份证号", "学校代码"], [written, mistyped, EAST]]))
    assert Child.objects.here().count() == 1
    assert standing("roll")[0].name == NAMES[2]


@pytest.mark.parametrize("name", ["王𬸚", "𠮷小㐂", "李\U000200cc", "张\U00030edd", "赵䶮", "葛\U000e0100文"])
@pytest.mark.parametrize("form", ["xlsx", "utf-8", "gb18030"])
def test_rare_characters_are_kept_and_matched(county, tmp_path, name, form):
    rows = [["姓名", "身份证号", "学校代码"], [name, NUMBERS[0], EAST]]
    path = workbook(tmp_path / "a.xlsx", rows) if form == "xlsx" else text_table(tmp_path / "a.csv", rows, form)
    assert bring("roll", path)["refused"] == []
    bring("hukou", workbook(tmp_path / "h.xlsx", [["姓名", "身份证号", "户号"], [name, NUMBERS[0], "H1"]]))
    assert {row.name for row in ListRow.objects.filter(until=None, child__isnull=False)} == {name}
    assert Child.objects.get().name == name


def test_grade_and_class_in_one_column(county, tmp_path):
    rows = [["学校", "年级班级", "姓名", "证件号码"], *([SCHOOL, "三年级（1）班", name, number] for name, number, _ in PUPILS)]
    assert bring("attending", workbook(tmp_path / "a.xlsx", rows))["unused_columns"] == []
    assert [row.facts["grade"] for row in standing("attending")] == [3] * 3


def test_short_words_of_the_police(county, tmp_path):
    rows = [["户号", "户主", "关系", "姓名", "性别代码", "出生", "身份号码", "乡镇", "村居"]]
    rows += [["9901", "王大", "子", name, "1", born, number, "东关镇", "李家村"] for name, number, born in PUPILS]
    answer = bring("hukou", workbook(tmp_path / "a.xlsx", rows))
    assert (answer["new"], answer["unused_columns"], answer["refused"]) == (3, [], [])
    assert [(row.facts["sex"], row.facts["relation"]) for row in standing("hukou")] == [("1", "子")] * 3


def test_a_sheet_a_school_that_only_its_title_names(county, tmp_path):
    head = ["序号", "姓名", "身份证号", "年级", "班级"]
    sheets = [
        [[f"{school}2020年春季学期学生花名册"], head, *([str(at), name, number, "三年级", "1班"] for at, (name, number, _) in pupils), ["合计", "2人"], head]
        for school, pupils in ((SCHOOL, list(enumerate(PUPILS[:2], 1))), ("西关九年制 学校", list(enumerate(PUPILS[2:], 1))))
    ]  # fmt: skip
    answer = bring("attending", workbook(tmp_path / "a.xlsx", *sheets))
    assert (answer["rows"], answer["new"], answer["refused"]) == (3, 3, [])
    assert [row.facts["school"] for row in standing("attending")] == [EAST, EAST, WEST]


def test_a_title_that_names_two_schools_names_none(county, tmp_path):
    rows = [["东关第1小学、西关九年制学校学生花名册"], ["姓名", "身份证号", "年级"], *([name, number, "三年级"] for name, number, _ in PUPILS)]
    with pytest.raises(CommandError, match="学校"):
        bring("attending", workbook(tmp_path / "a.xlsx", rows))
