"""The balanced account: where every registered child of an age range is, by comparing the lists (domain.md §3.2–3.4, design.md §5).

Pure questions to the database: a date, an age range and a mode go in, counts or children come out.
"""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q

from students.models import Child, Enrolment, ListRow, Match, Registration
from students.rules.ages import MODES, birth_range

FLAGS = """
flags as (
    select c.id, c.scope_nodes, c.birth_on between %(first)s and %(last)s as aged, c.number_state = 'invalid' as bad_number,
           exists (select 1 from students_registration r where r.child_id = c.id and r.counts
                   and r.since <= %(on)s and (r.until is null or r.until > %(on)s)) as registered,
           exists (select 1 from students_enrolment e where e.child_id = c.id and e.kind = 'roll' and e.counts
                   and e.since <= %(on)s and (e.until is null or e.until > %(on)s)) as on_roll,
           exists (select 1 from students_enrolment e where e.child_id = c.id and e.kind = 'attending' and e.counts
                   and e.since <= %(on)s and (e.until is null or e.until > %(on)s)) as attending
    from students_child c where c.merged_into_id is null {scope})
"""
COUNTS = """
select count(*) filter (where aged and registered) as registered,
       count(*) filter (where aged and registered and on_roll and attending) as on_roll_and_attending,
       count(*) filter (where aged and registered and not on_roll and attending) as attending_not_on_roll,
       count(*) filter (where aged and registered and on_roll and not attending) as on_roll_not_attending,
       count(*) filter (where aged and registered and not on_roll and not attending) as neither,
       count(*) filter (where aged and not registered and (on_roll or attending)) as registered_elsewhere,
       count(*) filter (where aged and registered and exists (
           select 1 from students_match m join students_childnumber n on n.id = m.odd_id
           where n.child_id = flags.id and m.state = 'open')) as unconfirmed,
       count(*) filter (where on_roll and not attending) as whole_on_roll_not_attending,
       count(*) filter (where attending and not on_roll) as whole_attending_not_on_roll
from flags
"""
BY_NODE = """
select o.id, o.public_id, o.name, o.kind,
       count(*) filter (where aged and registered) as registered,
       count(*) filter (where aged and registered and on_roll and attending) as on_roll_and_attending,
       count(*) filter (where aged and registered and not on_roll and attending) as attending_not_on_roll,
       count(*) filter (where aged and registered and on_roll and not attending) as on_roll_not_attending,
       count(*) filter (where aged and registered and not on_roll and not attending) as neither
from flags
join lateral (select distinct a.node from students_registration r join students_household h on h.id = r.household_id
              join core_organization v on v.id = h.village_id cross join lateral unnest(v.path) as a(node)
              where r.child_id = flags.id and r.counts and r.since <= %(on)s and (r.until is null or r.until > %(on)s)
              {one}) place on true
join core_organization o on o.id = place.node and o.kind = %(level)s
where aged and registered
group by o.id, o.public_id, o.name, o.kind, o.code order by o.code
"""
BUCKETS = {
    "registered": Q(registered=True),
    "on_roll_and_attending": Q(registered=True, on_roll=True, attending=True),
    "attending_not_on_roll": Q(registered=True, on_roll=False, attending=True),
    "on_roll_not_attending": Q(registered=True, on_roll=True, attending=False),
    "neither": Q(registered=True, on_roll=False, attending=False),
    "hukou_not_on_roll": Q(registered=True, on_roll=False),
    "registered_elsewhere": Q(registered=False) & (Q(on_roll=True) | Q(attending=True)),
}
PARTS = ("on_roll_and_attending", "attending_not_on_roll", "on_roll_not_attending", "neither")
SUSPECTED = ("neither", "on_roll_not_attending")


@dataclass(frozen=True)
class Account:
    """The equation registered = Σ PARTS, and what lies beside it. `whole_lists` counts without an age filter."""

    registered: int
    on_roll_and_attending: int
    attending_not_on_roll: int
    on_roll_not_attending: int
    neither: int
    registered_elsewhere: int
    unconfirmed: int
    whole_lists: dict

    @property
    def hukou_not_on_roll(self):
        return self.attending_not_on_roll + self.neither

    @property
    def balanced(self):
        return self.registered == sum(getattr(self, part) for part in PARTS)


class UnknownMode(ValueError):
    """An age mode that domain.md §3.2 does not know."""


def births(mode, low, high, on, cutoff=None):
    """First and last birth date of the range; UnknownMode with a sentence."""
    if mode not in MODES:
        raise UnknownMode(f"年龄口径“{mode}”不认识，只有 {'、'.join(MODES)}。")
    if not 0 <= low <= high <= 30:
        raise UnknownMode(f"年龄范围 {low}-{high} 不对，请写成 6-15 这样。")
    return birth_range(mode, low, high, on, *([cutoff] if cutoff else []))


def account(*, on, low, high, mode, nodes=None):
    """The balanced account on the day `on` for ages `low` to `high`; `nodes` limits it to children below these nodes."""
    first, last = births(mode, low, high, on)
    names = {"first": first, "last": last, "on": on, "nodes": list(nodes or ())}
    scope = "and c.scope_nodes && %(nodes)s::bigint[]" if nodes is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(f"with {FLAGS.format(scope=scope)} {COUNTS}", names)
        figures = dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))
    whole = {key.removeprefix("whole_"): figures.pop(key) for key in list(figures) if key.startswith("whole_")}
    children = Child.objects.here() if nodes is None else Child.objects.here().filter(scope_nodes__overlap=list(nodes))
    whole |= {key: children.filter(whole_list(key, on)).count() for key in ("double_roll", "bad_id_on_roll", "double_hukou")}
    return Account(**figures, whole_lists=whole)


def account_by(level, *, on, low, high, mode, nodes=None):
    """The account's parts for each township or village (`level` is a node kind) where children are registered; a child registered in two
    villages counts in each, and once in the county."""
    first, last = births(mode, low, high, on)
    names = {"first": first, "last": last, "on": on, "nodes": list(nodes or ()), "level": level}
    scope = "and c.scope_nodes && %(nodes)s::bigint[]" if nodes is not None else ""
    one = """and r.id = (select min(x.id) from students_registration x where x.child_id = flags.id and x.counts
                         and x.since <= %(on)s and (x.until is null or x.until > %(on)s))"""
    with connection.cursor() as cursor:
        cursor.execute(f"with {FLAGS.format(scope=scope)} {BY_NODE.format(one=one)}", names)
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def in_force(model, on, **lookup):
    return Exists(model.objects.in_force(on).filter(child=OuterRef("pk"), counts=True, **lookup))


def with_flags(children, on):
    """The children with registered, on_roll and attending as of `on`."""
    return children.annotate(
        registered=in_force(Registration, on),
        on_roll=in_force(Enrolment, on, kind=Enrolment.Kind.ROLL),
        attending=in_force(Enrolment, on, kind=Enrolment.Kind.ATTENDING),
    )


def bucket(key, *, on, low, high, mode):
    """The children behind one figure of the account; KeyError for an unknown key."""
    if key in WHOLE_LISTS:
        return with_flags(Child.objects.here(), on).filter(whole_list(key, on))
    children = Child.objects.here().born_between(*births(mode, low, high, on))
    if key == "unconfirmed":
        doubted = Exists(Match.objects.filter(odd__child=OuterRef("pk"), state=Match.State.OPEN))
        return with_flags(children, on).filter(doubted, registered=True)
    return with_flags(children, on).filter(BUCKETS[key])


WHOLE_LISTS = ("whole_on_roll_not_attending", "whole_attending_not_on_roll", "double_roll", "bad_id_on_roll", "double_hukou")


def whole_list(key, on):
    """Condition on Child of one of the whole lists, which have no age filter."""
    rolls = Enrolment.objects.in_force(on).filter(child=OuterRef("pk"), kind=Enrolment.Kind.ROLL, counts=True)
    registrations = Registration.objects.in_force(on).filter(child=OuterRef("pk"), counts=True)
    if key == "double_roll":
        return Q(Exists(rolls.filter(child__in=_at_two_schools(on))))
    if key == "double_hukou":
        return Q(Exists(registrations.filter(child__in=_in_two_households(on))))
    if key == "bad_id_on_roll":
        bad = ListRow.objects.filter(child=OuterRef("pk"), kind="roll", number_state="invalid", since__lte=on).filter(
            Q(until=None) | Q(until__gt=on)
        )
        return Q(Exists(bad))
    roll, attending = Exists(rolls), in_force(Enrolment, on, kind=Enrolment.Kind.ATTENDING)
    return {"whole_on_roll_not_attending": roll & ~attending, "whole_attending_not_on_roll": attending & ~roll}[key]


def _at_two_schools(on):
    rolls = Enrolment.objects.in_force(on).filter(kind=Enrolment.Kind.ROLL, counts=True)
    return rolls.values("child").annotate(schools=Count("school", distinct=True)).filter(schools__gt=1).values("child")


def _in_two_households(on):
    return (
        Registration.objects.in_force(on)
        .filter(counts=True)
        .values("child")
        .annotate(n=Count("household", distinct=True))
        .filter(n__gt=1)
        .values("child")
    )
