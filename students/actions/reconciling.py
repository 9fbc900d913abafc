"""Lists and acts about one child agree: `reconcile()` is the last step of deriving, on the table touched_child.

A roll change, the turn of the year or a merger says from a day on where a child is (Enrolment.made_by, ended_by). Then

- a list dated before that day never undoes it: what such a list shows ends on that day (OLDER_LISTS), and an undone batch cannot
  re-open what the act ended (ACTS_HOLD);
- a list of that day or later that shows the child at the same school takes over from the act, so that nothing stands twice (NEWER_LISTS);
  when that batch is undone, the act's fact holds again (ACTS_RETURN);
- a list of the day of a merger or split or later that still names the old unit is read as its successor (students.actions.succeeding);
- a later list that shows the child elsewhere is a second claim, kept and shown as 双重学籍 (design.md §4).

Running it twice changes nothing.
"""

from django.db import connection

from students.actions import succeeding

ANY_ACT = "select exists (select 1 from students_enrolment where made_by is not null or ended_by is not null)"
ACTS_HOLD = """
update students_enrolment e set until = e.ended_on
where e.ended_by is not null and (e.until is null or e.until > e.ended_on) and e.child_id in (select child_id from touched_child)
"""
OLDER_LISTS = """
with spoken as (
    select distinct on (child_id, kind) child_id, kind, day, act from (
        select child_id, kind, since as day, made_by as act from students_enrolment
        where made_by is not null and child_id in (select child_id from touched_child)
        union all
        select child_id, kind, ended_on, ended_by from students_enrolment
        where ended_by is not null and child_id in (select child_id from touched_child)) acts
    order by child_id, kind, day desc, act)
update students_enrolment e set until = greatest(s.day, e.since), ended_on = greatest(s.day, e.since), ended_by = s.act
from spoken s, students_listrow l
where e.child_id = s.child_id and e.kind = s.kind and l.id = e.row_id and l.since < s.day and e.until is null and e.ended_by is null
"""
NEWER_LISTS = """
with taking as (
    select e.id as act_id, max(l.since) as day from students_enrolment e
    join students_enrolment o on o.child_id = e.child_id and o.kind = e.kind and o.school_id = e.school_id and o.row_id is not null
         and o.until is null and o.counts
    join students_listrow l on l.id = o.row_id and l.since >= e.since
    where e.made_by is not null and e.until is null and e.child_id in (select child_id from touched_child) group by 1)
update students_enrolment e set until = t.day from taking t where e.id = t.act_id
"""
ACCEPT = """
update students_enrolment e set accepted = true, since = greatest(e.since, (
    select coalesce(max(o.until), e.since) from students_enrolment o where o.child_id = e.child_id and o.kind = e.kind and o.accepted))
where e.id in (
    select distinct on (o.child_id, o.kind) o.id from students_enrolment a
    join students_enrolment o on o.child_id = a.child_id and o.kind = a.kind and o.school_id = a.school_id and o.row_id is not null
         and o.until is null and o.counts and not o.accepted
    where a.made_by is not null and a.until is not null and a.ended_by is null and a.child_id in (select child_id from touched_child)
      and not exists (select 1 from students_enrolment n
                      where n.child_id = a.child_id and n.kind = a.kind and n.accepted and n.until is null)
    order by o.child_id, o.kind, o.id)
"""
ACTS_RETURN = """
update students_enrolment e set until = null
where e.made_by is not null and e.ended_by is null and e.until is not null and e.child_id in (select child_id from touched_child)
  and not exists (select 1 from students_enrolment o where o.child_id = e.child_id and o.kind = e.kind and o.school_id = e.school_id
                  and o.row_id is not null and o.since >= e.until)
  and not exists (select 1 from students_enrolment o where o.child_id = e.child_id and o.kind = e.kind and o.accepted and o.id <> e.id
                  and daterange(o.since, o.until) && daterange(e.since, null))
"""
KEEP = """
insert into students_enrolment (child_id, kind, school_id, stage, grade, class_name, entered, state, counts, accepted, since, until,
                                made_by, ended_by, ended_on)
select e.child_id, e.kind, e.school_id, e.stage, e.grade, '', '', '', false, false, e.ended_on, e.ended_on,
       e.ended_by, e.ended_by, e.ended_on
from students_enrolment e join students_listrow l on l.id = e.row_id where l.snapshot_id = %(snapshot)s and e.ended_by is not null
"""
REOPEN = """
with spoken as (
    select e.id, coalesce(e.ended_on, a.day) as day, coalesce(e.ended_by, a.act) as act
    from students_enrolment e join students_listrow l on l.id = e.row_id
    left join lateral (
        select day, act from (
            select o.since as day, o.made_by as act from students_enrolment o
            where o.child_id = e.child_id and o.kind = e.kind and o.made_by is not null
            union all
            select o.ended_on, o.ended_by from students_enrolment o
            where o.child_id = e.child_id and o.kind = e.kind and o.ended_by is not null) acts
        where day >= e.since order by day, act limit 1) a on true
    where l.closed_by_id = %(snapshot)s)
update students_enrolment e set until = s.day, ended_on = s.day, ended_by = s.act from spoken s where e.id = s.id
"""
STEPS = (ACTS_HOLD, OLDER_LISTS, NEWER_LISTS, ACCEPT, ACTS_RETURN)


def reconcile():
    """Bring lists and acts of the touched children into line; one question where no act was ever made. Whether there was any."""
    with connection.cursor() as cursor:
        cursor.execute(f"{ANY_ACT} or {succeeding.ANY}")
        if not cursor.fetchone()[0]:
            return False
        succeeding.follow()
        for statement in STEPS:
            cursor.execute(statement)
    return True


def keep_acts(snapshot):
    """Before a batch is undone and its enrolments go: what acts said about them stays as marks of no length."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP, {"snapshot": snapshot.pk})


def reopen(snapshot):
    """Enrolments that the undone batch closed hold again, up to the day of the first act after them, where there is one."""
    with connection.cursor() as cursor:
        cursor.execute(REOPEN, {"snapshot": snapshot.pk})
