"""What follows from notices: standings of the dead, the moved and those schooled elsewhere (domain.md §3.5).

Works on the table touched_child of linking.open_touched; running it twice changes nothing.
"""

from datetime import date

from django.db import connection

from students.actions import moving_in, standings
from students.models import ListRow, Standing

SOURCE = "list"
NOTICE_KINDS = ("movements", "elsewhere")
DIED, MOVED_OUT = "died", "moved_out"
REASONS = {DIED: "05", MOVED_OUT: "06"}


def follow(*, by):
    """Standings in line with the rows of the touched children."""
    with connection.cursor() as cursor:
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
    returned = moving_in.returned()
    told = [row for row in rows if row.pk not in returned]
    wanted = [fact for row in told if (fact := {"movements": _movement, "elsewhere": _elsewhere}[row.kind](row))]
    if wanted:
        standings.record(rows=wanted, by=by, audited=False)


def _end_closed(children, by):
    """What a newer list no longer holds is over from its day."""
    for row in ListRow.objects.filter(kind__in=NOTICE_KINDS, until__isnull=False, child__in=children, standings__ended_at=None).exclude(
        standings=None
    ):
        standings.end(source=SOURCE, references=[reference(row)], on=row.until, by=by, audited=False)
    for pk, day in moving_in.returned().items():
        standings.end(source=SOURCE, references=[f"row-{pk}"], on=day, by=by, audited=False)


def reference(row):
    return f"row-{row.pk}"


def _fact(row, code, since, **more):
    return {"child": row.child_id, "code": code, "since": since, "row": row, "source": SOURCE, "reference": reference(row), **more}


def _movement(row):
    """Death and moving away explain why a child is at no school; who moves in is moving_in's to say."""
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
