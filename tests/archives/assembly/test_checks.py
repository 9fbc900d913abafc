import pytest

from archives.assembly.checks import checked, unbalanced
from archives.assembly.figures import differences, is_zero, rates_of
from tests.archives.world import figures


def test_a_balanced_month_passes():
    month = figures(
        suspected_start=5, suspected_new=3, removed=2, confirmed=1, suspected_end=5, dropout_start=4, reopened=1, returned=2,
        removed_dropout=1, dropout_end=3,
    )
    month = figures(**month["total"] | {"dropout_total_pri": 6, "returned_total": 2})
    assert unbalanced(month) == []


@pytest.mark.parametrize(
    ("wrong", "title"),
    [
        ({"suspected_new": 1}, "期末疑似辍学"),
        ({"dropout_end": 1}, "期末在册辍学"),
        ({"removed_dropout": -1}, "期末在册辍学"),
        ({"lifted": 1}, "其中脱贫监测"),
        ({"returned_total": 1}, "累计劝返"),
        ({"school_age": 1}, "适龄人口合计"),
    ],
)
def test_each_side_is_shown_when_it_does_not(wrong, title):
    (row,) = unbalanced(figures(**wrong))
    assert row.title == title
    assert {row.left, row.right} == {0, 1}
    assert "两边不符" in row.sentence


def test_a_column_without_a_source_is_not_compared():
    row = next(row for row in checked(figures(school_age=None)) if row.title == "适龄人口合计")
    assert row.good
    assert "缺来源" in row.sentence


def test_lines_must_add_up_to_the_total():
    month = figures(attending_pri=30)
    month["lines"].append({"code": "P", "name": "教学点", "values": dict(month["total"])})
    assert [row.title for row in unbalanced(month)] == ["各行之和"]
    month["total"] = {key: 2 * value for key, value in month["total"].items()}
    assert unbalanced(month) == []


def test_zero_means_nothing_happened_and_nothing_is_open():
    assert is_zero(figures(attending_pri=300, dropout_total_pri=2, returned_total=2))
    assert not is_zero(figures(suspected_start=1, suspected_end=1))
    assert not is_zero(figures(closed=1))
    assert not is_zero(figures() | {"late": 1})


def test_differences_name_both_values():
    assert differences(figures(confirmed=1), figures(confirmed=2, lifted=None)) == [["脱贫监测", 0, None], ["本月确认辍学", 1, 2]]


def test_a_rate_keeps_its_two_integers():
    assert rates_of(figures(dropout_total_pri=20, dropout_total_jun=6, returned_total=25)["total"]) == {"returned": [25, 26]}


def test_differences_of_a_teaching_point_are_named_even_where_the_total_is_the_same():
    def two(first, second):
        month = figures(confirmed=first + second)
        month["lines"] = [
            {"code": "S", "name": "本部", "values": {"confirmed": first}},
            {"code": "P", "name": "东二教学点", "values": {"confirmed": second}},
        ]
        return month

    assert differences(two(1, 0), two(0, 1)) == [["本部：本月确认辍学", 1, 0], ["东二教学点：本月确认辍学", 0, 1]]
