"""Headings of domain.md §4.11, §4.12, §5.4 and §14 are read without a person's word, in every list that has such a field."""

import pytest

from core.spreadsheets import find_header
from students.imports.layouts import LAYOUTS
from students.imports.recognising import mistaken

HEADINGS = {
    "number": "身份证号, 身份证, 身份证号码, 证件号, 证件号码, 身份证件号, 公民身份号码, 学生身份证号, 居民身份证号",
    "roll_number": "学籍号, 全国学籍号, 学生学籍号, 个人标识码", "auxiliary_number": "学籍辅号, 省学籍号",
    "school": "学校, 学校名称, 学校全称, 就读学校, 所在学校, 单位名称", "school_code": "学校标识码, 学校代码, 机构代码", "stage": "学段, 教育阶段",
    "grade": "年级, 年级名称, 所在年级", "class": "班级, 班级名称, 所在班级, 班", "sex": "性别", "ethnic": "民族", "birth": "出生日期, 出生年月, 生日",
    "township": "乡镇, 镇, 所属乡镇, 乡(镇), 乡镇(街道)", "village": "村, 行政村, 村(社区), 村组(社区), 村(居)委会", "group": "组, 村民小组",
    "head": "户主, 户主姓名", "relation": "与户主关系", "household": "户编号", "person_code": "人口编号", "risk_cleared": "风险是否已消除, 风险是否消除",
    "lifted": "脱贫年度, 脱贫年份, 脱贫时间", "phone": "联系电话, 手机号, 电话, 监护人电话", "card": "残疾证号, 残疾人证号, 残疾生证号",
    "former_name": "曾用名", "address": "户籍地址(省市县区), 门(楼)详址", "moved_on": "迁出日期", "cancelled": "注销标识", "cancelled_on": "注销日期",
    "cancelled_why": "注销原因(死亡/迁出/重户/出国定居)", "state": "状态",
}  # fmt: skip
PUPILS = {
    "name": "姓名, 学生姓名, 名字, 幼儿姓名, 受助学生姓名", "boarding": "就读方式, 是否寄宿, 是否寄宿生, 住校, 寄宿情况",
}  # fmt: skip
POOR = ("poverty", "monitored", "policy_ended", "risk_cleared")
TYPES = "户类型, 农户类型, 脱贫户类型, 贫困户类型, 监测对象类别"


def told():
    for kind, layout in LAYOUTS.items():
        own = PUPILS if kind not in ("divisions", "schools") else {}
        for field, headings in (HEADINGS | own | ({"type": TYPES} if kind in POOR else {})).items():
            if field in layout.headings:
                yield from ((kind, field, heading) for heading in headings.split(", "))


@pytest.mark.parametrize(("kind", "field", "heading"), list(told()))
def test_the_heading_is_known(kind, field, heading):
    header = find_header([[heading, "别的"]], LAYOUTS[kind].headings, 1)
    assert header.columns.get(field) == 0


@pytest.mark.parametrize(
    ("kind", "headings", "taken"),
    [
        ("hukou", "户编号 户主 关系 姓名 出生年月日 居民身份证号码 村(居)委会", True),
        ("hukou", "户编号 户主 姓名 证件号码 户类型 脱贫年度", False),
        ("poverty", "户编号 户主 姓名 证件号码 行政村", True),
        ("attending", "户编号 户主姓名 姓名 人口编号 证件号码 学校", False),
    ],
)
def test_a_household_number_alone_does_not_make_a_list_of_the_poor(kind, headings, taken):
    assert (mistaken(kind, headings.split(), "") == "") is taken
