"""铁脚板 from a filled form: the finds that follow from its rows. Works on the table touched_child; running it twice changes nothing."""

from datetime import date

from django.db import connection

from students.actions import found
from students.models import ChildPlace, FoundChild, ListRow

TOLD = ("village", "age_only", "guardian", "phone", "whereabouts", "found_on")


def follow():
    """A find with its number for each row that stands and has none; a changed row changes what its find tells."""
    if not ListRow.objects.filter(kind="found").exists():
        return
    with connection.cursor() as cursor:
        cursor.execute("select distinct child_id from touched_child")
        children = [child for (child,) in cursor.fetchall()]
    rows = ListRow.objects.filter(kind="found", until=None, child__in=children).order_by("pk")
    newest = {row.child_id: row for row in rows.select_related("child", "node", "snapshot__coverage", "snapshot__received_by")}
    known = {find.child_id: find for find in FoundChild.objects.filter(child__in=newest).order_by("-row")}
    changed = [_told(find, newest[child]) for child, find in known.items() if find.row_id]
    FoundChild.objects.bulk_update(changed, TOLD, batch_size=500)
    _report([row for child, row in newest.items() if child not in known])


def take_back(rows):
    """The finds that these rows brought go, and with them the village as a place of the child."""
    for find in FoundChild.objects.filter(row__in=rows):
        find.delete()
        others = FoundChild.objects.filter(child=find.child_id, village=find.village_id)
        if not others.exists():
            ChildPlace.objects.filter(child=find.child_id, node=find.village_id, why__in=found.PLACES, since=find.found_on).delete()


def _report(rows):
    """Numbered in the order of the form; the child belongs to the village from the day it was found."""
    for year in sorted({_day(row).year for row in rows}):
        fresh = [row for row in rows if _day(row).year == year]
        for row, number in zip(fresh, found.next_numbers(year, len(fresh)), strict=True):
            find = _told(FoundChild(child=row.child, row=row, number=number, by=row.snapshot.received_by), row)
            find.save()
            found.place(row.child, find.village, find.found_on)


def _day(row):
    return date.fromisoformat(row.facts["found_on"])


def _told(find, row):
    facts = row.facts
    find.village, find.found_on = row.node or row.snapshot.coverage, _day(row)
    find.age_only, find.whereabouts, find.guardian = facts["age_only"], facts["whereabouts"], facts["guardian"]
    find.phone = row.phone or None
    return find
