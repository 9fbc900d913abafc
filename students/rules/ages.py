"""Ages, the two age modes, school years and terms (domain.md §3.2, §13). Dates go in, dates come out; no clock."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

POINT, SCHOOL_YEAR = "point", "school_year"
MODES = {POINT: "按时点周岁", SCHOOL_YEAR: "按学年入学界线"}
DEFAULT_CUTOFF = (8, 31)  # month and day; each province sets its own, most use 31 August
YEAR_STARTS = (9, 1)


@dataclass(frozen=True)
class TermSpan:
    """Administrative bounds of a term: (month, day) each; an autumn term ends in the following calendar year."""

    letter: str
    label: str
    starts: tuple[int, int]
    ends: tuple[int, int]
    ends_next_year: bool


SPRING = TermSpan("S", "春季学期", (2, 1), (8, 31), False)
AUTUMN = TermSpan("A", "秋季学期", (9, 1), (1, 31), True)
TERM_SPANS = {span.letter: span for span in (SPRING, AUTUMN)}
FIRST_REPORTED_TERM = "2016A"  # domain.md §13: relief through education began in 2016


def age(birth: date, on: date) -> int:
    """Completed years; the birthday counts from the day itself; born on 29 February means 1 March in a common year."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def years_before(on: date, years: int) -> date:
    """The latest birth date of somebody who has completed ``years`` years on ``on``."""
    try:
        return on.replace(year=on.year - years)
    except ValueError:  # 29 February of a leap year, seen from a common year
        return date(on.year - years, 2, 28)


def birth_range(mode: str, low: int, high: int, on: date, cutoff: tuple[int, int] = DEFAULT_CUTOFF) -> tuple[date, date]:
    """First and last birth date (both inclusive) of the ages low–high.

    ``point``: low ≤ age ≤ high on the day ``on``. ``school_year``: the same on the cut-off day of the year in which the school
    year of ``on`` began (domain.md §3.2). Raises ValueError for an unknown mode or a range turned round.
    """
    if low < 0 or high < low:
        raise ValueError(f"年龄范围 {low}–{high} 不成立，应写成 6–15 这样由小到大的两个数。")
    if mode == SCHOOL_YEAR:
        on = date(school_year(on), *cutoff)
    elif mode != POINT:
        raise ValueError(f"年龄口径“{mode}”不认识，只能是 {POINT} 或 {SCHOOL_YEAR}。")
    return years_before(on, high + 1) + timedelta(days=1), years_before(on, low)


def school_year(on: date) -> int:
    """Calendar year in which the school year of ``on`` began: 1 September to 31 August."""
    return on.year if (on.month, on.day) >= YEAR_STARTS else on.year - 1


def school_year_bounds(year: int) -> tuple[date, date]:
    return date(year, 9, 1), date(year + 1, 8, 31)


def school_year_label(year: int) -> str:
    return f"{year}-{year + 1}学年度"


def term_of(on: date) -> str:
    """Key of the term of a day: ``2020S`` or ``2020A``; January belongs to the autumn term of the year before."""
    if (on.month, on.day) >= AUTUMN.starts:
        return f"{on.year}A"
    return f"{on.year}S" if (on.month, on.day) >= SPRING.starts else f"{on.year - 1}A"


def read_term(key: str) -> tuple[int, TermSpan]:
    if not re.fullmatch(r"[12]\d{3}[SA]", key):
        raise ValueError(f"学期“{key}”不认识，应写成 2020S（春季）或 2020A（秋季）。")
    return int(key[:4]), TERM_SPANS[key[4]]


def term_bounds(key: str) -> tuple[date, date]:
    """First and last day of a term, both inclusive."""
    year, span = read_term(key)
    return date(year, *span.starts), date(year + span.ends_next_year, *span.ends)


def term_label(key: str) -> str:
    year, span = read_term(key)
    return f"{year}年{span.label}"


def term_school_year(key: str) -> int:
    """Start year of the school year a term belongs to: 2019A and 2020S are both 2019."""
    year, span = read_term(key)
    return year if span is AUTUMN else year - 1


def next_term(key: str) -> str:
    year, span = read_term(key)
    return f"{year}A" if span is SPRING else f"{year + 1}S"


def terms_between(first: str, last: str) -> list[str]:
    """Keys from first to last, both inclusive, in order of time; empty when last is earlier."""
    keys, key, stop = [], first, term_bounds(last)[0]
    while term_bounds(key)[0] <= stop:
        keys.append(key)
        key = next_term(key)
    return keys
