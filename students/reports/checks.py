"""Coverage of the four checks: how many villages and schools of each township were checked this term, and which were not."""

from core.models import Organization
from students.models import FieldCheck, SchoolProfile

PER_TOWNSHIP = (
    ("hukou", "village"), ("roll", "school"), ("attending", "school"), ("poverty", "village"), ("door", "village"),
)  # fmt: skip


def coverage(term, visible):
    """Rows for each township of what `visible` (Organization rows in scope) holds: per check done, total and the places not yet checked;
    five queries for any number of places."""
    places = visible.filter(kind__in=["village", "school"], until=None).order_by("path")
    nodes = list(places.values_list("pk", "kind", "path", "name", named=True))
    seated = dict(SchoolProfile.objects.values_list("school", "township"))
    townships = {node.pk: node for node in Organization.objects.filter(kind="township").order_by("code")}
    done = {}
    for what, place in FieldCheck.objects.filter(term=term, place__in=[node.pk for node in nodes]).values_list("what", "place"):
        done.setdefault(what, set()).add(place)
    held = {}
    for node in nodes:
        township = next((pk for pk in node.path if pk in townships), seated.get(node.pk))
        held.setdefault(township, {"village": [], "school": []})[node.kind].append(node)
    order = [pk for pk in [*townships, None] if pk in held]
    return [_row(townships[pk].name if pk else "县直", held[pk], done) for pk in order]


def _row(name, held, done):
    cells = []
    for what, kind in PER_TOWNSHIP:
        places = held[kind]
        left = [node.name for node in places if node.pk not in done.get(what, ())]
        cells.append({"what": what, "done": len(places) - len(left), "total": len(places), "open": len(left), "names": "、".join(left)})
    return {"name": name, "cells": cells}


def totals(rows):
    return [
        {"done": sum(row["cells"][index]["done"] for row in rows), "total": sum(row["cells"][index]["total"] for row in rows)}
        for index in range(len(PER_TOWNSHIP))
    ]
