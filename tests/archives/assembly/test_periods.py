from datetime import date

import pytest

from archives.assembly.periods import closed_period, span_of
from core.models import DayOverride, Parameter

pytestmark = pytest.mark.django_db


def test_a_period_reaches_from_one_counting_day_to_the_next():
    span = span_of("2020-03")
    assert (span.starts_after, span.ends_on, span.due_on) == (date(2020, 2, 20), date(2020, 3, 20), date(2020, 3, 25))


def test_january_begins_in_the_year_before_and_is_due_before_the_holiday():
    span = span_of("2020-01")
    assert (span.starts_after, span.ends_on) == (date(2019, 12, 20), date(2020, 1, 20))
    assert span.due_on == date(2020, 1, 23)  # spring festival from the 24th, 2020


def test_a_due_day_on_a_weekend_moves_to_the_workday_before():
    assert span_of("2020-04").due_on == date(2020, 4, 24)  # 25 April 2020 is a Saturday
    DayOverride.objects.create(on=date(2020, 4, 25), is_workday=True, note="补课")
    assert span_of("2020-04").due_on == date(2020, 4, 25)


@pytest.mark.parametrize(
    ("on", "closed"),
    [(date(2020, 3, 20), "2020-02"), (date(2020, 3, 21), "2020-03"), (date(2020, 1, 5), "2019-12"), (date(2020, 1, 21), "2020-01")],
)
def test_a_period_is_closed_on_the_day_after_its_counting_day(on, closed):
    assert closed_period(on) == closed


def test_periods_join_when_the_county_moves_its_counting_day():
    Parameter.objects.create(name="counting_day", since=date(2020, 3, 1), value=15)
    Parameter.objects.create(name="due_day", since=date(2020, 3, 1), value=18)
    assert span_of("2020-02").ends_on == span_of("2020-03").starts_after == date(2020, 2, 20)
    assert (span_of("2020-03").ends_on, span_of("2020-03").due_on) == (date(2020, 3, 15), date(2020, 3, 18))


def test_a_wrong_key_is_named():
    with pytest.raises(ValueError, match="2020-13"):
        span_of("2020-13")
