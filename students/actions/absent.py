"""A list without a column that its predecessor had says nothing of it: absent is not emptied (issue 3 §1).

What only the missing columns could have said is taken from the row that stands, before the two are compared; so the comparison finds what
really changed, and what is applied loses nothing.
"""

from core.crypto import Indexer, Sealer
from students.actions.resolving import content_of
from students.models import SourceSnapshot, StagedRow
from students.rules import sealed_row

STATE = ("state", "cancelled", "cancelled_on", "moved_on", "cancelled_why")
PLACE = ("village_code", "village", "township")
FED_BY = {  # fact → the columns that may say it, where it is not the column of its own name
    "stage": ("stage", "grade", "class"), "grade": ("grade", "class"), "cohort": ("grade", "class"), "state": STATE, "counts": STATE,
    "village": PLACE,
    "village_code": PLACE, "village_name": PLACE, "township_name": PLACE, "code": ("type", "lifted", "category", "card"),
    "label": ("type", "category", "level"),
    "lifted_year": ("lifted",), "household_number": ("household",), "category": ("category", "card"), "level": ("level", "card",
    "category"),
    "at": ("school",), "happened": ("happened", "died_on", "moved_out_on", "moved_in_on"), "event": ("event", "died_on", "moved_out_on",
    "moved_in_on"),
    "to": ("place",), "has_roll": ("on_roll",), "last_school": ("school",), "grade_text": ("grade",),
    "age_only": ("birth", "age", "number"),
}  # fmt: skip
SEALED = {"phone": ("phone", "guardian_phone", "teacher_phone"), "address": ("address",), "roll_number": ("roll_number",)}
PLACE_OF = {"hukou": "household", "poverty": "household"}  # kind → the column that its rows' place comes from
KEYED_BY_ROLL_NUMBER = "roll"
LAST = 12  # batches of the kind whose columns are looked at
BATCH = 2000
WRITTEN = ("facts", "birth_on", "birth_stated", "person_key", "place_key", "content_hash", "household_address", "sealed")


def columns_of(snapshots):
    return {field for snapshot in snapshots for sheet in snapshot.layout.get("sheets", []) for field in sheet["columns"]}


def lost(snapshot):
    """The columns that the standing rows' batches had and this one lacks."""
    applied = (
        SourceSnapshot.objects.filter(kind=snapshot.kind, state=SourceSnapshot.State.APPLIED).order_by("-applied_at").only("layout")[:LAST]
    )
    return columns_of(applied) - columns_of([snapshot])


def keep(snapshot):
    """Fill the staged rows of the snapshot from those that stand, for all that only lost columns could say."""
    gone, there = lost(snapshot), columns_of([snapshot])
    if not gone:
        return
    index, sealer = Indexer("list_row.content"), Sealer(sealed_row.SEALED_AS)
    waiting = list(StagedRow.objects.filter(snapshot=snapshot, outcome="new").order_by("id").values_list("pk", flat=True))
    for start in range(0, len(waiting), BATCH):
        rows = list(StagedRow.objects.filter(pk__in=waiting[start : start + BATCH]))
        standing = _standing_of(rows, snapshot, gone)
        filled = [row for row in rows if row.pk in standing and _fill(row, standing[row.pk], snapshot.kind, gone, there)]
        for row in filled:
            row.content_hash = index.index(content_of(row))
            row.sealed = sealer.seal_bytes(sealed_row.closed(row.roll_number, row.phone, row._opened.address, row.cells))
        StagedRow.objects.bulk_update(filled, WRITTEN, batch_size=BATCH)


def _standing_of(rows, snapshot, gone):
    """{staged row id: the row that stands for the same person}, at the same place first."""
    by_number = snapshot.kind == KEYED_BY_ROLL_NUMBER and "roll_number" in gone
    field = "identity" if by_number else "person_key"
    keys = {bytes(getattr(row, field)) for row in rows if getattr(row, field) is not None}
    found = {}
    for row in snapshot.comparable().filter(until=None, **{f"{field}__in": keys}):
        found.setdefault(bytes(getattr(row, field)), []).append(row)
    matches = {}
    for row in rows:
        same = found.get(bytes(getattr(row, field) or b""), [])
        there = [other for other in same if other.place_key == row.place_key] or (same if len(same) == 1 else [])
        if there:
            matches[row.pk] = there[0]
    return matches


def _fill(row, standing, kind, gone, there):
    """Take what is lost from the standing row; False where nothing is."""
    lost_facts = {fact for fact in standing.facts if _is_lost(FED_BY.get(fact, (fact,)), gone, there)}
    texts = {name for name, fields in SEALED.items() if _is_lost(fields, gone, there)}
    if not (lost_facts or texts or "birth" in gone):
        return False
    row.facts = row.facts | {fact: standing.facts[fact] for fact in lost_facts}
    if "birth" in gone:
        row.birth_on, row.birth_stated = standing.birth_on, standing.birth_stated
    if "address" in texts:
        row.household_address = standing.household_address
    row._opened = row._opened._replace(**{name: getattr(standing._opened, name) for name in texts})
    if "roll_number" in texts and kind == KEYED_BY_ROLL_NUMBER:
        row.person_key = bytes(standing.person_key)
    if PLACE_OF.get(kind) in gone:
        row.place_key = standing.place_key
    return True


def _is_lost(fields, gone, there):
    return bool(set(fields) & gone) and not set(fields) & there
