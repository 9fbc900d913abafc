"""Facts that follow from the rows that stand: households, registrations, enrolments, groups and the child's own particulars.

Everything works on the table touched_child of linking.open_touched, set-based; running it twice changes nothing.
"""

from django.db import connection

from students.actions import boarding, corrections, linking, moving_in, reconciling
from students.rules.kinds import GROUP_KINDS, MAKES_CHILDREN

HOUSEHOLDS = """
insert into students_household (public_id, number, head_name, village_id, address, version)
select distinct on (l.place_key) gen_random_uuid(), left(l.place_key, 40), left(coalesce(nullif(l.facts ->> 'head', ''), l.name), 60),
       coalesce(l.node_id, p.coverage_id), l.household_address, 1
from students_listrow l join touched_child t on t.child_id = l.child_id join students_sourcesnapshot p on p.id = l.snapshot_id
where l.kind = 'hukou' and l.until is null and not exists (select 1 from students_registration r where r.row_id = l.id)
order by l.place_key, l.id desc
on conflict (number) do update set head_name = excluded.head_name, village_id = excluded.village_id,
       address = coalesce(excluded.address, students_household.address)
where students_household.head_name <> excluded.head_name or students_household.village_id <> excluded.village_id
"""
HOUSEHOLD_VILLAGES = """
update students_household h set village_id = l.node_id from students_listrow l
where l.kind = 'hukou' and l.until is null and l.node_id is not null and h.number = left(l.place_key, 40) and h.village_id <> l.node_id
  and l.child_id in (select child_id from touched_child)
"""
REGISTRATIONS = """
insert into students_registration (child_id, household_id, relation, state, counts, since, row_id)
select l.child_id, h.id, left(coalesce(l.facts ->> 'relation', ''), 20), coalesce(l.facts ->> 'state', ''),
    (l.facts ->> 'counts')::boolean, l.since, l.id
from students_listrow l join students_household h on h.number = left(l.place_key, 40)
where l.kind = 'hukou' and l.until is null and l.child_id in (select child_id from touched_child)
  and not exists (select 1 from students_registration r where r.row_id = l.id)
"""
CLOSE = """
update {table} f set until = l.until from students_listrow l
where f.row_id = l.id and l.until is not null and f.until is null and l.child_id in (select child_id from touched_child)
"""
ENROLMENTS = """
insert into students_enrolment (
    child_id, kind, school_id, class_node_id, stage, grade, class_name, boarding, entered, state, counts, accepted, since, row_id,
    roll_number_index)
select n.child_id, n.kind, n.node_id, n.class_id, n.stage, n.grade, n.class_name, n.boarding, n.entered, n.state, n.counts,
       n.nth = 1 and n.counts and (taken.until is null or taken.until <= n.since), n.since, n.id, n.roll_identity
from (select l.id, l.child_id, l.kind, l.node_id, c.id as class_id, l.since, l.roll_identity,
             coalesce(l.facts ->> 'stage', '') as stage, (l.facts ->> 'grade')::smallint as grade,
             coalesce(l.facts ->> 'class', '') as class_name, (l.facts ->> 'boarding')::boolean as boarding,
             coalesce(l.facts ->> 'entered', '') as entered, coalesce(l.facts ->> 'state', '') as state,
             (l.facts ->> 'counts')::boolean as counts,
             row_number() over (partition by l.child_id, l.kind order by (l.facts ->> 'counts')::boolean desc, l.place_key, l.id) as nth
      from students_listrow l left join core_organization c on c.code = l.class_code
      where l.kind in ('roll', 'attending') and l.until is null and l.node_id is not null
        and l.child_id in (select child_id from touched_child) and not exists (select 1 from students_enrolment e where e.row_id = l.id)) n
left join (select e.child_id, e.kind, max(coalesce(e.until, 'infinity')) as until from students_enrolment e
           where e.accepted and e.child_id in (select child_id from touched_child) group by 1, 2) taken
     on taken.child_id = n.child_id and taken.kind = n.kind
"""
PROMOTE = """
update students_enrolment e set accepted = true, since = greatest(e.since, (
    select coalesce(max(o.until), e.since) from students_enrolment o where o.child_id = e.child_id and o.kind = e.kind and o.accepted))
where e.id in (
    select distinct on (c.child_id, c.kind) c.id from students_enrolment c
    where c.child_id in (select child_id from touched_child) and c.until is null and c.counts and not c.accepted
      and not exists (select 1 from students_enrolment o where o.child_id = c.child_id and o.kind = c.kind and o.accepted
                      and o.until is null)
    order by c.child_id, c.kind, c.school_id, c.id)
"""
STATED_END = """case when l.facts ->> 'ends' is not null
            then greatest((l.facts ->> 'ends')::date + 1, coalesce((l.facts ->> 'starts')::date, l.since)) end"""
GROUPS = f"""
insert into students_specialgroup (child_id, code, label, household_number, details, since, until, row_id)
select l.child_id, l.facts ->> 'code', left(coalesce(l.facts ->> 'label', ''), 40), left(coalesce(l.facts ->> 'household_number', ''), 40),
       jsonb_strip_nulls(jsonb_build_object('lifted_year', l.facts -> 'lifted_year', 'category', l.facts -> 'category',
                                            'level', l.facts -> 'level', 'risk_cleared', l.facts -> 'risk_cleared')),
       coalesce((l.facts ->> 'starts')::date, l.since),
       {STATED_END}, l.id
from students_listrow l
where l.kind in {GROUP_KINDS} and l.until is null and l.child_id in (select child_id from touched_child)
  and not exists (select 1 from students_specialgroup g where g.row_id = l.id)
"""
REOPEN_GROUPS = f"""
update students_specialgroup f set until = {STATED_END} from students_listrow l where f.row_id = l.id and l.id = any(%(rows)s)
"""
CLOSE_GROUPS = """
update students_specialgroup f set until = greatest(l.until, f.since) from students_listrow l
where f.row_id = l.id and l.until is not null and (f.until is null or f.until > l.until)
    and l.child_id in (select child_id from touched_child)
"""
PARTICULARS = f"""
with best as (
    select distinct on (l.child_id) l.child_id, l.name, left(l.name_key, 60) as name_key, l.pinyin, l.birth_on,
           coalesce(l.facts ->> 'sex', '') as sex,
           coalesce(l.facts ->> 'ethnic', '') as ethnic
    from students_listrow l where l.until is null and l.kind in {MAKES_CHILDREN} and l.child_id in (select child_id from touched_child)
    order by l.child_id, l.number_valid desc, array_position(array{list(linking.PERSON_KINDS)}, l.kind::text), l.birth_stated desc, l.id)
update students_child c set name = b.name, name_key = b.name_key, pinyin = b.pinyin, birth_on = coalesce(b.birth_on, c.birth_on),
       sex = coalesce(nullif(b.sex, ''), c.sex), ethnic = coalesce(nullif(b.ethnic, ''), c.ethnic), version = c.version + 1
from best b where b.child_id = c.id and (c.name, c.name_key, c.sex, c.ethnic) is distinct from
     (b.name, b.name_key, coalesce(nullif(b.sex, ''), c.sex), coalesce(nullif(b.ethnic, ''), c.ethnic))
     or b.child_id = c.id and b.birth_on is not null and c.birth_on is distinct from b.birth_on
"""
NUMBERS = """
with best as (
    select distinct on (n.child_id) n.child_id, n.identity, n.number, n.last_four_index, n.valid from students_childnumber n
    where n.child_id in (select child_id from touched_child) and n.source <> 'none' order by n.child_id, n.valid desc, n.id)
update students_child c set number = b.number, number_index = b.identity, last_four_index = b.last_four_index,
       number_state = case when b.valid then case when c.number_state = 'other' then 'other' else 'valid' end else 'invalid' end,
       version = c.version + 1
from best b where b.child_id = c.id and c.number_index is distinct from b.identity
"""
STEPS = (
    HOUSEHOLDS, HOUSEHOLD_VILLAGES, CLOSE.format(table="students_registration"), REGISTRATIONS, CLOSE.format(table="students_enrolment"),
    ENROLMENTS, PROMOTE, CLOSE_GROUPS, GROUPS, PARTICULARS, NUMBERS,
)  # fmt: skip


def derive():
    """Bring the facts of the touched children in line with their rows, and hold what corrections, moves and acts say
    against them."""
    with connection.cursor() as cursor:
        cursor.execute("analyze touched_child")
        for statement in STEPS:
            cursor.execute(statement)
    corrections.hold()
    moving_in.follow()
    boarding.follow()
    reconciling.reconcile()
