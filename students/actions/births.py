"""Children that a batch brings, made in one stroke with their number and their place, so that nothing is written twice.

Their keys are drawn before the batch's rows stand: the rows are written with the child they belong to, and the child with the nodes
it belongs to (design.md §2). What two rows of one child say differently, placing and deriving settle afterwards.
"""

from django.db import connection

from students.models.shared_number import NUMBER_STATE
from students.rules.kinds import MAKES_CHILDREN

NOT_ITS_OWN = f"l.number_state = '{NUMBER_STATE}'"  # the number is another child's: the record has none

FRESH = (
    "create temporary table if not exists fresh_child (identity bytea, child_id bigint) on commit drop",
    "delete from fresh_child",
    f"""insert into fresh_child
       select s.identity, nextval(pg_get_serial_sequence('students_child', 'id'))
       from (select distinct identity from students_stagedrow
             where snapshot_id = %(snapshot)s and outcome in ('new', 'changed')
               and (number_valid or number_state = '{NUMBER_STATE}') and identity is not null) s
       where %(kind)s in {MAKES_CHILDREN} and not exists (select 1
       from students_childnumber n where n.identity = s.identity)""",
    "analyze fresh_child",
)
CLASSES = """
with wanted as (
    select distinct on (l.class_code) l.node_id as school_id, l.class_code as code,
           (l.facts ->> 'cohort') || '级' || (l.facts ->> 'class') as name
    from students_listrow l
    where l.kind in ('roll', 'attending') and l.until is null and l.class_code is not null and l.node_id is not null
      and not exists (select 1 from core_organization o where o.code = l.class_code)
    order by l.class_code, l.id),
fresh as (select nextval(pg_get_serial_sequence('core_organization', 'id')) as id, w.* from wanted w)
insert into core_organization (id, public_id, kind, code, name, parent_id, path, stat_code, version)
select f.id, gen_random_uuid(), 'class', f.code, f.name, f.school_id, s.path || f.id, '', 1
from fresh f join core_organization s on s.id = f.school_id
"""
BORN = """
create temporary table if not exists born_child (child_id bigint, row_id bigint) on commit drop;
delete from born_child;
insert into born_child select f.child_id, min(l.id) from fresh_child f join students_listrow l on l.child_id = f.child_id
where l.snapshot_id = %(snapshot)s and l.until is null group by 1;
analyze born_child
"""
CHILDREN = f"""
with sorted as (select o.id, o.code, array(select unnest(o.path) order by 1) as nodes from core_organization o)
insert into students_child (
    id, public_id, name, name_key, pinyin, sex, birth_on, ethnic, number, number_index, last_four_index, number_state, scope_nodes,
    first_snapshot_id, version)
select l.child_id, gen_random_uuid(), l.name, left(l.name_key, 60), l.pinyin, coalesce(l.facts ->> 'sex', ''), l.birth_on,
       coalesce(l.facts ->> 'ethnic', ''), case when not {NOT_ITS_OWN} then l.number end,
       case when not {NOT_ITS_OWN} then l.identity end, case when not {NOT_ITS_OWN} then l.last_four_index end,
       coalesce(nullif(l.number_state, ''), 'none'),
       coalesce(class.nodes, place.nodes, '{{}}'), l.snapshot_id, 1
from born_child b join students_listrow l on l.id = b.row_id
left join sorted class on class.code = l.class_code and l.kind <> 'hukou' and (l.facts ->> 'counts')::boolean
left join sorted place on place.id = coalesce(l.node_id, %(coverage)s)
"""
NUMBERS = f"""
insert into students_childnumber (
    child_id, identity, number, last_four_index, source, valid, name_key, birth_on, birth_stated, roll_identity)
select b.child_id, l.identity, case when not {NOT_ITS_OWN} then l.number end, l.last_four_index,
       case when {NOT_ITS_OWN} then 'none' else 'resident' end, not {NOT_ITS_OWN}, left(l.name_key, 60), l.birth_on, l.birth_stated,
       l.roll_identity
from born_child b join students_listrow l on l.id = b.row_id
"""


def draw(names):
    """Keys for the children whom the staged rows name by a valid number that nobody has yet, or by one that is another child's."""
    with connection.cursor() as cursor:
        for statement in FRESH:
            cursor.execute(statement, names)


def make(names):
    """Classes that the standing rows name, then the children whose keys were drawn, with their numbers."""
    with connection.cursor() as cursor:
        for statement in (CLASSES, BORN, CHILDREN, NUMBERS):
            cursor.execute(statement, names)
