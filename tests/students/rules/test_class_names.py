"""Every spelling of a class that schools use ends in one name; what is another class stays another."""

import pytest

from students.rules.class_names import class_label, contradicts
from students.rules.grades import Grade

THIRD = Grade("pri", 3)
FIRST_CLASS = (
    "1班", "1", "01班", "一班", "一", "（1）班", "(一)班", "第1班", "第一班", "①班", "⑴班", "[1]班", "【1】班", "１班", "三(1)班", "三（1）班",
    "三（一）班", "三[1]班", "三【1】班", "三年级1班", "三年级(1)班", "三年级（一）班", "三年级一班", "三年级01班", "三年级1", "三级1班", "三年1班", "三1班", "三一班",
    "三①班", "3年级1班", "3(1)班", "３（１）班", "301班", "301", "0301班", "3.1班", "3-1", "3·1班", "三-1班", "小学三年级1班", "小三1班",
    "小三(1)班", "2017级1班", "2017级(1)班", "2017级01班", "17级1班", "1701班", "201701", "2023届1班",
)  # fmt: skip
OTHERS = {
    "三二班": "2班",
    "三十一班": "31班", "三年级十二班": "12班", "十一班": "11班", "31班": "31班", "三班": "3班", "三年级火箭班": "火箭班", "三A班": "A班",
    "三年级a": "A班",
    "甲班": "甲班", "三年级": "三年级", "火箭班": "火箭班", "": "", "0": "0", "三年级0班": "0班",
}  # fmt: skip
ELSEWHERE = (
    ("七(3)班", Grade("jun", 1)), ("初一(3)班", Grade("jun", 1)), ("一(3)班", Grade("jun", 1)),
    ("703", Grade("jun", 1)), ("初中七年级3班", Grade("jun", 1)),
    ("九.3", Grade("jun", 3)), ("高一3班", Grade("sen", 1)), ("10.3", Grade("sen", 1)), ("高一(3)班", Grade("voc", 1)),
    ("中职一年级3班", Grade("voc", 1)),
    ("小三班", Grade("pre", 1)), ("小3班", Grade("pre", 1)), ("小班3班", Grade("pre", 1)), ("大(三)班", Grade("pre", 3)), ("三年级3班", Grade("spe", 3)),
)  # fmt: skip


@pytest.mark.parametrize("text", FIRST_CLASS)
def test_the_first_class_of_the_third_grade(text):
    assert class_label(text, THIRD, 2017) == "1班"
    assert contradicts(text, THIRD) == ""


@pytest.mark.parametrize("text", OTHERS)
def test_other_classes(text):
    assert class_label(text, THIRD, 2017) == OTHERS[text]


@pytest.mark.parametrize(("text", "grade"), ELSEWHERE)
def test_other_stages(text, grade):
    assert class_label(text, grade) == "3班"


@pytest.mark.parametrize(("text", "grade"), [("大班", Grade("pre", 3)), ("学前班", Grade("pre", 3)), ("七年级", Grade("jun", 1))])
def test_the_only_class_of_its_grade_is_called_like_the_grade(text, grade):
    assert class_label(text, grade) == text


@pytest.mark.parametrize("text", ["四(1)班", "六年级1班", "401班", "初一(1)班"])
def test_the_class_of_another_grade_stays_and_is_shown(text):
    assert class_label(text, THIRD, 2017) == text
    assert "三年级" in contradicts(text, THIRD)


def test_without_a_grade_only_a_number_is_read():
    assert [class_label(text) for text in ("（2）班", "三(2)班")] == ["2班", "三(2)班"]
