"""The tables written from the roll and the classroom lists (domain.md §11.9): 学籍统计表 巩固率统计表 学生变动情况 去向 部门比对 脱贫学生人数.

Each statement is asked once for all books; people are counted, so that sums of schools are the county's.
"""

from collections import Counter, namedtuple

from core.spreadsheets import Column, SheetOut
from students import cohorts, dimensions, planning
from students.models import Section
from students.reports import indicator_needs as needs
from students.reports.children import grade_text
from students.reports.tables import Table
from students.rules.codes import SEXES
from students.rules.indicators import MISSING, retention_rate
from students.rules.kinds import LIST_KINDS
from students.rules.standings import STANDING_LIST, full_label

STAGES = dict(Section.Stage.choices)
STAGE_ORDER = list(STAGES)
IN_FORCE = dimensions.IN_FORCE
ROLLS = f"""
rolls as materialized (
    select distinct on (x.child_id) x.child_id, x.school_id, x.class_node_id, x.stage, x.grade, x.boarding from students_enrolment x
    where x.kind = 'roll' and x.counts and {IN_FORCE} order by x.child_id, x.accepted desc, x.id),
{dimensions.GROUPS.strip()},
beds as materialized (select x.child_id, bool_or({IN_FORCE}) as boards from students_boarding x group by 1),
marked as materialized (
    select distinct on (x.child_id) x.child_id,
           (x.facts ->> 'left_behind')::boolean as left_behind, (x.facts ->> 'migrant')::boolean as migrant
    from students_listrow x where x.kind = 'roll' and x.child_id is not null and {IN_FORCE} order by x.child_id, x.id desc)
select c.id, rolls.school_id, rolls.class_node_id, o.name as school, rolls.stage, rolls.grade, c.sex,
       c.ethnic not in ('', '01') as minority, coalesce(beds.boards, rolls.boarding, false) as boards,
       coalesce(groups.disabled, false) as disabled, marked.left_behind, marked.migrant,
       coalesce(groups.lifted or groups.monitored, false) as poor
from rolls join students_child c on c.id = rolls.child_id and c.merged_into_id is null join core_organization o on o.id = rolls.school_id
left join groups on groups.child_id = c.id left join beds on beds.child_id = c.id left join marked on marked.child_id = c.id
"""
PATHS = """
select raw.child as id, raw.span, raw.school_id, o.name as school, raw.first_school, first.name as first_name, raw.entered, raw.graduated,
       raw.expected, raw.died, raw.held
from raw join core_organization o on o.id = raw.school_id join core_organization first on first.id = raw.first_school
"""
MOVES = f"""{cohorts.YEAR},
now_there as materialized (select distinct on (child_id) * from seats where stage in ('pri', 'jun') and (until is null or until > %(on)s)
    order by child_id, since desc, id desc),
told as materialized (
    select distinct on (x.child_id) x.child_id, x.code, x.reason, x.place, x.document, x.since from students_standing x
    where {IN_FORCE} order by x.child_id, array_position(array[{", ".join(f"'{row.code}'" for row in STANDING_LIST)}], x.code::text),
        x.since desc)
select coalesce(b.child_id, n.child_id) as id, c.name, c.sex, b.school_id as was_at, bo.name as was_name, b.stage as was_stage,
       n.school_id as is_at, no.name as is_name, n.stage as is_stage, told.code, told.reason, told.place, told.document, told.since,
       (select r.kind from students_enrolment e join students_rollchange r on r.public_id = e.made_by where e.id = n.id) as act
from began b full join now_there n on n.child_id = b.child_id
join students_child c on c.id = coalesce(b.child_id, n.child_id) and c.merged_into_id is null
left join core_organization bo on bo.id = b.school_id left join core_organization no on no.id = n.school_id
left join told on told.child_id = c.id
where b.school_id is distinct from n.school_id
"""
STAYED = """, sat as (select child_id, school_id, stage from began)
select sat.child_id as id, sat.school_id, o.name as school, sat.stage from sat join core_organization o on o.id = sat.school_id
join students_child c on c.id = sat.child_id and c.merged_into_id is null
"""
LISTS = f"""
newest as materialized (select distinct on (s.kind) s.id, s.kind, s.as_of, s.supplier from students_sourcesnapshot s
    where s.state = 'applied' and s.as_of <= %(on)s
      and s.kind <> all(array['divisions', 'schools', 'catchments', 'roll', 'attending', 'hukou'])
    order by s.kind, s.as_of desc, s.id desc),
pupils as materialized (select distinct x.child_id from students_enrolment x where x.counts and {IN_FORCE})
select x.child_id as id, newest.kind, newest.as_of, newest.supplier, pupils.child_id is not null as pupil, {IN_FORCE} as holds,
       x.snapshot_id = newest.id as fresh, x.closed_by_id = newest.id as dropped
from students_listrow x join newest on newest.kind = x.kind left join pupils on pupils.child_id = x.child_id
where ({IN_FORCE} or x.closed_by_id = newest.id)
"""


def asked(sql, source, **more):
    """Rows of the statement as tuples with names, of children in scope."""
    with planning.hash_joins() as cursor:
        cursor.execute(f"with {sql}", source.ask.names(**needs.terms(source.ask.on)) | more)
        kind = namedtuple("Row", [column.name for column in cursor.description])
        return [kind._make(row) for row in cursor.fetchall()]


def on_roll(source):
    rows = (row for row in asked(ROLLS, source) if source.belongs(row.id, row.school_id, row.class_node_id))
    return source.grouped((source.key_of(row.id, row.school_id, row.class_node_id), row) for row in rows)


HEADS = (("人数", "all"), ("男", "1"), ("女", "2"), ("寄宿", "boards"), ("残疾", "disabled"), ("留守", "left_behind"), ("随迁", "migrant"),
         ("少数民族", "minority"), ("脱贫监测", "poor"))  # fmt: skip
LISTED_ONLY = ("left_behind", "migrant")  # the roll list's own columns: without them nobody knows


def roll_table(rows, frame):
    """学籍统计表 (4②): school × grade of all who are on the roll, wherever they are registered."""
    counted, whole, classes = {}, Counter(), {}
    for row in rows:
        key = (row.school, row.stage, row.grade or 0)
        facts = {"all": 1, row.sex: 1} | {word: bool(getattr(row, word)) for _, word in HEADS[3:]}
        counted.setdefault(key, Counter()).update(facts)
        whole.update(facts)
        classes.setdefault(key, set()).add(row.class_node_id)
    unknown = {word for word in LISTED_ONLY if all(getattr(row, word) is None for row in rows)}
    columns = [Column("学校", 24), Column("年级", 10), Column("班数", 7, "integer"), *(Column(word, 9, "integer") for word, _ in HEADS)]

    def figures(of):
        return [MISSING if word in unknown else of[word] for _, word in HEADS]

    order = sorted(counted, key=lambda key: (key[0], STAGE_ORDER.index(key[1]) if key[1] in STAGE_ORDER else 9, key[2]))
    body = [[key[0], grade_text(key[1], key[2]) or "—", len(classes[key] - {None}), *figures(counted[key])] for key in order]
    foot = ("留守、随迁取自学籍库；学籍库没有这一栏的记“—”。",)
    total = ["合计", "", sum(line[2] for line in body), *figures(whole)]
    return SheetOut(
        "学籍统计表", columns, body, titles=frame.titles("学籍统计表"), unit_line=frame.unit(), total=total, foot=foot, frozen_columns=1
    )


SPANS = {"pri": "小学", "jun": "初中", "nine": "九年"}


def cohort_rows(source):
    """(span, school, word) of each child of the cohorts that finished last, by the school at which it counts."""
    found = []
    for row in asked(f"{cohorts.COHORTS} {PATHS}", source):
        ways = [way for way in _ways(row) if source.belongs(row.id, way[0])]
        found += [(source.key_of(row.id, place), (row.span, school, words)) for place, school, words in ways]
    return source.grouped(found)


def _ways(row):
    """Where a child stands in the table: at the school it entered, and at the one it was at last."""
    stayed = row.first_school == row.school_id and row.entered
    here = ["entered"] if stayed else ["moved_in"]
    if not row.expected:
        here.append("died" if row.died else "moved_out")
    here += ["graduated"] * row.graduated + ["expected"] * row.expected + ["held"] * row.held
    yield row.school_id, row.school, here
    if row.entered and not stayed:
        yield row.first_school, row.first_name, ["entered", "moved_out"]


def retention_table(rows, frame):
    """巩固率统计表 of the cohorts that finished in the summer; the children are the formula (students.rules.indicators)."""
    known, counted = needs.known(frame.ask.on), {}
    gone = {span.key: needs.cohort(span.key)(known) for span in known.spans}
    for span, school, words in rows:
        if not gone[span]:
            counted.setdefault((span, school), Counter()).update(words)
    columns = [Column("段", 7), Column("学校", 24), Column("入学人数", 9, "integer"), Column("毕业人数", 9, "integer")]
    columns += [Column(word, 7, "integer", parent="届增加") for word in ("转进", "借读", "其它", "小计")]
    columns += [Column(word, 7, "integer", parent="届减少") for word in ("转出", "休学", "其它", "小计")]
    columns += [Column("净增加", 8, "integer"), Column("巩固率", 9)]
    order = sorted(counted, key=lambda key: (list(SPANS).index(key[0]), key[1]))
    body = [[SPANS[span], school, *_retention(counted[span, school])] for span, school in order]
    body += [["小计", SPANS[span], *_retention(sum((counted[key] for key in order if key[0] == span), Counter()))]
             for span in SPANS if any(key[0] == span for key in order)]  # fmt: skip
    foot = [f"{SPANS[span]}：{reason}" for span, reason in gone.items() if reason]
    foot.append("其它减少是死亡；借读没有来源；休学只列人数，不作减少，仍算应巩固。巩固率 ＝ 毕业 ÷（入学 ＋ 净增加）。")
    return SheetOut("巩固率统计表", columns, body, titles=frame.titles(f"{known.year}届巩固率统计表"), unit_line=frame.unit(), foot=foot,
                    frozen_columns=2)  # fmt: skip


def _retention(of):
    rate = retention_rate(
        entered=of["entered"], moved_in=of["moved_in"], moved_out=of["moved_out"], died=of["died"], graduated=of["graduated"]
    )
    less = of["moved_out"] + of["died"]
    return [of["entered"], of["graduated"], of["moved_in"], MISSING, 0, of["moved_in"], of["moved_out"], of["held"], of["died"], less,
            of["moved_in"] - less, rate.text]  # fmt: skip


GAINS = {"resumption": "复学", "transfer": "转入", "transfer_in": "转入", "back_home": "转入", "restored": "转入"}
LOSSES = {"elsewhere": "转出", "suspended": "休学", "dropout": "辍学", "suspected": "辍学"}


def _loss(row):
    if row.is_at is not None:
        return "转出"
    return "死亡" if row.code == "removed" and row.reason == "05" else LOSSES.get(row.code, "其他")


def moves(source):
    """("began" | gain | loss, school, stage) of who sat at a school at the year's beginning, came or left since."""
    found = []
    for row in asked(f"{cohorts.YEAR} {STAYED}", source):
        if source.belongs(row.id, row.school_id):
            found.append((source.key_of(row.id, row.school_id), ("学年初", row.school, row.stage)))
    for row in asked(MOVES, source):
        if row.was_at is not None and source.belongs(row.id, row.was_at):
            found.append((source.key_of(row.id, row.was_at), (f"-{_loss(row)}", row.was_name, row.was_stage)))
        if row.is_at is not None and source.belongs(row.id, row.is_at):
            gain = "转入" if row.was_at is not None else GAINS.get(row.act, "其他")
            found.append((source.key_of(row.id, row.is_at), (f"+{gain}", row.is_name, row.is_stage)))
    return source.grouped(found)


def moves_table(rows, frame):
    """表1 学生变动情况: the year's beginning + gains − losses = the day."""
    counted = {}
    for word, school, stage in rows:
        counted.setdefault((school, stage), Counter())[word] += 1
    gains, losses = ("转入", "复学", "其他"), ("转出", "休学", "辍学", "死亡", "其他")
    columns = [Column("学校", 24), Column("学段", 7), Column("学年初在校", 10, "integer")]
    columns += [Column(word, 7, "integer", parent="增加") for word in (*gains, "小计")]
    columns += [Column(word, 7, "integer", parent="减少") for word in (*losses, "小计")] + [Column("期末在校", 10, "integer")]

    def figures(of):
        more, less = [of[f"+{word}"] for word in gains], [of[f"-{word}"] for word in losses]
        return [of["学年初"], *more, sum(more), *less, sum(less), of["学年初"] + sum(more) - sum(less)]

    body = [[school, STAGES.get(stage, "—"), *figures(counted[school, stage])] for school, stage in sorted(counted)]
    total = ["合计", "", *figures(sum(counted.values(), Counter()))]
    foot = ("学年初在校 ＋ 增加 － 减少 ＝ 期末在校。县内学校之间的转学，转出、转入各算一次；其他减少含去向不明。",)
    return SheetOut("学生变动情况", columns, body, titles=frame.titles("表1 学生变动情况"), unit_line=frame.unit(), total=total, foot=foot,
                    frozen_columns=1)  # fmt: skip


def leavers(source):
    left = (row for row in asked(MOVES, source) if row.was_at is not None and source.belongs(row.id, row.was_at))
    return source.grouped((source.key_of(row.id, row.was_at), row) for row in left)


def leavers_table(rows, frame):
    """表3 去向: who sat at a school at the year's beginning and no longer does."""
    columns = (Column("学校", 24), Column("学段", 7), Column("姓名", 10), Column("性别", 6), Column("减少原因", 10), Column("去向", 22),
               Column("去处", 22), Column("文号", 18), Column("自哪天起", 12, "date"))  # fmt: skip
    body = (
        [row.was_name, STAGES.get(row.was_stage, "—"), row.name, SEXES.get(row.sex, "—"), _loss(row),
         "县内转学" if row.is_at else full_label(row.code, row.reason) if row.code else "去向未说明", row.is_name or row.place or "—",
         row.document or "—", row.since] for row in sorted(rows, key=lambda row: (row.was_name, row.was_stage, row.name))
    )  # fmt: skip
    return SheetOut("减少学生去向", columns, body, titles=frame.titles("表3 减少学生去向"), unit_line=frame.unit(),
                    total=["合计", f"{len(rows)} 人", *[""] * 7], frozen_columns=3)  # fmt: skip


def listed(source):
    county = 0 if source.level == "county" else None
    rows = (
        (source.books.get(row.id, county), row) for row in asked(LISTS, source) if source.belongs(row.id) or county == 0 and row.id is None
    )
    return source.grouped(rows)


def lists_table(rows, frame):
    """部门比对结果表: of each department's newest list its rows, the pupils among them, who is new, who is no longer on it."""
    labels, counted = {kind.code: kind.label for kind in LIST_KINDS}, {}
    for row in rows:
        of = counted.setdefault((row.kind, row.as_of, row.supplier), Counter())
        of.update({"rows": row.holds, "pupils": row.holds and row.pupil, "fresh": row.holds and row.fresh, "dropped": bool(row.dropped)})
    columns = (Column("名单", 24), Column("截至日期", 12, "date"), Column("提供单位", 20), Column("人数", 9, "integer"),
               Column("其中在校学生", 11, "integer"), Column("本批新增、变化", 12, "integer"), Column("本批退出", 9, "integer"))  # fmt: skip
    body = ([labels.get(kind, kind), as_of, supplier or "—", *(of[word] for word in ("rows", "pupils", "fresh", "dropped"))]
            for (kind, as_of, supplier), of in sorted(counted.items()))  # fmt: skip
    return SheetOut("部门比对结果表", columns, body, titles=frame.titles("部门比对结果表"), unit_line=frame.unit(), frozen_columns=1)


OF_ROLL = (
    Table("roll_table", "学籍统计表（4②）", "学校 × 年级：班数、人数、男女、寄宿、残疾、留守、随迁、少数民族", on_roll, roll_table),
    Table("retention", "巩固率统计表", "入学、毕业、届增加、届减少、净增加、巩固率，按学校", cohort_rows, retention_table,
          lambda known: None if any(needs.cohort(span.key)(known) is None for span in known.spans) else needs.cohort("jun")(known)),
    Table("moves", "表1 学生变动情况", "学年初在校、增加、减少、期末在校，按学校和学段", moves, moves_table, needs.year_began),
    Table("leavers", "表3 减少学生去向", "本学年离开原学校的学生，逐人去向", leavers, leavers_table, needs.year_began),
    Table("lists", "部门比对结果表", "各部门最新名单：人数、其中在校学生、新增、退出", listed, lists_table),
)  # fmt: skip
