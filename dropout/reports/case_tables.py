"""The tables written from the cases as they stood on the day (domain.md §11.3, §11.7, §11.9): 不在校情况 辍学学生情况 返校学生安置 责任表."""

from collections import Counter, namedtuple

from core import crypto
from core.spreadsheets import Column, SheetOut
from dropout import codes
from dropout.reports.indicator_sources import TOLD
from students import planning
from students.reports.ledger_lines import disability_text, masked_number
from students.reports.tables import Table
from students.rules.codes import SEXES
from students.rules.standings import REASON_LABELS
from students.rules.statuses import UNEXPLAINED

CASES = f"""
with {TOLD.strip()},
people as materialized (
    select a.case_id, string_agg(a.name || coalesce('（' || nullif(a.post, '') || '）', ''), '、' order by a.line, a.id) as who
    from dropout_assignment a where a.since <= %(on)s and (a.until is null or a.until > %(on)s) group by 1),
back as materialized (
    select distinct on (r.case_id) r.case_id, r.returned_on, r.school_name from dropout_returnrecord r where r.returned_on <= %(on)s
    order by r.case_id, r.id desc),
placed as materialized (
    select distinct on (p.case_id) p.case_id, p.placement, p.school_name, p.class_name, p.support_teacher, p.placed_on
    from dropout_placementrecord p where p.placed_on <= %(on)s order by p.case_id, p.id desc),
again as materialized (
    select e.case_id, count(*) as times from dropout_caseevent e where e.name = 'drop_again' and e.happened_on <= %(on)s group by 1),
tried as materialized (
    select v.case_id, count(*) as visits, max(v.happened_on) as last_on from dropout_visit v
    where v.happened_on <= %(on)s and not exists (select 1 from dropout_visit n where n.corrects_id = v.id) group by 1)
select c.id, c.child_id, c.number, c.episode, c.school_id, o.name as school, t.name as township, w.name as village,
       k.name, k.sex, k.birth_on, k.number as id_number,
       c.opened_on, c.cause, c.left_on, told.state, told.proposed_from, told.confirmed_on, told.returned, people.who,
       back.returned_on, back.school_name as back_at, placed.placement, placed.school_name as placed_at, placed.class_name,
       placed.support_teacher, placed.placed_on, coalesce(again.times, 0) as relapses, coalesce(tried.visits, 0) as visits, tried.last_on
from dropout_case c join told on told.case_id = c.id join students_child k on k.id = c.child_id and k.merged_into_id is null
left join core_organization o on o.id = c.school_id left join core_organization t on t.id = c.township_id
left join core_organization w on w.id = c.village_id left join people on people.case_id = c.id left join back on back.case_id = c.id
left join placed on placed.case_id = c.id left join again on again.case_id = c.id left join tried on tried.case_id = c.id
order by t.name, o.name, k.pinyin, c.id
"""
PEOPLE = f"""
with {TOLD.strip()}
select c.child_id, c.school_id, c.number, k.name, t.name as township, o.name as school, a.line, a.level, a.name as who,
       a.post, a.phone, a.since
from dropout_assignment a join dropout_case c on c.id = a.case_id
join told on told.case_id = c.id and told.state not in ('removed', 'closed')
join students_child k on k.id = c.child_id and k.merged_into_id is null left join core_organization t on t.id = c.township_id
left join core_organization o on o.id = c.school_id
where a.since <= %(on)s and (a.until is null or a.until > %(on)s) order by t.name, k.pinyin, c.id, a.line, a.id
"""
DROPOUT = (*codes.OF_DROPOUT,)


def asked(sql, source):
    with planning.hash_joins() as cursor:
        cursor.execute(sql, source.ask.names())
        kind = namedtuple("Row", [column.name for column in cursor.description])
        return [row for row in map(kind._make, cursor.fetchall()) if source.belongs(row.child_id, row.school_id)]


def _in_books(source, rows):
    """By the school that answers for the child where books are of schools: who is out of school sits in none."""
    return source.grouped((source.key_of(row.child_id, row.school_id), row) for row in rows)


def is_away(row):
    return row.state in DROPOUT or row.state == "removal_proposed" and row.proposed_from in DROPOUT


def dropouts(source):
    return _in_books(source, (row for row in asked(CASES, source) if is_away(row)))


def cause_text(code):
    return codes.Cause(code).label if code else "—"


def dropout_table(rows, frame):
    """表2 辍学学生情况: who is on the ledger of dropouts on the day."""
    columns = (Column("乡镇", 12), Column("村", 12), Column("姓名", 10), Column("性别", 6), Column("出生日期", 12, "date"), Column("证件号", 21),
               Column("原就读学校", 22), Column("类别", 12), Column("辍学时间", 12, "date"), Column("确认日期", 12, "date"),
               Column("辍学原因", 18), Column("劝返次数", 8, "integer"), Column("最近走访", 12, "date"), Column("责任人", 28),
               Column("个案号", 16))  # fmt: skip
    body = (
        [row.township or "—", row.village or "—", row.name, SEXES.get(row.sex, "—"), row.birth_on, _masked(row.id_number),
            row.school or "—",
         f"反复第{row.relapses + row.episode - 1}次" if row.relapses or row.episode > 1 else "辍学" if row.school else "失学", row.left_on,
         row.confirmed_on, cause_text(row.cause), row.visits, row.last_on, row.who or "—", row.number] for row in rows
    )  # fmt: skip
    return SheetOut("辍学学生情况", columns, body, titles=frame.titles("表2 辍学学生情况"), unit_line=frame.unit(),
                    total=["合计", "", f"{len(rows)} 人", *[""] * 12], frozen_columns=3)  # fmt: skip


def _masked(number):
    return crypto.mask(crypto.unseal(bytes(number), "person.id_number")) if number else "无"


def returned(source):
    return _in_books(source, (row for row in asked(CASES, source) if row.returned))


def placement_table(rows, frame):
    """返校学生安置表: school × way of placement, then child by child."""
    columns = (Column("负责学校", 22), Column("姓名", 10), Column("返校日期", 12, "date"), Column("返校学校", 22), Column("安置方式", 22),
               Column("安置学校、班级", 26), Column("安置日期", 12, "date"), Column("帮扶教师", 10), Column("再辍", 10),
               Column("现在", 12))  # fmt: skip
    body = (
        [row.school or "—", row.name, row.returned_on, row.back_at or "—", codes.Placement(row.placement).label if row.placement else "待安置",
         f"{row.placed_at or ''}{row.class_name or ''}" or "—", row.placed_on, row.support_teacher or "—",
         f"{row.relapses}次" if row.relapses else "否", codes.CaseState(row.state).label] for row in rows
    )  # fmt: skip
    ways = Counter((row.school or "没有学校", codes.Placement(row.placement).label if row.placement else "待安置") for row in rows)
    foot = [f"{school}：{way} {count} 人" for (school, way), count in sorted(ways.items())]
    return SheetOut("返校学生安置表", columns, body, titles=frame.titles("返校学生安置表"), unit_line=frame.unit(), foot=foot,
                    total=["合计", f"{len(rows)} 人", *[""] * 8], frozen_columns=2)  # fmt: skip


def responsible(source):
    return _in_books(source, asked(PEOPLE, source))


def responsible_table(rows, frame):
    """七长/双线责任表: each case that is open, each level, who answers; telephones masked."""
    lines, levels = dict(codes.Line.choices), dict(codes.LEVEL_CHOICES)
    columns = (Column("乡镇", 12), Column("学生", 10), Column("个案号", 16), Column("学校", 22), Column("责任线", 9), Column("层级", 14),
               Column("责任人", 10), Column("职务", 14), Column("电话", 13), Column("自哪天起", 12, "date"))  # fmt: skip
    body = (
        [row.township or "—", row.name, row.number, row.school or "—", lines[row.line], levels[row.level], row.who, row.post or "—",
         crypto.mask_phone(crypto.unseal(bytes(row.phone), "person.phone")) if row.phone else "—", row.since] for row in rows
    )  # fmt: skip
    return SheetOut("双线责任表", columns, body, titles=frame.titles("控辍保学双线责任表"), unit_line=frame.unit(),
                    foot=("县长、教育局长、乡镇长、村长、校长、家长、师长的责任按两条线逐级落到人；电话在个案页查看。",), frozen_columns=3)  # fmt: skip


A5 = {
    1: "因身体原因不具备学习条件",
    2: "送教上门",
    3: "休学（一年内）",
    4: "延缓入学",
    5: "已初中毕业",
    6: "不想上学",
    7: "务农或打工",
    8: "上学不便",
}
A5_OF_STATUS = {"unable": 1, "home_teaching": 2, "suspended": 3, "deferred": 4, "graduated": 5}
A5_OF_CAUSE = {"work": 7, "distance": 8}  # every other cause of a live dropout is 6
NOT_CLEAR = "未核清"
AWAY_FROM_SCHOOL = (*A5_OF_STATUS, "suspected", "dropout", *UNEXPLAINED)


def not_in_school(source):
    """Every registered child of the ages who is not in school on the day, with its case where there is one."""
    cases = {row.child_id: row for row in asked(CASES, source)}
    found = ((source.books.get(line.id), (line, cases.get(line.id))) for line in source.lines if line.status in AWAY_FROM_SCHOOL)
    return source.grouped(found)


def main_reason(line, case):
    """The one reason of census item A5 (domain.md §1.2 G), None where nobody has found it out yet."""
    if line.status == "dropout":
        return A5_OF_CAUSE.get(case.cause, 6) if case and case.cause else None
    return A5_OF_STATUS.get(line.status)


def absent_table(rows, frame):
    """四表之三 (T3): who is not in school, why, and who answers; Σ A5 = A4."""
    columns = (Column("序号", 6, "integer"), Column("镇", 12), Column("村", 12), Column("组", 8), Column("户主", 10), Column("是否建档立卡", 8),
               Column("姓名", 10), Column("性别", 6), Column("出生日期", 12, "date"), Column("身份证号", 21), Column("残疾类别等级", 12),
               Column("不在校主要原因", 22), Column("原因说明", 20), Column("鉴定意见", 16), Column("安置去向", 20), Column("送教学校及教师", 16),
               Column("佐证资料", 18), Column("包抓责任人", 26), Column("备注", 12))  # fmt: skip
    body = [_absent(number, line, case) for number, (line, case) in enumerate(rows, start=1)]
    counted = Counter(main_reason(line, case) for line, case in rows)
    parts = [f"{number} {label} {counted[number]} 人" for number, label in A5.items() if counted[number]]
    parts += [f"{NOT_CLEAR} {counted[None]} 人"] if counted[None] else []
    foot = (f"A4 不在校人数 {len(rows)} 人。A5 {'；'.join(parts) or '没有'}；各项之和 {sum(counted.values())} 人，与 A4 相等。",
            "送教上门的儿童有学籍、算入学，普查口径仍列入不在校。鉴定意见、送教学校及教师、佐证资料没有来源的，请在打印稿上补填。")  # fmt: skip
    title = "学区内义务教育适龄少年儿童不在校情况统计表"
    return SheetOut("不在校情况", columns, body, titles=frame.titles(title), unit_line=frame.unit(), foot=foot,
                    total=["合计", *[""] * 5, f"{len(rows)} 人", *[""] * 12], frozen_columns=7)  # fmt: skip


def _absent(number, line, case):
    reason = main_reason(line, case)
    placed = codes.Placement(case.placement).label if case and case.placement else line.place
    return [number, line.township or "—", line.village or "—", line.grp or "—", line.head or "—", "是" if line.lifted else "否", line.name,
            SEXES.get(line.sex, "—"), line.birth_on, masked_number(line), disability_text(line.disability) or "—",
            f"{reason} {A5[reason]}" if reason else NOT_CLEAR,
            cause_text(case.cause) if case and case.cause else REASON_LABELS.get(line.reason, "—"),
            "", placed or "—", "", line.document or "", case.who if case and case.who else "—", ""]  # fmt: skip


OF_CASES = (
    Table("t3", "四表之三 不在校情况", "适龄少年儿童不在校情况：原因（A5）、去向、责任人，A4 ＝ ΣA5", not_in_school, absent_table),
    Table("dropouts", "表2 辍学学生情况", "在辍学台账上的学生：原因、劝返、责任人", dropouts, dropout_table),
    Table("placements", "返校学生安置表", "学校 × 安置方式，返校时间，再辍", returned, placement_table),
    Table("responsible", "七长、双线责任表", "未销号个案 × 层级 × 责任人", responsible, responsible_table),
)
