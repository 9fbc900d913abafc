"""Which half-days a school is in session: the county's terms and workdays, and what the school itself does otherwise (domain.md §13).

Pure: the calendar is handed in, no function asks the clock. Half-days are "am" and "pm"; a pair of booleans says which are taught.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from core.calendar import DAY, is_workday

MORNING, AFTERNOON = "am", "pm"
ALERT_HOURS = 48  # of an unexcused absence; the county may set others (absence_alert_hours)
HALVES = (MORNING, AFTERNOON)
HALF_LABELS = {MORNING: "上午", AFTERNOON: "下午"}
WHOLE_DAY, NO_SCHOOL = (True, True), (False, False)


@dataclass(frozen=True)
class Calendar:
    """`terms`: (first day, last day) of each; `county`: workdays the county declared; `own`: what the nearest node above declared.

    What a node declared wins over everything; else a day outside the terms is free, and a workday is taught whole. Where no term is known
    around a day the workdays count, and `note` says so in a sentence.
    """

    terms: tuple[tuple[date, date], ...] = ()
    county: Mapping[date, bool] = field(default_factory=dict)
    own: Mapping[date, tuple[bool, bool]] = field(default_factory=dict)

    def halves(self, on):
        """(morning, afternoon) in session on the day `on`."""
        if on in self.own:
            return self.own[on]
        return WHOLE_DAY if not self.is_vacation(on) and is_workday(on, self.county) else NO_SCHOOL

    def is_school_day(self, on):
        return any(self.halves(on))

    def is_school_half_day(self, on, half):
        return self.halves(on)[HALVES.index(half)]

    def school_days(self, first, last):
        """The days of first … last with school, half ones included."""
        return [on for on in days(first, last) if self.is_school_day(on)]

    def half_days(self, first, last):
        """(day, half) of every half-day in session, in order."""
        return [(on, half) for on in days(first, last) for half, taught in zip(HALVES, self.halves(on), strict=True) if taught]

    def in_term(self, on):
        return any(starts <= on <= ends for starts, ends in self.terms)

    def is_vacation(self, on):
        """Between two known terms, or after a known one until the season is over; before the first known term nothing is known."""
        if self.in_term(on):
            return False
        before = max((ends for _, ends in self.terms if ends < on), default=None)
        if before is None:
            return False
        return any(starts > on for starts, _ in self.terms) or on <= rest_until(before)

    def note(self, on):
        """The sentence to print where no term is known; empty where one is."""
        if self.in_term(on) or self.is_vacation(on):
            return ""
        return "这一天所在的学期还没有录入起止日期，上课日按工作日推算；请教育局在“校历”中录入学期。"


def days(first, last):
    """Every day of first … last."""
    return [first + DAY * offset for offset in range((last - first).days + 1)]


def rest_until(ends):
    """The last day of the vacation after a term that ended on `ends`, where the next term is not known: summer ends with August, winter
    with February."""
    if 3 <= ends.month <= 8:
        return date(ends.year, 8, 31)
    year = ends.year + (ends.month > 8)
    return date(year, 3, 1) - DAY


def repeated(first, last, weekdays=(), every=1):
    """The days of first … last on the given weekdays (0 Monday … 6 Sunday; none: all), of every `every`-th week from the first on."""
    monday = first - DAY * first.weekday()
    return [on for on in days(first, last) if (not weekdays or on.weekday() in weekdays) and ((on - monday).days // 7) % every == 0]
