"""The case's table of states and transitions (domain.md §3.7).

The models take their triggers from it, so it imports no model of this app: its rules ask the case they are given.
"""

from dataclasses import dataclass

from django.db.models import Sum

from core.models import Parameter
from core.scope import may
from core.workflow import NoRight, Refused, Transition, Workflow
from dropout import codes

COMPULSORY_LAW = "《义务教育法》第五条、第十三条"
STEADY_REPORTING = "教基厅函〔2024〕15号(四查三比对，动态销号)"
GUARDIAN_DUTY = "《义务教育法》第十一条、第五十八条"
WAYS_BACK = {  # state from which a removal was proposed: the transition that sends it back there, the days it has there
    "suspected": ("reject_removal", 2), "confirmed": ("reject_removal_confirmed", 3), "persuading": ("reject_removal_persuading", 7),
}  # fmt: skip
CLOSE_ATTENDANCE_DAYS = 20  # school days; the county's parameter close_attendance_days wins (domain.md §3.12)


@dataclass(frozen=True)
class ChildScope:
    """The nodes the child belongs to with all their ancestors, in the shape core.scope.may asks for."""

    path: list[int]


def scope_of(case):
    return (ChildScope(case.child.scope_nodes),)


def pending(rows):
    return rows.filter(decision="pending").first()


def missing_evidence(reason, kinds):
    """The sentence of what the reason still demands of `kinds` (codes of evidence present), or None."""
    lacking = [group for group in codes.REASON[reason].evidence if not set(group) & set(kinds)]
    if not lacking:
        return None
    wanted = ";".join("或".join(codes.EvidenceKind(kind).label for kind in group) for group in lacking)
    return f"核减原因“{codes.REASON[reason].label}”还缺佐证：{wanted}。请补传后再办理。"


def missing_for_removal(case):
    removal = pending(case.removals)
    if removal is None:
        return "还没有核减申请，请先提出核减。"
    return missing_evidence(removal.reason, removal.evidence.values_list("kind", flat=True))


def removal_proposer(case):
    removal = pending(case.removals)
    return {removal.proposed_by_id} if removal else set()


def attendance_since_return(case):
    """Rows of entered attendance that count for closing: after the latest return, not corrected since."""
    return case.attendance_counts.standing().filter(first_on__gte=case.returned_on)


def days_present(case):
    return attendance_since_return(case).aggregate(days=Sum("present"))["days"] or 0


def days_wanted(case):
    """School days of attendance wanted before closing: the county's parameter on the day the child came back."""
    return Parameter.objects.value_of("close_attendance_days", case.returned_on, CLOSE_ATTENDANCE_DAYS)


def missing_for_close_proposal(case):
    return "已有一份待批准的销号申请，请等教育局批准或退回。" if pending(case.closings) else None


def missing_for_close_code(case, code, papers):
    """What the kind of end still demands: days of attendance and proof of the return, or its own paper. `papers`: whether one came
    along.
    """
    if code in codes.CLOSE_EVIDENCE:
        paper = codes.EvidenceKind(codes.CLOSE_EVIDENCE[code]).label
        return None if papers else f"销号类型“{codes.CloseCode(code).label}”要附{paper}，请上传后再提出。"
    present, wanted = days_present(case), days_wanted(case)
    if present < wanted:
        return f"返校后出勤 {present} 天，满 {wanted} 个在校日才能提出销号。请由学校继续登记出勤。"
    if not case.evidence.filter(kind__in=[codes.EvidenceKind.RETURN_PROOF, codes.EvidenceKind.PHOTO], return_record__isnull=False).exists():
        return "还没有返校证明（到校照片、签到或课堂照片）。请在“补充返校证明”处上传。"
    return None


def attendance_recorders(case):
    """Who entered days since the return, rows that were corrected later included."""
    if not case.returned_on:
        return set()
    return set(case.attendance_counts.filter(first_on__gte=case.returned_on).values_list("recorded_by_id", flat=True))


def missing_for_close(case):
    return None if pending(case.closings) else "还没有销号申请，请先由学校或乡镇提出销号。"


def closing_people(case):
    closing = pending(case.closings)
    return ({closing.proposed_by_id} if closing else set()) | attendance_recorders(case)


def only_from(state):
    """A proposal that is sent back leads to where the case came from, and nowhere else."""
    label = codes.CaseState(state).label
    return lambda case: None if case.removal_from == state else f"这份核减不是从“{label}”提出的，退回后回到“{codes.CaseState(case.removal_from).label}”。"


TRANSITIONS = (
    Transition("propose_removal", "提出核减", codes.REMOVABLE, "removal_proposed", "propose_removal", basis=STEADY_REPORTING, days=5),
    Transition("approve_removal", "同意核减", ("removal_proposed",), "removed", "review_removal",
               missing=missing_for_removal, other_than=removal_proposer, basis=STEADY_REPORTING),
    *(Transition(name, "退回核减", ("removal_proposed",), state, "review_removal",
                 missing=only_from(state), other_than=removal_proposer, days=days) for state, (name, days) in WAYS_BACK.items()),
    Transition("expire_removal", "核减到期", ("removed",), "suspected", "open_case", basis=STEADY_REPORTING, days=2),
    Transition("reopen", "恢复为疑似", ("removed",), "suspected", "open_case", days=2),
    Transition("confirm", "确认辍学", ("suspected",), "confirmed", "confirm_case", basis=COMPULSORY_LAW, days=3),
    Transition("assign", "安排责任人", ("confirmed",), "persuading", "assign_case", basis=COMPULSORY_LAW, days=7),
    Transition("record_return", "登记返校", ("persuading",), "returned", "record_return", basis=GUARDIAN_DUTY, days=7),
    Transition("consolidate", "登记安置", ("returned",), "consolidating", "consolidate_case", basis=STEADY_REPORTING, days=30),
    Transition("drop_again", "登记再次辍学", ("returned", "consolidating"), "persuading", "open_case", basis=GUARDIAN_DUTY, days=3),
    Transition("propose_close", "提出销号", ("consolidating",), "consolidating", "propose_close",
               missing=missing_for_close_proposal, other_than=attendance_recorders, basis=STEADY_REPORTING, days=5),
    Transition("reject_close", "退回销号", ("consolidating",), "consolidating", "review_close", missing=missing_for_close,
               other_than=closing_people, days=30),
    Transition("close", "批准销号", ("consolidating",), "closed", "review_close", missing=missing_for_close, other_than=closing_people,
               basis=STEADY_REPORTING),
)
CASE = Workflow("dropout_case", codes.CaseState, "suspected", TRANSITIONS, nodes=scope_of)
BY_SYSTEM = ("expire_removal",)
VISIT_STATES = ("suspected", "confirmed", "persuading", "returned", "consolidating")
FORWARD = {  # what the case page shows as the next step of each state
    "suspected": ("confirm", "propose_removal"),
    "removal_proposed": ("approve_removal", "reject_removal"),
    "removed": ("reopen",),
    "confirmed": ("assign", "propose_removal"),
    "persuading": ("record_return", "propose_removal"),
    "returned": ("consolidate", "drop_again"),
    "consolidating": ("propose_close", "close", "reject_close", "drop_again"),
    "closed": (),
}


def why_not(case, name, user):
    """None if `user` may take the case through `name` now, else the sentence why not."""
    if name in BY_SYSTEM:
        return "核减到期由系统办理，不能手工操作。"
    sentence = CASE.why_not(case, variant(case, name), user)
    if sentence is None and name == "approve_removal":
        removal = pending(case.removals)
        if codes.REASON[removal.reason].leader and not may(user, "decide_other_removal", scope_of(case)[0]):
            return f"核减原因“{codes.REASON[removal.reason].label}”要由分管局领导批准，请转分管局领导办理。"
    return sentence


def variant(case, name):
    """The transition behind the act `name`: sending a removal back leads to where it came from."""
    return WAYS_BACK[case.removal_from][0] if name == "reject_removal" and case.removal_from else name


def why_no_visit(case, user):
    if case.state not in VISIT_STATES:
        return f"现在是“{case.get_state_display()}”，不需要走访。"
    return None if may(user, "record_visit", scope_of(case)[0]) else NoRight("您的角色不能记录走访，需要“记录走访”权限。")


def why_no_attendance(case, user):
    if case.state != "consolidating":
        return f"现在是“{case.get_state_display()}”，进入巩固期后才登记出勤。"
    if pending(case.closings):
        return "销号申请正在审批，退回之前不能再登记出勤。"
    return None if may(user, "consolidate_case", scope_of(case)[0]) else NoRight("您的角色不能登记出勤，需要“登记安置与巩固”权限。")


def why_no_people(case, user):
    """Whether `user` may change the responsible people after the persuading began; before it the step is `assign` itself."""
    if case.state not in ("persuading", "returned", "consolidating"):
        return f"现在是“{case.get_state_display()}”，确认辍学之后才安排责任人。"
    return None if may(user, "assign_case", scope_of(case)[0]) else NoRight("您的角色不能安排责任人，需要“安排责任人”权限。")


def why_no_proof(case, user):
    if case.state not in ("returned", "consolidating"):
        return f"现在是“{case.get_state_display()}”，登记返校以后才补充返校证明。"
    allowed = any(may(user, verb, scope_of(case)[0]) for verb in ("record_return", "consolidate_case"))
    return None if allowed else NoRight("您的角色不能补充返校证明，需要“登记返校”或“登记安置与巩固”权限。")


def require(case, name, user):
    """The transition, or Refused with the sentence."""
    sentence = why_not(case, name, user)
    if sentence:
        raise Refused(sentence)
    return CASE.table[variant(case, name)]
