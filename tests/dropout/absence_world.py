"""A class whose days are marked one by one, for the tests of the 48-hour report."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from dropout.actions import absences
from dropout.models import Absence
from students.actions import attendance, slips
from students.models import AttendanceMark, ChildPlace, SchoolDay
from tests import make
from tests.students.school import TODAY, autumn, pupils

FIRST = date(2026, 9, 14)  # a Monday; the 20th is taught, 25 to 27 are the holiday
ABSENT, LEAVE = "absent", "leave"


def moment(day, hour=8, minute=0):
    return timezone.make_aware(datetime(2026, 9, day, hour, minute))


def furnish(house):
    """Five pupils of the own class who live in 东一村; `house.away` is the one who will be missing."""
    autumn()
    house.pupils = pupils(house.nodes.class_, 5, village=house.nodes.village)
    house.away = house.pupils[0]
    house.teacher = house.people["class_teacher"]
    return house


def lives_in(child, node, why="residence"):
    ChildPlace.objects.create(child=child, node=node, why=why, since=make.LONG_AGO)
    child.scope_nodes = sorted({*child.scope_nodes, *node.path})
    child.save(update_fields=["scope_nodes"])


def mark(house, on, kinds=None, halves=("am", "pm"), note=""):
    """The class on a day: `kinds` {child: kind}, everybody else there."""
    for half in halves:
        attendance.mark_class(
            class_node=house.nodes.class_, on=on, half=half, kinds={child.pk: kind for child, kind in (kinds or {}).items()},
            by=house.teacher, today=TODAY, note=note,
        )  # fmt: skip
    moment_of = timezone.make_aware(datetime.combine(on, datetime.min.time()).replace(hour=8, minute=20))
    AttendanceMark.objects.filter(class_mark__on=on).update(marked_at=moment_of)


def away(house, first, last, child=None):
    """The child missing on every taught day of first … last (days of September)."""
    calendar = SchoolDay.objects.calendars_of([house.nodes.class_], date(2026, 9, 1), TODAY)[house.nodes.class_.pk]
    for on in calendar.school_days(date(2026, 9, first), date(2026, 9, last)):
        mark(house, on, {child or house.away: ABSENT})


def there(house, day):
    mark(house, date(2026, 9, day))


def slip(house, first, last, child=None):
    return slips.give(
        child=child or house.away, kind="sick", first_on=date(2026, 9, first), first_half="am", last_on=date(2026, 9, last), last_half="pm",
        by=house.teacher,
    )  # fmt: skip


def judge(day, hour=8, minute=0):
    return absences.raise_alarms(at=moment(day, hour, minute))


def the_absence():
    return Absence.objects.with_places().get()


def notes(absence):
    return [(event.name, event.note) for event in absence.events.all()]


def names(absence):
    return [event.name for event in absence.events.all()]


A_DAY = timedelta(days=1)
