"""Who sits in which class on a day, and which half-days wait to be marked: what the pages, the import and the worklist ask."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q

from core.models import Organization, Parameter
from students.models import ClassMark, Enrolment, SchoolDay
from students.rules import grades
from students.rules.school_days import ALERT_HOURS, DAY

NO_PUPIL = ("suspended", "休学")
LOOK_BACK = 14  # days within which an unmarked half-day is still asked for



def alert_hours(on):
    """After how many hours an unexcused absence that began on the day `on` is reported: the county's own threshold."""
    return int(Parameter.objects.value_of("absence_alert_hours", on, ALERT_HOURS))


@dataclass
class SchoolClass:
    """A class with pupils: its node, its label of the school year, its pupils as accepted enrolments in the order of their names."""

    node: Organization
    pupils: list = field(default_factory=list)

    @property
    def label(self):
        """三年级1班; the node's own name where the lists tell no grade."""
        first = min(self.pupils, key=lambda row: row.grade or 99, default=None)
        if first is None or not first.grade or first.grade > grades.MOST_YEARS.get(first.stage, 0):
            return self.node.name
        return f"{grades.grade_label(grades.Grade(first.stage, first.grade))}{first.class_name}"

    @property
    def order(self):
        first = min(self.pupils, key=lambda row: row.grade or 99)
        stages = ("pre", "pri", "jun", "sen", "voc", "spe")
        return (stages.index(first.stage) if first.stage in stages else 9, first.grade or 0, len(first.class_name), first.class_name)


def classes_of(nodes, on):
    """[SchoolClass] of the class nodes (a QuerySet) that have pupils on the day `on`, in the order of a school; two queries.

    A class's pupils are those whom the classroom list seats there; where there is no classroom list of the class, those on its roll."""
    found = {node.pk: SchoolClass(node) for node in nodes.filter(kind=Organization.Kind.CLASS)}
    seated = (
        Enrolment.objects.in_force(on)
        .counted()
        .filter(class_node__in=list(found), accepted=True, child__merged_into=None)
        .exclude(state__in=NO_PUPIL)
        .select_related("child")
        .order_by("child__pinyin", "child__name", "child_id")
    )
    by_kind = defaultdict(lambda: defaultdict(dict))
    for row in seated:
        by_kind[row.class_node_id][row.kind].setdefault(row.child_id, row)
    for pk, kinds in by_kind.items():
        found[pk].pupils = list((kinds.get(Enrolment.Kind.ATTENDING) or kinds[Enrolment.Kind.ROLL]).values())
    return sorted((one for one in found.values() if one.pupils), key=lambda one: (one.node.parent_id, one.order))


def class_of(node, on):
    """The SchoolClass of one node; without pupils where nobody sits in it on the day `on`."""
    found = classes_of(Organization.objects.filter(pk=node.pk), on)
    return found[0] if found else SchoolClass(node)


def marked(nodes, first, last):
    """{(class id, day, half): ClassMark} of the days first … last."""
    rows = ClassMark.objects.between(first, last).filter(class_node__in=nodes)
    return {(row.class_node_id, row.on, row.half): row for row in rows}


def unmarked(nodes, on, *, until_half="pm"):
    """[(class id, day, half)] in session, within a term, and not marked: of LOOK_BACK days up to `on`, whose halves count as far as
    `until_half`. `nodes`: class nodes (a QuerySet); those without pupils wait for nothing."""
    peopled = Enrolment.objects.in_force(on).counted().filter(class_node__in=nodes, accepted=True)
    nodes = list(nodes.filter(Q(pk__in=peopled.values("class_node"))))
    first = on - DAY * LOOK_BACK
    calendars, done = SchoolDay.objects.calendars_of(nodes, first, on), marked([node.pk for node in nodes], first, on)
    return [
        (node.pk, day, half)
        for node in nodes
        for day, half in calendars[node.pk].half_days(max(first, node.since or first), on)
        if calendars[node.pk].in_term(day) and (day < on or half <= until_half) and (node.pk, day, half) not in done
    ]
