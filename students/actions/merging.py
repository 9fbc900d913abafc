"""Moves what hangs on one child's record to another, over all apps, as an event that can be taken back (issue 3 §2).

A batch is moved set-based over the table merging_pair; one pair is a batch of one. What each reference does is said in
students.actions.following; a person's acts are in students.actions.joining. Callers derive and place anew for the ids that come back.
"""

import json
from contextlib import nullcontext
from dataclasses import dataclass

import pgtrigger
from django.apps import apps
from django.db import connection
from django.db.models import Max

from students.actions.following import FOLLOWS, PARTICULARS, chosen, moving, row_column
from students.models import Child, ChildNumber, Enrolment, ListRow, MergeEvent

PAIRS = (
    """create temporary table if not exists merging_pair
       (event bigint, source bigint, target bigint, number bigint, identity bytea, whole boolean) on commit drop""",
    "delete from merging_pair",
)


def move_number(number, target):
    """A list shows that `number` is `target`'s. Returns the ids to touch."""
    return move_numbers([(number, target)])


def split_number(number, own):
    """A list shows that `number` is not its child's: its rows and their facts go to `own`; what people entered stays. Ids to touch."""
    return touched_by(carry([Move(number.child, own, number, MergeEvent.Kind.SPLIT)], MergeEvent.Origin.LIST))


def move_numbers(pairs):
    """[(ChildNumber, Child)] that a list has settled. A record that stood for its number alone becomes the other one; where it may not
    (both have an open case), or where it has more numbers, only the number goes. Returns the ids to touch."""
    sources = {number.child_id for number, _ in pairs}
    held = dict.fromkeys(sources, 0)
    for child in ChildNumber.objects.filter(child__in=sources).values_list("child", flat=True):
        held[child] += 1
    barred = clashes([(number.child_id, target.pk) for number, target in pairs])
    moves = []
    for number, target in pairs:
        whole = held[number.child_id] == 1 and number.child_id not in barred
        held[number.child_id] -= 1
        moves.append(Move(number.child, target, number, MergeEvent.Kind.MERGE if whole else MergeEvent.Kind.NUMBER))
    return touched_by([event for part in rounds(moves) for event in carry(part, MergeEvent.Origin.LIST)])


def touched_by(events):
    return [pk for event in events for pk in (event.source_id, event.target_id)]


@dataclass
class Move:
    """What goes where: all of `source`, or its `number` alone."""

    source: Child
    target: Child
    number: ChildNumber | None
    kind: str

    @property
    def whole(self):
        return self.kind == MergeEvent.Kind.MERGE


def rounds(moves):
    """The moves in rounds in which no record both gives and takes, or gives twice."""
    part, giving, taking = [], set(), set()
    for move in moves:
        if move.source.pk in giving | taking or move.target.pk in giving:
            yield part
            part, giving, taking = [], set(), set()
        part.append(move)
        giving.add(move.source.pk)
        taking.add(move.target.pk)
    if part:
        yield part


def passing(triggers):
    """The named triggers let rows pass; none named, all hold (pgtrigger.ignore without names would silence every one)."""
    return pgtrigger.ignore(*triggers) if triggers else nullcontext()


def clashes(pairs):
    """{source id: sentence} of the pairs that may not become one record as they are."""
    found = {}
    for _, _, follow in moving():
        if follow.clashes:
            found |= follow.clashes(pairs)
    return found


def carry(moves, origin, *, by=None, reason=""):
    """Write the events, keep the images, move the rows. The events."""
    events = MergeEvent.objects.bulk_create(
        MergeEvent(
            kind=move.kind, origin=origin, source=move.source, target=move.target, source_name=move.source.name,
            target_name=move.target.name, by=by, reason=reason[:200],
        )
        for move in moves
    )  # fmt: skip
    with connection.cursor() as cursor:
        for statement in PAIRS:
            cursor.execute(statement)
        for event, move in zip(events, moves, strict=True):
            number = (move.number.pk, bytes(move.number.identity)) if move.number else (None, None)
            cursor.execute(
                "insert into merging_pair values (%s, %s, %s, %s, %s, %s)", [event.pk, move.source.pk, move.target.pk, *number, move.whole]
            )
        images, moved = _keep_images(cursor), {event.pk: {} for event in events}
        for model, field, follow in moving():
            _move(cursor, model, field, follow, moved)
        cursor.execute(
            "update students_child c set merged_into_id = p.target, scope_nodes = '{}' from merging_pair p"
            " where p.whole and c.id = p.source"
        )
    for event in events:
        event.moved, event.images = moved[event.pk], images.get(event.pk, {})
    MergeEvent.objects.bulk_update(events, ["moved", "images"])
    return events


def _keep_images(cursor):
    """{event id: {label: {row id: {column: value}}}} of both records' rows, as they are before anything moves."""
    wanted = [("students.Child", "students_child", "id", PARTICULARS)]
    wanted += [(follow.label, model._meta.db_table, field.column, follow.images) for model, field, follow in moving() if follow.images]
    kept = {}
    for label, table, column, columns in wanted:
        built = ", ".join(f"'{name}', t.{name}" for name in columns)
        cursor.execute(
            f"select p.event, jsonb_object_agg(t.id, jsonb_build_object({built})) from merging_pair p"
            f" join {table} t on t.{column} in (p.source, p.target) group by p.event"
        )
        for event, image in cursor.fetchall():
            kept.setdefault(event, {})[label] = json.loads(image) if isinstance(image, str) else image
    return kept


def _move(cursor, model, field, follow, moved):
    choice = chosen(model, field)
    with passing(follow.ignores):
        if follow.fits:
            cursor.execute(follow.fits.format(chosen=choice))
        cursor.execute(
            f"update {model._meta.db_table} t set {field.column} = p.target from merging_pair p"
            f" where {choice} and not ({follow.unless}) returning p.event, t.id"
        )
    for event, pk in cursor.fetchall():
        moved[event].setdefault(follow.key, []).append(pk)


def last_event():
    return MergeEvent.objects.aggregate(last=Max("pk"))["last"] or 0


def belong_to(snapshot, *, after):
    """The events since `after` are the batch's: taken back with it. Lists come in one at a time, under one lock."""
    MergeEvent.objects.filter(pk__gt=after, origin=MergeEvent.Origin.LIST).update(snapshot=snapshot)


def take_back(event):
    """Send the rows of a standing event back and restore what it changed besides; what came afterwards stays. Returns the ids to touch."""
    with connection.cursor() as cursor:
        for label in event.images:
            _unfit(cursor, event, label)
        for key, ids in event.moved.items():
            follow = FOLLOWS.get(key)
            label, _, name = key.rpartition(".")
            model = apps.get_model(label)
            with passing(follow.ignores if follow else ()):
                cursor.execute(
                    f"update {model._meta.db_table} set {model._meta.get_field(name).column} = %s where id = any(%s)"
                    f" and {model._meta.get_field(name).column} = %s",
                    [event.source_id, ids, event.target_id],
                )
        for label, rows in event.images.items():
            _restore(cursor, label, rows)
        _later_rows(cursor, event)
        if event.kind == MergeEvent.Kind.SPLIT:  # the record that the split made is empty again
            cursor.execute(
                "update students_child set merged_into_id = %s, scope_nodes = '{}' where id = %s and merged_into_id is null"
                " and not exists (select 1 from students_listrow l where l.child_id = students_child.id)"
                " and not exists (select 1 from students_childnumber n where n.child_id = students_child.id)",
                [event.source_id, event.target_id],
            )
    return touched_by([event])


def _later_rows(cursor, event):
    """Rows that came since under a number that went back go after it, with the facts that follow from them."""
    for model, field, follow in moving():
        row = "id" if model is ListRow else row_column(model)
        if row is None:
            continue
        again = ", accepted = false" if model is Enrolment else ""  # deriving says which of them holds
        with passing(follow.ignores):
            cursor.execute(
                f"update {model._meta.db_table} t set {field.column} = %(source)s{again}"
                " from students_listrow l join students_childnumber n on n.identity = l.identity and n.child_id = %(source)s"
                f" where t.{row} = l.id and l.child_id = %(target)s and t.{field.column} = %(target)s",
                {"source": event.source_id, "target": event.target_id},
            )


def _unfit(cursor, event, label):
    """What must give way before the old values can stand again."""
    for follow in FOLLOWS.values():
        if follow.label == label and follow.unfit:
            cursor.execute(follow.unfit, {"ids": [int(pk) for pk in event.images[label]]})


def _restore(cursor, label, rows):
    """The columns as they were, where they still differ; a number that somebody else took meanwhile is not forced."""
    if not rows:
        return
    follows = [follow for follow in FOLLOWS.values() if follow.label == label and follow.images]
    columns = PARTICULARS if label == "students.Child" else follows[0].images
    ignored = tuple(name for follow in follows for name in follow.ignores)
    table = apps.get_model(label)._meta.db_table
    guard = follows[0].restores if follows else ""
    with passing(ignored):
        cursor.execute(
            f"update {table} t set {', '.join(f'{name} = r.{name}' for name in columns)} from jsonb_each(%s::jsonb) as image(id, held)"
            f" cross join lateral jsonb_populate_record(null::{table}, image.held) r where t.id = image.id::bigint"
            f" and ({', '.join(f't.{name}' for name in columns)}) is distinct from ({', '.join(f'r.{name}' for name in columns)}) {guard}",
            [json.dumps(rows)],
        )
