"""What the ledgers and tables are written from: every registered child of the ages with its status, and in which book each child stands.

A book is one place of a level (county, township, village, group, school, class). One statement a question, whatever the number of books.
"""

from collections import namedtuple
from dataclasses import dataclass

from core import crypto
from core.models import Organization
from core.spreadsheets import Column
from students import dimensions, planning, statuses
from students.actions import units
from students.reports.children import grade_text
from students.reports.statuses import SOURCE_WORDS
from students.rules import codes, sealed_row
from students.rules.ages import MODES
from students.rules.standings import REASON_LABELS
from students.rules.statuses import STATUSES

LEVELS = {"county": "全县", **{key: statuses.LEVELS[key][1] for key in ("township", "village", "group", "school", "class")}}
SIGNATURES = "填报单位（盖章）：＿＿＿＿＿＿　填报人：＿＿＿＿＿＿　校长（负责人）签字：＿＿＿＿＿＿　填报日期：＿＿年＿月＿日"
IN_FORCE = dimensions.IN_FORCE
KEYS = {
    "county": "0", "township": "townships.id", "village": "villages.id", "group": "small.id", "school": "held.school",
    "class": "held.class_node",
}  # fmt: skip
ABOVE = """{name} as materialized (select v.id as below, o.id from core_organization v cross join lateral unnest(v.path) as above(id)
    join core_organization o on o.id = above.id and o.kind = '{kind}')"""
BOOKS = f"""
with known as (
    select * from (select distinct on (x.child_id) x.child_id, 'home' as kind, h.village_id as place, null::bigint as class_node
    from students_registration x join students_household h on h.id = x.household_id where x.counts and {IN_FORCE}
    order by x.child_id, x.id) home
    union all select * from (select distinct on (x.child_id, x.kind) x.child_id, x.kind, x.school_id, x.class_node_id
    from students_enrolment x where x.counts and {IN_FORCE} order by x.child_id, x.kind, x.accepted desc, x.id) seats),
held as materialized (
    select child_id, max(place) filter (where kind = 'home') as home,
           coalesce(max(place) filter (where kind = 'attending'), max(place) filter (where kind = 'roll')) as school,
           coalesce(max(class_node) filter (where kind = 'attending'), max(class_node) filter (where kind = 'roll')) as class_node
    from known group by child_id),
{ABOVE.format(name="townships", kind="township")}, {ABOVE.format(name="villages", kind="village")},
{ABOVE.format(name="small", kind="group")}
select c.id, {{key}} from students_child c left join held on held.child_id = c.id left join townships on townships.below = held.home
left join villages on villages.below = held.home left join small on small.below = held.home
where c.merged_into_id is null and (%(nodes)s::bigint[] is null or c.scope_nodes && %(nodes)s::bigint[])
  and (%(home)s::bigint is null or held.home in (select id from core_organization where path @> array[%(home)s::bigint]))
"""
ROWS = f""",
{dimensions.GROUPS.strip()},
houses as materialized (
    select distinct on (x.child_id) x.child_id, h.head_name, x.relation from students_registration x
    join students_household h on h.id = x.household_id where x.counts and {IN_FORCE} order by x.child_id, x.id),
memberships as materialized (
    select x.child_id, string_agg(distinct x.code, ',') as codes,
           max(nullif(concat(x.details ->> 'category', x.details ->> 'level'), '')) filter (where x.code = 'C1') as disability,
           max(x.household_number) as household_number, max(x.details ->> 'lifted_year') as lifted_year
    from students_specialgroup x where {IN_FORCE} group by 1),
listed as materialized (
    select distinct on (x.child_id) x.child_id, x.sealed from students_listrow x
    where x.kind = 'roll' and x.child_id is not null and {IN_FORCE} order by x.child_id, x.id desc),
{ABOVE.format(name="townships", kind="township")}, {ABOVE.format(name="villages", kind="village")},
{ABOVE.format(name="small", kind="group")},
called as materialized (
    select distinct on (u.node_id) u.node_id, u.old_name from students_unitchange u
    where u.kind = 'rename' and u.undone_at is null and u.happened_on > %(on)s order by u.node_id, u.happened_on, u.id)
select lines.id, coalesce(old_township.old_name, township.name) as township, coalesce(old_village.old_name, village.name) as village,
       coalesce(old_grp.old_name, grp.name) as grp, coalesce(old_school.old_name, school.name) as school,
       houses.head_name as head, houses.relation, c.name, lines.sex, lines.birth_on, lines.ethnic, c.number, lines.stage, lines.grade,
       class.name as class_name,
       lines.status, lines.reason, s.source, s.document, coalesce(s.since, lines.listed_since, lines.registered_since) as since,
       coalesce(s.place, '') as place, memberships.codes, memberships.disability, memberships.household_number, memberships.lifted_year,
       coalesce(groups.lifted, false) as lifted, coalesce(groups.monitored, false) as monitored, listed.sealed
from lines join students_child c on c.id = lines.id
left join townships on townships.below = lines.home left join core_organization township on township.id = townships.id
left join villages on villages.below = lines.home left join core_organization village on village.id = villages.id
left join small on small.below = lines.home left join core_organization grp on grp.id = small.id
left join core_organization school on school.id = lines.school left join core_organization class on class.id = lines.class_node
left join students_standing s on s.id = lines.by_standing left join houses on houses.child_id = lines.id
left join memberships on memberships.child_id = lines.id left join groups on groups.child_id = lines.id
left join listed on listed.child_id = lines.id
left join called old_township on old_township.node_id = township.id left join called old_village on old_village.node_id = village.id
left join called old_grp on old_grp.node_id = grp.id left join called old_school on old_school.node_id = school.id
order by township.name, village.name, grp.name, c.pinyin, c.id
"""
NAME_COLUMNS = (  # together no wider than a sheet of A3 in type of 8 points
    Column("乡镇", 10, parent="户籍"), Column("村（社区）", 12, parent="户籍"), Column("组", 7, parent="户籍"), Column("户主", 9, parent="户籍"),
    Column("姓名", 9, parent="学生"), Column("性别", 5, parent="学生"), Column("出生日期", 11, "date", parent="学生"),
    Column("民族", 7, parent="学生"), Column("证件号", 20, parent="学生"), Column("残疾类别等级", 10, parent="学生"),
    Column("特殊群体", 15, parent="学生"), Column("学校", 20, parent="就读"), Column("年级", 8, parent="就读"), Column("班级", 10, parent="就读"),
    Column("学籍号", 21, parent="就读"), Column("去向", 13, parent="去向"), Column("原因", 15, parent="去向"), Column("去处", 16, parent="去向"),
    Column("来源", 16, parent="去向"), Column("自哪天起", 11, "date", parent="去向"),
)  # fmt: skip
DISABILITIES = dict(zip("1234567", ("视力", "听力", "言语", "肢体", "智力", "精神", "多重"), strict=True))
DEGREES = dict(zip("1234", ("一级", "二级", "三级", "四级"), strict=True))


@dataclass(frozen=True)
class Frame:
    """What every sheet of one book says of itself."""

    ask: statuses.Ask
    place: str

    @property
    def sentence(self):
        return f"{self.ask.on.isoformat()} · {self.ask.low}—{self.ask.high} 周岁（{MODES[self.ask.mode]}）"

    def titles(self, title):
        return (f"{self.place}{title}", SIGNATURES)

    def unit(self, what="人"):
        return f"{self.place}　{self.sentence}　单位：{what}"


def lines_of(ask):
    """Every registered child of the ages as a tuple with names, in the order of the places."""
    with planning.hash_joins() as cursor:
        statuses.execute(cursor, ROWS, ask.names())
        kind = namedtuple("Line", [column.name for column in cursor.description])
        return [kind._make(row) for row in cursor.fetchall()]


def books_of(ask, level):
    """{child id: key of its book, None for children without such a place} of every child in scope, registered or not."""
    with planning.hash_joins() as cursor:
        cursor.execute(BOOKS.format(key=KEYS[level]), ask.names())
        return dict(cursor.fetchall())


def names_of(level, keys, on):
    """{key: what the book is called, by the names of the day}."""
    if level == "county":
        return dict.fromkeys(keys, "全县")
    nodes = Organization.objects.select_related("parent__parent").in_bulk([key for key in keys if key is not None])
    above = {"village": 1, "group": 2, "class": 1}.get(level, 0)
    ways = {key: _up(node, above) for key, node in nodes.items()}
    units.call_as_on([node for way in ways.values() for node in way], on)
    names = {key: " ".join(node.name for node in way) for key, way in ways.items()}
    return {key: names.get(key, f"未落到{LEVELS[level]}") for key in keys}


def _up(node, steps):
    """The node under those above it: 镇 村 组."""
    return [*(_up(node.parent, steps - 1) if steps and node.parent else []), node]


def masked_number(line):
    return crypto.mask(crypto.unseal(bytes(line.number), "person.id_number")) if line.number else "无"


def masked_roll_number(line):
    if line.sealed is None:
        return "—"
    return crypto.mask(sealed_row.opened(crypto.unseal_bytes(bytes(line.sealed), sealed_row.SEALED_AS)).roll_number) or "—"


def disability_text(code):
    """肢体三级 from category and level."""
    return (DISABILITIES.get(code[:1], "") + DEGREES.get(code[1:2], "")) or "持证" if code else ""


def groups_text(codes_held):
    return "、".join(codes.GROUPS[code].label for code in (codes_held or "").split(",") if code in codes.GROUPS)


def cells_of(line):
    source = SOURCE_WORDS[line.source] + (f" {line.document}" if line.document else "") if line.source else "名单"
    return [
        line.township or "—", line.village or "—", line.grp or "—", line.head or "—", line.name, codes.SEXES.get(line.sex, "—"),
        line.birth_on, codes.ETHNIC_GROUPS.get(line.ethnic, "—"), masked_number(line), disability_text(line.disability) or "—",
        groups_text(line.codes) or "—", line.school or "—", grade_text(line.stage, line.grade) or "—", line.class_name or "—",
        masked_roll_number(line), STATUSES[line.status].label, REASON_LABELS.get(line.reason, "—"), line.place or "—", source, line.since,
    ]  # fmt: skip
