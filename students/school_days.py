"""The school days of a unit: what the clock of absences and the nutrition days ask. Reads the declared days; the rule itself is pure."""

from students.models import SchoolDay


def calendar_of(school, first, last):
    """The Calendar of one unit for the days first … last."""
    return SchoolDay.objects.calendars_of([school], first, last)[school.pk]


def school_days(school, first, last):
    """The days of first … last on which the unit has school, half ones included."""
    return calendar_of(school, first, last).school_days(first, last)


def is_school_half_day(school, on, half):
    """Whether the unit teaches on that half-day ("am", "pm")."""
    return calendar_of(school, on, on).is_school_half_day(on, half)
