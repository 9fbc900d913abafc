"""What lists show of each child on a day: schools, household and groups, in three statements however many children there are."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from core.models.compiled import Compiled, among
from students.models import Enrolment, Registration, SpecialGroup

MARKS = {"on": date.min, "children": [-1]}


@dataclass(slots=True)
class Place:
    """A school, a village or the township above it; the name may be changed into that of the day (students.actions.units)."""

    pk: int
    name: str
    parent: "Place | None" = None


class Seat(NamedTuple):
    """An enrolment."""

    pk: int
    kind: str
    accepted: bool
    counts: bool
    school: Place
    stage: str
    grade: int | None
    class_name: str


class Home(NamedTuple):
    """The household of a registration."""

    head_name: str
    village: Place


class Entry(NamedTuple):
    """A registration."""

    counts: bool
    household: Home


class Membership(NamedTuple):
    """Of a special group."""

    code: str
    label: str


SEATS = Compiled(
    lambda on, children: Enrolment.objects.in_force(on).filter(among("child_id", children)).order_by("pk").values_list(
        "child_id", "pk", "kind", "accepted", "counts", "stage", "grade", "class_name", "school_id", "school__name"
    ), **MARKS,
)  # fmt: skip
ENTRIES = Compiled(
    lambda on, children: Registration.objects.in_force(on).filter(among("child_id", children)).order_by("pk").values_list(
        "child_id", "counts", "household__head_name", "household__village_id", "household__village__name",
        "household__village__parent_id", "household__village__parent__name",
    ), **MARKS,
)  # fmt: skip
MEMBERSHIPS = Compiled(
    lambda on, children: SpecialGroup.objects.in_force(on).filter(among("child_id", children)).values_list("child_id", "code", "label"),
    **MARKS,
)


def with_present_facts(children, on):
    """The children (a query set's, or a list) as a list, each with what a row shows of the day `on`."""
    children = list(children)
    asked = {"on": on, "children": [child.pk for child in children]}
    seats, entries, memberships = seats_of(asked), entries_of(asked), memberships_of(asked)
    for child in children:
        child.present_enrolments, child.present_registrations = seats[child.pk], entries[child.pk]
        child.present_groups = memberships[child.pk]
    return children


def seats_of(asked):
    found = defaultdict(list)
    for child, pk, kind, accepted, counts, stage, grade, class_name, school, name in SEATS.rows(**asked):
        found[child].append(Seat(pk, kind, accepted, counts, Place(school, name), stage, grade, class_name))
    return found


def entries_of(asked):
    found = defaultdict(list)
    for child, counts, head, village, name, parent, parent_name in ENTRIES.rows(**asked):
        above = Place(parent, parent_name) if parent else None
        found[child].append(Entry(counts, Home(head, Place(village, name, above))))
    return found


def memberships_of(asked):
    found = defaultdict(list)
    for child, code, label in MEMBERSHIPS.rows(**asked):
        found[child].append(Membership(code, label))
    return found
