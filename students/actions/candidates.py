"""Pairs of records that may be one child and that only a person can join: tier T2 between two valid numbers, an ambiguous T3, and T4
(domain.md §3.4, peers.md §2b). They change no figure; a rejected pair is never proposed again.

Blocked in SQL: birth date with a place (village, guardian, school) and the initials, or the number inside a roll number; never all × all.
"""

from django.db import connection, transaction

from core import audit
from core.crypto import Indexer
from students.models import Child, ChildNumber, Match
from students.planning import WHOLE_LISTS
from students.rules.identity import one_edit_apart
from students.rules.names import is_one_word, name_key, sound

RULE_VERSION = 1
PREPARE = (
    WHOLE_LISTS,
    """create temporary table if not exists known_record (child_id bigint, name text, name_key text, ethnic text, birth_on date,
       initials text, number bigint, valid boolean, registered boolean, schooled boolean) on commit drop""",
    "delete from known_record",
    """insert into known_record
       select c.id, c.name, c.name_key, c.ethnic, c.birth_on, c.pinyin, best.id, best.valid, h.child_id is not null, s.child_id is not null
       from students_child c
       join (select distinct on (n.child_id) n.child_id, n.id, n.valid from students_childnumber n order by n.child_id, n.valid desc, n.id)
           best on best.child_id = c.id
       left join (select distinct child_id from students_listrow where until is null and kind = 'hukou') h on h.child_id = c.id
       left join (select distinct child_id from students_listrow where until is null and kind in ('roll', 'attending')) s
           on s.child_id = c.id
       where c.merged_into_id is null and c.birth_on is not null""",
    "analyze known_record",
)
# two valid numbers are two children, unless only the register knows the one and only the schools the other
MAY_BE_ONE = """a.child_id < b.child_id and (not a.valid or not b.valid or
    (a.registered and not a.schooled and b.schooled and not b.registered) or
    (b.registered and not b.schooled and a.schooled and not a.registered))"""
PLACES = {
    "village": """select distinct r.child_id, h.village_id::text as place from students_registration r
                  join students_household h on h.id = r.household_id
                  union select p.child_id, o.id::text from students_childplace p
                  join core_organization n on n.id = p.node_id join core_organization o on o.id = any(n.path) and o.kind = 'village'
                  where p.why in ('hukou', 'residence', 'reported')""",
    "guardian": """select distinct l.child_id, g.name as place from students_listrow l
                   cross join lateral (values (l.facts ->> 'guardian'), (l.facts ->> 'head')) as g(name)
                   where l.child_id is not null and length(g.name) > 1 and g.name <> l.name""",
    "school": "select distinct e.child_id, e.school_id::text as place from students_enrolment e",
}
BLOCK = """
with held as materialized ({places})
select a.*, b.*, ha.place from held ha join held hb on hb.place = ha.place and hb.child_id > ha.child_id
join known_record a on a.child_id = ha.child_id join known_record b on b.child_id = hb.child_id
    and b.birth_on = a.birth_on and b.initials = a.initials
where {may}
"""
BY_ROLL_NUMBER = """
select a.*, b.*, '' from students_childnumber n join students_childnumber m on m.identity = n.roll_identity and m.child_id <> n.child_id
join known_record a on a.child_id = least(n.child_id, m.child_id) join known_record b on b.child_id = greatest(n.child_id, m.child_id)
where n.valid and m.valid and a.birth_on = b.birth_on and a.name_key = b.name_key
"""
MISTYPED = """
select n.id, n.number, m.id, m.number from students_childnumber n join students_childnumber m on m.name_key = n.name_key and m.valid
    and m.child_id <> n.child_id and (not n.birth_stated or m.birth_on = n.birth_on)
join students_child c on c.id = n.child_id and c.merged_into_id is null
join students_child d on d.id = m.child_id and d.merged_into_id is null
where not n.valid and n.number is not null and m.number is not null
"""
SPOKEN_OF = """
select x.child_id, y.child_id from students_match t join students_childnumber x on x.id = t.odd_id
join students_childnumber y on y.id = t.meant_id
"""
STRENGTH = (Match.Rule.ROLL_NUMBER, Match.Rule.ONE_EDIT, Match.Rule.NAME_VILLAGE, Match.Rule.NAME_GUARDIAN, Match.Rule.NAME_SCHOOL)


@transaction.atomic
def find():
    """Propose what is new, forget candidates that have become one record; how many are new. Run twice, the second finds none."""
    _number_the_numberless()
    _forget_settled()
    with connection.cursor() as cursor:
        for statement in PREPARE:
            cursor.execute(statement)
        found = {}
        for rule, pairs in _pairs(cursor):
            for pair in pairs:
                kept = found.get(pair.children)
                if kept is None or STRENGTH.index(rule) < STRENGTH.index(kept[0]):
                    found[pair.children] = (rule, pair)
        cursor.execute(SPOKEN_OF)
        spoken = {frozenset(row) for row in cursor.fetchall()}
    new = [_match(rule, pair) for children, (rule, pair) in found.items() if children not in spoken]
    Match.objects.bulk_create(new, ignore_conflicts=True)
    audit.record("candidates_found", by=None, found=len(new))
    return len(new)


class Pair:
    """Two lines of known_record and what they share besides."""

    def __init__(self, row):
        self.one, self.other, self.place = Record(row[:10]), Record(row[10:20]), row[20]
        self.children = frozenset((self.one.child, self.other.child))

    @property
    def same_name(self):
        return self.one.key == self.other.key

    @property
    def same_sound(self):
        sounds = {sound(self.one.name), sound(self.other.name)}
        return len(sounds) == 1 and "" not in sounds and not self.one_word

    @property
    def one_word(self):
        return any(is_one_word(side.name, side.ethnic) for side in (self.one, self.other))


class Record:
    def __init__(self, row):
        self.child, self.name, self.key, self.ethnic, self.birth_on = row[:5]
        self.number, self.valid, self.registered, self.schooled = row[6:10]


def _pairs(cursor):
    """(rule, pairs) of each block."""
    cursor.execute(BY_ROLL_NUMBER)
    yield Match.Rule.ROLL_NUMBER, [Pair(row) for row in cursor.fetchall()]
    yield Match.Rule.ONE_EDIT, _mistyped(cursor)
    for rule, places in PLACES.items():
        cursor.execute(BLOCK.format(places=places, may=MAY_BE_ONE))
        pairs = [Pair(row) for row in cursor.fetchall()]
        if rule == Match.Rule.NAME_SCHOOL:  # many children of one word name sit in one school
            pairs = [pair for pair in pairs if not pair.one_word]
        yield Match.Rule(rule), [pair for pair in pairs if pair.same_name or pair.same_sound]


def _mistyped(cursor):
    """Numbers that are one edit from more than one child's: nobody is guessed, all are shown."""
    cursor.execute(MISTYPED)
    numbers = {
        number.pk: number for number in ChildNumber.objects.in_bulk({pk for row in cursor.fetchall() for pk in (row[0], row[2])}).values()
    }
    cursor.execute(MISTYPED)
    near = [(row[0], row[2]) for row in cursor.fetchall() if one_edit_apart(numbers[row[0]].number, numbers[row[2]].number)]
    cursor.execute("select * from known_record where child_id = any(%s)", [[numbers[pk].child_id for pair in near for pk in pair]])
    records = {row[0]: row for row in cursor.fetchall()}
    sides = [(records.get(numbers[odd].child_id), records.get(numbers[meant].child_id)) for odd, meant in near]
    return [Pair((*one, *other, "")) for one, other in sides if one and other]


def _match(rule, pair):
    """The record without a valid number, else the one that only the schools know, is the odd one."""
    odd, meant = (
        (pair.one, pair.other)
        if (pair.one.valid, pair.one.registered) < (pair.other.valid, pair.other.registered)
        else (pair.other, pair.one)
    )
    inputs = {"version": RULE_VERSION, "name": "same" if pair.same_name else "sound", "birth_on": str(pair.one.birth_on)}
    if pair.place and rule != Match.Rule.NAME_GUARDIAN:
        inputs["node"] = int(pair.place)
    if pair.place and rule == Match.Rule.NAME_GUARDIAN:
        inputs["guardian"] = name_key(pair.place)
    return Match(odd_id=odd.number, meant_id=meant.number, rule=rule, state=Match.State.CANDIDATE, inputs=inputs)


def _forget_settled():
    """Candidates whose records are one meanwhile, or of which one is gone."""
    waiting = Match.objects.filter(state=Match.State.CANDIDATE).values_list("pk", "odd__child", "meant__child", "odd__child__merged_into",
                                                                            "meant__child__merged_into")  # fmt: skip
    gone = [pk for pk, odd, meant, odd_into, meant_into in waiting if odd == meant or odd_into or meant_into]
    Match.objects.filter(pk__in=gone).delete()


def _number_the_numberless():
    """A child that no list ever named (found at its door) has an entry too, so that it can be one side of a pair."""
    indexer = Indexer("person.id_number")
    ChildNumber.objects.bulk_create(
        ChildNumber(
            child=child, identity=indexer.index(f"none:{child.public_id}"), source=ChildNumber.Source.NONE, valid=False,
            name_key=child.name_key, birth_on=child.birth_on, birth_stated=True,
        )
        for child in Child.objects.here().filter(numbers=None)
    )  # fmt: skip
