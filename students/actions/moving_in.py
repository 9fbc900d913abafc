"""A child who moved in stands in the household ledger from that day, with the list of moves as the source (domain.md §4.11, issue 3 §1).

The entry holds until the police register takes over with an entry of its own, or until a later death or move out. A register that comes
and does not know the child ends nothing: it is shown (students.reports.moved_in), for a person to clear up. Nor does the next list of
moves that does not repeat the row: a move is an event, not a state.

Works on the table touched_child; running it twice changes nothing.
"""

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from django.db import connection

from students.actions import linking
from students.models import ChildNumber, Household, ListRow, Registration, SourceSnapshot

KIND = "movements"
MOVED_IN, MOVED_OUT = "moved_in", "moved_out"
STATE = "迁入"
TOUCHED = """
select l.id from students_listrow l where l.snapshot_id = any(%s::bigint[]) and l.child_id in (select child_id from touched_child)
"""


class Move(NamedTuple):
    """One row of a list of deaths and moves, with the day it tells of."""

    row: ListRow
    day: date


def follow():
    """Entries of the touched children in line with their moves."""
    batches = _batches()
    if not batches:
        return
    _give_records(batches)
    arrived = {child: rows for child, rows in _told(batches).items() if any(row.facts["event"] == MOVED_IN for row in rows)}
    own = {entry.row_id: entry for entry in Registration.objects.filter(child__in=arrived, row__kind=KIND)}
    police = _registered(arrived)
    for child, rows in arrived.items():
        _enter(rows, own, police[child])


def returned():
    """{row id of a move out: day} of the touched children who moved in again afterwards."""
    back = {}
    for rows in _told(_batches()).values():
        moves = _holding(rows)
        for at, move in enumerate(moves):
            again = next((other.day for other in moves[at + 1 :] if other.row.facts["event"] == MOVED_IN), None)
            if move.row.facts["event"] == MOVED_OUT and again:
                back[move.row.pk] = again
    return back


def _batches():
    return list(SourceSnapshot.objects.filter(kind=KIND).values_list("pk", flat=True))


def _give_records(batches):
    """A record for whoever moved in and is on no other list."""
    rows = ListRow.objects.filter(snapshot__in=batches, until=None, child=None, identity__isnull=False, facts__event=MOVED_IN)
    made = {}
    for row in rows.order_by("pk"):
        key = bytes(row.identity)
        if key not in made:
            made[key] = _record(row)
        ListRow.objects.filter(pk=row.pk).update(child=made[key])
    if made:
        linking.touch(set(made.values()))


def _record(row):
    known = ChildNumber.objects.filter(identity=bytes(row.identity)).select_related("child").first()
    if known:
        return known.child
    child = linking.own_child(row)
    source = ChildNumber.Source.RESIDENT if row.number else ChildNumber.Source.NONE
    ChildNumber.objects.create(
        child=child, identity=bytes(row.identity), number=row.number or None, last_four_index=row.last_four_index, source=source,
        valid=row.number_valid, name_key=row.name_key[:60], birth_on=row.birth_on, birth_stated=row.birth_stated,
        roll_identity=row.roll_identity,
    )  # fmt: skip
    return child


def _told(batches):
    """{child id: rows of deaths and moves} of the touched children."""
    found = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED, [batches])
        touched = [pk for (pk,) in cursor.fetchall()]
    for row in ListRow.objects.filter(pk__in=touched).select_related("node", "snapshot__coverage").order_by("pk"):
        found[row.child_id].append(row)
    return found


def _holding(rows):
    """[Move] of one child by their days; a row that a later batch wrote anew speaks no more, one that it only left out does."""
    anew = {(row.snapshot_id, row.facts["event"]) for row in rows}
    holding = [row for row in rows if row.until is None or (row.closed_by_id, row.facts["event"]) not in anew]
    return sorted((Move(row, _day(row)) for row in holding), key=lambda move: (move.day, move.row.pk))


def _day(row):
    happened = row.facts.get("happened")
    return date.fromisoformat(happened) if happened else row.since


def _registered(children):
    """{child id: entries of the police register}, oldest first."""
    held = defaultdict(list)
    for entry in Registration.objects.filter(child__in=children, row__kind="hukou").order_by("since", "pk"):
        held[entry.child_id].append(entry)
    return held


def _enter(rows, own, police):
    """Entries for the moves in of one child; one that the register or a later move covers whole has no length."""
    moves = _holding(rows)
    wanted = {move.row.pk: (move, _until(move, moves[at + 1 :], police)) for at, move in enumerate(moves)}
    for row in rows:
        if row.facts["event"] != MOVED_IN:
            continue
        entry = own.get(row.pk)
        move, until = wanted.get(row.pk) or (Move(row, entry.since if entry else None), entry.since if entry else None)
        if entry is None and until != move.day:
            entry = Registration(child_id=row.child_id, household=_household(row), state=STATE, since=move.day, row=row)
        if entry is not None and (entry.pk is None or entry.until != until):
            entry.until = until
            entry.save()


def _until(move, later, police):
    """First day the entry no longer holds; None while it does; the day of the move itself where the register knows the child anyway."""
    if any(entry.counts and entry.since <= move.day and (entry.until is None or entry.until > move.day) for entry in police):
        return move.day
    over = [entry.since for entry in police if entry.since > move.day]
    over += [other.day for other in later]  # out again, dead, or in again elsewhere: that entry goes on
    return min(over, default=None)


def _household(row):
    """The household of the number that the row gives, else one of its own until the register names it."""
    place = row.node or row.snapshot.coverage
    number = row.facts.get("household") or f"{STATE}-{place.code}-{row.name}"
    return Household.objects.get_or_create(number=number[:40], defaults={"head_name": row.name[:60], "village": place})[0]
