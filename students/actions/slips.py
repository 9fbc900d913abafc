"""Leave slips (假条): who is excused from when to when. A slip closes the clock of an absence, a withdrawn one opens it again."""

from django.db import transaction
from django.utils import timezone

from core import audit
from core.actions.uploads import store_upload
from core.scope import granted_nodes
from core.workflow import NoRight, Refused
from students.models import LeaveSlip

LONGEST = 180  # days; who is away longer rests from the roll (休学)


def why_not(child, by):
    """None if `by` may keep slips of the child, else the sentence."""
    allowed = set(granted_nodes(by, "mark_attendance")) & set(child.scope_nodes)
    return None if allowed else NoRight("您的角色不能登记这名学生的假条，需要“登记考勤”权限。")


@transaction.atomic
def give(*, child, kind, first_on, first_half, last_on, last_half, by, note="", upload=None):
    """One slip of one child; the photo of the paper is made small and loses its metadata. The same slip again is the same slip."""
    refuse(why_not(child, by))
    if (last_on, last_half) < (first_on, first_half):
        raise Refused(f"{child.name}：假条截止 {last_on} 早于起始 {first_on}，请核对。")
    if (last_on - first_on).days > LONGEST:
        raise Refused(f"{child.name}：假条超过 {LONGEST} 天。长期不能到校的，请按休学办理。")
    facts = {"kind": kind, "first_on": first_on, "first_half": first_half, "last_on": last_on, "last_half": last_half}
    facts["note"] = note.strip()[:200]
    same = LeaveSlip.objects.standing().filter(child=child, **facts).first()
    if same and not upload:
        return same
    slip = LeaveSlip.objects.create(child=child, photo=store_upload(upload, by) if upload else None, recorded_by=by, **facts)
    audit.record("leave_slip_given", by=by, subject=child, kind=kind, first=str(first_on), last=str(last_on), photo=bool(upload))
    return slip


@transaction.atomic
def withdraw(*, slip, why, by):
    """A slip that was wrong no longer excuses; it stays with the reason."""
    refuse(why_not(slip.child, by))
    if not why.strip():
        raise Refused("取消假条要写明原因。")
    wanted = {"withdrawn_by": by, "withdrawn_at": timezone.now(), "withdrawn_why": why.strip()[:200]}
    if not LeaveSlip.objects.standing().filter(pk=slip.pk).update(**wanted):
        raise Refused("这张假条已经取消过。")
    audit.record("leave_slip_withdrawn", by=by, subject=slip.child, reason=why.strip()[:200])


def refuse(sentence):
    if sentence:
        raise Refused(sentence)
