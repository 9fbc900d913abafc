"""The tables of children of households lifted out of poverty (domain.md §1.2 E, §11.1, §11.2, §11.4, §11.9 米脂①), of any age.

T1 registered here and taught here, T2 registered here and taught elsewhere, T4 registered elsewhere and taught here: pairwise disjoint.
What was paid is not kept yet: those columns say 待核, as the conventions of §11.1 have it, and the foot says what is needed.
"""

from collections import Counter, namedtuple

from core import crypto
from core.spreadsheets import Column, SheetOut
from students import dimensions, planning
from students.models import Section
from students.reports.children import grade_text
from students.reports.ledger_lines import ABOVE, disability_text, groups_text, masked_number, masked_roll_number
from students.reports.tables import Table
from students.rules import codes, sealed_row
from students.rules.standings import REASON_LABELS

IN_FORCE = dimensions.IN_FORCE
PAID = "待核"
STAGES = dict(Section.Stage.choices)
POOR = f"""
with {dimensions.GROUPS.strip()},
memberships as materialized (
    select x.child_id, string_agg(distinct x.code, ',') as codes,
           max(concat(x.details ->> 'category', x.details ->> 'level')) filter (where x.code = 'C1') as disability,
           max(x.household_number) filter (where x.code in ('P1', 'P2')) as household_number,
           max(x.details ->> 'lifted_year') as lifted_year
    from students_specialgroup x where {IN_FORCE} group by 1),
houses as materialized (
    select distinct on (x.child_id) x.child_id, h.village_id, h.head_name, x.relation from students_registration x
    join students_household h on h.id = x.household_id where x.counts and {IN_FORCE} order by x.child_id, x.id),
seats as materialized (
    select distinct on (x.child_id) x.child_id, x.school_id, x.class_node_id, x.stage, x.grade, x.boarding from students_enrolment x
    where x.counts and {IN_FORCE} order by x.child_id, x.kind, x.accepted desc, x.id),
away as materialized (
    select distinct on (x.child_id) x.child_id, x.place, x.reason from students_standing x where x.code = 'elsewhere' and {IN_FORCE}
    order by x.child_id, x.since desc, x.id desc),
listed as materialized (
    select distinct on (x.child_id) x.child_id, x.sealed from students_listrow x
    where x.kind = 'roll' and x.child_id is not null and {IN_FORCE} order by x.child_id, x.id desc),
{ABOVE.format(name="townships", kind="township")}, {ABOVE.format(name="villages", kind="village")},
{ABOVE.format(name="small", kind="group")}
select c.id, township.name as township, village.name as village, grp.name as grp, houses.head_name as head, houses.relation,
       memberships.household_number, memberships.lifted_year, memberships.codes, memberships.disability, c.name, c.sex, c.ethnic, c.number,
       school.name as school, seats.school_id, seats.class_node_id, seats.stage, seats.grade, class.name as class_name, seats.boarding,
       listed.sealed, houses.child_id is not null as registered, away.place, away.reason, away.child_id is not null as proven
from groups join students_child c on c.id = groups.child_id and c.merged_into_id is null and groups.lifted
left join memberships on memberships.child_id = c.id left join houses on houses.child_id = c.id left join seats on seats.child_id = c.id
left join away on away.child_id = c.id left join listed on listed.child_id = c.id
left join townships on townships.below = houses.village_id left join core_organization township on township.id = townships.id
left join villages on villages.below = houses.village_id left join core_organization village on village.id = villages.id
left join small on small.below = houses.village_id left join core_organization grp on grp.id = small.id
left join core_organization school on school.id = seats.school_id left join core_organization class on class.id = seats.class_node_id
where %(nodes)s::bigint[] is null or c.scope_nodes && %(nodes)s::bigint[]
order by township.name, village.name, grp.name, c.pinyin, c.id
"""
HOUSE = [Column("镇", 12, parent="家庭情况"), Column("村", 14, parent="家庭情况"), Column("组", 9, parent="家庭情况"),
         Column("户主姓名", 10, parent="家庭情况"), Column("户主身份证号", 12, parent="家庭情况"), Column("户编号", 14, parent="家庭情况"),
         Column("脱贫年度", 9, parent="家庭情况"), Column("贫困户类型", 14, parent="家庭情况")]  # fmt: skip
PUPIL = [Column(word, width, parent="学生情况") for word, width in (
    ("姓名", 10), ("性别", 6), ("民族", 8), ("身份证号", 21), ("与户主关系", 10), ("联系电话", 13), ("残疾类别等级", 10))]  # fmt: skip
SCHOOL = [Column(word, width, parent="就读情况") for word, width in (
    ("学校全称", 22), ("学段", 8), ("年级", 9), ("班级", 12), ("学籍号", 21), ("就读方式", 9), ("班主任", 9), ("帮扶教师（电话）", 14))]  # fmt: skip
AID = [Column("项目金额", 14, parent="资助情况"), Column("合计金额", 10, parent="资助情况"), Column("备注", 12)]
ENQUIRY = [Column(word, width, parent="区外就读核实") for word, width in (
    ("就读省市县、学校", 24), ("区外类别", 14), ("学校联系电话", 13), ("联系方式（见面/电话）", 12), ("是否享受（是/否/未收假）", 12), ("未享受原因", 14),
    ("书面说明（有/无）", 10), ("致函日期", 11), ("核实人", 10))]  # fmt: skip
FOOT = (
    "资助各栏“待核”：资助发放名册还没有在系统里，需要各学期受助学生花名册。户主身份证号、班主任、帮扶教师没有来源的记“—”，可在打印稿上补填。",
)


def poor_of(source):
    with planning.hash_joins() as cursor:
        cursor.execute(POOR, source.ask.names())
        kind = namedtuple("Poor", [column.name for column in cursor.description])
        return [row for row in map(kind._make, cursor.fetchall()) if source.belongs(row.id, row.school_id, row.class_node_id)]


def _chosen(condition):
    def gather(source):
        return source.grouped((source.books.get(row.id), row) for row in poor_of(source) if condition(row))

    return gather


here = _chosen(lambda row: row.registered and row.school_id is not None)
elsewhere = _chosen(lambda row: row.registered and row.school_id is None and row.proven)
from_elsewhere = _chosen(lambda row: not row.registered and row.school_id is not None)
registered = _chosen(lambda row: row.registered)


def _house(row):
    return [row.township or "—", row.village or "—", row.grp or "—", row.head or "—", "—", row.household_number or "—",
        row.lifted_year or "未脱贫",
            groups_text(row.codes) or "—"]  # fmt: skip


def _pupil(row):
    return [row.name, codes.SEXES.get(row.sex, "—"), codes.ETHNIC_GROUPS.get(row.ethnic, "—"), masked_number(row),
            codes.RELATION_LABELS.get(row.relation, row.relation) or "—", crypto.mask_phone(_phone(row)) or "—",
            disability_text(row.disability) or "—"]  # fmt: skip


def _phone(row):
    return sealed_row.opened(crypto.unseal_bytes(bytes(row.sealed), sealed_row.SEALED_AS)).phone if row.sealed is not None else ""


def _school(row):
    boards = {True: "寄宿", False: "走读", None: "—"}[row.boarding]
    return [row.school or "—", STAGES.get(row.stage, "—"), grade_text(row.stage, row.grade) or "—", row.class_name or "—",
            masked_roll_number(row), boards, "—", "—"]  # fmt: skip


def _sheet(name, title, columns, cells):
    def sheet(rows, frame):
        body = ([number, *cells(row)] for number, row in enumerate(rows, start=1))
        heads = [Column("序号", 6, "integer"), *columns]
        total = ["合计", f"{len(rows)} 人", *[""] * (len(heads) - 2)]
        return SheetOut(
            name, heads, body, titles=frame.titles(title), unit_line=frame.unit("人、元"), total=total, foot=FOOT, frozen_columns=1
        )

    return sheet


T1 = "区内户籍脱贫家庭学生在校就读及历年资助情况统计表"
T2 = "学区内户籍脱贫家庭学生区外就读及历年资助情况统计表"
T4 = "区外户籍脱贫家庭学生在校就读资助情况统计表"


def _told_elsewhere(row):
    return [row.place or "—", REASON_LABELS.get(row.reason, "—"), *[""] * 7]


def stage_table(rows, frame):
    """米脂①: 户籍脱贫学生分乡镇分学段人数."""
    counted = {}
    for row in rows:
        counted.setdefault(row.township or "未落乡镇", Counter())[row.stage if row.school_id else "away" if row.proven else "none"] += 1
    keys = (*STAGES, "away", "none")
    columns = [
        Column("乡镇", 16),
        *(Column(word, 8, "integer") for word in (*STAGES.values(), "县外就读", "未在校")),
        Column("合计", 9, "integer"),
    ]
    body = [[township, *(of[key] for key in keys), sum(of[key] for key in keys)] for township, of in sorted(counted.items())]
    total = ["合计", *(sum(line[index] for line in body) for index in range(1, len(columns)))]
    return SheetOut("脱贫学生分学段人数", columns, body, titles=frame.titles("户籍脱贫家庭学生分乡镇分学段人数"), unit_line=frame.unit(), total=total,
                    frozen_columns=1)  # fmt: skip


OF_POOR = (
    Table("t1", "四表之一 区内户籍在校就读", T1, here,
          _sheet("区内户籍在校就读", T1, [*HOUSE, *PUPIL, *SCHOOL, *AID], lambda row: [*_house(row), *_pupil(row), *_school(row), PAID, PAID, ""])),
    Table("t2", "四表之二 区外就读", T2, elsewhere,
          _sheet("区外就读", T2, [*HOUSE, *PUPIL, *ENQUIRY, *AID],
                 lambda row: [*_house(row), *_pupil(row), *_told_elsewhere(row), PAID, PAID, ""])),
    Table("t4", "四表之四 区外户籍在校就读", T4, from_elsewhere,
          _sheet("区外户籍在校就读", T4, [*HOUSE, *PUPIL, *SCHOOL, *AID], lambda row: [*_house(row), *_pupil(row), *_school(row), PAID, PAID, ""])),
    Table("stages", "户籍脱贫学生分乡镇分学段人数", "乡镇 × 学段", registered, stage_table),
)  # fmt: skip
