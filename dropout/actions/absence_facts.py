"""What marks, slips and calendars say of many children at once: the facts that the clock of absences judges. Nothing is written here."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone

from core.models import Organization
from dropout.rules.absence_clock import EXCUSED, MISSED, THERE
from students.attendance import SchoolClass
from students.models import AttendanceMark, ClassMark, Enrolment, LeaveSlip, SchoolDay, Standing
from students.rules.school_days import DAY, Calendar, days

STAGES = ("pri", "jun", "spe")  # compulsory education; the report is owed for these
EXCUSING = ("elsewhere", "home_teaching", "special_school", "suspended", "deferred", "graduated", "unable")
GONE = ("05", "06", "10", "16", "17", "18")  # removals of children who are not here; the others may sit in class
PLAINLY_THERE = (AttendanceMark.Kind.PRESENT, None)
SEEN = (AttendanceMark.Kind.PRESENT, AttendanceMark.Kind.LATE)


@dataclass
class Facts:
    """One child: where it sat (newest seat first), {(day, half): missed, excused, there}, days on which its class was marked, when each
    absence was entered, and the calendar of its class."""

    seats: list
    known: dict = field(default_factory=dict)
    marked_days: set = field(default_factory=set)
    marked_at: dict = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)

    @property
    def seat(self):
        return self.seats[0]

    @property
    def label(self):
        return SchoolClass(self.seat.class_node, [self.seat]).label


def facts_of(children, first, at):
    """{child id: Facts} of those who sit in a class of compulsory education, for the days `first` … that of `at` (naive county time);
    ten queries whatever their number."""
    last = at.date()
    found = {pk: Facts(seats) for pk, seats in _seats(children, first, last).items()}
    classes = {seat.class_node_id for facts in found.values() for seat in facts.seats}
    marks = _class_marks(classes, first, last)
    exceptions, excuses = _exceptions(found, first, last), _excuses(found, first, last)
    nodes = {seat.class_node_id: seat.class_node for facts in found.values() for seat in facts.seats}
    calendars = SchoolDay.objects.calendars_of(list(nodes.values()), first, last)
    for pk, facts in found.items():
        facts.calendar = calendars[facts.seat.class_node_id]
        _fill(facts, marks, exceptions.get(pk, {}), excuses.get(pk, ()), first, last)
    return found


def _seats(children, first, last):
    """{child: enrolments with a class that touch the days}, those of the classroom where there are any, else of the roll."""
    rows = (
        Enrolment.objects.counted()
        .filter(Q(until=None) | Q(until__gt=first), since__lte=last, child__in=children, accepted=True, stage__in=STAGES)
        .exclude(class_node=None)
        .select_related("class_node")
        .order_by("-since", "-id")
    )
    by_kind = defaultdict(lambda: defaultdict(list))
    for row in rows:
        by_kind[row.child_id][row.kind].append(row)
    return {pk: kinds.get(Enrolment.Kind.ATTENDING) or kinds[Enrolment.Kind.ROLL] for pk, kinds in by_kind.items()}


def _class_marks(classes, first, last):
    """{class id: [(day, half)] that were marked}."""
    found = defaultdict(list)
    rows = ClassMark.objects.between(first, last).filter(class_node__in=classes)
    for pk, on, half in rows.values_list("class_node_id", "on", "half"):
        found[pk].append((on, half))
    return found


def _exceptions(children, first, last):
    """{child id: {(day, half): (kind, when it was entered)}}."""
    found = defaultdict(dict)
    rows = AttendanceMark.objects.filter(child__in=list(children), class_mark__on__gte=first, class_mark__on__lte=last)
    for pk, on, half, kind, moment in rows.values_list("child_id", "class_mark__on", "class_mark__half", "kind", "marked_at"):
        found[pk][on, half] = (kind, moment)
    return found


def _excuses(children, first, last):
    """{child id: [(first half-day, last half-day)]} of slips, and of standings that say why the child is not in this class."""
    found = defaultdict(list)
    for slip in LeaveSlip.objects.touching(first, last).filter(child__in=list(children)):
        found[slip.child_id].append(((slip.first_on, slip.first_half), (slip.last_on, slip.last_half)))
    standings = Standing.objects.filter(Q(until=None) | Q(until__gt=first), since__lte=last, child__in=list(children))
    standings = standings.filter(Q(code__in=EXCUSING) | Q(code="removed", reason__in=GONE))
    for pk, since, until in standings.values_list("child_id", "since", "until"):
        found[pk].append(((since, "am"), (until - DAY if until else last, "pm")))
    return found


def _fill(facts, marks, exceptions, excuses, first, last):
    """A mark says missed or there; a slip excuses whatever is not there, marked or not; nobody misses a half-day that the calendar has
    since declared free. Who was struck off the class while away is still away: from then on the clock runs without marks."""
    excused = {half_day for begins, ends in excuses for half_day in _covered(facts.calendar, begins, ends, first, last)}
    for seat in facts.seats:
        for half_day in marks.get(seat.class_node_id, ()):
            if half_day in facts.known or half_day[0] < seat.since or (seat.until and half_day[0] >= seat.until):
                continue
            kind, moment = exceptions.get(half_day, PLAINLY_THERE)
            if kind not in SEEN and not facts.calendar.is_school_half_day(*half_day):
                continue
            facts.known[half_day] = THERE if kind in SEEN else EXCUSED if half_day in excused else MISSED
            facts.marked_days.add(half_day[0])
            facts.marked_at[half_day] = moment
    for half_day in excused:
        facts.known.setdefault(half_day, EXCUSED)
    if facts.seat.until:
        facts.marked_days.update(days(facts.seat.until, last))


def _covered(calendar, begins, ends, first, last):
    """The taught half-days of first … last from `begins` to `ends`."""
    return [half_day for half_day in calendar.half_days(max(first, begins[0]), min(last, ends[0])) if begins <= half_day <= ends]


def schools_of(facts):
    """{node id: the school or teaching point above the class} of all seats, in one query."""
    above = {pk for one in facts for pk in one.seat.class_node.path}
    kinds = (Organization.Kind.SCHOOL, Organization.Kind.TEACHING_POINT)
    schools = Organization.objects.filter(pk__in=above, kind__in=kinds).in_bulk()
    return {one.seat.class_node_id: next(schools[pk] for pk in reversed(one.seat.class_node.path) if pk in schools) for one in facts}


def local(moment):
    """An aware moment as naive county time, in which the clock reckons: the county has one time and no summer time."""
    return timezone.localtime(moment).replace(tzinfo=None)
