"""What follows from the further lists: memberships, and standings of the dead, the moved and those schooled elsewhere (domain.md §3.5).

Works on the table touched_child of linking.open_touched and on the batch's own rows; running it twice changes nothing.
"""

from datetime import date

from django.db import connection

from students.actions import standings
from students.models import ListRow, Standing
from students.rules.kinds import GROUP_KINDS

SOURCE = "list"
NOTICE_KINDS = ("movements", "elsewhere")
DIED, MOVED_OUT = "died", "moved_out"
REASONS = {DIED: "05", MOVED_OUT: "06"}
GROUPS = """
insert into students_specialgroup (child_id, code, label, household_number, details, since, until, row_id)
select l.child_id, l.facts ->> 'code', left(coalesce(l.facts ->> 'label', ''), 40), left(coalesce(l.facts ->> 'household_number', ''), 40),
       jsonb_strip_nulls(jsonb_build_object('martyr', l.facts -> 'martyr', 'unit', l.facts -> 'unit',
                                            'certificate', l.facts -> 'certificate')),
       coalesce((l.facts ->> 'starts')::date, l.since),
       case when l.facts ->> 'ends' is not null
            then greatest((l.facts ->> 'ends')::date + 1, coalesce((l.facts ->> 'starts')::date, l.since)) end, l.id
from students_listrow l
where l.kind = any(%(kinds)s) and l.until is null and l.child_id in (select child_id from touched_child)
  and not exists (select 1 from students_specialgroup g where g.row_id = l.id)
"""


def follow(*, by):
    """Memberships and standings in line with the rows of the touched children."""
    with connection.cursor() as cursor:
        cursor.execute(GROUPS, {"kinds": list(GROUP_KINDS)})
        cursor.execute("select exists (select 1 from students_listrow where kind = any(%s))", [list(NOTICE_KINDS)])
        (told,) = cursor.fetchone()
        if not told:
            return
        cursor.execute("select child_id from touched_child")
        children = [child for (child,) in cursor.fetchall()]
    _end_closed(children, by)
    _record(children, by)


def _record(children, by):
    """A standing for each notice that stands and has none."""
    rows = (
        ListRow.objects.filter(kind__in=NOTICE_KINDS, until=None, child__in=children)
        .exclude(pk__in=Standing.objects.open().filter(row__isnull=False).values("row"))
        .only("kind", "facts", "since", "child_id")
    )
    wanted = [fact for row in rows if (fact := {"movements": _movement, "elsewhere": _elsewhere}[row.kind](row))]
    if wanted:
        standings.record(rows=wanted, by=by, audited=False)


def _end_closed(children, by):
    """What a newer list no longer holds is over from its day."""
    for row in ListRow.objects.filter(kind__in=NOTICE_KINDS, until__isnull=False, child__in=children, standings__ended_at=None).exclude(
        standings=None
    ):
        standings.end(source=SOURCE, references=[reference(row)], on=row.until, by=by, audited=False)


def reference(row):
    return f"row-{row.pk}"


def _fact(row, code, since, **more):
    return {"child": row.child_id, "code": code, "since": since, "row": row, "source": SOURCE, "reference": reference(row), **more}


def _movement(row):
    """Death and moving away explain why a child is at no school; who moves in is the next police register's to say."""
    event = row.facts["event"]
    if event not in REASONS:
        return None
    happened = row.facts.get("happened")
    since = date.fromisoformat(happened) if happened else row.since
    return _fact(row, "removed", since, reason=REASONS[event], place=row.facts.get("to") or "")


def _elsewhere(row):
    facts = row.facts
    since = date.fromisoformat(facts["starts"]) if facts["starts"] else row.since
    until = date.fromisoformat(facts["ends"]) if facts["ends"] else None
    place = "，".join(part for part in (facts["region"], facts["at"]) if part)
    reason = "04" if facts.get("has_roll") is False else ""
    return _fact(row, "elsewhere", since, until=until, place=place, document=facts["document"], reason=reason)
