"""The clock of an unexcused absence (domain.md §3.1, seed rule 辍学报告制): it starts at the first unexcused missed half-day, pauses on
days without school, and ends when the child is seen again or a slip excuses it. Pure: `at` is handed in, always in the county's time.

What nobody marked is neither presence nor absence: a past day on which the class was not marked at all pauses the clock like a day without
school; the day of asking counts as soon as it is a school day, so that the report does not wait for the morning's marking.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta

from students.rules.school_days import ALERT_HOURS, DAY, HALF_LABELS, Calendar, days

VERSION = 1
MISSED, EXCUSED, THERE = "missed", "excused", "there"
SCHOOL_WEEK = 5  # school days to a week of absence


@dataclass(frozen=True)
class Thresholds:
    """County parameters on the day the absence began (domain.md §3.1). `suspected_days` and `alert_hours` run on the same clock: a case
    opens with the report, or later where the county says so; `weeks` of five school days each make a dropout to be decided on."""

    alert_hours: int = ALERT_HOURS
    suspected_days: int = 2
    weeks: int = 4
    morning: int = 8
    afternoon: int = 14

    @property
    def suspected_hours(self):
        return max(self.alert_hours, 24 * self.suspected_days)

    def bell(self, half_day):
        """The moment at which a half-day begins, naive county time."""
        on, half = half_day
        return datetime.combine(on, time(self.morning if half == "am" else self.afternoon))

    def as_inputs(self):
        return {"version": VERSION, **asdict(self)}


@dataclass(frozen=True)
class Spell:
    """Half-days (day, half): the first missed one, all missed ones, the one that ended it (None: still away) and how it ended."""

    first: tuple[date, str]
    missed: tuple[tuple[date, str], ...]
    ended: tuple[date, str] | None = None
    how: str = ""

    @property
    def is_open(self):
        return self.ended is None


def spells(known: Mapping[tuple[date, str], str]):
    """The spells in what is known of one child's half-days: {(day, half): missed, excused or there}, in order of time."""
    found, missed = [], []
    for half_day in sorted(known):
        if known[half_day] == MISSED:
            missed.append(half_day)
        elif missed:
            found.append(Spell(missed[0], tuple(missed), half_day, known[half_day]))
            missed = []
    return [*found, Spell(missed[0], tuple(missed))] if missed else found


def counted_days(spell: Spell, calendar: Calendar, marked_days, at: datetime):
    """The days from the first missed one to that of `at` (or of the end) on which the clock runs."""
    last = min(at.date(), spell.ended[0]) if spell.ended else at.date()
    return [
        on
        for on in days(spell.first[0], last)
        if on == spell.first[0] or calendar.is_school_day(on) and (on in marked_days or on == at.date())
    ]


def reached_at(spell, calendar, marked_days, thresholds, hours, at):
    """The moment at which the clock of the spell came to `hours`, naive county time; None where it has not by `at`, or where the child was
    seen or excused first."""
    remaining = timedelta(hours=hours)
    for on in counted_days(spell, calendar, marked_days, at):
        begins = thresholds.bell(spell.first) if on == spell.first[0] else datetime.combine(on, time())
        span = datetime.combine(on + DAY, time()) - begins
        if remaining <= span:
            moment = begins + remaining
            in_time = moment <= at and (spell.ended is None or moment < thresholds.bell(spell.ended))
            return moment if in_time else None
        remaining -= span
    return None


def weeks_passed(spell, calendar, marked_days, thresholds, at):
    """Whether the absence has lasted the weeks after which a dropout is to be decided on; it runs on school days too."""
    return len(counted_days(spell, calendar, marked_days, at)) > thresholds.weeks * SCHOOL_WEEK


def half_words(half_day):
    on, half = half_day
    return f"{on.year}年{on.month}月{on.day}日{HALF_LABELS[half]}"


def due_at(moment: datetime):
    """A report is in time on the day on which the hours are full: the last moment of that day."""
    return datetime.combine(moment.date(), time(23, 59, 59))
