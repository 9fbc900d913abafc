"""What a list changed against the one before: who is new, who is gone, and what changed, field by field, in three sheets."""

from collections import defaultdict

from core import crypto
from core.spreadsheets import Column, SheetOut, write_workbook
from students.actions.changes import differences, names_of_places
from students.models import ListRow, SourceSnapshot, StagedRow
from students.reports.snapshots import vanished

ROW = (("姓名", 12), ("出生日期", 12), ("证件号", 22), ("单位", 24), ("工作表", 14), ("行", 8))
CHANGE = (("姓名", 12), ("出生日期", 12), ("证件号", 22), ("单位", 24), ("项目", 14), ("原值", 28), ("新值", 28), ("工作表", 14), ("行", 8))


def sizes(snapshot):
    """(new, changed, gone) as the batch counted them."""
    return snapshot.new, snapshot.changed, snapshot.vanished


def file_name(snapshot, entry):
    return f"名单变化_{snapshot.get_kind_display()}_{snapshot.as_of}_{entry.number}.xlsx"


def write(target, snapshot, *, note):
    new, changed = _staged(snapshot) if snapshot.state == SourceSnapshot.State.STAGED else _applied(snapshot)
    about = f"{snapshot.get_kind_display()} 截至 {snapshot.as_of}　{snapshot.coverage.name}　{snapshot.get_state_display()}"
    gone = vanished(snapshot)
    write_workbook(target, [
        _sheet("新增", ROW, (_line(row) for row in new), about), _sheet("消失", ROW, (_line(row) for row in gone.iterator()), about),
        _sheet("变化", CHANGE, _changes(changed), about),
    ], note=note)  # fmt: skip


def _sheet(name, columns, rows, about):
    return SheetOut(name, [Column(label, width) for label, width in columns], rows, titles=(f"名单变化：{name}",), unit_line=about)


def _staged(snapshot):
    """(rows that would be new, (old, new) of those that would change) of a batch that waits."""
    rows = StagedRow.objects.filter(snapshot=snapshot).order_by("pk")
    changed = rows.filter(outcome="changed", standing__isnull=False).select_related("standing__node")
    return rows.filter(outcome="new").iterator(), ((row.standing, row) for row in changed.iterator())


def _applied(snapshot):
    """The same of a batch that is in, or was: rows it brought, beside the rows it closed for the same person."""
    closed, by_child = defaultdict(list), defaultdict(list)
    for row in ListRow.objects.filter(closed_by=snapshot).select_related("node").order_by("pk"):
        closed[bytes(row.person_key)].append(row)
        if row.child_id:
            by_child[row.child_id].append(row)
    new, changed, taken = [], [], set()
    for row in ListRow.objects.filter(snapshot=snapshot).select_related("node").order_by("pk").iterator():
        same = [old for old in (*closed[bytes(row.person_key)], *by_child[row.child_id]) if old.pk not in taken]
        here = next((old for old in same if old.place_key == row.place_key), same[0] if same else None)
        if here is None:
            new.append(row)
        else:
            taken.add(here.pk)
            changed.append((here, row))
    return new, changed


def _line(row):
    node = getattr(row, "node", None)
    place = node.name if node else row.facts.get("school") or row.facts.get("village") or ""
    return [row.name, str(row.birth_on or ""), crypto.mask(row.number or ""), place, row.sheet, row.row_number]


def _changes(pairs):
    names = names_of_places()
    for old, new in pairs:
        name, birth, number, place, sheet, row = _line(new)
        for label, before, after in differences(old, new, names):
            yield [name, birth, number, place, label, before, after, sheet, row]
