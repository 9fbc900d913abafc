"""Lists that still name a unit as it was before it was merged or split: read as the successor from that day on.

A merged unit's rows are all its successor's. Of a split unit those go to the new unit that stand in a class which went there, or name no
class and speak of a child whom the split seated there; households go as the split said. They do so only as long as the lists of that kind
do not name the new unit themselves: then the old name means the old unit. Running it twice changes nothing.
"""

from django.db import connection

ANY = "exists (select 1 from students_unitchange where kind in ('merge', 'split') and undone_at is null)"
SCHOOL_KINDS = "('roll', 'attending')"
MERGED = (
    """
update core_organization o set path = p.path || o.id, parent_id = p.id
from students_unitchange u join core_organization p on p.id = u.successor_id
where u.kind = 'merge' and u.undone_at is null and o.parent_id = u.node_id and o.kind = 'class'
""",
    """
update students_listrow l set node_id = u.successor_id from students_unitchange u
where u.kind = 'merge' and u.undone_at is null and l.node_id = u.node_id and l.until is null and l.since >= u.happened_on
  and l.child_id in (select child_id from touched_child)
""",
)
# {kind, split}: the newest day on which a list of the kind named the new unit itself
TOLD = """
told as (
    select u.id, k.kind, max(o.seen_as_of) as day from students_unitchange u join core_organization s on s.id = u.successor_id
    cross join (values ('roll'), ('attending'), ('hukou')) as k(kind)
    left join students_listrow o on o.kind = k.kind and o.until is null
        and case k.kind when 'hukou' then o.facts ->> 'village' else o.place_key end = s.code
    where u.kind = 'split' and u.undone_at is null group by 1, 2)"""
IN_A_CLASS = """exists (select 1 from core_organization c
    where c.code = {row}.class_code and c.kind = 'class' and c.path @> array[u.successor_id])"""
SEATED = """{row}.class_code is null and exists (select 1 from students_enrolment e where e.child_id = {row}.child_id
        and e.kind = {row}.kind and e.made_by = u.public_id and (e.until is null or e.until >= {row}.since))"""
SPLIT = (
    f"""
with {TOLD}
update students_listrow l set node_id = u.successor_id from students_unitchange u join told on told.id = u.id
where u.kind = 'split' and u.undone_at is null and l.node_id = u.node_id and l.until is null and l.since >= u.happened_on
  and l.kind in {SCHOOL_KINDS} and told.kind = l.kind and (told.day is null or told.day < l.since)
  and l.child_id in (select child_id from touched_child) and ({IN_A_CLASS.format(row="l")} or {SEATED.format(row="l")})
""",
    f"""
with {TOLD}
update students_listrow l set node_id = u.successor_id from students_household h, students_unitchange u join told on told.id = u.id
where u.kind = 'split' and u.undone_at is null and l.node_id = u.node_id and l.until is null and l.since >= u.happened_on
  and l.kind = 'hukou' and told.kind = 'hukou' and (told.day is null or told.day < l.since)
  and l.child_id in (select child_id from touched_child)
  and h.number = left(l.place_key, 40) and u.before -> 'households' @> to_jsonb(h.id)
""",
)
FACTS = (
    """
update students_enrolment e set school_id = l.node_id from students_listrow l
where e.row_id = l.id and e.until is null and e.school_id <> l.node_id and e.child_id in (select child_id from touched_child)
  and exists (select 1 from students_unitchange u where u.kind in ('merge', 'split') and u.undone_at is null and u.node_id = e.school_id)
""",
    """
update students_household h set village_id = l.node_id from students_listrow l, students_unitchange u
where u.kind in ('merge', 'split') and u.undone_at is null and h.village_id = u.node_id and l.node_id = u.successor_id
  and l.kind = 'hukou' and l.until is null and h.number = left(l.place_key, 40) and l.child_id in (select child_id from touched_child)
""",
    """
update students_household h set village_id = u.successor_id from students_unitchange u, students_registration r
where u.kind = 'merge' and u.undone_at is null and h.village_id = u.node_id and r.household_id = h.id
  and r.child_id in (select child_id from touched_child)
""",
)
OLD_NAMES = f"""
with {TOLD},
class_of as (
    select s.id, s.sheet, s.row_number, s.facts ->> 'school' as school,
        (s.facts ->> 'school') || '-' || (s.facts ->> 'stage') || (s.facts ->> 'cohort') || '-' || nullif(s.facts ->> 'class', '')
            as class_code
    from students_stagedrow s where s.snapshot_id = %(snapshot)s and s.outcome <> 'refused')
select o.name, n.name, u.happened_on, min(line.sheet), min(line.row_number),
       count(*) filter (where {IN_A_CLASS.format(row="line")}), count(*) filter (where line.class_code is null)
from students_unitchange u join told on told.id = u.id and told.kind = %(kind)s
join core_organization o on o.id = u.node_id join core_organization n on n.id = u.successor_id join class_of line on line.school = o.code
where u.kind = 'split' and u.undone_at is null and u.happened_on <= %(as_of)s and (told.day is null or told.day < %(as_of)s)
  and not exists (select 1 from class_of w where w.school = n.code)
group by u.id, o.name, n.name, u.happened_on
"""


def follow():
    """Rows, enrolments and households of the touched children go on under the successor. Part of students.actions.reconciling."""
    with connection.cursor() as cursor:
        for statement in (*MERGED, *SPLIT, *FACTS):
            cursor.execute(statement)


def old_names(snapshot):
    """[(sheet, row, sentence)]: units that were split, which the staged rows name as if they had not been; one for each unit."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {ANY}")
        if not cursor.fetchone()[0] or snapshot.kind not in ("roll", "attending"):
            return []
        cursor.execute(OLD_NAMES, {"snapshot": snapshot.pk, "kind": snapshot.kind, "as_of": snapshot.as_of})
        found = cursor.fetchall()
    return [(row[3], row[4], _sentence(*row[:3], *row[5:])) for row in found if row[5] or row[6]]


def _sentence(old, new, on, went, unclear):
    told = f"{old}已于 {on} 分出{new}，这份名单还没有用新校名："
    parts = [f"分出去的班 {went} 行按{new}记"] if went else []
    parts += [f"没有写班级的 {unclear} 行，分出时在{new}的学生按{new}记，其余仍按{old}记"] if unclear else []
    return told + "，".join(parts) + "。请填报单位下次写明新校名。"
