"""Registration in figures: per class, school, township and county; who is missing and who has been visited."""

from io import BytesIO

from django.db import connection

from core.models import Organization
from core.scope import granted_nodes
from core.spreadsheets import Column, SheetOut, write_workbook
from students.attendance import classes_of
from students.models import Absentee
from students.rules.grades import MOST_YEARS, Grade, grade_label

CLASSES = """
with due as (
    select coalesce(e.class_node_id, e.school_id) as node_id, e.school_id, count(*) as due,
           (array_agg(array[e.stage, e.grade::text, e.class_name] order by e.grade, e.class_name))[1:1] as seat
    from students_enrolment e join core_organization s on s.id = e.school_id
    left join core_organization k on k.id = e.class_node_id
    where e.kind = 'roll' and e.counts and e.accepted and e.since <= %(on)s and (e.until is null or e.until > %(on)s)
      and coalesce(k.path, s.path) && %(nodes)s::bigint[] and e.stage <> 'pre'
      and not exists (select 1 from students_standing t where t.child_id = e.child_id and t.code = 'suspended' and t.since <= %(on)s
                      and (t.until is null or t.until > %(on)s))
    group by 1, 2)
select n.public_id, n.name, n.kind, d.school_id, s.public_id as school, s.name as school_name, s.code,
       coalesce(t.id, g.id) as area_id, coalesce(t.name, g.name) as area, d.due as due_now, d.seat, a.due, a.arrived, a.counted_on,
       coalesce(x.missing, 0) as missing, coalesce(x.visited, 0) as visited
from due d join core_organization n on n.id = d.node_id join core_organization s on s.id = d.school_id
left join core_organization g on g.id = s.parent_id
left join students_schoolprofile p on p.school_id = s.id left join core_organization t on t.id = p.township_id
left join students_arrivalsheet a on a.node_id = d.node_id and a.term = %(term)s
left join (select sheet_id, count(*) filter (where arrived_on is null) as missing,
                  count(*) filter (where arrived_on is null and visited_on is not null) as visited
           from students_absentee group by 1) x on x.sheet_id = a.id
order by s.code, n.kind, n.code
"""
KEYS = ("due", "arrived", "missing", "visited", "uncounted")


def classes(user, permission, term, on):
    """One row a class in scope: due now, and what its sheet says; `due` and `arrived` are None until it is counted."""
    with connection.cursor() as cursor:
        cursor.execute(CLASSES, {"nodes": granted_nodes(user, permission), "term": term, "on": on})
        columns = [column.name for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return [row | {"label": label_of(row["name"], *row["seat"][0])} for row in rows]


def label_of(name, stage, grade, class_name):
    """三年级2班, as attendance calls the class; the node's own name where the roll tells no grade."""
    year = int(grade or 0)
    return f"{grade_label(Grade(stage, year))}{class_name}" if 0 < year <= MOST_YEARS.get(stage, 0) else name


def summed(rows, key, label):
    """The classes' rows added up by `key`: [{label, due, arrived (counted late-comers included), missing, visited, open}]. due = arrived +
    missing + uncounted, those in classes that nobody has counted."""
    found = {}
    for row in rows:
        entry = found.setdefault(row[key], {"label": row[label], "id": row[key], **dict.fromkeys((*KEYS, "open", "classes"), 0)})
        entry["classes"] += 1
        entry["due"] += row["due_now"] if row["due"] is None else row["due"]
        entry["missing"] += row["missing"]
        entry["visited"] += row["visited"]
        entry["open"] += row["due"] is None
        entry["uncounted"] += row["due_now"] if row["due"] is None else 0
        entry["arrived"] += 0 if row["due"] is None else row["due"] - row["missing"]
    return list(found.values())


def total(rows):
    return {key: sum(row[key] for row in rows) for key in (*KEYS, "open", "classes")}


def absentees(user, permission, term):
    found = Absentee.objects.visible_to(user, permission).filter(sheet__term=term)
    return found.select_related("child", "sheet__node__parent", "visited_by").order_by("arrived_on", "visited_on", "visit_by", "pk")


HEADS = (
    ("姓名", 12),
    ("学校", 24),
    ("班级", 14),
    ("原因", 12),
    ("走访期限", 12),
    ("走访日期", 12),
    ("走访结果", 14),
    ("约定到校", 12),
    ("走访人", 12),
    ("到校日期", 12),
)


def labels_of(found, on):
    """{class node id: its name in the school year} of the classes of these absentees; two queries."""
    return {one.node.pk: one.label for one in classes_of(Organization.objects.filter(pk__in={row.sheet.node_id for row in found}), on)}


def cells(row, labels):
    node = row.sheet.node
    school = node.parent.name if node.kind == "class" else node.name
    label = labels.get(node.pk, node.name) if node.kind == "class" else "未编班"
    days = [day.isoformat() if day else "" for day in (row.visit_by, row.visited_on, row.promised_on, row.arrived_on)]
    return [row.child.name, school, label, row.get_reason_display(), days[0], days[1],
            row.get_outcome_display() if row.outcome else "", days[2], row.visited_by.name if row.visited_by else "", days[3]]  # fmt: skip


def told(row, labels):
    """[(heading, cell)] of what stands beside the name."""
    return [(heading, cell) for (heading, _), cell in zip(HEADS[1:], cells(row, labels)[1:], strict=True)]


def workbook(found, *, on, note, term):
    found = list(found)
    labels = labels_of(found, on)
    sheet = SheetOut(
        name="未报到", columns=[Column(label, width) for label, width in HEADS], rows=(cells(row, labels) for row in found),
        titles=(f"{term}未报到学生走访名单",), unit_line=f"截至 {on.isoformat()}", frozen_columns=1,
    )  # fmt: skip
    target = BytesIO()
    write_workbook(target, [sheet], note=note)
    target.seek(0)
    return target
