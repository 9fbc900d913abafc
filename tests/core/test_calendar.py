from datetime import date

import pytest

from core import calendar


@pytest.mark.parametrize(("posted", "last"), [(date(2026, 9, 21), date(2026, 9, 29)), (date(2026, 2, 12), date(2026, 2, 26))])
def test_five_workdays_of_notice(posted, last):
    assert calendar.notice_end(posted, 5) == last
    assert calendar.workdays_between(posted, last) == 5


def test_one_week_of_notice_is_seven_full_days():
    assert calendar.notice_end(date(2020, 6, 1), 1, "weeks") == date(2020, 6, 8)
    assert calendar.notice_end(date(2020, 6, 1), 7, "days") == date(2020, 6, 8)


@pytest.mark.parametrize(("amount", "unit"), [(0, "workdays"), (5, "months")])
def test_a_senseless_notice_is_refused(amount, unit):
    with pytest.raises(ValueError, match="公示期限"):
        calendar.notice_end(date(2020, 6, 1), amount, unit)


@pytest.mark.parametrize(
    ("on", "works"),
    [
        (date(2025, 1, 1), False), (date(2025, 1, 26), True), (date(2025, 2, 8), True), (date(2025, 10, 8), False),
        (date(2026, 1, 4), True), (date(2026, 2, 14), True), (date(2026, 2, 23), False), (date(2026, 9, 20), True),
        (date(2026, 10, 10), True), (date(2026, 6, 19), False), (date(2026, 5, 9), True), (date(2026, 11, 21), False),
    ],
)  # fmt: skip
def test_the_states_holidays(on, works):
    assert calendar.is_workday(on) is works


def test_an_override_wins_both_ways():
    assert calendar.is_workday(date(2026, 1, 1), {date(2026, 1, 1): True})
    assert not calendar.is_workday(date(2026, 1, 5), {date(2026, 1, 5): False})


def test_beyond_the_known_years_weekends_count_and_the_note_says_so():
    monday = date(2040, 1, 2)
    assert calendar.is_workday(monday)
    assert not calendar.is_workday(date(2040, 1, 1))
    assert not calendar.is_workday(monday, {monday: False})
    assert "2040年" in calendar.coverage_note(date(2040, 1, 1), date(2040, 2, 1))
    assert "1 条调休" in calendar.coverage_note(monday, monday, {monday: False})
    assert calendar.coverage_note(date(2020, 1, 1), date(2026, 12, 31)) == ""


def test_moving_by_workdays():
    assert calendar.workday_on_or_before(date(2026, 10, 5)) == date(2026, 9, 30)
    assert calendar.workday_on_or_after(date(2026, 10, 1)) == date(2026, 10, 8)
    assert calendar.add_workdays(date(2026, 9, 29), -5) == date(2026, 9, 21)
    assert calendar.add_workdays(date(2026, 10, 3), 0) == date(2026, 10, 3)


@pytest.mark.parametrize(
    ("on", "key"),
    [
        (date(2020, 3, 20), "2020-03"), (date(2020, 3, 21), "2020-04"), (date(2020, 2, 21), "2020-03"),
        (date(2020, 12, 21), "2021-01"), (date(2021, 1, 1), "2021-01"), (date(2020, 12, 20), "2020-12"),
    ],
)  # fmt: skip
def test_the_period_of_a_day(on, key):
    period = calendar.period_of(on)
    assert period.key == key
    assert on in period
    assert period == calendar.period_by_key(key)


def test_periods_touch_and_never_overlap():
    assert calendar.period_by_key("2020-01").start_exclusive == date(2019, 12, 20)
    for counting_day in (1, 20, 28, 31):
        for month in range(1, 12):
            this = calendar.period_by_key(f"2020-{month:02d}", counting_day)
            following = calendar.period_by_key(f"2020-{month + 1:02d}", counting_day)
            assert this.end_inclusive == following.start_exclusive
            assert this.end_inclusive in this
            assert this.end_inclusive not in following


def test_the_due_day_moves_to_the_workday_before():
    assert calendar.due_day("2020-03") == date(2020, 3, 25)
    assert calendar.due_day("2020-04") == date(2020, 4, 24)  # 25 April 2020 is a Saturday
    assert calendar.due_day("2020-03", overrides={date(2020, 3, 25): False}) == date(2020, 3, 24)


@pytest.mark.parametrize("key", ["2020", "2020-13", "202003", "20-03", "2020-3"])
def test_an_unreadable_key_is_named(key):
    with pytest.raises(ValueError, match="报告期"):
        calendar.period_by_key(key)
