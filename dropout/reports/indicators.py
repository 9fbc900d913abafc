"""Indicators by dimension, each with its numerator and denominator and the children behind both (domain.md §3.13).

Two sources: the account by status on a day (lines), and of each child the newest case opened until that day, in the state it is in now
(cases). One statement a source, whatever the number of children.
"""

from dataclasses import dataclass

from django.db import connection

from core.models import Organization
from dropout import codes
from students import statuses
from students.rules.codes import ETHNIC_GROUPS, SEXES
from students.rules.indicators import Rate
from students.rules.statuses import STATUS_LIST

TAUGHT = tuple(status.code for status in STATUS_LIST if status.enrolled and status.code != "suspended")
GROUPS = """
groups as materialized (select g.child_id, bool_or(g.code in ('P1', 'P2')) as lifted, bool_or(g.code in ('P3', 'P4', 'P5')) as monitored,
    bool_or(g.code = 'C1') as disabled from students_specialgroup g
    where g.since <= %(on)s and (g.until is null or g.until > %(on)s) group by 1)"""
OF_GROUPS = """case when groups.monitored then 'monitored' when groups.lifted then 'lifted' else 'other' end as household,
       case when groups.disabled then 'yes' else 'no' end as disability"""
FACTS = {
    "lines": f"""with {statuses.LINES}, {GROUPS}, facts as (
select lines.id as child, lines.status, lines.sex, lines.ethnic, lines.school::text as school, {OF_GROUPS},
       case when lines.stage in ('pri', 'jun') then lines.stage when lines.birth_on > %(twelve)s then 'pri' else 'jun' end as stage,
       (select o.id::text from core_organization at join core_organization o on o.id = any(at.path) and o.kind = 'township'
        where at.id = lines.home) as township
from lines left join groups on groups.child_id = lines.id)""",
    "cases": f"""with {GROUPS}, facts as (
select c.child_id as child, c.state, c.removal_from, c.confirmed_on is not null as confirmed, k.sex, k.ethnic, c.school_id::text as school,
       {OF_GROUPS}, c.stage, c.township_id::text as township,
       exists (select 1 from dropout_caseevent e where e.case_id = c.id and e.target = 'returned') as came_back
from (select distinct on (d.child_id) d.* from dropout_case d where d.opened_on <= %(on)s order by d.child_id, d.episode desc) c
join students_child k on k.id = c.child_id left join groups on groups.child_id = c.child_id
where k.merged_into_id is null and (%(nodes)s::bigint[] is null or k.scope_nodes && %(nodes)s::bigint[]))""",
}
STILL_SUSPECTED = "(state = 'suspected' or state = 'removal_proposed' and removal_from = 'suspected')"
BACK = "state in (" + ", ".join(f"'{state}'" for state in codes.AFTER_RETURN) + ")"


@dataclass(frozen=True)
class Indicator:
    """`part` and `whole`: SQL conditions on the facts of `source`."""

    key: str
    label: str
    source: str
    part: str
    whole: str
    words: tuple[str, str]


INDICATORS = (
    Indicator("enrolment", "适龄儿童入学率", "lines", "status = any(%(taught)s)", "true", ("已入学", "适龄人口")),
    Indicator("disabled", "残疾儿童入学率", "lines", "status = any(%(taught)s)", "disability = 'yes'", ("已入学", "持证适龄残疾儿童")),
    Indicator("checked", "核查率", "cases", "state <> 'suspected'", "true", ("已核查", "疑似总数")),
    Indicator("settled", "“两库户籍”核减率", "cases", f"not {STILL_SUSPECTED}", "true", ("核减、劝返、转入台账", "疑似总数")),
    Indicator("net_removal", "净核减率", "cases", "state = 'removed'", "true", ("核减", "疑似总数")),
    Indicator("persuasion", "劝返率", "cases", "came_back", "confirmed", ("已劝返到校", "确认辍学")),
    Indicator("kept", "返校巩固率", "cases", BACK, "came_back", ("返校未再辍", "返校总数")),
)
INDICATOR = {row.key: row for row in INDICATORS}
DIMENSIONS = {
    "stage": "学段", "sex": "性别", "township": "乡镇", "school": "学校", "household": "户类型", "ethnic": "民族", "disability": "残疾",
}  # fmt: skip
WORDS = {
    "stage": {"pri": "小学", "jun": "初中"}, "sex": SEXES, "ethnic": ETHNIC_GROUPS, "disability": {"yes": "持证残疾", "no": "其他"},
    "household": {"lifted": "脱贫户", "monitored": "监测户", "other": "其他"},
}  # fmt: skip


def _names(ask):
    return ask.names(taught=list(TAUGHT), **statuses.year_terms(ask))


def _read(sql, names):
    with statuses.hash_joins(), connection.cursor() as cursor:
        cursor.execute(sql, names)
        return cursor.fetchall()


def rates(ask, dimension):
    """{value of the dimension, None for the whole: {indicator: Rate}}; the values' parts and wholes add up to the whole's."""
    found = {None: {row.key: (0, 0) for row in INDICATORS}}
    for source in FACTS:
        wanted = [row for row in INDICATORS if row.source == source]
        counts = ", ".join(f"count(*) filter (where ({row.whole}) and ({row.part})), count(*) filter (where {row.whole})" for row in wanted)
        for value, *figures in _read(f"{FACTS[source]} select coalesce({dimension}, ''), {counts} from facts group by 1", _names(ask)):
            for index, row in enumerate(wanted):
                pair = figures[2 * index], figures[2 * index + 1]
                held = found.setdefault(value, {other.key: (0, 0) for other in INDICATORS})
                held[row.key] = pair
                found[None][row.key] = tuple(a + b for a, b in zip(found[None][row.key], pair, strict=True))
    return {value: {key: Rate(*pair) for key, pair in held.items()} for value, held in found.items()}


def words_of(dimension, values):
    """{value: what the screen calls it}."""
    if dimension in WORDS:
        return {value: WORDS[dimension].get(value, "未说明") for value in values}
    named = Organization.objects.in_bulk([int(value) for value in values if value])
    return {value: named[int(value)].name if value else f"不在{DIMENSIONS[dimension]}" for value in values}


def child_ids(ask, key, side, dimension="", value=""):
    """Ids of the children of one figure: `side` part or whole, of one value of a dimension where one is given."""
    row = INDICATOR[key]
    condition = f"({row.whole})" + (f" and ({row.part})" if side == "part" else "")
    if dimension:
        condition += f" and coalesce({dimension}, '') = %(value)s"
    return [pk for (pk,) in _read(f"{FACTS[row.source]} select child from facts where {condition}", _names(ask) | {"value": value})]
