"""What the indicators count, as SQL: one line a child (or an appointment, an entry, a report), with its dimensions (students.dimensions).

Cases stand as they stood on the day asked: by the events that had happened by then, never by the state they are in now.
"""

from dropout import codes
from dropout.workflow import TRANSITIONS
from students import cohorts, dimensions, planning, statuses
from students.rules.statuses import STATUS_LIST

TAUGHT = tuple(status.code for status in STATUS_LIST if status.enrolled and status.code != "suspended")
LOCAL = "at time zone 'Asia/Shanghai'"
OF_DROPOUT = "(" + ", ".join(f"'{state}'" for state in codes.OF_DROPOUT) + ")"
LINES = """
raw as (
    select lines.id as child, '' as item, lines.status, lines.school as school_id, null::bigint as township_id,
           case when lines.stage in ('pri', 'jun') then lines.stage when lines.birth_on > %(twelve)s then 'pri' else 'jun' end as stage
    from lines)"""
TOLD = """
told as materialized (
    select e.case_id, (array_agg(e.target order by e.id desc))[1] as state,
           (array_agg(e.source order by e.id desc) filter (where e.target = 'removal_proposed'))[1] as proposed_from,
           bool_or(e.name = 'confirm') as confirmed, bool_or(e.target = 'returned') as returned,
           max(e.happened_on) filter (where e.name = 'confirm') as confirmed_on
    from dropout_caseevent e where e.happened_on <= %(on)s group by 1)"""
CASES = f"""{TOLD},
newest as materialized (
    select distinct on (c.child_id) c.child_id, c.number, c.stage, c.school_id, c.township_id, told.state, told.proposed_from
    from dropout_case c join told on told.case_id = c.id order by c.child_id, c.episode desc),
ever as materialized (
    select c.child_id, bool_or(told.confirmed) as confirmed, bool_or(told.returned) as returned
    from dropout_case c join told on told.case_id = c.id group by 1),
raw as (
    select newest.child_id as child, newest.number as item, newest.stage, newest.school_id, newest.township_id, newest.state,
           ever.confirmed, ever.returned,
           newest.state = 'suspected' or newest.state = 'removal_proposed' and newest.proposed_from = 'suspected' as still_suspected,
           newest.state in {OF_DROPOUT} or newest.state = 'removal_proposed' and newest.proposed_from in {OF_DROPOUT} as away
    from newest join ever on ever.child_id = newest.child_id)"""
YEAR = f"""{cohorts.YEAR}, {TOLD},
raw as (
    select * from in_year
    union all
    select * from (select distinct on (c.child_id) c.child_id, c.number || '，' || told.confirmed_on || ' 确认辍学', c.stage, c.school_id,
                          c.township_id, 'dropout', false, false
                   from dropout_case c join told on told.case_id = c.id
                   where told.confirmed_on between %(year_begins)s and %(on)s and told.state <> 'removed'
                   order by c.child_id, c.episode desc) of_cases)"""
ABSENCES = f"""
raw as (
    select a.child_id as child, coalesce(r.number || '，', '') || '缺勤起 ' || a.first_on as item, a.stage, a.school_id,
           null::bigint as township_id,
           coalesce(r.delivered_at <= a.due_at and (r.delivered_at {LOCAL})::date <= %(on)s, false) as timely
    from (select * from dropout_absence where folded_into_id is null) a left join dropout_absencereport r on r.absence_id = a.id
    where a.threshold_at is not null and (a.threshold_at {LOCAL})::date between %(year_begins)s and %(on)s)"""
VISITS = """
visits as materialized (
    select v.* from dropout_visit v where not exists (select 1 from dropout_visit n where n.corrects_id = v.id)),
raw as (
    select c.child_id as child, c.number || '，第' || v.attempt || '次走访约定 ' || v.next_on || ' 回访' as item, c.stage, c.school_id,
           c.township_id,
           exists (select 1 from visits n where n.case_id = v.case_id and n.attempt > v.attempt and n.happened_on <= v.next_on)
           or exists (select 1 from dropout_caseevent e where e.case_id = v.case_id and e.target in ('removed', 'returned', 'closed')
                      and e.happened_on between v.happened_on and v.next_on) as timely
    from visits v join dropout_case c on c.id = v.case_id where v.next_on between %(year_begins)s and %(on)s)"""
ACTS = {"open": "列为疑似", "visit": "走访"} | {transition.name: transition.label for transition in TRANSITIONS}
ENTRIES = f"""
words (name, label) as (values {", ".join(f"('{name}', '{label}')" for name, label in ACTS.items())}),
acts as (
    select e.case_id, e.happened_on, (e.recorded_at {LOCAL})::date as entered_on, e.name from dropout_caseevent e where e.by_id is not null
    union all
    select v.case_id, v.happened_on, (v.recorded_at {LOCAL})::date, 'visit' from dropout_visit v where v.corrects_id is null),
raw as (
    select c.child_id as child, c.number || '，' || acts.happened_on || ' ' || words.label || '，' || acts.entered_on || ' 录入' as item,
           c.stage, c.school_id, c.township_id, acts.entered_on - acts.happened_on <= %(entry_days)s as timely
    from acts join words on words.name = acts.name join dropout_case c on c.id = acts.case_id
    where acts.happened_on between %(year_begins)s and %(on)s)"""
SOURCES = {
    "lines": LINES, "cohorts": cohorts.COHORTS, "year": YEAR, "arrivals": cohorts.ARRIVALS, "first_week": cohorts.FIRST_WEEK,
    "promotion": cohorts.PROMOTION, "cases": CASES, "absences": ABSENCES, "visits": VISITS, "entries": ENTRIES,
}  # fmt: skip


def read(source, sql, names):
    """Rows of `sql`, a statement (or further common table expressions and one) over the `facts` of a source."""
    above = f"{SOURCES[source]}, {dimensions.FACTS} {sql}"
    if source == "lines":  # the account may be kept for the day
        return statuses.read(f", {above}", names)
    with planning.hash_joins() as cursor:
        cursor.execute(f"with {above}", names)
        return cursor.fetchall()
