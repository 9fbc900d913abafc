"""The three ledgers 适龄 · 疑似 · 辍学 and the tables beside them (domain.md §3.3, §11.9): one workbook a place, all in one archive.

Each workbook is written from the same lines, so that its tables and its names agree. Numbers stay masked.
"""

import tempfile
import zipfile
from collections import Counter
from itertools import groupby
from operator import itemgetter

from core import crypto
from core.spreadsheets import Column, SheetOut, write_workbook
from students import statuses
from students.reports.children import grade_text
from students.reports.statuses import SOURCE_WORDS
from students.rules import ages, codes
from students.rules.standings import REASON_LABELS
from students.rules.statuses import LEDGERS, STATUS_LIST, STATUSES, reason_word

LEVELS = {"county": "全县", **{key: statuses.LEVELS[key][1] for key in ("township", "village", "group", "school", "class")}}
ABOVE = "left join lateral (select o.id, o.name from core_organization o where o.id = any(at.path) and o.kind = '{kind}') {kind} on true"
KEYS = {
    "county": "0", "township": "township.id", "village": "village.id", "group": "grp.id", "school": "lines.school",
    "class": "lines.class_node",
}  # fmt: skip
ROWS = f"""
select {{key}} as key, township.name as township, village.name as village, grp.name as grp, house.head, c.name, lines.sex, lines.birth_on,
       lines.ethnic, c.number, school.name as school, lines.stage, lines.grade, class.name as class_name, lines.status, lines.reason,
       s.source, s.document, coalesce(s.since, lines.listed_since, lines.registered_since) as since,
       coalesce(s.place, '') as place, held.groups
from lines join students_child c on c.id = lines.id join core_organization at on at.id = lines.home
{ABOVE.format(kind="township")} {ABOVE.format(kind="village")} {ABOVE.format(kind="group").replace(") group on", ") grp on")}
left join core_organization school on school.id = lines.school left join core_organization class on class.id = lines.class_node
left join students_standing s on s.id = lines.by_standing
left join (select r.child_id, min(h.head_name) as head from students_registration r join students_household h on h.id = r.household_id
           where r.until is null group by 1) house on house.child_id = lines.id
left join (select g.child_id, string_agg(distinct g.code, ',') as groups from students_specialgroup g
           where g.since <= %(on)s and (g.until is null or g.until > %(on)s) group by 1) held on held.child_id = lines.id
order by 1, township.name, village.name, grp.name, c.pinyin, c.id
"""
NAME_COLUMNS = (
    Column("乡镇", 12, parent="户籍"), Column("村(社区)", 14, parent="户籍"), Column("组", 10, parent="户籍"), Column("户主", 10, parent="户籍"),
    Column("姓名", 10, parent="学生"), Column("性别", 6, parent="学生"), Column("出生日期", 12, "date", parent="学生"),
    Column("民族", 8, parent="学生"), Column("证件号", 21, parent="学生"), Column("特殊群体", 22, parent="学生"),
    Column("学校", 24, parent="就读"), Column("年级", 9, parent="就读"), Column("班级", 12, parent="就读"), Column("去向", 18, parent="去向"),
    Column("原因", 18, parent="去向"), Column("去处", 18, parent="去向"), Column("来源", 18, parent="去向"), Column("自哪天起", 12, "date", parent="去向"),
)  # fmt: skip


def lines_of(ask, level):
    """Every child's line as a dict, in the order of the places of `level`; one statement."""
    sql = ROWS.format(key=KEYS[level])
    with statuses.hash_joins() as cursor:
        cursor.execute(f"with {statuses.LINES} {sql}", ask.names())
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def write_ledgers(target, *, ask, level, note, sentence, progress=None):
    """The archive of workbooks, one for each place of `level`; returns (workbooks, children)."""
    rows = lines_of(ask, level)
    places = [(key, list(held)) for key, held in groupby(rows, key=itemgetter("key"))]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for done, (key, held) in enumerate(places, start=1):
            name = place_name(held[0], level, key)
            with tempfile.NamedTemporaryFile(suffix=".xlsx") as book:
                write_workbook(book.name, sheets_of(held, ask, name, sentence), note=note)
                archive.write(book.name, f"{done:04d}-{safe(name)}.xlsx")
            if progress:
                progress(done, len(places))
    return len(places), len(rows)


def place_name(line, level, key):
    if level == "county":
        return "全县"
    if key is None:
        return f"未落到{LEVELS[level]}"
    if level == "class":
        return f"{line['school']} {line['class_name']}"
    if level == "school":
        return line["school"]
    depth = ("township", "village", "group").index(level) + 1
    return " ".join(line[part] for part in ("township", "village", "grp")[:depth] if line[part])


def safe(name):
    return "".join("_" if sign in '/\\:*?"<>|' else sign for sign in name)[:80]


def sheets_of(rows, ask, name, sentence):
    unit = f"{name}　{sentence}　单位：人"
    for title, chosen in LEDGERS.values():
        held = rows if chosen is None else [row for row in rows if row["status"] in chosen]
        titles = (f"{name}{title}",)
        yield SheetOut(title, NAME_COLUMNS, map(cells_of, held), titles=titles, unit_line=unit, total=_count(held), frozen_columns=5)
    yield age_table(rows, ask, unit)
    yield school_table(rows, unit)
    yield removal_table(rows, unit)


def _count(held):
    return ["合计", f"{len(held)} 人", *[""] * (len(NAME_COLUMNS) - 2)]


def cells_of(row):
    number = crypto.mask(crypto.unseal(bytes(row["number"]), "person.id_number")) if row["number"] else "无"
    groups = "、".join(codes.GROUPS[code].label for code in (row["groups"] or "").split(",") if code in codes.GROUPS)
    source = SOURCE_WORDS[row["source"]] + (f" {row['document']}" if row["document"] else "") if row["source"] else "名单"
    return [
        row["township"] or "—", row["village"] or "—", row["grp"] or "—", row["head"] or "—", row["name"], codes.SEXES.get(row["sex"], "—"),
        row["birth_on"], codes.ETHNIC_GROUPS.get(row["ethnic"], "—"), number, groups or "—", row["school"] or "—",
        grade_text(row["stage"], row["grade"]) or "—", row["class_name"] or "—", STATUSES[row["status"]].label,
        REASON_LABELS.get(row["reason"], "—"), row["place"] or "—", source, row["since"],
    ]  # fmt: skip


def age_table(rows, ask, unit):
    """户籍适龄儿童少年统计表 (4①): village × age, 男 女 计, and where they are."""
    on = ask.on if ask.mode == ages.POINT else ask.on.replace(year=ages.school_year(ask.on), month=8, day=31)
    years = range(ask.low, ask.high + 1)
    counted, whole = {}, Counter()
    for row in rows:
        of = counted.setdefault((row["township"] or "", row["village"] or "未落村"), Counter())
        age = ages.age(row["birth_on"], on)
        for key in ((age, row["sex"]), (age, "all"), ("status", row["status"]), "all"):
            of[key] += 1
            whole[key] += 1
    used = [status for status in STATUS_LIST if whole["status", status.code]]
    columns = [Column("村(社区)", 18), Column("合计", 8, "integer")]
    columns += [Column(word, 5, "integer", parent=f"{year}岁") for year in years for word in ("男", "女", "计")]
    columns += [Column(status.label, 9, "integer", parent="去向") for status in used]

    def figures(of):
        by_age = [of[year, sex] for year in years for sex in ("1", "2", "all")]
        return [of["all"], *by_age, *(of["status", status.code] for status in used)]

    body = ([f"{township} {village}".strip(), *figures(of)] for (township, village), of in sorted(counted.items()))
    title = f"{ask.low}—{ask.high}岁户籍适龄儿童少年统计表"
    return SheetOut("适龄统计表", columns, body, titles=(title,), unit_line=unit, total=["合计", *figures(whole)], frozen_columns=1)


def school_table(rows, unit):
    """学籍统计表 (4②) of the registered children: school × grade."""
    counted, whole = {}, Counter()
    for row in rows:
        if row["school"]:
            of = counted.setdefault((row["school"], row["stage"], row["grade"] or 0), Counter())
            groups = (row["groups"] or "").split(",")
            facts = {"all": 1, row["sex"]: 1, "minority": row["ethnic"] not in ("", "01"), "disabled": "C1" in groups}
            facts["poor"] = any(code[:1] == "P" for code in groups)
            of.update(facts)
            whole.update(facts)
            of[("class", row["class_name"])] += 1
    heads = (("人数", "all"), ("男", "1"), ("女", "2"), ("少数民族", "minority"), ("残疾", "disabled"), ("脱贫监测", "poor"))
    columns = [Column("学校", 24), Column("年级", 10), Column("班数", 7, "integer"), *(Column(word, 9, "integer") for word, _ in heads)]

    def line(key, of):
        classes = sum(1 for held in of if isinstance(held, tuple) and held[1])
        return [key[0], grade_text(key[1], key[2]) or "—", classes, *(of[word] for _, word in heads)]

    body = (line(key, of) for key, of in sorted(counted.items(), key=lambda entry: (entry[0][0], statuses_order(entry[0][1]), entry[0][2])))
    total = ["合计", "", "", *(whole[word] for _, word in heads)]
    return SheetOut("学籍统计表", columns, body, titles=("学籍统计表（户籍适龄在籍在校）",), unit_line=unit, total=total, frozen_columns=1)


def statuses_order(stage):
    order = ("pre", "pri", "jun", "sen", "voc", "spe")
    return order.index(stage) if stage in order else len(order)


def removal_table(rows, unit):
    """核减汇总表: township × reasons of those outside school, and who is not cleared up."""
    counted = {}
    for row in rows:
        if not STATUSES[row["status"]].enrolled or row["reason"]:
            counted.setdefault(row["township"] or "未落乡镇", Counter())[reason_word(row["status"], row["reason"])] += 1
    words = [word for word, _ in sum(counted.values(), Counter()).most_common()]
    columns = [Column("乡镇", 16), Column("合计", 8, "integer"), *(Column(word, 11, "integer") for word in words)]
    body = [[township, sum(of.values()), *(of[word] for word in words)] for township, of in sorted(counted.items())]
    total = ["合计", *(sum(line[index] for line in body) for index in range(1, len(columns)))]
    return SheetOut("核减汇总表", columns, body, titles=("不在校去向和核减汇总表",), unit_line=unit, total=total, frozen_columns=1)
