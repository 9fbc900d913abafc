"""Lists that went out filled in and come back: untouched rows are nothing, rows that changed here meanwhile are shown, not overwritten."""

from core.crypto import Indexer
from students.models import ListRow, StagedRow
from students.rules import row_keys

FIELD = "row_key"
BATCH = 2000
STALE = "这一行在下载之后系统里已有改动，没有覆盖。请核对后重新下载预填表再填。"
UNTOUCHED = "下载之后系统里已更新，这一行没有改动，按系统里的保留。"


def judge(snapshot):
    """Give the staged rows that carry our key their outcome; the others are compared like any list's."""
    indexes = {
        sheet["sheet"][:60]: sheet["indexes"][FIELD] for sheet in snapshot.layout.get("sheets", []) if FIELD in sheet.get("indexes", {})
    }
    if not indexes:
        return
    waiting = list(
        StagedRow.objects.filter(snapshot=snapshot, outcome="new", sheet__in=indexes).order_by("id").values_list("pk", flat=True)
    )
    index = Indexer("list_row.key")
    for start in range(0, len(waiting), BATCH):
        rows = list(StagedRow.objects.filter(pk__in=waiting[start : start + BATCH]))
        keys = {row.pk: key for row in rows if (key := _key(row, indexes[row.sheet], index))}
        bases = snapshot.comparable().in_bulk({key.row for key in keys.values()})
        judged = [row for row in rows if row.pk in keys and _judge(row, keys[row.pk], bases.get(keys[row.pk].row), snapshot)]
        StagedRow.objects.bulk_update(judged, ["outcome", "standing", "why"], batch_size=BATCH)


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
