"""Where the touched children belong, and from it the one array that scope asks (design.md §2)."""

from django.db import connection

WANTED = """
create temporary table if not exists wanted_place (child_id bigint, node_id bigint, why text, since date) on commit drop;
delete from wanted_place;
insert into wanted_place
select distinct on (child_id, node_id, why) child_id, node_id, why, since from (
    select e.child_id, coalesce(e.class_node_id, e.school_id) as node_id,
           case e.kind when 'roll' then 'on_roll' else 'attending' end as why, e.since
    from students_enrolment e where e.until is null and e.counts and e.child_id in (select child_id from touched_child)
    union all
    select r.child_id, h.village_id, 'hukou', r.since from students_registration r join students_household h on h.id = r.household_id
    where r.until is null and r.child_id in (select child_id from touched_child)
    union all
    select l.child_id, p.coverage_id, case l.kind when 'roll' then 'on_roll' else 'attending' end, l.since
    from students_listrow l join students_sourcesnapshot p on p.id = l.snapshot_id  -- its school is in no directory yet
    where l.kind in ('roll', 'attending') and l.until is null and l.node_id is null and l.child_id in (select child_id from touched_child)
    union all
    select l.child_id, coalesce(l.node_id, p.coverage_id), 'reported', l.since
    from students_listrow l join students_sourcesnapshot p on p.id = l.snapshot_id
    where l.kind = 'platform' and l.until is null and l.child_id in (select child_id from touched_child)
    union all
    (select distinct on (e.child_id) e.child_id, e.school_id, 'last_school', coalesce(e.until, e.since) from students_enrolment e
    where e.child_id in (select child_id from touched_child)
      and not exists (select 1 from students_enrolment o where o.child_id = e.child_id and o.until is null and o.counts)
    order by e.child_id, e.until desc nulls first, e.id desc)
    union all  -- whom no school ever had and the register no longer has: its last village keeps it, or nobody would see it any more
    (select distinct on (r.child_id) r.child_id, h.village_id, 'hukou', r.since
    from students_registration r join students_household h on h.id = r.household_id
    where r.child_id in (select child_id from touched_child)
      and not exists (select 1 from students_registration o where o.child_id = r.child_id and o.until is null)
      and not exists (select 1 from students_enrolment e where e.child_id = r.child_id)
    order by r.child_id, r.until desc, r.id desc)) places
order by child_id, node_id, why, since
"""
END_PLACES = """
update students_childplace p set until = greatest(current_date, p.since)
where p.until is null and p.why in ('on_roll', 'attending', 'hukou', 'last_school') and p.child_id in (select child_id from touched_child)
  and not exists (select 1 from wanted_place w where w.child_id = p.child_id and w.node_id = p.node_id and w.why = p.why)
"""
BEGIN_PLACES = """
insert into students_childplace (child_id, node_id, why, since) select child_id, node_id, why, since from wanted_place
on conflict (child_id, node_id, why) where until is null do nothing
"""
SCOPE = """
with held as (
    select t.child_id, coalesce(array_agg(distinct p.node_id order by p.node_id) filter (where p.node_id is not null), '{}') as places
    from touched_child t left join students_childplace p on p.child_id = t.child_id and p.until is null group by 1),
reach as (
    select places, coalesce(array_agg(distinct a.node order by a.node) filter (where a.node is not null), '{}') as nodes
    from (select distinct places from held) sets left join lateral unnest(places) as p(node) on true
    left join core_organization o on o.id = p.node left join lateral unnest(o.path) as a(node) on true group by places)
update students_child c set scope_nodes = r.nodes from held h join reach r on r.places = h.places
where c.id = h.child_id and c.merged_into_id is null and c.scope_nodes is distinct from r.nodes
"""


def place():
    """Places begin and end with the facts; scope_nodes follows."""
    with connection.cursor() as cursor:
        for statement in (WANTED, END_PLACES, BEGIN_PLACES, SCOPE):
            cursor.execute(statement)
