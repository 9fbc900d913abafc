"""Lists that went out filled in and come back: untouched rows are nothing, rows that changed here meanwhile are shown, not overwritten."""

from collections import Counter

from django.db import connection

from core.crypto import Indexer
from students.models import ListRow, StagedRow
from students.rules import row_keys

FIELD = "row_key"
BATCH = 2000
TWICE = """
update students_stagedrow s set outcome = 'conflict', why = '与第 ' || d.first_row || ' 行重复，只用那一行'
from (select id, row_number() over w as n, first_value(row_number) over w as first_row from students_stagedrow
      where snapshot_id = %(snapshot)s and outcome in ('changed', 'unchanged')  -- an untouched row goes before
      window w as (partition by person_key, place_key order by outcome desc, id)) d
where s.id = d.id and d.n > 1
"""
TAKEN = """
update students_stagedrow s set outcome = 'conflict', why = '系统里另一行已是同一人同一单位，没有覆盖。请核对证件号。'
from students_listrow l
where s.snapshot_id = %(snapshot)s and s.outcome = 'changed' and l.kind = %(kind)s and l.until is null and l.person_key = s.person_key
  and l.place_key = s.place_key and l.id <> s.standing_id and not exists (
      select 1 from students_stagedrow d where d.snapshot_id = s.snapshot_id and d.outcome = 'changed' and d.standing_id = l.id)
"""
TOLD_AGAIN = """
update students_stagedrow s set outcome = 'conflict', standing_id = d.standing_id, why = '与第 ' || d.row_number || ' 行重复，只用那一行'
from students_stagedrow d
where s.snapshot_id = %(snapshot)s and s.outcome = 'new' and d.snapshot_id = s.snapshot_id and d.outcome in ('changed', 'unchanged')
  and d.person_key = s.person_key and d.place_key = s.place_key
"""
STALE = "这一行在下载之后系统里已有改动，没有覆盖。请核对后重新下载预填表再填。"
UNTOUCHED = "下载之后系统里已更新，这一行没有改动，按系统里的保留。"


def judge(snapshot):
    """Give the staged rows that carry our key their outcome; the others are compared like any list's."""
    indexes = {
        sheet["sheet"][:60]: sheet["indexes"][FIELD] for sheet in snapshot.layout.get("sheets", []) if FIELD in sheet.get("indexes", {})
    }
    if not indexes:
        return
    keys = _keys(snapshot, indexes)
    waiting = sorted(keys)
    for start in range(0, len(waiting), BATCH):
        rows = list(StagedRow.objects.filter(pk__in=waiting[start : start + BATCH]).order_by("id"))
        bases = snapshot.comparable().in_bulk({keys[row.pk].row for row in rows})
        judged = [row for row in rows if _judge(row, keys[row.pk], bases.get(keys[row.pk].row), snapshot)]
        StagedRow.objects.bulk_update(judged, ["outcome", "standing", "why"], batch_size=BATCH)
    with connection.cursor() as cursor:
        for statement in (TWICE, TAKEN, TOLD_AGAIN):
            cursor.execute(statement, {"snapshot": snapshot.pk, "kind": snapshot.kind})


def _keys(snapshot, indexes):
    """{staged row: our key in it}. Of rows with one key, copied with what is hidden in them, only the one that still tells of the same
    person has it; where none does, or several do, they are told apart like any list's rows."""
    found, index = {}, Indexer("list_row.key")
    rows = StagedRow.objects.filter(snapshot=snapshot, outcome="new", sheet__in=indexes).order_by("id")
    for row in rows.only("sheet", "sealed").iterator(chunk_size=BATCH):
        key = _key(row, indexes[row.sheet], index)
        if key:
            found[row.pk] = key
    counted = Counter(key.row for key in found.values())
    several = [pk for pk, key in found.items() if counted[key.row] > 1]
    if several:
        persons = {pk: bytes(person) for pk, person in StagedRow.objects.filter(pk__in=several).values_list("pk", "person_key")}
        bases = snapshot.comparable().filter(pk__in={found[pk].row for pk in several})
        own = {pk: bytes(person) for pk, person in bases.values_list("pk", "person_key")}
        for pk in several:
            if persons[pk] != own.get(found[pk].row):
                del found[pk]
    return found


def _key(row, column, index):
    """The row's key if we wrote it."""
    key = row_keys.parse(row.cells[column]) if column < len(row.cells) else None
    return key if key and index.index(row_keys.sealed_part(key.row, key.version))[:6].hex() == key.seal else None


def _judge(row, key, base, snapshot):
    """Whether the key decides; sets outcome, standing and why."""
    if base is None:
        return False
    untouched = row_keys.version_of(row.content_hash) == key.version
    current = base if base.until is None else _current(base)
    if base.until is None and row_keys.version_of(base.content_hash) == key.version:
        row.standing = base
        row.outcome = "unchanged" if untouched else "conflict" if base.seen_as_of > snapshot.as_of else "changed"
        row.why = f"现有资料截至 {base.seen_as_of}，比这份名单新" if row.outcome == "conflict" else ""
        return True
    row.standing, row.outcome, row.why = current, "unchanged" if untouched else "conflict", UNTOUCHED if untouched else STALE
    return True


def _current(base):
    """The row that stands for the same person now; None when nobody does."""
    same = ListRow.objects.filter(kind=base.kind, until=None)
    return same.filter(person_key=bytes(base.person_key)).first() or (
        same.filter(identity=bytes(base.identity)).first() if base.identity is not None else None
    )  # fmt: skip
