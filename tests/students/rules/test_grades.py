from datetime import date

import pytest

from students.rules import grades
from students.rules.codes import SCHOOL_KINDS
from students.rules.grades import Grade

ON = date(2020, 3, 1)


@pytest.mark.parametrize(
    ("text", "kind", "stage", "year"),
    [
        ("小班", None, "pre", 1), ("中班", "kindergarten", "pre", 2), ("大班", None, "pre", 3), ("学前班", "primary", "pre", 3),
        ("托班", None, "pre", 0), ("一年级", None, "pri", 1), ("小学一年级", None, "pri", 1), ("1年级", "primary", "pri", 1),
        ("六年级", "nine_year", "pri", 6), ("七年级", None, "jun", 1), ("七年级", "nine_year", "jun", 1), ("初一", None, "jun", 1),
        ("初中一年级", None, "jun", 1), ("初中七年级", None, "jun", 1), ("八年级", "junior", "jun", 2), ("二年级", "junior", "jun", 2),
        ("9", "junior", "jun", 3), ("初四", None, "jun", 4), ("高一", None, "sen", 1), ("高中一年级", None, "sen", 1),
        ("高2", "senior", "sen", 2),
        ("一年级", "senior", "sen", 1), ("高二", "vocational", "voc", 2), ("一年级", "vocational", "voc", 1),
        ("中职一年级", None, "voc", 1),
        ("中职三", None, "voc", 3), ("职一", None, "voc", 1), ("十年级", None, "sen", 1), ("高三", "complete_secondary", "sen", 3),
        ("九年级", "complete_secondary", "jun", 3), ("2019级", "senior", "sen", 1), ("2017级", "junior", "jun", 3),
        ("初中2019级", "nine_year", "jun", 1),
        ("高2018级", None, "sen", 2), ("2014级", "primary", "pri", 6), ("三年级2班", None, "pri", 3), ("七年级(1)班", None, "jun", 1),
        (" 三 年级", None, "pri", 3), ("３年级", None, "pri", 3), ("八年级", "special", "spe", 8), ("小学二年级", "special", "spe", 2),
        ("十一年级", "senior", "sen", 2), ("三年级", "twelve_year", "pri", 3), ("特教五年级", None, "spe", 5),
    ],
)  # fmt: skip
def test_what_schools_write(text, kind, stage, year):
    assert grades.parse_grade(text, school_kind=kind, on=ON) == (Grade(stage, year), "")


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("", None, "为空"), ("一", None, "不认识"), ("毕业班", None, "不认识"), ("2019级", "nine_year", "看不出学段"),
        ("2019级", None, "看不出学段"),
        ("一年级", "complete_secondary", "初中还是高中"), ("高四", None, "超出普通高中"), ("2010级", "senior", "不在普通高中"),
        ("小学七年级", None, "超出小学"),
        ("四年级", "vocational", "超出中职"), ("十三年级", None, "不认识"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(text, kind, why):
    grade, problem = grades.parse_grade(text, school_kind=kind, on=ON)
    assert grade is None
    assert why in problem


def test_an_empty_cell_is_answered_by_the_entry_year():
    assert grades.parse_grade("", school_kind="primary", entry_year=2018, on=ON) == (Grade("pri", 2), "")
    assert "2018级" in grades.parse_grade("", school_kind="nine_year", entry_year=2018, on=ON)[1]


def test_entry_year_and_grade():
    assert grades.grade_by_entry("pri", 2021, date(2026, 11, 21)) == Grade("pri", 6)
    assert grades.grade_by_entry("pri", 2021, date(2027, 9, 1)) is None
    assert grades.grade_by_entry("jun", 2021, date(2021, 8, 31)) is None
    assert grades.entry_year_of(Grade("pri", 6), 2026) == 2021


@pytest.mark.parametrize("stage", list(grades.STAGES))
def test_labels_are_read_back(stage):
    for year in range(1, grades.MOST_YEARS[stage] + 1):
        grade = Grade(stage, year)
        assert grades.parse_grade(grades.grade_label(grade)) == (grade, "")


def test_contradictions_are_sentences():
    assert grades.entry_contradicts(Grade("jun", 1), 2019, ON) == ""
    assert "2019 年入学" in grades.entry_contradicts(Grade("jun", 1), 2018, ON)
    assert grades.kind_contradicts(Grade("jun", 1), "nine_year") == ""
    assert "没有初中" in grades.kind_contradicts(Grade("jun", 1), "primary")


def test_every_kind_offers_known_stages():
    for kind in SCHOOL_KINDS.values():
        assert kind.stages
        assert set(kind.stages) <= set(grades.STAGES)
