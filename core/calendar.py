"""Workdays, notice periods and counting periods. Pure: every function takes its dates, nothing here asks the clock.

The state's holidays come from chinesecalendar, the county's corrections from a ``dict[date, bool]`` (True = people work that
day). Outside the years that chinesecalendar knows, Saturday and Sunday are free and ``coverage_note`` says so in a sentence.
"""

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from chinese_calendar import constants
from chinese_calendar import is_workday as state_says_workday

Overrides = Mapping[date, bool]
DAY = timedelta(days=1)
KNOWN_YEARS = range(min(constants.holidays).year, max(constants.holidays).year + 1)


@dataclass(frozen=True)
class Period:
    """The span (previous counting day, this counting day]; ``key`` is the year and month of its counting day, ``2020-03``."""

    start_exclusive: date
    end_inclusive: date
    key: str

    def __contains__(self, on: date) -> bool:
        return self.start_exclusive < on <= self.end_inclusive


def is_workday(on: date, overrides: Overrides | None = None) -> bool:
    """An override decides; else the state's calendar; else (a year it does not know yet) Monday to Friday."""
    if overrides and on in overrides:
        return overrides[on]
    if on.year in KNOWN_YEARS:
        return state_says_workday(on)
    return on.weekday() < 5


def workday_on_or_before(on: date, overrides: Overrides | None = None) -> date:
    while not is_workday(on, overrides):
        on -= DAY
    return on


def workday_on_or_after(on: date, overrides: Overrides | None = None) -> date:
    while not is_workday(on, overrides):
        on += DAY
    return on


def add_workdays(on: date, count: int, overrides: Overrides | None = None) -> date:
    """The count-th workday after ``on``; ``on`` itself is never counted. A negative count goes back, 0 returns ``on``."""
    step = DAY if count > 0 else -DAY
    remaining = abs(count)
    while remaining:
        on += step
        remaining -= is_workday(on, overrides)
    return on


def workdays_between(after: date, until: date, overrides: Overrides | None = None) -> int:
    """How many workdays lie in (after, until]; 0 when ``until`` is not later."""
    return sum(is_workday(on, overrides) for on in days_between(after, until))


def days_between(after: date, until: date) -> Iterator[date]:
    """Every day of (after, until]."""
    for offset in range(1, (until - after).days + 1):
        yield after + timedelta(days=offset)


def notice_end(posted_on: date, amount: int, unit: str = "workdays", overrides: Overrides | None = None) -> date:
    """Last day of a public notice; the day of posting is not counted (domain.md §B.7). ``unit``: workdays, days or weeks."""
    if amount < 1:
        raise ValueError(f"公示期限应为正数，现为 {amount}。请在县级参数中改正。")
    if unit == "workdays":
        return add_workdays(posted_on, amount, overrides)
    if unit in ("days", "weeks"):
        return posted_on + timedelta(days=amount * (7 if unit == "weeks" else 1))
    raise ValueError(f"公示期限的单位“{unit}”不认识，只能是 workdays、days 或 weeks。")


def coverage_note(first: date, last: date, overrides: Overrides | None = None) -> str:
    """Empty when the state's calendar covers both ends; else the sentence to print beside a computed deadline."""
    unknown = [year for year in range(first.year, last.year + 1) if year not in KNOWN_YEARS]
    if not unknown:
        return ""
    years = "、".join(f"{year}年" for year in unknown)
    entered = sum(1 for on in overrides or {} if on.year in unknown)
    extra = f"和已录入的 {entered} 条调休" if entered else ""
    return f"{years}的国家放假安排尚未收录，工作日按周一至周五{extra}推算；放假通知公布后请在“节假日调整”中补录。"


def counting_day_of(year: int, month: int, counting_day: int) -> date:
    """The counting day of a month; day 31 means the last day of a shorter month."""
    return date(year, month, min(counting_day, calendar.monthrange(year, month)[1]))


def period_by_key(key: str, counting_day: int = 20) -> Period:
    """The period whose counting day lies in the month ``key`` (``2020-03``)."""
    year, month = read_period_key(key)
    before_year, before_month = (year, month - 1) if month > 1 else (year - 1, 12)
    return Period(
        counting_day_of(before_year, before_month, counting_day), counting_day_of(year, month, counting_day), f"{year:04d}-{month:02d}"
    )


def period_of(on: date, counting_day: int = 20) -> Period:
    """The period in which ``on`` lies; the counting day itself still belongs to the period it closes."""
    if on <= counting_day_of(on.year, on.month, counting_day):
        return period_by_key(f"{on:%Y-%m}", counting_day)
    following = date(on.year + on.month // 12, on.month % 12 + 1, 1)
    return period_by_key(f"{following:%Y-%m}", counting_day)


def due_day(key: str, due: int = 25, overrides: Overrides | None = None) -> date:
    """The day by which the return of period ``key`` is owed: day ``due`` of its month, or the workday before."""
    year, month = read_period_key(key)
    return workday_on_or_before(counting_day_of(year, month, due), overrides)


def read_period_key(key: str) -> tuple[int, int]:
    year, dash, month = key.partition("-")
    if not (dash and len(year) == 4 and len(month) == 2 and (year + month).isdecimal() and 1 <= int(month) <= 12):
        raise ValueError(f"报告期“{key}”不认识，应写成 2020-03 这样的年月。")
    return int(year), int(month)
