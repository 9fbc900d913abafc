"""The one transaction that makes staged rows stand, ties them to children and derives the facts."""

from django.db import connection

from students.actions import births, county, deriving, linking, placing, sharing
from students.actions.previewing import VANISHED, names_of
from students.planning import WHOLE_LISTS

CARRIED = (
    "sheet", "row_number", "person_key", "place_key", "content_hash", "identity", "number_valid", "number_state", "last_four_index",
    "roll_identity", "name", "name_key", "pinyin", "birth_on", "birth_stated", "facts", "number", "household_address", "sealed",
)  # fmt: skip
CLOSE_CHANGED = """
update students_listrow l set until = %(as_of)s, closed_by_id = %(snapshot)s
from students_stagedrow s where s.snapshot_id = %(snapshot)s and s.outcome = 'changed' and s.standing_id = l.id
"""
CLOSE_VANISHED = "update students_listrow set until = %(as_of)s, closed_by_id = %(snapshot)s where id in (select l.id" + VANISHED + ")"
SEEN_AGAIN = """
update students_listrow l set seen_as_of = %(as_of)s
from students_stagedrow s where s.snapshot_id = %(snapshot)s and s.outcome = 'unchanged' and s.standing_id = l.id
    and l.seen_as_of < %(as_of)s
"""
STAND = f"""
insert into students_listrow ({", ".join(CARRIED)}, kind, snapshot_id, since, seen_as_of, node_id, child_id)
select {", ".join("s." + column for column in CARRIED)}, %(kind)s, %(snapshot)s, %(as_of)s, %(as_of)s, o.id, coalesce(n.child_id,
    f.child_id)
from students_stagedrow s
left join core_organization o on o.code = coalesce(nullif(s.facts ->> 'school', ''), nullif(s.facts ->> 'village', ''))
left join students_childnumber n on n.identity = s.identity
left join fresh_child f on f.identity = s.identity
where s.snapshot_id = %(snapshot)s and s.outcome in ('new', 'changed') order by s.id
"""
CLEAR = "delete from students_stagedrow where snapshot_id = %(snapshot)s and outcome in ('new', 'changed', 'unchanged', 'refused')"
PLACE_KINDS = ("divisions", "schools")
# The rows of a county's list are sorted and hashed in memory; what GIN indexes take in is put in order by the next vacuum, not row by row.
ROOM = "set local work_mem = '256MB'; set local gin_pending_list_limit = '256MB'"


def apply(snapshot, on_step):
    """Rows, then nodes or children, then what follows from them. Call inside the approving transaction."""
    names = names_of(snapshot)
    with connection.cursor() as cursor:
        cursor.execute(ROOM)
        cursor.execute(WHOLE_LISTS)
        sharing.remember(snapshot)
        births.draw(names)
        for statement in (CLOSE_CHANGED, *((CLOSE_VANISHED,) if snapshot.vanished else ()), SEEN_AGAIN, STAND, CLEAR):
            cursor.execute(statement, names)
    on_step(1, 4)
    if snapshot.kind in PLACE_KINDS:
        county.apply(snapshot)
    settle(snapshot, on_step)


def settle(snapshot, on_step=lambda done, total: None):
    """Tie rows to nodes and children and derive their facts, for every child whose rows the batch touched."""
    linking.open_touched(snapshot)
    linking.link(snapshot)
    on_step(2, 4)
    deriving.derive()
    on_step(3, 4)
    placing.place()
    on_step(4, 4)
