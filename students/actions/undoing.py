"""Takes the last batch of a kind and coverage back: rows it closed stand again, rows it brought go, facts follow (design.md §4)."""

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from core import audit, scope
from core.workflow import NoRight, Refused
from students.actions import deriving, finds, linking, merging, notifying, placing, reconciling, sharing
from students.actions.following import references
from students.models import (
    Boarding,
    Child,
    ChildNumber,
    ChildPlace,
    Enrolment,
    ListRow,
    Match,
    MergeEvent,
    Registration,
    SourceSnapshot,
    SpecialGroup,
    Standing,
)

ROW_FACTS = (Registration, Enrolment, SpecialGroup, Boarding)
PLACE_KINDS = ("divisions", "schools")


def why_not_undo(snapshot, user):
    """None if `user` may undo the batch now, else the sentence."""
    if snapshot.state != SourceSnapshot.State.APPLIED:
        return f"这一批现在是“{snapshot.get_state_display()}”，没有可撤销的内容。"
    if not scope.may(user, "undo_import", snapshot.coverage):
        return NoRight("您的角色不能撤销批次，请业务管理员或学籍管理员办理。")
    if snapshot.kind in PLACE_KINDS:
        return f"{snapshot.get_kind_display()}建立的单位已被其他资料引用，不能整批撤销。请在单位页面逐个停用或改名。"
    later = SourceSnapshot.objects.filter(
        kind=snapshot.kind, coverage=snapshot.coverage, state=SourceSnapshot.State.APPLIED, applied_at__gt=snapshot.applied_at
    ).first()
    if later:
        return f"只能撤销最后一批；{later.get_kind_display()}在此之后还有 {later.as_of} 一批，请先撤销它。"
    return None


@transaction.atomic
def undo(*, snapshot, by):
    """Undo the batch in one transaction. Refused with the sentence, or with what depends on its children."""
    snapshot = SourceSnapshot.objects.select_for_update(of=("self",)).select_related("coverage").get(pk=snapshot.pk)
    sentence = why_not_undo(snapshot, by)
    if sentence:
        raise Refused(sentence)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('students.lists'))")
    linking.open_touched(snapshot)
    _part_what_it_joined(snapshot)
    reconciling.keep_acts(snapshot)
    brought = ListRow.objects.filter(snapshot=snapshot)
    for model in ROW_FACTS:
        model.objects.filter(row__in=brought).delete()
    Standing.objects.filter(row__in=brought).delete()
    finds.take_back(brought)
    brought.delete()
    _reopen(snapshot)
    linking.touch(sharing.forget(snapshot))
    deriving.derive()
    notifying.follow(by=by)
    finds.follow()
    placing.place()
    _remove_own_children(snapshot)
    snapshot.state, snapshot.undone_by, snapshot.undone_at = SourceSnapshot.State.UNDONE, by, timezone.now()
    snapshot.save(update_fields=["state", "undone_by", "undone_at"])
    audit.record("list_undone", by=by, subject=snapshot, organization=snapshot.coverage, kind=snapshot.kind, as_of=str(snapshot.as_of))
    return snapshot


def _part_what_it_joined(snapshot):
    """Records that became one because of this batch are what they were, where nobody has had another word on them since."""
    for event in MergeEvent.objects.standing().filter(snapshot=snapshot).order_by("-pk"):
        later = MergeEvent.objects.standing().about([event.source_id, event.target_id]).filter(pk__gt=event.pk)
        if not later.exists():
            linking.touch(merging.take_back(event))
            event.delete()


def _reopen(snapshot):
    """Rows the batch closed stand again, and so do the facts that were closed with them."""
    closed = list(ListRow.objects.filter(closed_by=snapshot).values_list("pk", flat=True))
    Registration.objects.filter(row__in=closed).update(until=None)
    Boarding.objects.filter(row__in=closed).update(until=None)
    with connection.cursor() as cursor:
        cursor.execute(deriving.REOPEN_GROUPS, {"rows": closed})
    reconciling.reopen(snapshot)
    ListRow.objects.filter(pk__in=closed).update(until=None, closed_by=None)
    _unseen(snapshot)
    before = (
        SourceSnapshot.objects.filter(
            kind=snapshot.kind, coverage=snapshot.coverage, state=SourceSnapshot.State.APPLIED, applied_at__lt=snapshot.applied_at
        )
        .order_by("-applied_at")
        .first()
    )
    if before:
        ListRow.objects.filter(
            kind=snapshot.kind, snapshot__coverage=snapshot.coverage, until=None, seen_as_of=snapshot.as_of, since__lte=before.as_of
        ).update(seen_as_of=before.as_of)


def _unseen(snapshot):
    """Rows of narrower lists that the batch only confirmed were last seen by their own."""
    own = SourceSnapshot.objects.filter(pk=OuterRef("snapshot")).values("as_of")
    below = ListRow.objects.filter(kind=snapshot.kind, snapshot__coverage__path__contains=[snapshot.coverage_id], until=None)
    below.exclude(snapshot__coverage=snapshot.coverage).filter(seen_as_of=snapshot.as_of).update(seen_as_of=Subquery(own))


def _remove_own_children(snapshot):
    """Children that only this batch knew and that nothing refers to go; others stay and their pages say so."""
    orphans = Child.objects.filter(first_snapshot=snapshot, merged_into=None, list_rows=None)
    kept = [child.pk for child in orphans if _dependents(child)]
    gone = list(orphans.exclude(pk__in=kept).values_list("pk", flat=True))
    if kept:
        names = "、".join(Child.objects.filter(pk__in=kept[:10]).values_list("name", flat=True))
        raise Refused(
            f"这一批新建的 {len(kept)} 名学生已有后续记录，不能撤销：{names}{'等' if len(kept) > 10 else ''}。请先处理他们的个案或记录。"
        )
    Match.objects.filter(odd__child__in=gone).delete()
    Match.objects.filter(meant__child__in=gone).delete()
    ChildNumber.objects.filter(child__in=gone).delete()
    ChildPlace.objects.filter(child__in=gone).delete()
    Child.objects.filter(pk__in=gone).delete()


def _dependents(child):
    """Whether anything besides numbers and places points at the child."""
    return any(
        model._base_manager.filter(**{field.name: child}).exists()
        for model, field in references()
        if model not in (ChildNumber, ChildPlace)
    )
