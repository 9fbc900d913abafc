"""What the pages of the lists show: which list is missing or old, and what a received batch would change."""

from students.actions import snapshots
from students.actions.previewing import vanished_ids
from students.imports.layouts import LAYOUTS
from students.models import KINDS, ListRow, RowIssue, SourceSnapshot, StagedRow
from students.rules.kinds import KINDS as LIST_KINDS

State = SourceSnapshot.State
TONES = {
    State.RECEIVED: "returning", State.STAGED: "amber", State.APPLIED: "good", State.REFUSED: "red", State.WITHDRAWN: "removed",
    State.UNDONE: "removed",
}  # fmt: skip
EXPECTED = ("divisions", "schools", "roll", "hukou", "attending", "poverty", "civil_affairs", "disabled")
PREVIEWED = 200
PERMISSION = "approve_import"


def of_user(user):
    """The snapshots a person may see: those whose coverage the person may approve for. Whoever imports may approve, and besides them
    the head of the bureau; a preview names children."""
    return SourceSnapshot.objects.visible_to(user, PERMISSION)


def kinds(found, on):
    """One line for each kind in the order in which they are best imported: the newest batch that stands, its age in days, what waits."""
    lines = []
    for kind, label in KINDS:
        batches = [snapshot for snapshot in found if snapshot.kind == kind]
        standing = max((s for s in batches if s.state == State.APPLIED), key=lambda s: (s.as_of, s.pk), default=None)
        waiting = [s for s in batches if s.state in (State.STAGED, State.RECEIVED)]
        age = (on - standing.as_of).days if standing else None
        line = {"kind": kind, "label": label, "standing": standing, "waiting": waiting, "age": age, "need": LIST_KINDS[kind].need}
        lines.append(line | {"expected": kind in EXPECTED})
    dated = [line for line in lines if line["standing"]]
    oldest = min(dated, key=lambda line: line["standing"].as_of, default=None)
    newest = max(dated, key=lambda line: line["standing"].as_of, default=None)
    for line in lines:
        line["is_oldest"] = line is oldest and oldest["standing"].as_of < newest["standing"].as_of
    return lines


def equation_parts(snapshot, url):
    """rows = new + changed + unchanged + conflicts + refused, each part with the address of its rows."""
    return [
        {"label": "新增", "figure": snapshot.new, "tone": "in_school", "url": f"{url}?part=new"},
        {"label": "变化", "figure": snapshot.changed, "tone": "returning", "url": f"{url}?part=changed"},
        {"label": "未变", "figure": snapshot.unchanged, "tone": "removed", "url": f"{url}?part=unchanged"},
        {"label": "冲突", "figure": snapshot.conflicts, "tone": "suspected", "url": f"{url}?part=conflict"},
        {"label": "未导入", "figure": snapshot.refused_rows, "tone": "confirmed", "url": f"{url}?part=refused"},
    ]


def parts(snapshot):
    """The tabs below the equation: key, label, figure. Rows wait in staging only until they are applied, conflicts stay."""
    warnings = snapshot.issues.filter(severity=RowIssue.Severity.WARNING).count()
    tabs = [("refused", "未导入", snapshot.refused_rows), ("warning", "已导入、请核对", warnings)]
    if snapshot.state == State.STAGED:
        tabs += [("changed", "变化", snapshot.changed), ("new", "新增", snapshot.new), ("unchanged", "未变", snapshot.unchanged)]
    return [*tabs, ("vanished", "消失", snapshot.vanished), ("conflict", "冲突", snapshot.conflicts)]


def has_changes(snapshot):
    """Whether it would change, or has changed, what stood before it."""
    return snapshot.state in (State.STAGED, State.APPLIED) and bool(snapshot.new or snapshot.changed or snapshot.vanished)


def first_part(snapshot):
    """The tab that opens by itself: the first one that holds something a person should look at."""
    return next((key for key, _, figure in parts(snapshot) if figure and key not in ("new", "unchanged")), "refused")


def rows_of(snapshot, part):
    """The rows of a tab, at most PREVIEWED; refused and warnings are issues by address and are paged by the caller."""
    if part in ("refused", "warning"):
        return snapshot.issues.filter(severity=part).order_by("sheet", "row_number", "pk")
    if part == "changed":
        return snapshots.preview_changes(snapshot, PREVIEWED) if snapshot.state == State.STAGED else []
    if part == "vanished":
        return list(vanished(snapshot)[:PREVIEWED])
    return list(StagedRow.objects.filter(snapshot=snapshot, outcome=part).order_by("pk")[:PREVIEWED])


def vanished(snapshot):
    """Standing rows that the batch no longer has; after its approval the rows that it closed without bringing them anew."""
    rows = ListRow.objects.select_related("node").order_by("sheet", "row_number")
    if snapshot.state == State.STAGED:
        return rows.filter(pk__in=vanished_ids(snapshot))
    brought = ListRow.objects.filter(snapshot=snapshot).values("person_key")
    return rows.filter(closed_by=snapshot).exclude(person_key__in=brought)


def sheets(snapshot):
    """The layout that was found: for each sheet its header row and which heading serves which field."""
    headings = LAYOUTS[snapshot.kind].headings
    return [
        {**sheet, "mapped": [(headings[field][0] if field in headings else field, heading) for field, heading in sheet["columns"].items()]}
        for sheet in snapshot.layout.get("sheets", [])
    ]


def annotations(snapshot):
    """(sheet, row, sentence) of every issue and conflict, for the sender's own workbook."""
    for issue in snapshot.issues.order_by("sheet", "row_number", "pk"):
        yield issue.sheet, issue.row_number, f"{issue.get_severity_display()}：{issue.column} {issue.reason}"
    for row in StagedRow.objects.filter(snapshot=snapshot, outcome=StagedRow.Outcome.CONFLICT).order_by("pk"):
        yield row.sheet, row.row_number, f"冲突：{row.why}"
