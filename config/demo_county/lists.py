"""The county's lists: workbooks of the product's own generator, received, staged and approved like any other."""

from datetime import date, timedelta

from core import scope
from core.models import User
from core.spreadsheets import Column, SheetOut, find_header, read_guarded, write_workbook
from students import imports
from students.actions import snapshots
from students.county.files import make_county
from students.county.headings import VARIANTS
from students.county.plan import Plan
from students.imports.layouts import LAYOUTS
from students.models import KINDS, SourceSnapshot

PUPILS, SCHOOLS, VARIANT = 1200, 18, "a"
SUPPLIERS = {
    "divisions": "县民政局", "schools": "县教育局", "hukou": "县公安局", "roll": "学籍科", "attending": "各中心校", "poverty": "县乡村振兴局",
    "civil_affairs": "县民政局", "disabled": "县残联",
}  # fmt: skip
ORDER = tuple(SUPPLIERS)
SETTLED = timedelta(days=62)  # two counting periods: room for a case to have come all its way, and for two months of reports
WAITING, WAITING_DAYS, GONE = "poverty", 5, 3


def as_of_for(today):
    """The begin of the newest term that is two months old at least."""
    starts = [date(year, month, 1) for year in (today.year - 1, today.year) for month in (3, 9)]
    return max(day for day in starts if day <= today - SETTLED)


def import_all(today, folder, say):
    """Import each kind that is not in. The day of a run that was interrupted holds on."""
    there = SourceSnapshot.objects.filter(coverage=scope.root())
    missing = [kind for kind in ORDER if not there.filter(kind=kind, state="applied").exists()]
    if not missing:
        return False
    first = there.order_by("pk").first()
    as_of = first.as_of if first else as_of_for(today)
    plan = Plan(PUPILS, SCHOOLS, 1, VARIANT, as_of)
    make_county(plan, folder)
    by = User.objects.get(username="bureau_admin")
    for kind in missing:
        snapshot = import_one(kind, folder / file_name(kind), as_of, by)
        say(
            f"  · {dict(KINDS)[kind]}：{snapshot.rows} 行入库"
            + (f"，{snapshot.refused_rows} 行有错未导入" if snapshot.refused_rows else "")
        )
    return True


def file_name(kind):
    head = VARIANTS[VARIANT][kind]
    return f"{head.file}{head.suffix}"


def import_one(kind, path, as_of, by):
    """Receive, stage and approve; RuntimeError with the sentence when the list does not go in."""
    snapshot = stage_one(kind, path, as_of, by)
    if snapshot.state == SourceSnapshot.State.STAGED:
        snapshot = snapshots.approve(snapshot=snapshot, by=by)
    if snapshot.state != SourceSnapshot.State.APPLIED:
        raise RuntimeError(f"{path.name} 没有入库：{snapshot.message}")
    return snapshot


def stage_one(kind, path, as_of, by):
    try:
        snapshot = snapshots.receive(
            kind=kind, path=path, name=path.name, as_of=as_of, coverage=scope.root(), by=by, supplier=SUPPLIERS[kind]
        )
    except snapshots.AlreadyReceived as same:
        snapshot = same.snapshot
    return imports.stage(snapshot) if snapshot.state == SourceSnapshot.State.RECEIVED else snapshot


def leave_one_waiting(today, folder, say):
    """A newer list with a few families less, received by the aid centre: it waits to be looked at and approved."""
    if SourceSnapshot.objects.filter(kind=WAITING).count() > 1:
        return False
    on = today - timedelta(days=WAITING_DAYS)
    path = folder / f"{VARIANTS[VARIANT][WAITING].file}（{on:%Y-%m-%d}）.xlsx"
    write_shortened(folder / file_name(WAITING), path)
    stage_one(WAITING, path, on, User.objects.get(username="aid_officer"))
    say("  · 一份新名单，等待批准入库")
    return True


def write_shortened(source, target):
    """The list of `source` without its last rows, under its own header."""
    sheet = read_guarded(str(source), source.name)[0]
    header = find_header(sheet.rows, LAYOUTS[WAITING].headings)
    columns = [Column(label) for label in sheet.rows[header.body_start - 1]]
    with target.open("wb") as stream:
        write_workbook(stream, [SheetOut(sheet.name, columns, sheet.rows[header.body_start : -GONE])])
