"""The clock of an absence: school days only, China's one time, the holidays of domain.md B.7."""

from datetime import date, datetime

import pytest
from django.utils import timezone

from dropout.rules import absence_clock as clock
from dropout.rules.absence_clock import EXCUSED, MISSED, THERE, Thresholds
from students.rules.school_days import Calendar, days

AUTUMN = Calendar(terms=((date(2026, 9, 1), date(2027, 1, 20)),))
USUAL = Thresholds()


def half_days(first, last, state, calendar=AUTUMN):
    return dict.fromkeys(calendar.half_days(first, last), state)


def reached(first, at, *, known=None, marked=None, calendar=AUTUMN, hours=48, thresholds=USUAL):
    known = known or {first: MISSED}
    spell = clock.spells(known)[0]
    marked = marked if marked is not None else set(days(first[0], at.date()))
    return clock.reached_at(spell, calendar, marked, thresholds, hours, at)


class TestHours:
    def test_from_monday_morning_it_is_wednesday_morning(self):
        assert reached((date(2026, 9, 14), "am"), datetime(2026, 9, 16, 8)) == datetime(2026, 9, 16, 8)
        assert reached((date(2026, 9, 14), "am"), datetime(2026, 9, 16, 7, 59)) is None

    def test_from_the_afternoon_it_is_the_afternoon(self):
        assert reached((date(2026, 9, 14), "pm"), datetime(2026, 9, 20)) == datetime(2026, 9, 16, 14)

    def test_the_weekend_stops_the_clock(self):
        assert reached((date(2026, 9, 11), "am"), datetime(2026, 9, 30)) == datetime(2026, 9, 15, 8)

    def test_the_mid_autumn_holiday_stops_it_and_the_sunday_before_it_does_not(self):
        assert reached((date(2026, 9, 24), "am"), datetime(2026, 10, 5)) == datetime(2026, 9, 29, 8)
        assert reached((date(2026, 9, 18), "am"), datetime(2026, 9, 30)) == datetime(2026, 9, 21, 8)  # Sunday the 20th is taught

    def test_the_new_year_holiday_of_b_7(self):
        spring = Calendar(terms=((date(2026, 2, 1), date(2026, 7, 10)),))
        assert reached((date(2026, 2, 13), "am"), datetime(2026, 3, 1), calendar=spring) == datetime(2026, 2, 24, 8)
        assert spring.is_school_day(date(2026, 2, 14))

    def test_a_school_s_own_closure_stops_it(self):
        closed = Calendar(terms=AUTUMN.terms, own={date(2026, 9, 15): (False, False)})
        assert reached((date(2026, 9, 14), "am"), datetime(2026, 9, 20), calendar=closed) == datetime(2026, 9, 17, 8)

    def test_a_county_may_set_other_hours_and_bells(self):
        assert reached((date(2026, 9, 14), "am"), datetime(2026, 9, 20), hours=24) == datetime(2026, 9, 15, 8)
        early = Thresholds(morning=7)
        assert reached((date(2026, 9, 14), "am"), datetime(2026, 9, 20), thresholds=early) == datetime(2026, 9, 16, 7)

    @pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1), date(1990, 4, 15)])
    def test_no_summer_time_anywhere_near(self, day):
        """The days on which other countries turn their clocks: a day of the county has 24 hours, and every moment exists once."""
        if day.year > 1991:
            first, last = (
                timezone.make_aware(datetime.combine(on, datetime.min.time())) for on in (day, day.fromordinal(day.toordinal() + 1))
            )
            assert (last - first).total_seconds() == 24 * 3600
        taught = Calendar(own=dict.fromkeys(days(day, day.fromordinal(day.toordinal() + 3)), (True, True)))
        at = datetime.combine(day.fromordinal(day.toordinal() + 3), datetime.min.time())
        assert reached((day, "am"), at, calendar=taught) == datetime.combine(
            day.fromordinal(day.toordinal() + 2), datetime.min.time()
        ).replace(hour=8)


class TestNotMarked:
    def test_a_past_day_that_nobody_marked_pauses(self):
        marked = {date(2026, 9, 14), date(2026, 9, 16)}
        assert reached((date(2026, 9, 14), "am"), datetime(2026, 9, 16, 12), marked=marked) is None
        assert reached((date(2026, 9, 14), "am"), datetime(2026, 9, 17, 8), marked=marked) == datetime(2026, 9, 17, 8)

    def test_the_day_of_asking_does_not_wait_for_its_marking(self):
        marked = {date(2026, 9, 14), date(2026, 9, 15)}
        assert reached((date(2026, 9, 14), "am"), datetime(2026, 9, 16, 8), marked=marked) == datetime(2026, 9, 16, 8)


class TestSpells:
    def test_a_spell_begins_missed_and_ends_seen_or_excused(self):
        known = half_days(date(2026, 9, 14), date(2026, 9, 14), THERE) | half_days(date(2026, 9, 15), date(2026, 9, 16), MISSED)
        known[date(2026, 9, 17), "am"] = EXCUSED
        known[date(2026, 9, 18), "am"] = MISSED
        first, second = clock.spells(known)
        assert (first.first, len(first.missed), first.ended, first.how) == (
            (date(2026, 9, 15), "am"), 4, (date(2026, 9, 17), "am"), EXCUSED
        )  # fmt: skip
        assert second.is_open
        assert clock.spells({}) == []

    def test_who_comes_back_before_the_hours_are_full_is_not_reported(self):
        known = half_days(date(2026, 9, 14), date(2026, 9, 15), MISSED) | {(date(2026, 9, 16), "am"): THERE}
        assert reached((date(2026, 9, 14), "am"), datetime(2026, 9, 20), known=known) is None
        known = half_days(date(2026, 9, 14), date(2026, 9, 16), MISSED) | {(date(2026, 9, 17), "am"): THERE}
        assert reached((date(2026, 9, 14), "am"), datetime(2026, 9, 20), known=known) == datetime(2026, 9, 16, 8)


class TestThresholds:
    def test_a_case_never_opens_before_the_report(self):
        assert Thresholds(suspected_days=1).suspected_hours == 48
        assert Thresholds(suspected_days=5).suspected_hours == 120

    def test_four_weeks_are_twenty_school_days(self):
        known = {(date(2026, 9, 1), "am"): MISSED}
        spell = clock.spells(known)[0]
        marked = set(days(date(2026, 9, 1), date(2026, 10, 30)))
        passed = [on for on in days(date(2026, 9, 1), date(2026, 10, 30))
                  if clock.weeks_passed(spell, AUTUMN, marked, USUAL, datetime.combine(on, datetime.min.time()))]  # fmt: skip
        taught = AUTUMN.school_days(date(2026, 9, 1), date(2026, 10, 30))
        assert passed[0] == taught[20]

    def test_the_report_is_in_time_on_the_day_itself(self):
        assert clock.due_at(datetime(2026, 9, 16, 8)) == datetime(2026, 9, 16, 23, 59, 59)
