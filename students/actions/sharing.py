"""Two children under one number: rows that cannot be the number's child never join it (design.md §4, domain.md §3.4 bucket M6).

A staged row whose name and whose birth date or sex are not those of the number's child, and one that was told apart before
(SharedNumber), is given an identity of its own before it is compared: from there on it is a row like any other, with a child of its
own where its list makes children, or waiting among the unresolved ones. A Match proposes both sides to a person. Set-based; a batch
without such rows costs two joins.
"""

from collections import Counter

from django.db import connection

from students.actions import merging
from students.models import ChildNumber, ListRow, Match, MergeEvent, SharedNumber, StagedRow
from students.models.shared_number import NUMBER_STATE, OWN_IDENTITY, PERSON_KEY
from students.planning import WHOLE_LISTS
from students.rules.identity import birth_of, sex_of

RULE_VERSION = 1
WARNING = "这个证件号在系统里或在这份名单的前面是另一个孩子的：姓名不同，出生日期或性别也不同。先按两个孩子记，请在“匹配”里判断。"
SEX = "nullif({}.facts ->> 'sex', '')"
UNLIKE = "{a}.name_key <> {b}.name_key and ({a}.birth_on <> {b}.birth_on or {a_sex} <> {b_sex})"
TURN = f"""set shared_identity = s.identity, identity = {{own}}, person_key = {PERSON_KEY.format(key="s.person_key", own="{own}")},
    number_valid = false, number_state = '{NUMBER_STATE}'"""
OPEN = "s.snapshot_id = %(snapshot)s and s.outcome = 'new' and s.shared_identity is null"
TOLD_APART = f"""
update students_stagedrow s {TURN.format(own="k.own_identity")} from students_sharednumber k
where {OPEN} and k.identity = s.identity and k.name_key = s.name_key and (k.birth_on is null or k.birth_on = s.birth_on)
"""
OWN = OWN_IDENTITY.format(number="s.identity", name="s.name_key")
UNLIKE_THE_CHILD = f"""
update students_stagedrow s {TURN.format(own=OWN)} from students_childnumber n join students_child c on c.id = n.child_id
where {OPEN} and n.identity = s.identity and n.source <> 'none'
  and {UNLIKE.format(a="s", b="c", a_sex=SEX.format("s"), b_sex="nullif(c.sex, '')")}
  and not exists (select 1 from students_listrow l where l.child_id = n.child_id and l.identity = s.identity and l.name_key = s.name_key
      and l.birth_on is not distinct from s.birth_on and {SEX.format("l")} is not distinct from {SEX.format("s")})
returning s.id
"""
CONTESTED = f"""
select array_agg(s.id) from students_stagedrow s
where {OPEN} and number is not null and not exists (select 1 from students_childnumber n where n.identity = s.identity)
group by s.identity
having min(s.name_key) < max(s.name_key)
    and (min(s.birth_on) < max(s.birth_on) or min({SEX.format("s")}) < max({SEX.format("s")}))
"""
UNLIKE_THE_HOLDER = f"""
update students_stagedrow s {TURN.format(own=OWN)} from students_stagedrow f
where {OPEN} and f.id = any(%(holders)s) and s.id <> f.id and f.snapshot_id = s.snapshot_id and s.identity = f.identity
  and {UNLIKE.format(a="s", b="f", a_sex=SEX.format("s"), b_sex=SEX.format("f"))}
returning s.id
"""
WARN = """
insert into students_rowissue (snapshot_id, severity, sheet, row_number, "column", value, reason)
select s.snapshot_id, 'warning', s.sheet, s.row_number, '证件号', '', %s from students_stagedrow s where s.id = any(%s::bigint[])
"""
REMEMBER = """
insert into students_sharednumber (public_id, identity, name_key, own_identity, snapshot_id, reason, at)
select distinct on (shared_identity, name_key) gen_random_uuid(), shared_identity, name_key, identity, %(snapshot)s, '', now()
from students_stagedrow s where snapshot_id = %(snapshot)s and shared_identity is not null and outcome in ('new', 'changed', 'unchanged')
  and not exists (select 1 from students_sharednumber k where k.own_identity = s.identity)
on conflict do nothing
"""
JOINED_BEFORE = """
select distinct on (k.id) k.own_identity, l.id, n.child_id
from students_sharednumber k join students_childnumber n on n.identity = k.identity
join students_listrow l on l.child_id = n.child_id and l.identity = k.identity and l.name_key = k.name_key
where k.snapshot_id = %(snapshot)s order by k.id, l.until nulls first, l.id
"""


def unless_taken(key):
    """SQL over a standing row s: its new key, or the old one where another row of its list and place has the new one already."""
    return f"""case when s.until is null and exists (select 1 from students_listrow o where o.kind = s.kind and o.until is null
        and o.place_key = s.place_key and o.person_key = {key}) then s.person_key else {key} end"""


NAME_ROWS = f"""
update students_listrow s set identity = k.own_identity, number_valid = false, number_state = '{NUMBER_STATE}',
    person_key = {unless_taken(PERSON_KEY.format(key="s.person_key", own="k.own_identity"))}
from students_sharednumber k where s.child_id = any(%s::bigint[]) and s.identity = k.identity and s.name_key = k.name_key
    and (k.birth_on is null or k.birth_on = s.birth_on)
"""
PROPOSE = f"""
insert into students_match (public_id, odd_id, meant_id, rule, inputs, state, reason)
select distinct on (d.id) gen_random_uuid(), d.id, n.id, '{Match.Rule.SHARED}', jsonb_build_object('version', {RULE_VERSION}),
       '{Match.State.CANDIDATE}', ''
from students_sharednumber k join students_childnumber d on d.identity = k.own_identity
join students_childnumber n on n.identity = k.identity and n.child_id <> d.child_id
where k.by_id is null and not exists (select 1 from students_match m where m.odd_id = d.id or m.odd_id = n.id and m.meant_id = d.id)
on conflict do nothing
"""
FORGOTTEN = """
select k.id from students_sharednumber k left join students_childnumber n on n.identity = k.identity
where k.snapshot_id = %(snapshot)s
  and not exists (select 1 from students_listrow l where l.identity = k.own_identity and l.child_id is distinct from n.child_id)
  and not exists (select 1 from students_childnumber d where d.identity = k.own_identity and (
      exists (select 1 from students_match m where m.odd_id = d.id and m.state in ('confirmed', 'rejected'))
      or exists (select 1 from students_resolution r where r.number_id = d.id)
      or exists (select 1 from students_childnumber e where e.child_id = d.child_id and e.id <> d.id and e.child_id <> n.child_id)))
"""
WITHDRAWN = """
select k.id from students_sharednumber k join students_childnumber n on n.identity = k.identity
join students_childnumber d on d.identity = k.own_identity and d.child_id = n.child_id
where k.by_id is not null and n.child_id = any(%s::bigint[]) and not exists (select 1 from students_resolution r where r.number_id = d.id)
"""
NUMBER_AGAIN = f"""
update students_listrow s set identity = k.identity, number_valid = n.valid,
    person_key = {unless_taken("substring(s.person_key from 1 for 32)")},
    number_state = case when n.valid then 'valid' else 'invalid' end
from students_sharednumber k join students_childnumber n on n.identity = k.identity
where k.id = any(%s::bigint[]) and s.identity = k.own_identity and s.child_id = n.child_id
returning s.child_id
"""


def redirect(snapshot):
    """Before the staged rows are compared: those about another child than their number's get an identity of their own."""
    names = {"snapshot": snapshot.pk}
    with connection.cursor() as cursor:
        cursor.execute(WHOLE_LISTS)
        cursor.execute(TOLD_APART, names)
        cursor.execute(UNLIKE_THE_CHILD, names)
        found = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(CONTESTED, names)
        groups = [keys for (keys,) in cursor.fetchall()]
        if groups:
            cursor.execute(UNLIKE_THE_HOLDER, names | {"holders": _holders(groups)})
            found += [pk for (pk,) in cursor.fetchall()]
        if found:
            cursor.execute(WARN, [WARNING, found])


def _holders(groups):
    """Of rows that fight for a number nobody has yet, the one that has it: whatever the order of the list, the row that says what the
    number itself says of birth date and sex, that states it, whose name more rows bear; the last word has the name."""
    wanted = ("identity", "number", "name_key", "birth_on", "birth_stated", "roll_identity", "place_key", "facts")
    rows = StagedRow.objects.only(*wanted).in_bulk([key for keys in groups for key in keys])
    return [min((rows[key] for key in keys), key=_evidence(Counter(rows[key].name_key for key in keys))).pk for keys in groups]


def _evidence(names):
    """What to sort rows under one number by; `names`: how many of them bear each name."""

    def of(row):
        born = 1 if not row.birth_stated else 0 if row.birth_on == birth_of(row.number) else 2
        sex = row.facts.get("sex") or ""
        other_roll = row.roll_identity is not None
        return born, sex != sex_of(row.number), other_roll, -names[row.name_key], row.name_key, str(row.birth_on), row.place_key, row.pk

    return of


def remember(snapshot):
    """What the preview told apart stays apart in every list to come."""
    with connection.cursor() as cursor:
        cursor.execute(REMEMBER, {"snapshot": snapshot.pk})


def part(snapshot, own_number):
    """Rows of earlier lists that joined the number's child under a name that is now known to be another's go to that one; and a person is
    asked about each pair. `own_number`: makes the ChildNumber of a row that has none. Ids of the children to derive anew."""
    if not SharedNumber.objects.exists():
        return []
    with connection.cursor() as cursor:
        cursor.execute(JOINED_BEFORE, {"snapshot": snapshot.pk})
        joined = [(bytes(own), row, child) for own, row, child in cursor.fetchall()]
        cursor.execute(NAME_ROWS, [[child for _, _, child in joined]])
    touched = _carried(joined, own_number)
    with connection.cursor() as cursor:
        cursor.execute(PROPOSE)
    return touched


def _carried(joined, own_number):
    rows = ListRow.objects.in_bulk([row for _, row, _ in joined])
    known = {bytes(n.identity): n for n in ChildNumber.objects.filter(identity__in=[own for own, _, _ in joined]).select_related("child")}
    moves = []
    for own, row, _ in joined:
        number = known.get(own) or own_number(rows[row])
        moves.append(merging.Move(rows[row].child, number.child, number, MergeEvent.Kind.SPLIT))
    events = [event for some in merging.rounds(moves) for event in merging.carry(some, MergeEvent.Origin.LIST)]
    return merging.touched_by(events)


def forget(snapshot):
    """An undone batch's own words go where no other list and no person has used them. Ids of the children to derive anew."""
    with connection.cursor() as cursor:
        cursor.execute(FORGOTTEN, {"snapshot": snapshot.pk})
        return _unsaid([pk for (pk,) in cursor.fetchall()])


def withdraw(children):
    """What a person told apart and took back, so that both sides are one of these children again: their rows have the number again."""
    with connection.cursor() as cursor:
        cursor.execute(WITHDRAWN, [list(children)])
        return _unsaid([pk for (pk,) in cursor.fetchall()])


def _unsaid(gone):
    with connection.cursor() as cursor:
        cursor.execute(NUMBER_AGAIN, [gone])
        touched = [child for (child,) in cursor.fetchall()]
    told = SharedNumber.objects.filter(pk__in=gone)
    ChildNumber.objects.filter(identity__in=told.values("own_identity")).delete()  # what was said of its matches goes with it
    told.delete()
    return touched
