"""The school calendar, with the holidays of domain.md B.7 and §13."""

from datetime import date

import pytest

from students.rules.school_days import AFTERNOON, MORNING, NO_SCHOOL, WHOLE_DAY, Calendar, repeated, rest_until

AUTUMN = (date(2026, 8, 31), date(2027, 1, 22))
SPRING = (date(2026, 3, 2), date(2026, 7, 10))
SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))


class TestStateHolidays:
    def test_the_mid_autumn_holiday_is_free_and_the_sunday_before_is_taught(self):
        plain = Calendar(terms=(AUTUMN,))
        assert [plain.is_school_day(date(2026, 9, day)) for day in (24, 25, 26, 27, 28)] == [True, False, False, False, True]
        assert plain.halves(date(2026, 9, 20)) == WHOLE_DAY

    def test_the_five_days_of_the_example(self):
        taught = Calendar(terms=(AUTUMN,)).school_days(date(2026, 9, 22), date(2026, 9, 29))
        assert [on.day for on in taught] == [22, 23, 24, 28, 29]

    def test_the_county_s_own_workdays_count(self):
        snow = Calendar(county={date(2026, 9, 22): False, date(2026, 9, 26): True})
        assert [snow.is_school_day(date(2026, 9, day)) for day in (22, 26)] == [False, True]


class TestTerms:
    def test_days_outside_the_terms_are_free(self):
        both = Calendar(terms=(SPRING, AUTUMN))
        assert both.halves(date(2026, 8, 28)) == NO_SCHOOL
        assert both.halves(date(2026, 7, 13)) == NO_SCHOOL
        assert both.halves(date(2026, 8, 31)) == WHOLE_DAY

    def test_a_term_that_is_not_entered_yet_stops_no_clock(self):
        spring_only = Calendar(terms=(SPRING,))
        assert spring_only.halves(date(2026, 8, 31)) == NO_SCHOOL
        assert spring_only.halves(date(2026, 9, 1)) == WHOLE_DAY
        assert "还没有录入" in spring_only.note(date(2026, 9, 1))
        assert spring_only.note(date(2026, 5, 6)) == ""

    def test_nothing_known_means_workdays(self):
        assert Calendar().halves(date(2026, 7, 15)) == WHOLE_DAY

    @pytest.mark.parametrize(
        ("ends", "until"),
        [
            (date(2026, 7, 10), date(2026, 8, 31)),
            (date(2027, 1, 22), date(2027, 2, 28)),
            (date(2027, 12, 31), date(2028, 2, 29)),
        ],
    )
    def test_the_rest_after_a_term(self, ends, until):
        assert rest_until(ends) == until


class TestOwnDays:
    OWN = Calendar(
        terms=(SPRING, AUTUMN), own={date(2026, 9, 21): (True, False), date(2026, 9, 26): WHOLE_DAY, date(2026, 8, 29): WHOLE_DAY}
    )

    def test_a_half_day_has_one_half(self):
        monday = date(2026, 9, 21)
        assert (self.OWN.is_school_half_day(monday, MORNING), self.OWN.is_school_half_day(monday, AFTERNOON)) == (True, False)
        assert self.OWN.half_days(monday, date(2026, 9, 22)) == [(monday, "am"), (date(2026, 9, 22), "am"), (date(2026, 9, 22), "pm")]

    def test_what_the_school_says_wins_over_holiday_and_vacation(self):
        assert self.OWN.halves(date(2026, 9, 26)) == WHOLE_DAY
        assert self.OWN.halves(date(2026, 8, 29)) == WHOLE_DAY


class TestRepeated:
    def test_every_other_saturday(self):
        days = repeated(*SEPTEMBER, weekdays={5}, every=2)
        assert days == [date(2026, 9, 5), date(2026, 9, 19)]

    def test_without_weekdays_every_day(self):
        assert len(repeated(*SEPTEMBER)) == 30
