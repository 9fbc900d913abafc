from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from students.rules import ages

DAYS = st.dates(date(1990, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("birth", "on", "years"),
    [
        (date(2010, 9, 1), date(2026, 8, 31), 15), (date(2010, 8, 31), date(2026, 8, 31), 16), (date(2016, 2, 29), date(2022, 2, 28), 5),
        (date(2016, 2, 29), date(2022, 3, 1), 6), (date(2016, 2, 29), date(2024, 2, 29), 8),
    ],
)  # fmt: skip
def test_completed_years(birth, on, years):
    assert ages.age(birth, on) == years


def test_school_year_mode_of_the_reference():
    on = date(2026, 11, 21)
    assert ages.birth_range("school_year", 6, 15, on) == (date(2010, 9, 1), date(2020, 8, 31))
    assert ages.birth_range("school_year", 7, 15, on) == (date(2010, 9, 1), date(2019, 8, 31))
    assert ages.birth_range("point", 6, 15, on) == (date(2010, 11, 22), date(2020, 11, 21))


def test_school_year_mode_in_spring_looks_back_to_the_autumn():
    assert ages.birth_range("school_year", 6, 15, date(2020, 3, 1)) == (date(2003, 9, 1), date(2013, 8, 31))


def test_the_cutoff_is_the_provinces():
    assert ages.birth_range("school_year", 6, 15, date(2020, 3, 1), (12, 31)) == (date(2004, 1, 1), date(2013, 12, 31))


@given(on=DAYS, low=st.integers(0, 8), width=st.integers(0, 10))
def test_point_mode_is_exactly_the_ages(on, low, width):
    first, last = ages.birth_range("point", low, low + width, on)
    assert ages.age(first, on) == low + width
    assert ages.age(last, on) == low
    assert ages.age(first - timedelta(days=1), on) == low + width + 1
    assert last == on if low == 0 else ages.age(last + timedelta(days=1), on) == low - 1


@pytest.mark.parametrize(("mode", "low", "high"), [("census", 6, 15), ("point", 15, 6), ("point", -1, 3)])
def test_a_wrong_range_is_refused(mode, low, high):
    with pytest.raises(ValueError, match="年龄"):
        ages.birth_range(mode, low, high, date(2020, 3, 1))


@pytest.mark.parametrize(
    ("on", "term", "year"),
    [
        (date(2020, 3, 1), "2020S", 2019), (date(2020, 8, 31), "2020S", 2019), (date(2020, 9, 1), "2020A", 2020),
        (date(2021, 1, 31), "2020A", 2020), (date(2021, 2, 1), "2021S", 2020),
    ],
)  # fmt: skip
def test_terms_and_school_years(on, term, year):
    assert ages.term_of(on) == term
    assert ages.school_year(on) == ages.term_school_year(term) == year
    first, last = ages.term_bounds(term)
    assert first <= on <= last


@given(DAYS)
def test_every_day_lies_in_exactly_one_term(on):
    key = ages.term_of(on)
    first, last = ages.term_bounds(key)
    assert first <= on <= last
    assert ages.term_of(last + timedelta(days=1)) == ages.next_term(key)


def test_labels():
    assert ages.term_label("2020S") == "2020年春季学期"
    assert ages.term_label("2019A") == "2019年秋季学期"
    assert ages.school_year_label(2019) == "2019-2020学年度"
    assert ages.school_year_bounds(2019) == (date(2019, 9, 1), date(2020, 8, 31))


def test_terms_since_2016_are_twenty_one():
    terms = ages.terms_between(ages.FIRST_REPORTED_TERM, "2026A")
    assert len(terms) == 21
    assert terms[:3] == ["2016A", "2017S", "2017A"]
    assert ages.terms_between("2020A", "2020S") == []


@pytest.mark.parametrize("key", ["2020", "2020X", "20S", "2020春"])
def test_an_unreadable_term_is_named(key):
    with pytest.raises(ValueError, match="学期"):
        ages.term_bounds(key)
