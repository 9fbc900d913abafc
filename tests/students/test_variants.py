"""Other counties' lists: the same few facts under other headings, in other layouts and file formats, come in alike (domain.md §4.12, §14).

A county of two schools and three villages; each test writes one list in its own way and looks at what stands afterwards.
"""

import csv
import io
import json
from datetime import date, datetime

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from students.models import ListRow
from tests import make

pytestmark = pytest.mark.django_db
NUMBERS = ("990101200904010015", "990101200905020020", "990101201006030035")
NAMES = ("王小明", "扎西", "阿依古丽·买买提")
BIRTHS = ("2009-04-01", "2009-05-02", "2010-06-03")
EAST, WEST = "2199000001", "3199000002"
PUPILS = list(zip(NAMES, NUMBERS, BIRTHS, strict=True))


@pytest.fixture
def county():
    return two_schools()


def two_schools():
    root = make.county()
    town = make.node("township", "东关镇", root, "990101100000")
    other = make.node("township", "西关镇", root, "990101101000")
    make.node("village", "李家村", town, "990101100200")
    make.node("village", "李家村", other, "990101101200")
    make.node("village", "袁家社区", other, "990101101201")
    make.node("school", "东关第1小学", root, EAST)
    make.node("school", "西关九年制学校", root, WEST)
    return make.person("officer", ("bureau_admin", root))


def workbook(path, *sheets, merges=()):
    """Each sheet is its rows; `merges` are areas of the last one."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    for area in merges:
        sheet.merge_cells(area)
    book.save(path)
    return path


def text_table(path, rows, encoding="utf-8", delimiter=","):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def bring(kind, path, *options, as_of="2020-03-01", by="officer"):
    out = io.StringIO()
    call_command("import_file", kind, str(path), "--as-of", as_of, "--by", by, "--apply", "--json", *options, stdout=out)
    return json.loads(out.getvalue())


def standing(kind):
    return list(ListRow.objects.filter(kind=kind, until=None).order_by("id"))


def as_told(kind):
    return [(row.name, row.number, row.facts.get("school") or row.facts.get("village")) for row in standing(kind)]


WANTED = [(name, number, EAST) for name, number, _ in PUPILS]
HEADS = (
    ("姓名", "身份证号", "学校名称"), ("学生姓名", "公民身份证号码", "就读学校"), ("姓 名*", "身份证件号（必填）", "学校全称"),
    ("1.姓名", "2.身份证号码", "3.所在学校"), ("幼儿姓名", "证件号码", "单位名称"), ("学生名字", "学生身份证件号码", "学校（机构）名称"),
)  # fmt: skip


@pytest.mark.parametrize("kind", ["roll", "attending"])
@pytest.mark.parametrize("head", HEADS, ids=lambda head: head[0])
def test_headings(county, tmp_path, kind, head):
    rows = [head, *((name, number, "东关第1小学") for name, number, _ in PUPILS)]
    assert bring(kind, workbook(tmp_path / "a.xlsx", rows))["new"] == 3
    assert as_told(kind) == WANTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_tables(county, tmp_path, encoding, delimiter):
    rows = [["在校学生名单", "", ""], ["姓名", "身份证", "学校代码"], *([name, f'="{number}"', EAST] for name, number, _ in PUPILS)]
    assert bring("attending", text_table(tmp_path / "a.csv", rows, encoding, delimiter))["refused"] == []
    assert as_told("attending") == WANTED


def test_cover_titles_gaps_and_foot(county, tmp_path):
    head = ["", "序号", "学校", "姓名", "性别", "身份证号", "备注"]
    body = [["", i, "东关第1小学", name, "男", number, ""] for i, (name, number, _) in enumerate(PUPILS, 1)]
    rows = [
        [""], ["", "示范县在校学生花名册"], ["", "填报单位：示范县教育局（盖章）", "", "", "", "单位：人"], [""], head, ["", *"123456"], *body[:2], [""],
        ["", "第1页 共2页"], ["", "在校学生花名册（续表）"], head, body[2], ["", "4"], ["", "合  计", 3], ["", "说明：数据截至2020年3月1日。"],
        ["", "审核人：　填表人：　2020年3月1日"],
    ]  # fmt: skip
    answer = bring("attending", workbook(tmp_path / "a.xlsx", [["填表说明"], ["1", "姓名按户口簿填写"]], rows))
    assert (answer["rows"], answer["new"], answer["refused"]) == (3, 3, [])
    assert [skipped["sheet"] for skipped in answer["skipped_sheets"]] == ["Sheet"]
    assert as_told("attending") == WANTED


def test_one_list_over_two_sheets(county, tmp_path):
    heads = (["姓名", "身份证号", "学校"], ["学校名称", "学生姓名", "证件号码"])
    first = [heads[0], [NAMES[0], NUMBERS[0], "东关第1小学"]]
    second = [heads[1], *(["东关第1小学", name, number] for name, number, _ in PUPILS[1:])]
    assert bring("roll", workbook(tmp_path / "a.xlsx", first, second))["new"] == 3
    assert as_told("roll") == WANTED


def test_two_row_headers_keep_the_guardian_apart(county, tmp_path):
    rows = [
        ["监护人信息", "", "学生信息", "", "学校", "户籍"], ["姓名", "身份证号", "姓名", "身份证号", "", "乡镇"],
        *(["张三", "990101198001010014", name, number, "东关第1小学", "东关镇"] for name, number, _ in PUPILS),
    ]  # fmt: skip
    assert bring("roll", workbook(tmp_path / "a.xlsx", rows, merges=("A1:B1", "C1:D1", "E1:E2")))["refused"] == []
    assert as_told("roll") == WANTED
    assert standing("roll")[0].facts["guardian"] == "张三"


def test_lower_headings_nobody_knows_are_no_person(county, tmp_path):
    rows = [["姓名", "身份证号", "学校", "营养餐", ""], ["", "", "", "早", "午"], *([*pupil[:2], "东关第1小学", "1", "1"] for pupil in PUPILS)]
    assert bring("roll", workbook(tmp_path / "a.xlsx", rows))["rows"] == 3


def test_dittos_and_merged_cells(county, tmp_path):
    rows = [["学校名称", "年级", "姓名", "身份证号"]]
    rows += [["东关第1小学" if i == 0 else "", "三年级" if i == 0 else "〃", *pupil[:2]] for i, pupil in enumerate(PUPILS)]
    assert bring("attending", workbook(tmp_path / "a.xlsx", rows, merges=("A2:A4",)))["refused"] == []
    assert as_told("attending") == WANTED
    assert {row.facts["grade"] for row in standing("attending")} == {3}


def test_a_ditto_for_a_name_is_refused_by_address(county, tmp_path):
    rows = [["姓名", "身份证号", "学校"], [NAMES[0], NUMBERS[0], "东关第1小学"], ["同上", NUMBERS[1], "同上"]]
    refused = bring("roll", workbook(tmp_path / "a.xlsx", rows))["refused"]
    assert [(row["row"], row["column"]) for row in refused] == [(3, "A 姓名")]


TYPED = (
    lambda number: f"'{number}", lambda number: f" {number[:6]} {number[6:14]} {number[14:]}", lambda number: f"G{number}", str.lower,
    lambda number: number.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")), lambda number: f"\u200b{number}\u3000",
)  # fmt: skip


@pytest.mark.parametrize("typed", TYPED)
def test_numbers_as_typed(county, tmp_path, typed):
    rows = [["姓名", "身份证号", "学校代码"], *([name, typed(number), float(EAST)] for name, number, _ in PUPILS)]
    bring("roll", workbook(tmp_path / "a.xlsx", rows))
    assert as_told("roll") == WANTED


def test_a_roll_number_alone_names_the_person(county, tmp_path):
    rows = [["姓名", "学籍号", "学校"], *([name, f"G{number}", "东关第1小学"] for name, number, _ in PUPILS)]
    bring("attending", workbook(tmp_path / "a.xlsx", rows))
    assert as_told("attending") == WANTED


def test_lost_digits_are_refused_whatever_the_file(county, tmp_path):
    head = ["姓名", "身份证号", "学校"]
    book = workbook(tmp_path / "a.xlsx", [head, [NAMES[0], 9.9010120090401e17, "东关第1小学"]])
    table = text_table(tmp_path / "b.csv", [head, [NAMES[0], "9.90101E+17", "东关第1小学"]])
    for path in (book, table):
        (refused,) = bring("roll", path)["refused"]
        assert (refused["row"], refused["column"]) == (2, "B 身份证号")
        assert "精度丢失" in refused["reason"]


DATES = (
    lambda on: datetime.combine(on, datetime.min.time()),
        lambda on: (on - date(1899, 12, 30)).days, lambda on: f"{on.year}.{on.month}.{on.day}",
    lambda on: f"{on.year}年{on.month:02}月{on.day:02}日", lambda on: int(f"{on:%Y%m%d}"), lambda on: f"{on} 00:00:00",
        lambda on: f"{on:%Y—%m—%d}",
    lambda on: f"{on.year}.{on.month}.{on.day}.",
)  # fmt: skip


@pytest.mark.parametrize("form", DATES)
def test_dates(county, tmp_path, form):
    rows = [["姓名", "身份证号", "学生出生日期", "学校"]]
    rows += [[name, number, form(date.fromisoformat(birth)), "东关第1小学"] for name, number, birth in PUPILS]
    assert bring("roll", workbook(tmp_path / "a.xlsx", rows))["refused"] == []
    assert [str(row.birth_on) for row in standing("roll")] == list(BIRTHS)
    assert all(row.birth_stated for row in standing("roll"))


SCHOOLS = ("东关第1小学", "东关第一小学", " 东关第１小学　", "示范县东关第1小学", "示范县东关镇东关第1小学")


@pytest.mark.parametrize("written", SCHOOLS)
def test_schools_by_name(county, tmp_path, written):
    bring("roll", workbook(tmp_path / "a.xlsx", [["姓名", "身份证号", "学校"], [NAMES[0], NUMBERS[0], written]]))
    assert as_told("roll") == WANTED[:1]


def test_an_unknown_code_is_not_saved_by_the_name(county, tmp_path):
    rows = [["姓名", "身份证号", "学校", "学校标识码"], [NAMES[0], NUMBERS[0], "东关第1小学", "3199999999"]]
    (refused,) = bring("roll", workbook(tmp_path / "a.xlsx", rows))["refused"]
    assert "学校名录" in refused["reason"]


VILLAGES = (
    (["990101101200", "", ""], "990101101200"), ([990101101200, "李家村", ""], "990101101200"), (["", "李家村", "西关镇"], "990101101200"),
    (["", "李家村村民委员会", "东关"], "990101100200"), (["", "西关镇李家村3组", ""], "990101101200"), (["", "李家", "示范县西关镇"], "990101101200"),
    (["", "袁家社区居委会", ""], "990101101201"), (["", "李家村", ""], ""), (["", "", "西关镇"], "990101101000"), (["", "赵家村", "西关镇"], ""),
)  # fmt: skip


@pytest.mark.parametrize(("written", "code"), VILLAGES)
def test_villages(county, tmp_path, written, code):
    rows = [["姓名", "身份证号", "户号", "村代码", "行政村名称", "乡镇"], [NAMES[0], NUMBERS[0], "H1", *written]]
    bring("hukou", workbook(tmp_path / "a.xlsx", rows))
    assert [row.facts["village"] for row in standing("hukou")] == [code]


STATES = (
    ("注销标识", "否", True), ("注销标识", "是", False), ("注销标识", "未注销", True), ("注销标识", "已注销", False), ("注销标识", 1, False), ("注销标识", 0, True),
    ("人员状态", "正常", True), ("人员状态", "户口迁往市外", False), ("迁出日期", "2019-01-01", False), ("注销原因", "死亡", False), ("户籍状态", "", True),
)  # fmt: skip


@pytest.mark.parametrize(("heading", "word", "counts"), STATES)
def test_registered_or_not(county, tmp_path, heading, word, counts):
    bring("hukou", workbook(tmp_path / "a.xlsx", [["姓名", "身份证号", "户号", heading], [NAMES[0], NUMBERS[0], "H1", word]]))
    assert [row.facts["counts"] for row in standing("hukou")] == [counts]


GRADES = (
    (["一年级", "2班", ""], ("pri", 1)), (["", "一(2)班", ""], ("pri", 1)), (["", "0301班", ""], ("pri", 3)), (["2018级", "1班", "小学"], ("pri", 2)),
    (["一年级", "", "初中"], ("jun", 1)), (["小学五年级", "", ""], ("pri", 5)), (["初一", "", ""], ("jun", 1)), (["6", "", ""], ("pri", 6)),
)  # fmt: skip


@pytest.mark.parametrize(("written", "grade"), GRADES)
def test_grades(county, tmp_path, written, grade):
    rows = [["姓名", "身份证号", "学校代码", "年级名称", "班级", "学段"], [NAMES[0], NUMBERS[0], WEST, *written]]
    bring("roll", workbook(tmp_path / "a.xlsx", rows))
    assert [(row.facts["stage"], row.facts["grade"]) for row in standing("roll")] == [grade]


CATEGORIES = (("农村低保A类", "D1"), ("低保对象", "D0"), ("低保边缘人口", "D3"), ("分散供养特困人员", "D4"), ("事实无人抚养儿童", "O2"), ("社会散居孤儿", "O1"))


@pytest.mark.parametrize(("word", "code"), CATEGORIES)
def test_civil_affairs(county, tmp_path, word, code):
    bring("civil_affairs", workbook(tmp_path / "a.xlsx", [["对象姓名", "证件号码", "救助对象类别"], [NAMES[0], NUMBERS[0], word]]))
    assert [row.facts["code"] for row in standing("civil_affairs")] == [code]


@pytest.mark.parametrize("level", ["三级", "叁级", "3", "3级", "重度(三级)"])
def test_disabled(county, tmp_path, level):
    rows = [["持证人姓名", "残疾证号码", "残疾类型", "等级"], [NAMES[0], f"{NUMBERS[0]}43", "肢体残疾", level]]
    assert bring("disabled", workbook(tmp_path / "a.xlsx", rows))["warnings"] == 0
    assert [(row.number, row.facts["category"], row.facts["level"]) for row in standing("disabled")] == [(NUMBERS[0], "4", "3")]


def test_directories(county, tmp_path):
    rows = [["序号", "统计用区划代码", "区划名称"], [1, 990101102000.0, "北关镇"], [2, 990101102200.0, "张家村"]]
    assert bring("divisions", workbook(tmp_path / "d.xlsx", rows))["new"] == 2
    rows = [["学校（机构）名称", "学校(机构)标识码", "学校类别", "所在乡镇"], ["北关小学", 2199000009.0, "农村小学", "北关镇"], ["北关幼儿园", "1199000008", "", "北关"]]
    assert bring("schools", workbook(tmp_path / "s.xlsx", rows))["refused"] == []
    assert [(row.facts["kind"], row.facts["township"]) for row in standing("schools")] == [("primary", "990101102000"), ("kindergarten",
        "990101102000")]


def roll(path, pupils=PUPILS, school=EAST):
    return workbook(path, [["姓名", "身份证号", "学校代码"], *([name, number, school] for name, number, _ in pupils)])


def test_the_same_file_twice_and_the_same_facts_otherwise(county, tmp_path):
    first = bring("roll", roll(tmp_path / "a.xlsx"))
    again = bring("roll", tmp_path / "a.xlsx")
    assert (again["duplicate_of"], again["new"], again["unchanged"], again["applied"]) == (first["snapshot"], 0, 3, False)
    other = text_table(tmp_path / "b.csv", [["学校", "学生姓名", "证件号码"], *(["东关第1小学", name, number] for name, number, _ in PUPILS)], "gb18030")
    answer = bring("roll", other)
    assert (answer["new"], answer["changed"], answer["unchanged"], answer["vanished"]) == (0, 0, 3, 0)


def test_an_older_list_changes_nothing_and_a_newer_one_does(county, tmp_path):
    bring("roll", roll(tmp_path / "a.xlsx"))
    answer = bring("roll", roll(tmp_path / "old.xlsx", PUPILS, WEST), as_of="2019-09-01")
    assert (answer["new"], answer["changed"], answer["vanished"]) == (0, 0, 0)
    assert as_told("roll") == WANTED
    rows = [["姓名", "身份证号", "学校代码"], [NAMES[0], NUMBERS[0], WEST], [NAMES[1], NUMBERS[1], EAST]]
    answer = bring("roll", workbook(tmp_path / "new.xlsx", rows), as_of="2020-09-01")
    assert (answer["new"], answer["changed"], answer["unchanged"], answer["vanished"]) == (0, 1, 1, 1)


def test_one_school_covers_itself_alone(county, tmp_path):
    bring("roll", roll(tmp_path / "a.xlsx", PUPILS[:2]), "--coverage", EAST)
    answer = bring("roll", roll(tmp_path / "b.xlsx", PUPILS[2:], WEST), "--coverage", WEST)
    assert (answer["new"], answer["vanished"]) == (1, 0)
    (refused,) = bring("roll", roll(tmp_path / "c.xlsx", PUPILS[2:], WEST), "--coverage", EAST, as_of="2020-03-02")["refused"]
    assert "学校名录" in refused["reason"]


WRONG = (("hukou", "公安户籍"), ("poverty", "脱贫"), ("civil_affairs", "民政"), ("disabled", "残"), ("divisions", "区划"), ("schools", "学校"))


@pytest.mark.parametrize(("kind", "word"), WRONG)
def test_another_list_than_announced_is_refused_in_a_sentence(county, tmp_path, kind, word):
    with pytest.raises(CommandError, match="表头"):
        bring(kind, roll(tmp_path / "a.xlsx"))
    assert not ListRow.objects.filter(kind=kind).exists()


@pytest.mark.parametrize("options", [{"by": "nobody"}, {"as_of": "2020-13-01"}])
def test_unknown_people_and_days(county, tmp_path, options):
    with pytest.raises(CommandError, match="账号|日期"):
        bring("roll", roll(tmp_path / "a.xlsx"), **options)


def test_unknown_coverage(county, tmp_path):
    with pytest.raises(CommandError, match="没有代码为“1”的单位"):
        bring("roll", roll(tmp_path / "a.xlsx"), "--coverage", "1")


def typo(number, place, digit):
    return number[:place] + digit + number[place + 1 :]


TYPOS = (typo(NUMBERS[0], 17, "6"), typo(NUMBERS[0], 15, "8"), typo(NUMBERS[0], 12, "2"),
    NUMBERS[0][:10] + NUMBERS[0][11] + NUMBERS[0][10] + NUMBERS[0][12:])


@pytest.mark.parametrize("kind", ["roll", "attending"])
@pytest.mark.parametrize("number", TYPOS)
def test_a_mistyped_number_is_the_child_of_that_name(county, tmp_path, kind, number):
    bring("hukou", workbook(tmp_path / "h.xlsx", [["姓名", "身份证号", "户号"], *([*pupil[:2], f"H{i}"] for i, pupil in enumerate(PUPILS))]))
    bring(kind, workbook(tmp_path / "a.xlsx", [["姓名", "身份证号", "学校代码"], [NAMES[0], number, EAST]]))
    assert standing(kind)[0].child == standing("hukou")[0].child


def test_namesakes_born_on_one_day_stay_two(county, tmp_path):
    rows = [["姓名", "身份证号", "出生日期", "户号"], ["扎西", "990101200905020039", "2009-05-02", "H1"], ["扎西", "990101200905020071", "2009-05-02",
        "H2"]]
    bring("hukou", workbook(tmp_path / "h.xlsx", rows))
    bring("roll", workbook(tmp_path / "a.xlsx", [["姓名", "身份证号", "出生日期", "学校代码"], ["扎西", NUMBERS[1], "2009-05-02", EAST]]))
    assert len({row.child_id for row in (*standing("hukou"), *standing("roll"))}) == 3
