"""Which days a report covers and when it is due: dated parameters counting_day (20) and due_day (25) (design.md §5, domain.md §3.8)."""

from dataclasses import dataclass
from datetime import date, timedelta

from core.calendar import counting_day_of, due_day, read_period_key
from core.models import DayOverride, Parameter

COUNTING_DAY, DUE_DAY = 20, 25


@dataclass(frozen=True)
class Span:
    """The period (starts_after, ends_on] with the day its report is due."""

    key: str
    starts_after: date
    ends_on: date
    due_on: date


def span_of(key):
    """The period `key`. Each end is the counting day in force in its own month, so that periods join when the county moves the day.

    ValueError for a key that is no year and month.
    """
    year, month = read_period_key(key)
    before_year, before_month = (year, month - 1) if month > 1 else (year - 1, 12)
    due = Parameter.objects.value_of("due_day", date(year, month, 1), DUE_DAY)
    overrides = dict(DayOverride.objects.values_list("on", "is_workday"))
    return Span(
        f"{year:04d}-{month:02d}", _counting_day(before_year, before_month), _counting_day(year, month), due_day(key, due, overrides)
    )


def closed_period(on):
    """Key of the last period whose counting day is over on the day `on`."""
    if on > _counting_day(on.year, on.month):
        return f"{on:%Y-%m}"
    return f"{date(on.year, on.month, 1) - timedelta(days=1):%Y-%m}"


def keys_between(first, last):
    """The keys after `first` and before `last`."""
    (year, month), end = read_period_key(first), read_period_key(last)
    keys = []
    while (after := (year + month // 12, month % 12 + 1)) < end:
        year, month = after
        keys.append(f"{year:04d}-{month:02d}")
    return keys


def _counting_day(year, month):
    return counting_day_of(year, month, Parameter.objects.value_of("counting_day", date(year, month, 1), COUNTING_DAY))
