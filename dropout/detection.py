"""Pure rules of the case work: when a removal must be re-checked, which stage a child without a school belongs to. No clock."""

import calendar
from datetime import date, timedelta

from dropout import codes
from students.rules import ages

RULE_VERSION = 1
PRIMARY_UNTIL = 12  # completed years on the cut-off day: younger is primary, older junior, where no roll says it


def removal_expires_on(reason, sub_reason, on, ends_on=None):
    """Last day on which a removal approved on `on` holds; None where the reason is final (domain.md §3.5).

    `ends_on`: last day of a suspension (reason 13). ValueError with the sentence where it is wanted and missing."""
    if sub_reason in codes.NO_RECHECK_SUBS:
        return None
    return RECHECK[codes.REASON[reason].recheck](on, ends_on)


def _end_of_term(on, _ends_on):
    return ages.term_bounds(ages.term_of(on))[1]


def _end_of_school_year(on, _ends_on):
    return ages.school_year_bounds(ages.school_year(on))[1]


def _next_cutoff(on, _ends_on):
    month, day = ages.DEFAULT_CUTOFF
    return date(on.year + ((on.month, on.day) > (month, day)), month, day)


def _months(count):
    return lambda on, _ends_on: months_after(on, count)


def _end_of_suspension(_on, ends_on):
    if ends_on is None:
        raise ValueError("休学要写明休学截止日期。")
    return ends_on + timedelta(days=7)


def months_after(on, count):
    """The same day `count` months later; the last day of a shorter month."""
    year, month = divmod(on.month - 1 + count, 12)
    year, month = on.year + year, month + 1
    return date(year, month, min(on.day, calendar.monthrange(year, month)[1]))


RECHECK = {
    "none": lambda _on, _ends_on: None, "term": _end_of_term, "month": _months(1), "half_year": _months(6),
    "school_year": _end_of_school_year, "cutoff": _next_cutoff, "end": _end_of_suspension,
}


def stage_by_age(birth_on, on):
    """pri or jun by the age on the cut-off day of the school year; '' without a birth date."""
    if birth_on is None:
        return ""
    return "pri" if ages.age(birth_on, date(ages.school_year(on), *ages.DEFAULT_CUTOFF)) < PRIMARY_UNTIL else "jun"
