"""A list's way in: received, staged, previewed, approved in one transaction, or withdrawn (design.md §4)."""

import hashlib
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from core import audit, scope
from core.files import store
from core.models import Parameter
from core.workflow import NoRight, Refused
from students.actions import absent, applying, filling, finds, merging, notifying, resolving, returning, sharing, succeeding
from students.actions.changes import differences, names_of_places
from students.actions.previewing import OUTCOME_STEPS, count_vanished, count_warned
from students.models import RowIssue, SourceSnapshot
from students.planning import WHOLE_LISTS
from students.rules.kinds import ACCUMULATE

MEDIA_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
    ".csv": "text/csv",
}
CHANGE_SHARE = 0.2  # county parameter import_change_share: more of the standing rows dropped or added waits for a second person
FEW_ROWS = 20  # … unless it is fewer rows than this


class AlreadyReceived(Exception):
    """The same file for the same kind, coverage and date is here already; `.snapshot` is that one."""

    def __init__(self, snapshot):
        self.snapshot = snapshot
        super().__init__(
            f"这份文件已于 {timezone.localtime(snapshot.received_at):%Y-%m-%d %H:%M} 接收（{snapshot.get_state_display()}），内容完全相同，不再重复导入。"
        )


@transaction.atomic
def receive(*, kind, path, name, as_of, coverage, by, supplier=""):
    """Keep the file and open a snapshot for it. Raises AlreadyReceived for the same content; Forbidden out of scope."""
    scope.require(by, "import_lists", coverage)
    return _keep(kind=kind, path=path, name=name, as_of=as_of, coverage=coverage, by=by, supplier=supplier)


@transaction.atomic
def send_back(*, kind, path, name, as_of, coverage, by):
    """A list that a unit filled in itself: kept and staged like any other, decided on by whoever may approve (Forbidden out of scope)."""
    filling.require(kind, coverage, by)
    return _keep(kind=kind, path=path, name=name, as_of=as_of, coverage=coverage, by=by, supplier=coverage.name, filled=True)


def _keep(*, path, name, by, kind, as_of, coverage, **more):
    content = Path(path).read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    same = SourceSnapshot.objects.filter(
        kind=kind, coverage=coverage, as_of=as_of, sha256=sha256, state__in=["received", "staged", "applied"]
    ).first()
    if same:
        raise AlreadyReceived(same)
    file = store(content, name, MEDIA_TYPES.get(Path(name).suffix.lower(), "application/octet-stream"), by)
    snapshot = SourceSnapshot.objects.create(
        kind=kind, coverage=coverage, as_of=as_of, sha256=sha256, file=file, received_by=by, **more
    )  # fmt: skip
    audit.record("list_received", by=by, subject=snapshot, organization=coverage, kind=kind, as_of=str(as_of), sha256=sha256)
    return snapshot


@transaction.atomic
def refuse(*, snapshot, sentence):
    """The file is no such list; the sentence says what it is and what to do."""
    snapshot.state, snapshot.message = SourceSnapshot.State.REFUSED, sentence[:500]
    snapshot.save(update_fields=["state", "message"])
    audit.record("list_read", by=None, subject=snapshot, organization=snapshot.coverage, outcome="refused")
    return snapshot


def preview(*, snapshot, rows, refused_rows, layout):
    """Compare the staged rows with what stands and count; rows = new + changed + unchanged + conflicts + refused."""
    snapshot.rows, snapshot.refused_rows, snapshot.layout = rows, refused_rows, layout
    snapshot.state, snapshot.staged_at = SourceSnapshot.State.STAGED, timezone.now()
    _compare(snapshot)
    snapshot.save()
    audit.record("list_read", by=None, subject=snapshot, organization=snapshot.coverage, rows=rows, refused=refused_rows)
    return snapshot


def _compare(snapshot):
    """Give each staged row its outcome and write the counts into the snapshot (unsaved)."""
    sharing.redirect(snapshot)
    absent.keep(snapshot)
    returning.judge(snapshot)
    RowIssue.objects.bulk_create(
        RowIssue(snapshot=snapshot, severity="warning", sheet=sheet, row_number=row, column="学校", reason=sentence[:200])
        for sheet, row, sentence in succeeding.old_names(snapshot)
    )
    older = _newer_exists(snapshot)
    names = {"snapshot": snapshot.pk, "kind": snapshot.kind, "coverage": snapshot.coverage_id, "as_of": snapshot.as_of, "older": older}
    with connection.cursor() as cursor:
        cursor.execute(WHOLE_LISTS)
        for step in OUTCOME_STEPS:
            cursor.execute(step, names)
        filling.fence(snapshot)
        cursor.execute("select outcome, count(*) from students_stagedrow where snapshot_id = %s group by 1", [snapshot.pk])
        counts = dict(cursor.fetchall())
    snapshot.new, snapshot.changed = counts.get("new", 0), counts.get("changed", 0)
    snapshot.unchanged, snapshot.conflicts = counts.get("unchanged", 0), counts.get("conflict", 0)
    snapshot.vanished = 0 if older else count_vanished(snapshot)
    snapshot.warnings = count_warned(snapshot)
    snapshot.needs_second_person = _moves_much(snapshot)


def _newer_exists(snapshot):
    """Whether a newer list of the kind speaks for this one's coverage already: its own, or a wider one's."""
    over = [snapshot.coverage_id] if snapshot.kind in ACCUMULATE else snapshot.coverage.path
    return SourceSnapshot.objects.filter(
        kind=snapshot.kind, coverage__in=over, state=SourceSnapshot.State.APPLIED, as_of__gt=snapshot.as_of
    ).exists()


def _moves_much(snapshot):
    """Whether the batch drops or adds more than the county's share of what stands; a first load never does."""
    standing = snapshot.changed + snapshot.unchanged + snapshot.vanished
    if not SourceSnapshot.objects.filter(kind=snapshot.kind, coverage=snapshot.coverage, state=SourceSnapshot.State.APPLIED).exists():
        return False
    share = Parameter.objects.value_of("import_change_share", snapshot.as_of, CHANGE_SHARE)
    return max(snapshot.new, snapshot.vanished) > max(standing * share, FEW_ROWS)


def why_not_approve(snapshot, user):
    """None if `user` may approve now, else the sentence."""
    if snapshot.state != SourceSnapshot.State.STAGED:
        return f"这一批现在是“{snapshot.get_state_display()}”，只有“待批准”的才能入库。"
    if not scope.may(user, "approve_import", snapshot.coverage):
        return NoRight("您的角色不能批准入库，请业务管理员、学籍管理员或控辍专干办理。")
    if snapshot.filled and snapshot.received_by_id == user.pk:
        return "填报的人不能批准自己的填报，请另一个人核对后批准。"
    if snapshot.needs_second_person and snapshot.received_by_id == user.pk:
        return f"这一批新增 {snapshot.new} 行、消失 {snapshot.vanished} 行，变动过大，要由另一个人核对后批准。"
    return None


@transaction.atomic
def approve(*, snapshot, by, on_step=lambda done, total: None):
    """Apply the staged rows in one transaction. Refused with the sentence; when another batch of the kind went in since the preview,
    the comparison is made again and the person is asked to look again (returns the snapshot still staged)."""
    snapshot = SourceSnapshot.objects.select_for_update(of=("self",)).select_related("coverage").get(pk=snapshot.pk)
    sentence = why_not_approve(snapshot, by)
    if sentence:
        raise Refused(sentence)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('students.lists'))")
    if SourceSnapshot.objects.filter(kind=snapshot.kind, applied_at__gt=snapshot.staged_at).exists():
        return _compare_again(snapshot)
    before = merging.last_event()
    applying.apply(snapshot, on_step)
    resolving.resolve(snapshot)
    notifying.follow(by=by)
    finds.follow()
    merging.belong_to(snapshot, after=before)
    snapshot.state, snapshot.approved_by, snapshot.applied_at = SourceSnapshot.State.APPLIED, by, timezone.now()
    snapshot.save(update_fields=["state", "approved_by", "applied_at"])
    audit.record(
        "list_applied", by=by, subject=snapshot, organization=snapshot.coverage, kind=snapshot.kind, as_of=str(snapshot.as_of),
        rows=snapshot.rows,
        new=snapshot.new, changed=snapshot.changed, vanished=snapshot.vanished, refused=snapshot.refused_rows,
    )  # fmt: skip
    return snapshot


def _compare_again(snapshot):
    snapshot.staged_rows.exclude(outcome="refused").update(outcome="new", standing=None, why="")
    _compare(snapshot)
    snapshot.staged_at, snapshot.message = timezone.now(), "预览之后又有同类名单入库，已重新比对。请核对新的数字后再批准。"
    snapshot.save()
    audit.record("list_read", by=None, subject=snapshot, organization=snapshot.coverage, rows=snapshot.rows, again=True)
    return snapshot


@transaction.atomic
def withdraw(*, snapshot, by):
    """Give up a staged batch; nothing of it was live."""
    snapshot = SourceSnapshot.objects.select_for_update(of=("self",)).get(pk=snapshot.pk)
    if snapshot.state not in (SourceSnapshot.State.STAGED, SourceSnapshot.State.RECEIVED):
        raise Refused(f"这一批现在是“{snapshot.get_state_display()}”，不能放弃。已入库的请用“撤销”。")
    scope.require(by, "fill_lists" if filling.may_fill(snapshot, by) else "import_lists", snapshot.coverage)
    snapshot.staged_rows.all().delete()
    snapshot.state = SourceSnapshot.State.WITHDRAWN
    snapshot.rows = snapshot.new = snapshot.changed = snapshot.unchanged = snapshot.conflicts = snapshot.refused_rows = 0
    snapshot.save()
    audit.record("list_withdrawn", by=by, subject=snapshot, organization=snapshot.coverage)
    return snapshot


def preview_changes(snapshot, limit=200):
    """(staged row, [(label, old, new), …]) for the first `limit` changed rows; numbers masked."""
    rows = snapshot.staged_rows.filter(outcome="changed").select_related("standing__node").order_by("id")[:limit]
    names = names_of_places()
    return [(row, differences(row.standing, row, names)) for row in rows]
