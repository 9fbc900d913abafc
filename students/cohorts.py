"""Who entered, moved, graduated and went on: what 巩固率, 年巩固率, 报到率 and 小升初升学率 count (domain.md §3.13). One line a child.

Each source is a list of common table expressions that ends in `raw` (students.dimensions). Pure: a date goes in, SQL and its
names come out.

The cohort of a stage is known by the roll: school year of the fact − grade + 1 is the year of entry, whatever list or act wrote it. Who
leaves with proof (transfer out, abroad, death; a proven school elsewhere) is taken from those expected; who is merely gone is not.
"""

from dataclasses import dataclass
from datetime import date

from students.rules import ages

CENSUS = (9, 30)  # who is on the roll of the first year by then has entered; who comes later has moved in
LATEST_START = (10, 31)  # a classroom list of the beginning of a school year is not later
LEFT_STATES = "('已转出', '出国', '死亡')"


def _gone(day, begins="-infinity"):
    """Who left with proof by `day`: since when, and whether by death."""
    return f"""
gone as materialized (
    select child_id, max(since) as since, bool_or(died) as died from (
        select c.child_id, c.effective_on as since, c.kind = 'death' as died from students_rollchange c
        where c.state = 'done' and c.kind in ('transfer_out', 'abroad', 'death')
        union all select x.child_id, x.since, x.state = '死亡' from students_enrolment x
        where x.kind = 'roll' and not x.counts and x.state in {LEFT_STATES}
        union all select x.child_id, x.since, x.reason = '05' from students_standing x
        where (x.code = 'elsewhere' or x.code = 'removed' and x.reason in ('05', '06', '10'))
          and (x.until is null or x.until > {day})) left_with_proof
    where since <= {day} and since >= '{begins}' group by 1)"""


COHORTS = f"""
spans as materialized (select * from unnest(%(spans)s::text[], %(span_stages)s::text[], %(entries)s::int[], %(last_grades)s::int[],
    %(census)s::date[]) as s(span, stage, entry, last_grade, census)),
rolls as materialized (
    select x.child_id, x.id, x.stage, x.school_id, x.grade, x.since, x.until, x.state, x.made_by,
           extract(year from x.since)::int - (extract(month from x.since) < 9)::int - x.grade + 1 as entry
    from students_enrolment x where x.kind = 'roll' and x.counts and x.accepted and x.stage in ('pri', 'jun') and x.grade is not null
      and x.since <= %(closing)s),
placed as materialized (
    select distinct on (spans.span, rolls.child_id) spans.span, spans.last_grade, spans.entry as wanted, rolls.*
    from rolls join spans on spans.stage = rolls.stage order by spans.span, rolls.child_id, rolls.since desc, rolls.id desc),
begun as materialized (
    select distinct on (spans.span, rolls.child_id) spans.span, rolls.child_id, rolls.school_id,
           rolls.since <= spans.census and not exists (select 1 from students_rollchange c where c.public_id = rolls.made_by) as entered
    from rolls join spans on spans.stage = rolls.stage and spans.entry = rolls.entry
    order by spans.span, rolls.child_id, rolls.since, rolls.id),
finished as materialized (
    select c.child_id, c.stage, max(c.effective_on) as on_day from students_rollchange c
    where c.state = 'done' and c.kind = 'graduation' and c.effective_on <= %(closing)s group by 1, 2
    union all select x.child_id, x.stage, max(x.since) from students_enrolment x
    where x.kind = 'roll' and not x.counts and x.state = '毕业' and x.since <= %(closing)s group by 1, 2),
held as materialized (select distinct x.child_id from students_standing x where x.code in ('suspended', 'dropout')
    and x.since <= %(closing)s and (x.until is null or x.until > %(closing)s)),
{_gone("%(closing)s")},
paths as materialized (
    select placed.span, placed.child_id, placed.stage, placed.school_id, begun.school_id as first_school, begun.entered,
           placed.until is not null and placed.until <= %(closing)s and gone.since >= placed.since as left_us, gone.died,
           held.child_id is not null or placed.state = '休学' as held,
           (placed.span <> 'nine' or placed.stage = 'jun') and (
               (placed.until is null or placed.until > %(closing)s) and placed.grade >= placed.last_grade and placed.state <> '休学'
               and held.child_id is null
               or exists (select 1 from finished f where f.child_id = placed.child_id and f.stage = placed.stage
                          and f.on_day >= placed.since)) as graduated
    from placed join begun on begun.span = placed.span and begun.child_id = placed.child_id
    left join gone on gone.child_id = placed.child_id left join held on held.child_id = placed.child_id
    where placed.entry = placed.wanted),
raw as (
    select child_id as child, '' as item, stage, school_id, null::bigint as township_id, span, first_school, entered, graduated,
           graduated or not coalesce(left_us, false) as expected, coalesce(left_us, false) and not graduated as left_us,
           coalesce(died, false) as died, held
    from paths)
"""
# the school year up to the day: who sat in a classroom of the compulsory stages at its beginning or came since
YEAR = f"""
seats as materialized (
    select x.child_id, x.id, x.stage, x.school_id, x.since, x.until from students_enrolment x
    where x.kind = 'attending' and x.counts and x.accepted and x.since <= %(on)s and (x.until is null or x.until > %(year_from)s)),
{_gone("%(on)s")},
began as materialized (
    select distinct on (child_id) * from seats where stage in ('pri', 'jun') and since <= %(year_from)s order by child_id, id),
newest as materialized (select distinct on (child_id) * from seats where stage in ('pri', 'jun') order by child_id, since desc, id desc),
there as materialized (select distinct child_id from seats where until is null or until > %(on)s),
in_year as (
    select newest.child_id as child, '' as item, newest.stage, newest.school_id, null::bigint as township_id, 'kept' as span,
           there.child_id is not null as present, there.child_id is not null or gone.child_id is null as expected
    from newest left join there on there.child_id = newest.child_id
    left join gone on gone.child_id = newest.child_id and gone.since >= newest.since
    union all select child_id, '', stage, school_id, null, 'began', true, true from began)
"""
# as the page of 报到 counts: a class that has not been counted is due and has not come
ARRIVALS = """
sheets as materialized (select s.id, s.node_id, s.counted_on from students_arrivalsheet s
    where s.term = %(term)s and s.counted_on <= %(on)s),
due as materialized (
    select distinct on (e.child_id) e.child_id, e.school_id, e.stage, s.id as sheet
    from students_enrolment e left join sheets s on s.node_id = coalesce(e.class_node_id, e.school_id)
    where e.kind = 'roll' and e.counts and e.accepted and e.stage <> 'pre' and e.since <= coalesce(s.counted_on, %(on)s)
      and (e.until is null or e.until > coalesce(s.counted_on, %(on)s))
      and not exists (select 1 from students_standing t where t.child_id = e.child_id and t.code = 'suspended'
                      and t.since <= coalesce(s.counted_on, %(on)s) and (t.until is null or t.until > coalesce(s.counted_on, %(on)s)))
    order by e.child_id, s.counted_on desc nulls last, e.id),
missing as materialized (
    select distinct a.child_id, a.sheet_id from students_absentee a join sheets on sheets.id = a.sheet_id
    where a.arrived_on is null or a.arrived_on > %(on)s),
raw as (
    select due.child_id as child, case when due.sheet is null then '所在班还没有登记报到' else '' end as item, due.stage, due.school_id,
           null::bigint as township_id, due.sheet is not null and missing.child_id is null as came
    from due left join missing on missing.child_id = due.child_id and missing.sheet_id = due.sheet)
"""
FIRST_WEEK = """
raw as (
    select a.child_id as child, '走访期限 ' || a.visit_by || coalesce('，走访 ' || a.visited_on, '') || coalesce('，到校 ' || a.arrived_on, '')
               as item, coalesce(e.stage, '') as stage, coalesce(school.id, n.id) as school_id, null::bigint as township_id,
           coalesce(least(a.visited_on, a.arrived_on) <= least(a.visit_by, %(on)s), false) as timely
    from students_absentee a join students_arrivalsheet s on s.id = a.sheet_id join core_organization n on n.id = s.node_id
    left join core_organization school on school.id = n.parent_id and n.kind = 'class'
    left join lateral (select x.stage from students_enrolment x where x.child_id = a.child_id and x.kind = 'roll'
        and x.since <= s.counted_on order by x.since desc, x.id desc limit 1) e on true
    where s.term = %(term)s and s.counted_on <= %(on)s
      and (a.visit_by <= %(on)s or a.visited_on <= %(on)s or a.arrived_on <= %(on)s))
"""
# 小学毕业生: on the roll of the last grade of primary school when the school year ended, and not kept there
PROMOTION = """
leavers as materialized (
    select distinct on (x.child_id) x.child_id, x.school_id from students_enrolment x
    where x.kind = 'roll' and x.stage = 'pri' and (x.counts and x.accepted and x.grade >= %(primary_years)s and x.since <= %(closing)s
        and (x.until is null or x.until > %(closing)s) or not x.counts and x.state = '毕业'
        and x.since between %(year_before)s and %(closing)s)
    order by x.child_id, x.since desc, x.id desc),
seated as materialized (
    select x.child_id, bool_or(x.stage in ('jun', 'sen', 'voc', 'spe')) as beyond, bool_or(x.stage = 'pri' and x.kind = 'roll') as below
    from students_enrolment x where x.counts and x.since <= %(on)s and (x.until is null or x.until > %(on)s) group by 1),
proven as materialized (
    select distinct x.child_id from students_standing x where x.code = 'elsewhere' and x.since <= %(on)s
      and (x.until is null or x.until > %(on)s)),
raw as (
    select l.child_id as child, case when seated.beyond then '' when proven.child_id is not null then '县外升学，有证明' else '' end as item,
           'pri' as stage, l.school_id, null::bigint as township_id,
           coalesce(seated.beyond, false) or proven.child_id is not null as went_on
    from leavers l left join seated on seated.child_id = l.child_id left join proven on proven.child_id = l.child_id
    where not (coalesce(seated.below, false) and not coalesce(seated.beyond, false)))
"""


@dataclass(frozen=True)
class Span:
    """A way through school whose end is counted: the stages with the year of entry and the last grade of each."""

    key: str
    label: str
    stages: tuple[tuple[str, int, int], ...]

    @property
    def entered(self):
        return self.stages[0][1]

    @property
    def census(self):
        return date(self.entered, *CENSUS)


def spans(year, primary_years, junior_years):
    """The three cohorts that finished in the summer of `year`: 小学 初中 九年."""
    junior, both = year - junior_years, year - junior_years - primary_years
    pri = ("pri", year - primary_years, primary_years)
    return (
        Span("pri", "小学", (pri,)), Span("jun", "初中", (("jun", junior, junior_years),)),
        Span("nine", "九年", (("pri", both, primary_years), ("jun", junior, junior_years))),
    )  # fmt: skip


def cohort_names(on, primary_years, junior_years, first_roll=None):
    """Names for COHORTS and PROMOTION as of the day: the school year that ended last. `first_roll`: the day of the oldest roll list, on
    which the first year counts as entered where it is later than the census day."""
    year = ages.school_year(on)
    rows = [(span, *stage) for span in spans(year, primary_years, junior_years) for stage in span.stages]
    return {
        "closing": date(year, 8, 31), "year_before": date(year - 1, 9, 1), "spans": [span.key for span, *_ in rows],
        "span_stages": [row[1] for row in rows], "entries": [row[2] for row in rows], "last_grades": [row[3] for row in rows],
        "census": [max(span.census, first_roll) if first_roll and ages.school_year(first_roll) == span.entered else span.census
                   for span, *_ in rows],
        "primary_years": primary_years,
    }  # fmt: skip


def year_start(on, first_list):
    """The day at which the school year of `on` counts as begun: 1 September, or the day of the first classroom list where that came in
    autumn; None where no list tells of the beginning. `first_list`: the day of the oldest classroom list, None without one."""
    begins = date(ages.school_year(on), 9, 1)
    if first_list is None or first_list > min(on, date(begins.year, *LATEST_START)):
        return None
    return max(begins, first_list)
