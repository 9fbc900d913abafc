"""The balanced account by status: every registered child of the ages on a day has exactly one (students.rules.statuses).

Precedence: a suspected or confirmed case, home teaching and suspension win over the lists; then the classroom list, then the other
standings, then what the roll itself says (毕业 of the junior stage); the rest is not explained. Set-based, one statement a question; pure:
a date, ages and a place go in, counts or children come out.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

from core.models import Organization
from students import kept
from students.detection import births
from students.kept import OF_THESE
from students.models import Child
from students.planning import hash_joins
from students.rules import ages
from students.rules.standings import STANDING_LIST
from students.rules.statuses import STATUS_LIST, UNEXPLAINED, reason_word

IN_FORCE = "x.since <= %(on)s and (x.until is null or x.until > %(on)s)"
RANKS = ", ".join(f"('{row.code}', {rank}, {str(row.over_lists).lower()})" for rank, row in enumerate(STANDING_LIST))
ENROLLED = f"""
select * from (select distinct on (x.child_id, x.kind) x.kind, x.child_id, x.school_id, x.class_node_id, x.stage, x.grade, x.state, x.since,
        null::bigint, null::varchar, null::varchar, null::boolean
    from students_enrolment x where x.counts and {IN_FORCE} and {OF_THESE} order by x.child_id, x.kind, x.accepted desc, x.id) enrolled
"""
BELOW_KIND = """select v.id from core_organization v cross join lateral unnest(v.path) as above(id)
    join core_organization o on o.id = above.id and (o.kind = %(unplaced)s or %(unplaced)s = 'school' and o.kind = 'teaching_point')"""
# Everything known of a child is gathered by one grouping, not by joins: right after an import no table has statistics, and a plan that
# joins in nested loops would walk a county's roll once for every child.
KNOWN = f"""
ranks (code, rank, over_lists) as (values {RANKS}),
known (kind, child_id, place, class_node, stage, grade, state, since, standing_id, code, reason, over_lists) as (
    select * from (select distinct on (x.child_id) 'home', x.child_id, h.village_id, null::bigint, null::varchar, null::smallint,
        null::varchar, x.since, null::bigint, null::varchar, null::varchar, null::boolean
    from students_registration x join students_household h on h.id = x.household_id where x.counts and {IN_FORCE} and {OF_THESE}
    order by x.child_id, x.id) home
    union all {ENROLLED}
    union all select 'finished', x.child_id, null, null, null, null, null, x.since, null, null, null, null from students_enrolment x
    where x.kind = 'roll' and not x.counts and x.state = '毕业' and x.stage = 'jun' and x.since <= %(on)s and {OF_THESE}
    union all select * from (select distinct on (x.child_id) 'standing', x.child_id, null::bigint, null::bigint, null::varchar,
        null::smallint, null::varchar, x.since, x.id, x.code, x.reason, ranks.over_lists
    from students_standing x join ranks on ranks.code = x.code where {IN_FORCE} and {OF_THESE}
    order by x.child_id, ranks.rank, x.since desc, x.id desc) standing),
held as materialized (
    select child_id, max(place) filter (where kind = 'home') as home, max(since) filter (where kind = 'home') as registered_since,
           coalesce(bool_or(kind = 'roll'), false) as on_roll, coalesce(bool_or(kind = 'attending'), false) as attending,
           bool_or(kind = 'finished') as finished,
           max(state) filter (where kind = 'roll') as roll_state, max(state) filter (where kind = 'attending') as seat_state,
           coalesce(max(place) filter (where kind = 'attending'), max(place) filter (where kind = 'roll')) as school,
           coalesce(max(class_node) filter (where kind = 'attending'), max(class_node) filter (where kind = 'roll')) as class_node,
           coalesce(nullif(max(stage) filter (where kind = 'attending'), ''), max(stage) filter (where kind = 'roll'), '') as stage,
           coalesce(max(grade) filter (where kind = 'attending'), max(grade) filter (where kind = 'roll')) as grade,
           coalesce(max(since) filter (where kind = 'attending'), max(since) filter (where kind = 'roll')) as listed_since,
           max(standing_id) as standing_id, max(code) as code, max(reason) as why, bool_or(over_lists) as over_lists
    from known group by child_id),
judged as (
    select held.*, case
        when over_lists then code
        when seat_state = '送教' or not attending and roll_state = '送教' then 'home_teaching'
        when attending and (stage = 'spe' or school in (select p.school_id from students_schoolprofile p where p.kind = '特殊教育'))
        then 'special_school'
        when attending and on_roll then 'in_school'
        when attending then 'in_school_unrolled'
        when code is not null then code
        when roll_state = '休学' then 'suspended'
        when finished and not on_roll then 'graduated'
        when on_roll then 'absent' else 'nowhere' end as status
    from held)
"""
COLUMNS = "home, registered_since, listed_since, on_roll, attending, school, class_node, stage, grade, status, reason, by_standing"
TOLD = """select child_id, home, registered_since, listed_since, on_roll, attending, school, class_node, stage, grade, status,
    case when status = code then why else '' end as reason, case when status = code then standing_id end as by_standing from judged"""
KEEP = f"with {KNOWN} insert into students_accountnow (child_number, {COLUMNS}) {TOLD}"
KEPT = f"""select child_number, {COLUMNS} from students_accountnow
    where child_number <> all(%(stale)s) and (%(asked)s::bigint[] is null or child_number = any(%(asked)s)) union all"""
OF_ASK = f"""
lines as (
    select told.*, c.id, c.sex, c.birth_on, c.ethnic from told join students_child c on c.id = told.child_id
    where registered_since is not null and c.merged_into_id is null and c.birth_on between %(first)s and %(last)s
      and (%(nodes)s::bigint[] is null or c.scope_nodes && %(nodes)s::bigint[])
      and (%(home)s::bigint is null or home in (select id from core_organization where path @> array[%(home)s::bigint]))
      and (%(seat)s::bigint is null or school in (select id from core_organization where path @> array[%(seat)s::bigint]))
      and (%(class)s::bigint is null or class_node = %(class)s)
      and (%(unplaced)s::text is null or %(unplaced)s = 'section' or %(unplaced)s = 'class' and class_node is null
           or %(unplaced)s in ('township', 'village', 'group') and home not in ({BELOW_KIND})
           or %(unplaced)s in ('school', 'education_group') and (school is null or school not in ({BELOW_KIND}))))
"""
LINES = f"{KNOWN}, told as ({TOLD}), {OF_ASK}"
LINES_OF_KEPT = f"{KNOWN}, told (child_id, {COLUMNS}) as ({KEPT} {TOLD}), {OF_ASK}"
COUNTED = "select status, reason, on_roll or attending as listed, count(*) from lines group by 1, 2, 3"
BY_PLACE = {
    "home": """
places as materialized (select v.id as below, o.id from core_organization v cross join lateral unnest(v.path) as above(id)
    join core_organization o on o.id = above.id and o.kind = %(level)s)
select places.id, lines.status, lines.reason, on_roll or attending, count(*)
from lines left join places on places.below = lines.home group by 1, 2, 3, 4""",
    "school": """
places as materialized (select v.id as below, o.id from core_organization v cross join lateral unnest(v.path) as above(id)
    join core_organization o on o.id = above.id and (o.kind = %(level)s or %(level)s = 'school' and o.kind = 'teaching_point'
        and not exists (select 1 from core_organization up where up.id = o.parent_id and up.kind = 'school')))
select places.id, lines.status, lines.reason, on_roll or attending, count(*)
from lines left join places on places.below = lines.school group by 1, 2, 3, 4""",
    "class": """
level as (select %(level)s::text)
select lines.class_node, lines.status, lines.reason, on_roll or attending, count(*) from lines group by 1, 2, 3, 4""",
    "section": """
areas as materialized (
    select v.id as home, s.stage, s.id as section,
           row_number() over (partition by v.id, s.stage order by array_length(o.path, 1) desc, k.id) as nth
    from core_organization v cross join lateral unnest(v.path) as above(id) join core_organization o on o.id = above.id
    join students_catchment k on k.place_id = o.id and k.school_year = %(school_year)s
        and (k.until is null or k.until > %(on)s) join students_section s on s.id = k.section_id),
staged as (
    select lines.*, case when stage in ('pri', 'jun') then stage when birth_on > %(twelve)s then 'pri' else 'jun' end as wanted from lines)
select areas.section, staged.status, staged.reason, on_roll or attending, count(*) from staged
left join areas on areas.home = staged.home and areas.stage = staged.wanted and areas.nth = 1 where %(level)s is not null
group by 1, 2, 3, 4""",
}
LEVELS = {  # level: (how a child is placed, word)
    "township": ("home", "乡镇"), "village": ("home", "村（社区）"), "group": ("home", "组"), "education_group": ("school", "教育组（中心校）"),
    "school": ("school", "学校"), "class": ("class", "班级"), "section": ("section", "学区"),
}  # fmt: skip
HOMES, SEATS = ("bureau", "township", "village", "group"), ("education_group", "school", "teaching_point")
FACTS = """
select lines.id, lines.status, lines.reason, home, registered_since, listed_since, on_roll, attending, school, class_node, stage, grade,
       s.source, s.since, s.until, s.place, s.reference, s.document
from lines left join students_standing s on s.id = lines.by_standing
"""


@dataclass(frozen=True)
class Ask:
    """Of which day, ages and rule, within which nodes (None: all), and of which place: a node, a section of the catchments, or the children
    whom a level leaves without a place (`unplaced`: the level)."""

    on: date
    low: int = 6
    high: int = 15
    mode: str = ages.POINT
    nodes: tuple | None = None
    node: Organization | None = None
    unplaced: str | None = None
    section: int | None = None

    def names(self, children=None, **more):
        first, last = births(self.mode, self.low, self.high, self.on)
        kind = self.node.kind if self.node else ""
        return {
            "on": self.on, "first": first, "last": last, "nodes": None if self.nodes is None else list(self.nodes), "children": children,
            "home": self.node.pk if kind in HOMES else None, "seat": self.node.pk if kind in SEATS else None,
            "class": self.node.pk if kind == "class" else None, "unplaced": self.unplaced, **more,
        }  # fmt: skip

    def at(self, node):
        return replace(self, node=node)


@dataclass(frozen=True)
class Statuses:
    """{status: children}; the children outside roll and classroom by reason; Σ statuses = registered by construction, so that what does
    not balance is what nobody has explained."""

    registered: int
    by_status: dict
    neither_by_reason: dict

    @property
    def unexplained(self):
        return sum(self.by_status[code] for code in UNEXPLAINED)

    @property
    def balanced(self):
        return not self.unexplained and self.registered == sum(self.by_status.values())


def execute(cursor, sql, names):
    """`sql` over the relation `lines`, in a cursor of hash_joins: from the account kept for that day, where there is one, with those
    children judged anew whose facts changed since; else from the facts of everybody."""
    stale = kept.stale(cursor, names["on"])
    if stale is None:
        cursor.execute(f"with {LINES} {sql}", names)
        return
    asked = names["children"]
    judged = stale if asked is None else sorted(set(stale) & set(asked))
    cursor.execute(f"with {LINES_OF_KEPT} {sql}", names | {"stale": stale, "asked": asked, "children": judged})


def read(sql, names):
    with hash_joins() as cursor:
        execute(cursor, sql, names)
        return cursor.fetchall()


def counted(ask):
    """The account by status of what `ask` names."""
    return summed(read(COUNTED, ask.names()))


def summed(found):
    """The account of (status, reason, listed, children)."""
    by_status, reasons = Counter(), Counter()
    for status, reason, listed, count in found:
        by_status[status] += count
        if not listed:
            reasons[reason_word(status, reason)] += count
    ordered = {status.code: by_status[status.code] for status in STATUS_LIST}
    return Statuses(sum(ordered.values()), ordered, dict(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))))


def counted_by(level, ask):
    """{node id (section id for `section`), None for children without one: {status: count}}; the rows add up to `counted`."""
    return counted_whole(level, ask)[1]


def counted_whole(level, ask):
    """(`counted`, `counted_by`) of one reading."""
    found, rows = read(f", {BY_PLACE[LEVELS[level][0]]}", ask.names(level=level, **year_terms(ask))), {}
    for place, status, _, _, count in found:
        rows.setdefault(place, dict.fromkeys((row.code for row in STATUS_LIST), 0))[status] += count
    return summed(line[1:] for line in found), rows


def ids_of(ask, statuses=None):
    """Ids of the children behind a figure: those of `statuses` (all where None)."""
    condition = "" if statuses is None else "and status = any(%(statuses)s)"
    names = ask.names(statuses=list(statuses or ()), section=ask.section, **year_terms(ask))
    if ask.section is None and ask.unplaced != "section":
        return [pk for (pk,) in read(f"select id from lines where true {condition}", names)]
    sections = BY_PLACE["section"].partition("select areas.section")[0]
    joined = "select staged.id from staged left join areas on areas.home = staged.home and areas.stage = staged.wanted and areas.nth = 1"
    return [pk for (pk,) in read(f", {sections} {joined} where areas.section is not distinct from %(section)s {condition}", names)]


def year_terms(ask):
    """The school year of the day, and the last birth of those who are twelve on its cut-off day (primary below, junior from there)."""
    year = ages.school_year(ask.on)
    return {"school_year": year, "twelve": ages.years_before(date(year, *ages.DEFAULT_CUTOFF), 12)}


def children(ask, statuses=None):
    """The same as a query set."""
    return Child.objects.among(ids_of(ask, statuses))


def facts_of(ids, ask):
    """{child id: its line of the account} of some children, with source and day of its status."""
    with hash_joins() as cursor:
        execute(cursor, FACTS, ask.names(children=list(ids)))
        columns = [column.name for column in cursor.description]
        return {row[0]: dict(zip(columns, row, strict=True)) for row in cursor.fetchall()}
