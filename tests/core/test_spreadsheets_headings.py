import pytest

from core.spreadsheets import find_header, is_foot, normalise_heading

ALIASES = {
    "name": ["姓名", "学生姓名"],
    "id_no": ["身份证号", "身份证件号"],
    "school": ["学校名称", "学校"],
    "town": ["乡(镇)", "乡镇"],
    "guardian_name": ["监护人姓名"],
    "guardian_phone": ["监护人/电话"],
}


@pytest.mark.parametrize("text", ["身份证件号", " 身份证件号* ", "身份 证\n件号", "身份证件号：", "【身份证件号】"])
def test_headings_are_compared_without_decoration(text):
    assert normalise_heading(text) == "身份证件号"


def test_header_on_row_five_under_titles():
    rows = [["示范县学生名单", "", "", ""], [""] * 4, ["填报单位：", "第1小学", "", ""], ["单位：人", "", "", ""]]
    rows += [["序号", "学生\n姓名", "身份证件号（18位）", "乡（镇）"], ["1", "王小", "990101201001020065", "北关"]]
    header = find_header(rows, ALIASES)
    assert (header.first_row, header.last_row, header.body_start) == (4, 4, 5)
    assert header.columns == {"name": 1, "id_no": 2, "town": 3}
    assert header.unknown == [(0, "序号")]


def test_two_header_rows_are_joined():
    rows = [
        ["学生名单", "", "", "", "", ""],
        ["序号", "监护人", "", "学生基本情况", "", "学校名称"],
        ["", "姓名", "电话", "姓名", "身份证号", ""],
        ["1", "王大", "13900000000", "王小", "990101201001020065", "第1小学"],
    ]
    header = find_header(rows, ALIASES)
    assert (header.first_row, header.last_row) == (1, 2)
    assert header.columns == {"guardian_name": 1, "guardian_phone": 2, "name": 3, "id_no": 4, "school": 5}
    assert header.headings[2] == "监护人/电话"
    assert header.unknown == [(0, "序号")]


def test_a_child_heading_does_not_take_the_place_of_the_pupils_own():
    rows = [["家庭成员1", "", "姓名", "身份证号", "学校"], ["姓名", "关系", "", "", ""], ["王大", "父亲", "王小", "x", "y"]]
    header = find_header(rows, ALIASES)
    assert header.columns["name"] == 2


def test_a_one_row_header_is_not_joined_with_the_first_person():
    rows = [["姓名", "", "身份证号", "学校"], ["王小", "附注", "990101201001020065", "第1小学"]]
    header = find_header(rows, ALIASES)
    assert (header.first_row, header.last_row) == (0, 0)


def test_too_few_hits_or_too_far_down_is_no_header():
    assert find_header([["姓名", "年龄"], ["王小", "7"]], ALIASES) is None
    rows = [["说明", "", ""]] * 8 + [["姓名", "身份证号", "学校"]]
    assert find_header(rows, ALIASES) is None
    assert find_header(rows, ALIASES, within=9).first_row == 8
    assert find_header([], ALIASES) is None


def test_of_two_columns_with_one_heading_the_first_wins_and_the_other_is_reported():
    header = find_header([["姓名", "学校", "身份证号", "姓名"]], ALIASES)
    assert header.columns["name"] == 0
    assert header.unknown == [(3, "姓名")]


@pytest.mark.parametrize(
    "cells",
    [
        ["合 计", "", "120"], ["", "总计", "3"], ["小计：", "", ""], ["合计人数", "3"], ["合计3人", ""], ["填报人：王某", "审核人："],
        ["制表人"], ["审核人（签字）：", ""], ["填表日期:2020年3月1日"], ["注：本表一式两份"], ["备注: 无"], ["说明1：……"],
        ["负责人签字：", "", "（盖章）"],
    ],
)  # fmt: skip
def test_foot_rows(cells):
    assert is_foot(cells)


@pytest.mark.parametrize(
    "cells",
    [["1", "王小"], ["王小", "合计"], ["", "", ""], ["注册小学", "王小"], ["合计", "王小", "990101201001020065"], ["校长小学"], ["说明"]],
)
def test_rows_of_people_are_not_foot_rows(cells):
    assert not is_foot(cells)
