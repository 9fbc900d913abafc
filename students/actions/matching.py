"""A person's word on a probable match: confirmed changes no figure, rejected parts the two and is remembered."""

from django.db import transaction
from django.utils import timezone

from core import audit, scope
from core.workflow import Refused
from students.actions import deriving, linking, placing
from students.models import ListRow, Match


def why_not_decide(match, user):
    """None if `user` may decide now, else the sentence."""
    if match.state != Match.State.OPEN:
        return f"这一对已由 {match.decided_by} 判定为“{match.get_state_display()}”。"
    if not set(scope.granted_nodes(user, "decide_match")) & set(match.meant.child.scope_nodes):
        return "您的角色不能确认匹配,请学籍管理员或控辍专干办理。"
    return None


@transaction.atomic
def decide(*, match, same, reason, by):
    """Record that the odd number is (`same`) or is not the child's. Refused with the sentence."""
    match = Match.objects.select_for_update(of=("self",)).select_related("odd", "meant__child", "decided_by").get(pk=match.pk)
    sentence = why_not_decide(match, by)
    if sentence:
        raise Refused(sentence)
    match.state = Match.State.CONFIRMED if same else Match.State.REJECTED
    match.decided_by, match.decided_at, match.reason = by, timezone.now(), reason[:200]
    match.save()
    audit.record(
        "match_confirmed" if same else "match_rejected", by=by, subject=match.meant.child, reason=reason, match=str(match.public_id)
    )
    if not same:
        _part(match)
    return match


def _part(match):
    """Settle the number anew without this pair: another candidate, or a child of its own."""
    row = ListRow.objects.filter(identity=bytes(match.odd.identity), until=None, kind__in=linking.PERSON_KINDS).order_by("id").first()
    if row is None:
        return
    linking.open_touched(row.snapshot)
    linking.touch([match.meant.child_id])
    linking.settle_one(row, row.snapshot)
    deriving.derive()
    placing.place()
