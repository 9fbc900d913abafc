"""The school calendar as its page shows it: a month of days, the declared ones below, a line for each school."""

import calendar
from datetime import date

from core.models import Term
from students.models import SchoolDay
from students.rules.school_days import NO_SCHOOL, WHOLE_DAY, days

TONES = {WHOLE_DAY: "whole", NO_SCHOOL: "free"}
WORDS = {WHOLE_DAY: "上课", NO_SCHOOL: "不上课", (True, False): "上午", (False, True): "下午"}


def month_of(text, today):
    """The first day of the month that an address names as 2026-09; this month where it names none."""
    year, _, month = (text or "").partition("-")
    figures = len(year) == 4 and len(month) <= 2 and (year + month).isdecimal() and month != ""
    named = figures and 2000 <= int(year) <= 2100 and 1 <= int(month) <= 12
    return date(int(year), int(month), 1) if named else today.replace(day=1)


def last_of(first):
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def neighbour(first, step):
    """The month before or after, as the address names it."""
    count = first.year * 12 + first.month - 1 + step
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def declared_of(node, first, last):
    """What counts for the node in these days, its own and what was declared above, the nearer one last."""
    rows = SchoolDay.objects.standing().between(first, last).filter(node__in=node.path).select_related("node", "declared_by")
    return sorted(rows, key=lambda row: (row.on, node.path.index(row.node_id)))


def month_page(node, first, today):
    """The month of one node: {weeks, declared, days, note, before, after}."""
    last = last_of(first)
    own = SchoolDay.objects.calendars_of([node], first, last)[node.pk]
    declared = declared_of(node, first, last)
    nearest = {row.on: row for row in declared}
    cells = [None] * first.weekday() + [_cell(on, own, nearest.get(on), today) for on in days(first, last)]
    return {
        "weeks": [cells[start : start + 7] for start in range(0, len(cells), 7)], "declared": declared,
        "days": len(own.school_days(first, last)), "halves": len(own.half_days(first, last)),
        "note": own.note(first) or own.note(last), "before": neighbour(first, -1), "after": neighbour(first, 1), "first": first,
    }  # fmt: skip


def _cell(on, own, row, today):
    halves = own.halves(on)
    return {
        "on": on, "words": WORDS[halves], "tone": TONES.get(halves, "half"), "today": on == today,
        "why": row.get_kind_display() if row else "",
        "vacation": own.is_vacation(on) and not row,
    }  # fmt: skip


def school_lines(schools, first):
    """A row for each school: its days with school in the month, and how many of them it declared itself."""
    last, schools = last_of(first), list(schools)
    calendars = SchoolDay.objects.calendars_of(schools, first, last)
    return [
        {"school": school, "days": len(calendars[school.pk].school_days(first, last)), "own": len(calendars[school.pk].own)}
        for school in schools
    ]


def terms():
    return list(Term.objects.order_by("-starts")[:8])
