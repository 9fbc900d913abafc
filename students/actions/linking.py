"""Ties list rows to children, set-based and whatever the order of the files (design.md §4, domain.md §3.4).

An exact number decides. A number that fails its check belongs to the one child of the same name (and birth date, where a list
states one) whose valid number is one edit away, or whose roll number it is; with none or several it stands for itself. The match
counts at once and waits for a person's word; a rejection is remembered.
"""

from collections import defaultdict

from django.db import connection
from django.db.models import Q

from students.actions import births, merging, sharing
from students.models import Child, ChildNumber, ListRow, Match
from students.models.shared_number import NUMBER_STATE
from students.planning import ONE_BY_ONE, WHOLE_LISTS
from students.rules.identity import one_edit_apart
from students.rules.kinds import MAKES_CHILDREN

PERSON_KINDS = ("hukou", *(kind for kind in MAKES_CHILDREN if kind != "hukou"))  # whom to believe first
RULE_VERSION = 1

TOUCHED = (
    WHOLE_LISTS,
    "create temporary table if not exists touched_child (child_id bigint) on commit drop",
    "delete from touched_child",
    """insert into touched_child select distinct child_id from students_listrow
       where (snapshot_id = %(snapshot)s or closed_by_id = %(snapshot)s) and child_id is not null""",
)
RESOLVE_NODES = """
with resolved as (
    update students_listrow l set node_id = o.id from core_organization o
    where l.until is null and l.node_id is null and o.code = coalesce(nullif(l.facts ->> 'school', ''), nullif(l.facts ->> 'village', ''),
    nullif(l.facts ->> 'village_code', ''))
    returning l.child_id)
insert into touched_child select distinct child_id from resolved where child_id is not null
"""
TIE = """
with tied as (
    update students_listrow l set child_id = n.child_id from students_childnumber n
    where l.until is null and l.child_id is null and l.identity = n.identity returning l.child_id)
insert into touched_child select distinct child_id from tied
"""
ROLL_NUMBERS = """
update students_childnumber n set roll_identity = l.roll_identity from students_listrow l
where l.snapshot_id = %(snapshot)s and l.identity = n.identity and l.roll_identity is not null
    and n.roll_identity is distinct from l.roll_identity
"""


def open_touched(snapshot):
    """A table of the children whose facts must be derived again, living as long as the transaction."""
    with connection.cursor() as cursor:
        for statement in TOUCHED:
            cursor.execute(statement, {"snapshot": snapshot.pk})


def touch(children):
    with connection.cursor() as cursor:
        ids = [child.pk if isinstance(child, Child) else child for child in children]
        cursor.execute("insert into touched_child select unnest(%s::bigint[])", [ids])


def link(snapshot):
    """Nodes for rows, children for valid numbers, the best child for the others, and the tie of every row that stands."""
    with connection.cursor() as cursor:
        cursor.execute(RESOLVE_NODES)
    births.make({"snapshot": snapshot.pk, "coverage": snapshot.coverage_id})
    with connection.cursor() as cursor:
        cursor.execute(ROLL_NUMBERS, {"snapshot": snapshot.pk})
    touch(sharing.part(snapshot, lambda row: number_of(row, own_child(row))))
    odd_rows = doubtful(snapshot)
    with connection.cursor() as cursor:
        cursor.execute(ONE_BY_ONE)
        for odd in odd_rows:
            settle_one(odd, snapshot)
        cursor.execute(WHOLE_LISTS)
        cursor.execute(TIE)


def doubtful(snapshot):
    """Standing numbers that fail their check or are missing, one row each: those the batch brought, and those whose name the batch
    brought a new valid number for."""
    fresh_names = ChildNumber.objects.filter(child__first_snapshot=snapshot, valid=True).values("name_key")
    rows = (
        ListRow.objects.filter(until=None, number_valid=False, identity__isnull=False)
        .filter(Q(snapshot=snapshot) | Q(name_key__in=fresh_names))
        .exclude(number_state=NUMBER_STATE, roll_identity=None)  # has its child already; only a roll number could say more
        .order_by("identity", "id")
    )
    by_identity = {}
    for row in rows.iterator(chunk_size=2000):
        key = bytes(row.identity)
        kept = by_identity.get(key)
        better = kept is None or (PERSON_KINDS.index(row.kind) if row.kind in PERSON_KINDS else 9, row.pk) < (
            PERSON_KINDS.index(kept.kind) if kept.kind in PERSON_KINDS else 9, kept.pk)  # fmt: skip
        if better:
            by_identity[key] = row
    return list(by_identity.values())


def settle_one(row, snapshot):
    """Give the doubtful number of `row` to the child it was meant for, or to a child of its own."""
    known = ChildNumber.objects.filter(identity=bytes(row.identity)).select_related("child").first()
    found = candidates(row, known)
    target = found[0] if len(found) == 1 else None
    if known is None:
        if target is None and row.kind not in PERSON_KINDS:
            return
        known = number_of(row, target[0].child if target else own_child(row))
    elif target and known.child_id != target[0].child_id:
        touch(merging.move_number(known, target[0].child))
    elif target is None and known.child.number_index is not None and bytes(known.child.number_index) != bytes(known.identity):
        touch(merging.split_number(known, own_child(row)))
    _remember(known, target)


def candidates(row, known):
    """[(ChildNumber, rule)] of valid numbers that `row`'s number may stand for, rejected ones left out."""
    rejected = set(Match.objects.filter(odd=known, state=Match.State.REJECTED).values_list("meant_id", flat=True)) if known else set()
    confirmed = Match.objects.filter(odd=known, state=Match.State.CONFIRMED).select_related("meant").first() if known else None
    if confirmed:
        return [(confirmed.meant, confirmed.rule)]
    same_name = ChildNumber.objects.filter(name_key=row.name_key, valid=True).select_related("child")
    rules = defaultdict(str)
    for number in same_name:
        rule = _rule(row, number)
        if rule and number.pk not in rejected:
            rules[number] = rule
    by_roll = [(number, rule) for number, rule in rules.items() if rule == Match.Rule.ROLL_NUMBER]
    return by_roll or list(rules.items())


def _rule(row, number):
    """Which rule, if any, says that the row's number is a mistyped form of `number` (same name already)."""
    stated_differ = row.birth_on and number.birth_on and row.birth_stated and row.birth_on != number.birth_on
    if stated_differ:
        return ""
    if row.roll_identity and bytes(row.roll_identity) == bytes(number.identity):
        return Match.Rule.ROLL_NUMBER
    if number.roll_identity and bytes(number.roll_identity) == bytes(row.identity):
        return Match.Rule.ROLL_NUMBER
    return Match.Rule.ONE_EDIT if row.number and one_edit_apart(row.number, number.number) else ""


def own_child(row):
    """A child record for a number that no other child's number explains."""
    facts, own = row.facts, row.number if row.number_state != NUMBER_STATE else None
    return Child.objects.create(
        name=row.name, name_key=row.name_key[:60], pinyin=row.pinyin, sex=facts.get("sex") or "", birth_on=row.birth_on,
        ethnic=facts.get("ethnic") or "",
        number=own, number_index=bytes(row.identity) if own else None, last_four_index=row.last_four_index if own else None,
        number_state=row.number_state or "none", first_snapshot_id=row.snapshot_id,
    )  # fmt: skip


def number_of(row, child, *, valid=False):
    """The entry by which rows like `row` find the child; a number that is another child's is not written into it."""
    own = row.number if row.number_state != NUMBER_STATE else None
    source = ChildNumber.Source.RESIDENT if own else ChildNumber.Source.NONE
    return ChildNumber.objects.create(
        child=child, identity=bytes(row.identity), number=own or None, last_four_index=row.last_four_index, source=source, valid=valid,
        name_key=row.name_key[:60], birth_on=row.birth_on, birth_stated=row.birth_stated, roll_identity=row.roll_identity,
    )  # fmt: skip


def _remember(odd, target):
    """The match as a row with its rule; an open match that no longer holds goes."""
    meant, rule = target if target else (None, "")
    Match.objects.filter(odd=odd, state=Match.State.OPEN).exclude(meant=meant).delete()
    if meant:
        place = [i for i, (a, b) in enumerate(zip(odd.number or "", meant.number or "", strict=False)) if a != b]
        Match.objects.get_or_create(odd=odd, meant=meant, defaults={"rule": rule, "inputs": {"version": RULE_VERSION, "differs_at": place}})
