"""The balanced account: where every registered child of an age range is, by comparing the lists (domain.md §3.2–3.4, design.md §5).

Pure questions to the database: a date, an age range and a mode go in, counts or children come out.
"""

from dataclasses import dataclass, fields

from django.db import connection, transaction
from django.db.models import Count, Q

from students import kept
from students.kept import OF_THESE
from students.models import Child, Enrolment, ListRow, Match, Registration
from students.planning import hash_joins
from students.rules.ages import MODES, birth_range

IN_FORCE = "x.counts and x.since <= %(on)s and (x.until is null or x.until > %(on)s)"
# each list once and hashed, not once a child: right after an import the tables have no statistics (students.planning)
SHOWN = f"""
shown (child_id, home, listed) as (
    select * from (select distinct on (x.child_id) x.child_id, h.village_id, 'hukou' from students_registration x
        join students_household h on h.id = x.household_id where {IN_FORCE} and {OF_THESE} order by x.child_id, x.id) registered
    union all select distinct x.child_id, null::bigint, x.kind from students_enrolment x where {IN_FORCE} and {OF_THESE})
"""
LISTED = """
select child_id, max(home), bool_or(listed = 'hukou'), bool_or(listed = 'roll'), bool_or(listed = 'attending') from shown group by 1"""
# of the kept lines only those few are read that are not in order, through an index of their own (AccountNow)
FEW_OF_KEPT = f"""
with {SHOWN}, listed (child_id, home, registered, on_roll, attending) as (
    select child_number, home, home is not null, on_roll, attending from students_accountnow
    where child_number <> all(%(stale)s) and {{kept}} union all {LISTED})
select c.id from listed join students_child c on c.id = listed.child_id
where {{few}} and c.merged_into_id is null and c.birth_on between %(first)s and %(last)s
"""
KEPT = """
select child_number, home, home is not null, on_roll, attending from students_accountnow where child_number <> all(%(stale)s) union all"""
FLAGS = """
listed (child_id, home, registered, on_roll, attending) as materialized ({listed}),
flags as (
    select c.id, c.birth_on between %(first)s and %(last)s as aged, l.home, coalesce(l.registered, false) as registered,
           coalesce(l.on_roll, false) as on_roll, coalesce(l.attending, false) as attending
    from students_child c left join listed l on l.child_id = c.id
    where c.merged_into_id is null and (%(nodes)s::bigint[] is null or c.scope_nodes && %(nodes)s::bigint[]))
"""
COUNTS = """,
doubted as materialized (select distinct n.child_id from students_match m
    join students_childnumber n on n.id = m.odd_id where m.state = 'open'),
place as materialized (
    select v.id as village_id, o.id, o.public_id, o.name, o.kind, o.code
    from core_organization v cross join lateral unnest(v.path) as above(id) join core_organization o on o.id = above.id
    and o.kind = %(level)s)
select place.id, place.public_id, place.name, place.kind, grouping(place.id) = 1 as everywhere,
       count(*) filter (where aged and registered) as registered,
       count(*) filter (where aged and registered and on_roll and attending) as on_roll_and_attending,
       count(*) filter (where aged and registered and not on_roll and attending) as attending_not_on_roll,
       count(*) filter (where aged and registered and on_roll and not attending) as on_roll_not_attending,
       count(*) filter (where aged and registered and not on_roll and not attending) as neither,
       count(*) filter (where aged and not registered and (on_roll or attending)) as registered_elsewhere,
       count(*) filter (where aged and registered and doubted.child_id is not null) as unconfirmed,
       count(*) filter (where on_roll and not attending) as whole_on_roll_not_attending,
       count(*) filter (where attending and not on_roll) as whole_attending_not_on_roll
from flags left join doubted on doubted.child_id = flags.id left join place on place.village_id = flags.home
group by grouping sets ((), (place.id, place.public_id, place.name, place.kind, place.code)) order by everywhere desc, place.code
"""
FEW = {  # the figures that are a small part of the county, and whom they mean
    "attending_not_on_roll": "registered and attending and not on_roll",
    "on_roll_not_attending": "registered and on_roll and not attending",
    "neither": "registered and not on_roll and not attending",
    "hukou_not_on_roll": "registered and not on_roll",
    "registered_elsewhere": "not registered and (on_roll or attending)",
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


def account(**asked):
    """The balanced account alone (`read`)."""
    return read(None, **asked)[0]


def read(level, *, on, low, high, mode, nodes=None):
    """(the balanced account on the day `on` for ages `low` to `high`, its parts by place), every child looked at once.

    `nodes` limits it to children below these nodes; `level` is a kind of node, None where no places are wanted (`account_by`).
    """
    children = Child.objects.here() if nodes is None else Child.objects.here().filter(scope_nodes__overlap=list(nodes))
    with hash_joins() as cursor:
        figures, *places = _counted(cursor, level, _names(on, low, high, mode, nodes))
        whole = {key.removeprefix("whole_"): figures.pop(key) for key in list(figures) if key.startswith("whole_")}
        whole |= {key: children.filter(whole_list(key, on)).count() for key in ("double_roll", "bad_id_on_roll", "double_hukou")}
    counted = {field.name: figures[field.name] for field in fields(Account) if field.name in figures}
    return Account(**counted, whole_lists=whole), _where_registered(places)


def account_by(level, *, on, low, high, mode, nodes=None):
    """The account's parts for each township or village (`level` is a node kind) where children are registered. A child registered in
    two villages counts where it was registered first, so that the rows add up to the county."""
    with hash_joins() as cursor:
        return _where_registered(_counted(cursor, level, _names(on, low, high, mode, nodes))[1:])


def _counted(cursor, level, names):
    """The counts everywhere, then those of each place and of no place."""
    _execute(cursor, COUNTS, names | {"level": level})
    columns = [column.name for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _where_registered(places):
    return [place for place in places if place["id"] and place["registered"]]


def _execute(cursor, sql, names):
    """`sql` over `flags`: from the account kept for the day and the facts of whom it cannot speak for, else from everybody's facts."""
    stale = kept.stale(cursor, names["on"])
    listed = LISTED if stale is None else f"{KEPT} {LISTED}"
    cursor.execute(f"with {SHOWN}, {FLAGS.format(listed=listed)} {sql}", names | {"stale": stale, "children": stale})


def _names(on, low, high, mode, nodes):
    first, last = births(mode, low, high, on)
    return {"first": first, "last": last, "on": on, "nodes": None if nodes is None else list(nodes)}


def bucket(key, *, on, low, high, mode):
    """The children behind one figure of the account; KeyError for an unknown key."""
    if key in WHOLE_LISTS:
        with hash_joins():  # each of its lists once, and not anew for every child
            ids = list(Child.objects.here().filter(whole_list(key, on)).values_list("pk", flat=True))
        return Child.objects.here().among(ids)
    if key in FEW:
        return Child.objects.here().among(_ids(key, _names(on, low, high, mode, None)))
    children = Child.objects.here().born_between(*births(mode, low, high, on))
    registered, on_roll, attending = _lists(on)
    doubted = Q(pk__in=Match.objects.filter(state=Match.State.OPEN).values("odd__child"))
    conditions = {"registered": (), "on_roll_and_attending": (on_roll, attending), "unconfirmed": (doubted,)}
    return children.filter(registered, *conditions[key])


def _ids(key, names):
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        stale = kept.stale(cursor, names["on"])
        if stale is not None:
            of_kept = FEW[key].replace("not registered", "home is null").replace("registered", "home is not null")
            cursor.execute(FEW_OF_KEPT.format(kept=of_kept, few=FEW[key]), names | {"stale": stale, "children": stale})
            return [pk for (pk,) in cursor.fetchall()]
    with hash_joins() as cursor:
        _execute(cursor, f" select id from flags where aged and {FEW[key]}", names)
        return [pk for (pk,) in cursor.fetchall()]


def _lists(on):
    """Conditions on Child: registered, on the roll, attending. As sets of ids, which are hashed once, and not asked child by child."""
    enrolled = Enrolment.objects.in_force(on).filter(counts=True)
    return (
        Q(pk__in=Registration.objects.in_force(on).filter(counts=True).values("child")),
        Q(pk__in=enrolled.filter(kind=Enrolment.Kind.ROLL).values("child")),
        Q(pk__in=enrolled.filter(kind=Enrolment.Kind.ATTENDING).values("child")),
    )


WHOLE_LISTS = ("whole_on_roll_not_attending", "whole_attending_not_on_roll", "double_roll", "bad_id_on_roll", "double_hukou")


def whole_list(key, on):
    """Condition on Child of one of the whole lists, which have no age filter."""
    _, on_roll, attending = _lists(on)
    if key == "double_roll":  # one of two rolls at once is a second claim
        seconds = Enrolment.objects.filter(accepted=False).values("child")
        rolls = Enrolment.objects.in_force(on).filter(kind=Enrolment.Kind.ROLL, counts=True, child__in=seconds)
        return Q(pk__in=rolls.values("child").annotate(schools=Count("school", distinct=True)).filter(schools__gt=1).values("child"))
    if key == "double_hukou":
        twice = Registration.objects.values("child").annotate(n=Count("*")).filter(n__gt=1).values("child")  # an index alone tells those
        registrations = Registration.objects.in_force(on).filter(counts=True, child__in=twice)
        return Q(pk__in=registrations.values("child").annotate(n=Count("household", distinct=True)).filter(n__gt=1).values("child"))
    if key == "bad_id_on_roll":
        bad = ListRow.objects.filter(child__isnull=False, node__isnull=False, kind="roll", number_state="invalid", since__lte=on).filter(
            Q(until=None) | Q(until__gt=on)
        )
        return Q(pk__in=bad.values("child"))
    return {"whole_on_roll_not_attending": on_roll & ~attending, "whole_attending_not_on_roll": attending & ~on_roll}[key]
