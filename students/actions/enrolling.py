"""Facts that an act makes where no list does: enrolments that begin or end by a roll change, the turn of the year or a merger.

An enrolment made by an act carries `made_by` and no row; one that an act ended carries `ended_by` and `ended_on`. What a list says
beside it is settled by students.actions.reconciling.
"""

from contextlib import contextmanager

from django.db import connection

from students.actions import placing
from students.models import Enrolment

TOUCHED = ("create temporary table if not exists touched_child (child_id bigint) on commit drop", "delete from touched_child")
FOLLOW_LIST = """
update students_enrolment e set ended_by = null, ended_on = null, until = (
    select min(day) from (select l.until as day from students_listrow l where l.id = e.row_id and l.until is not null
                          union all
                          select greatest(o.since, e.since) from students_enrolment o
                          where o.child_id = e.child_id and o.kind = e.kind and o.accepted and e.accepted and o.id <> e.id
                            and o.since >= e.ended_on and o.made_by is distinct from e.ended_by) later)
where e.ended_by = any(%s::uuid[]) and (%s::bigint[] is null or e.child_id = any(%s::bigint[]))
"""


@contextmanager
def touched(children):
    """Inside, the table touched_child holds these children (ids); after it their places and scope follow their facts."""
    with connection.cursor() as cursor:
        for statement in TOUCHED:
            cursor.execute(statement)
        cursor.execute("insert into touched_child select distinct unnest(%s::bigint[])", [list(children)])
    yield
    placing.place()


def end(*, child, school, kinds, on, act, everywhere=False):
    """End what holds of `kinds` at `school` (`everywhere`: at any) from the day `on`. Where nothing of a kind stands, a mark of no length
    says that the act spoke: an older list must not begin it anew. Returns the enrolments as they were."""
    found = Enrolment.objects.select_for_update().filter(child=child, kind__in=kinds, until=None)
    found = list(found if everywhere else found.filter(school=school))
    for enrolment in found:
        enrolment.until = enrolment.ended_on = max(on, enrolment.since)
        enrolment.ended_by = act
        enrolment.save(update_fields=["until", "ended_on", "ended_by"])
    for kind in set(kinds) - {enrolment.kind for enrolment in found}:
        Enrolment.objects.create(
            child=child, kind=kind, school=school, since=on, until=on, accepted=False, counts=False, made_by=act, ended_by=act, ended_on=on
        )
    return found


def begin(*, child, school, kind, on, act, stage="", grade=None, class_node=None, state="在读", **facts):
    """An enrolment from the day `on`, accepted unless another one of its kind holds then."""
    taken = Enrolment.objects.filter(child=child, kind=kind, accepted=True)
    last = max((entry.until for entry in taken if entry.until), default=on)
    free = not any(entry.until is None for entry in taken)
    return Enrolment.objects.create(
        child=child, kind=kind, school=school, stage=stage, grade=grade, class_node=class_node, since=max(on, last) if free else on,
        class_name=class_node.name.partition("级")[2][:20] if class_node else "", state=state, accepted=free, made_by=act, **facts,
    )  # fmt: skip


def take_back(*, acts, children=None):
    """What the acts made goes; what they ended holds again, as far as the lists and later facts let it. Set-based."""
    named = [str(act) for act in acts]
    made = Enrolment.objects.filter(made_by__in=named)
    (made if children is None else made.filter(child__in=children)).delete()
    ids = None if children is None else list(children)
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW_LIST, [named, ids, ids])
