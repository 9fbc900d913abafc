"""A person's word on two numbers: same confirms (a candidate's records become one), not the same parts them; both are remembered."""

from django.db import transaction
from django.utils import timezone

from core import audit, scope
from core.workflow import NoRight, Refused
from students.actions import joining, linking, merging, telling_apart
from students.models import ListRow, Match, MergeEvent


def why_not_decide(match, user):
    """None if `user` may decide now, else the sentence."""
    if not match.is_waiting:
        return f"这一对已由 {match.decided_by} 判定为“{match.get_state_display()}”。"
    granted = set(scope.granted_nodes(user, "decide_match"))
    if not granted & set(match.meant.child.scope_nodes) or not granted & set(match.odd.child.scope_nodes):
        return NoRight("您的角色不能确认匹配，请学籍管理员或控辍专干办理。")
    return None


@transaction.atomic
def decide(*, match, same, reason, by, number_goes=False):
    """Record that the odd number is (`same`) or is not the child's; `number_goes`: of two children under one number it is the odd one's.
    Refused with the sentence."""
    match = (
        Match.objects.select_for_update(of=("self",)).select_related("odd__child", "meant__child", "decided_by").get(pk=match.pk)
    )  # fmt: skip
    sentence = why_not_decide(match, by)
    if sentence:
        raise Refused(sentence)
    was = match.state
    match.state = Match.State.CONFIRMED if same else Match.State.REJECTED
    match.decided_by, match.decided_at, match.reason = by, timezone.now(), reason[:200]
    match.save()
    audit.record(
        "match_confirmed" if same else "match_rejected", by=by, subject=match.meant.child, reason=reason, match=str(match.public_id)
    )
    if same and match.odd.child_id != match.meant.child_id:
        joining.merge(source=match.odd.child, target=match.meant.child, reason=reason, by=by)
    elif not same and number_goes and match.rule == Match.Rule.SHARED:
        telling_apart.give(match, reason, by)
    elif not same and was == Match.State.OPEN:
        _part(match, reason, by)
    return match


def _part(match, reason, by):
    """What the list had joined for this number goes back; where it never was a record of its own, it becomes one."""
    joined = standing_merge(match)
    if joined:
        merging.take_back(joined)
        joined.undone_by, joined.undone_at, joined.undone_reason = by, timezone.now(), reason[:200]
        joined.save(update_fields=["undone_by", "undone_at", "undone_reason"])
        joining.settle([joined.source_id, joined.target_id])
        return
    row = ListRow.objects.filter(identity=bytes(match.odd.identity), until=None, kind__in=linking.PERSON_KINDS).order_by("id").first()
    if row is None:
        return
    linking.open_touched(row.snapshot)
    linking.touch([match.meant.child_id])
    linking.settle_one(row, row.snapshot)
    joining.derive_again()


def standing_merge(match):
    """The list's own merge that brought the odd number to this child, if it is the last word on either record."""
    events = MergeEvent.objects.standing().filter(target=match.meant.child_id, origin="list").exclude(kind="split").order_by("-pk")
    event = next((event for event in events if match.odd_id in event.moved.get(joining.NUMBERS, [])), None)
    if event is None:
        return None
    later = MergeEvent.objects.standing().about([event.source_id, event.target_id]).filter(pk__gt=event.pk)
    return None if later.exists() else event
