"""Who boards since when. A dated entry by hand wins; else the newest list that says it: a boarding list, a classroom list, a roll.

Lists keep what they say beside the entry, with list and row; where they contradict it, that is shown (`conflicts`), never overwritten.
"""

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from core import audit
from core.scope import require
from core.workflow import Refused
from students.actions.arriving_pupils import due_in
from students.models import Boarding, Enrolment, SourceSnapshot

RANK = {"boarding": 2, "attending": 1, "roll": 0}  # whom to believe of lists of one day
STEPS = (
    """
update students_boarding b set until = greatest(l.until, b.since) from students_listrow l
where b.row_id = l.id and l.until is not null and b.until is null and l.child_id in (select child_id from touched_child)
""",
    """
insert into students_boarding (child_id, school_id, since, row_id)
select l.child_id, l.node_id, coalesce((l.facts ->> 'starts')::date, l.since), l.id from students_listrow l
where l.kind = 'boarding' and l.until is null and l.node_id is not null and (l.facts ->> 'boarding')::boolean
  and l.child_id in (select child_id from touched_child) and not exists (select 1 from students_boarding b where b.row_id = l.id)
""",
)


def follow():
    """Facts of the boarding lists' rows about the touched children; running it twice changes nothing."""
    if SourceSnapshot.objects.filter(kind="boarding").exists():
        with connection.cursor() as cursor:
            for statement in STEPS:
                cursor.execute(statement)


class Said(NamedTuple):
    """What one list says: `seen` is the day of its newest batch that still did."""

    boards: bool
    kind: str
    seen: date
    fact: object


@transaction.atomic
def keep(*, node, boarders, on, by):
    """Who of the class boards from the day `on`, by hand: new ones begin, the others end, the unchanged keep their day. Both counts."""
    require(by, "register_arrivals", node)
    due = {entry.child_id: entry.school_id for entry in due_in(node, on)}
    if set(boarders) - set(due):
        raise Refused("名单里有不在这个班学籍上的学生，请刷新页面后再登记。")
    standing = Boarding.objects.select_for_update().filter(child__in=due, until=None, row=None)
    here = {row.child_id for row in standing if row.school_id == due[row.child_id]}
    listed = boards(due, on) - here
    leaving = [row.pk for row in standing if not (row.child_id in here and row.child_id in boarders)]
    ended = Boarding.objects.filter(pk__in=leaving).update(until=Greatest(F("since"), on)) if leaving else 0
    new = [child for child in boarders if child not in here and child not in listed]
    gone = [child for child in listed if child not in boarders]
    rows = [Boarding(child_id=child, school_id=due[child], since=on, recorded_by=by) for child in new]
    rows += [Boarding(child_id=child, school_id=due[child], since=on, until=on, recorded_by=by) for child in gone]
    Boarding.objects.bulk_create(rows)
    if rows or ended:
        audit.record("boarding_kept", by=by, organization=node, began=len(new), ended=ended + len(gone), on=str(on))
    return len(new), ended + len(gone)


def boards(child_ids, on):
    """Ids of those who board on the day."""
    hand, said = by_hand(child_ids), by_lists(child_ids, on)
    return {child for child in child_ids if (_present(hand[child], on) if hand[child] else said[child] and said[child][0].boards)}


def by_hand(child_ids):
    """{child id: entries by hand}, the newest last."""
    held = defaultdict(list)
    for entry in Boarding.objects.filter(child__in=child_ids, row=None).select_related("recorded_by").order_by("since", "pk"):
        held[entry.child_id].append(entry)
    return held


def by_lists(child_ids, on):
    """{child id: [Said]} of the lists in force on the day, the one to believe first."""
    said = defaultdict(list)
    in_force = Boarding.objects.filter(child__in=child_ids, row__isnull=False, since__lte=on).exclude(until__lte=on)
    told = Enrolment.objects.in_force(on).filter(child__in=child_ids, boarding__isnull=False, counts=True)
    for fact in in_force.select_related("row__snapshot"):
        said[fact.child_id].append(Said(True, "boarding", max(fact.since, fact.row.seen_as_of), fact))
    for fact in told.select_related("row__snapshot"):
        said[fact.child_id].append(Said(fact.boarding, fact.kind, max(fact.since, fact.row.seen_as_of if fact.row else fact.since), fact))
    for lists in said.values():
        lists.sort(key=lambda one: (one.seen, RANK[one.kind], one.fact.pk), reverse=True)
    return said


def conflicts(child_ids, on):
    """{child id: Said} of those whose newest list contradicts what counts: an older entry by hand, or another list in force."""
    hand, said = by_hand(child_ids), by_lists(child_ids, on)
    found = {}
    for child in child_ids:
        lists = said[child]
        if hand[child] and lists:
            last = hand[child][-1]
            if lists[0].boards != _present(hand[child], on) and lists[0].seen > (last.until or last.since):
                found[child] = lists[0]
        elif lists:
            other = next((one for one in lists[1:] if one.boards != lists[0].boards), None)
            if other:
                found[child] = other
    return found


def _present(entries, on):
    return any(entry.since <= on and (entry.until is None or entry.until > on) for entry in entries)
