"""The roll change's table of states and transitions (domain.md §4.5).

The model takes its triggers from it, so it imports no model: its rules ask the change they are given.
"""

from django.db import models

from core.models import Organization
from core.scope import may
from core.workflow import NoRight, Refused, Transition, Workflow
from students.rules import roll_changes as rules

SIDE_DAYS = 10  # workdays each school has (county parameter transfer_workdays; domain.md §4.1)
REVIEW_DAYS = 10  # workdays the bureau has (county parameter roll_review_workdays)
LEAVING_FORCED = "学校不得劝退或强迫学生休学、转学（控辍保学“十项制度”）"


class ChangeState(models.TextChoices):
    PROPOSED = "proposed", "待本校审核"
    OTHER_SCHOOL = "other_school", "待对方学校核办"
    BUREAU = "bureau", "待教育局核办"
    RETURNED = "returned", "已退回，待补正"
    DONE = "done", "已办结"
    WITHDRAWN = "withdrawn", "已撤回"
    UNDONE = "undone", "已撤销"

    @classmethod
    def waiting(cls):
        return (cls.PROPOSED, cls.OTHER_SCHOOL, cls.BUREAU, cls.RETURNED)


def first_school(change):
    """The school that applied."""
    return change.target_school if change.asked_by_target or change.spec.road == "in" else change.school


def second_school(change):
    """The school that is asked; None where one school alone is concerned."""
    if change.spec.road != "both":
        return None
    return change.school if change.asked_by_target else change.target_school


def missing_proof(change):
    return rules.missing_evidence(change.spec, change.proofs.values_list("kind", flat=True))


def missing_for_agreement(change):
    if change.spec.road == "both":
        return "县内转学由对方学校核办后送教育局，不能直接送审。"
    return missing_proof(change)


def missing_for_handing(change):
    if change.spec.road != "both":
        return "只涉及一所学校的异动，审核后直接送教育局。"
    return missing_proof(change)


def missing_for_approval(change):
    call = change.call
    if call is not None and call.answer in ("", "unreached"):
        return "这项异动被抽中电话核实，还没有得到监护人的答复。请先记录通话。"
    if call is not None and call.answer == "conflicts":
        return f"监护人的说法与申请不一致：{call.note}。不能办结，请退回学校。{LEAVING_FORCED}。"
    return missing_proof(change)


def starter(change):
    return {change.started_by_id}


TRANSITIONS = (
    Transition("agree", "审核同意，送教育局", ("proposed",), "bureau", "agree_roll_change", missing=missing_for_agreement, other_than=starter,
               basis=rules.BASIS, days=REVIEW_DAYS),
    Transition("hand_on", "审核同意，送对方学校", ("proposed",), "other_school", "agree_roll_change", missing=missing_for_handing,
               other_than=starter, basis=rules.BASIS, days=SIDE_DAYS),
    Transition("accept", "对方学校同意", ("other_school",), "bureau", "agree_roll_change", missing=missing_proof, other_than=starter,
               basis=rules.BASIS, days=REVIEW_DAYS),
    Transition("approve", "核办办结", ("bureau",), "done", "approve_roll_change", missing=missing_for_approval, other_than=starter,
               basis=rules.BASIS),
    Transition("send_back", "退回补正", ("proposed", "other_school", "bureau"), "returned", "agree_roll_change", days=SIDE_DAYS),
    Transition("resubmit", "补正后重新提交", ("returned",), "proposed", "start_roll_change", missing=missing_proof, days=SIDE_DAYS),
    Transition("withdraw", "撤回申请", ("proposed", "other_school", "bureau", "returned"), "withdrawn", "start_roll_change"),
    Transition("undo", "撤销已办结的异动", ("done",), "undone", "approve_roll_change", basis=rules.BASIS),
)  # fmt: skip


def places_of(change):
    """The nodes on which a permission may count; which of them a step asks about is SIDES below."""
    return [node for node in (change.school, change.target_school) if node is not None]


ROLL_CHANGE = Workflow("roll_change", ChangeState, "proposed", TRANSITIONS, nodes=places_of)
FORWARD = {
    "proposed": ("agree", "hand_on", "send_back", "withdraw"), "other_school": ("accept", "send_back", "withdraw"),
    "bureau": ("approve", "send_back", "withdraw"), "returned": ("resubmit", "withdraw"), "done": ("undo",), "withdrawn": (), "undone": (),
}  # fmt: skip
NOTED = ("send_back", "withdraw", "undo")


def side_of(change, name):
    """The node whose people decide: the school whose turn it is; for the bureau's steps the school under it."""
    if name in ("accept",) or (name == "send_back" and change.state == "other_school"):
        return second_school(change)
    return first_school(change)


def permission_of(change, name):
    """Sending back at the bureau is the bureau's, at a school the principal's."""
    return "approve_roll_change" if name == "send_back" and change.state == "bureau" else ROLL_CHANGE.table[name].permission


def fits(change, name):
    """Whether the step belongs to this change's road at all: the page shows only those."""
    return {"agree": change.spec.road != "both", "hand_on": change.spec.road == "both"}.get(name, True)


def why_not(change, name, user):
    """None if `user` may take the change through `name` now, else the sentence why not."""
    transition = ROLL_CHANGE.table[name]
    if change.state in transition.sources and not holds(change, name, user):
        node = side_of(change, name)
        return NoRight(f"“{transition.label}”要由{who_acts(change, name, node)}办理。")
    if name == "send_back" and change.state in transition.sources:
        return None
    return ROLL_CHANGE.why_not(change, name, user)


def who_acts(change, name, node):
    """The school and the role, for somebody of that very school whose turn it is not."""
    if name in ("approve", "undo") or change.state == "bureau" and name != "withdraw":
        return "教育局学籍管理员"
    return f"{node.name}的{'填报人' if permission_of(change, name) == 'start_roll_change' else '校长'}"


def holds(change, name, user):
    node = side_of(change, name)
    return node is not None and may(user, permission_of(change, name), node)


def require(change, name, user):
    """The transition, or Refused with the sentence."""
    sentence = why_not(change, name, user)
    if sentence:
        raise Refused(sentence)
    return ROLL_CHANGE.table[name]


def why_no_call(change, user):
    if change.call is None:
        return "这项异动没有被抽中，不需要电话核实。"
    if change.call.answer in ("agrees", "conflicts"):
        return f"已于 {change.call.called_on} 核实：{change.call.get_answer_display()}。"
    return None if may(user, "call_guardian", first_school(change)) else NoRight("您的角色不能电话核实，需要“电话核实家长”权限。")


def workdays_of(state, on):
    """(parameter name, default) of the deadline in a state."""
    return ("roll_review_workdays", REVIEW_DAYS) if state == "bureau" else ("transfer_workdays", SIDE_DAYS)


ROAD_STATES = {
    "both": ("proposed", "other_school", "bureau", "done"),
    "in": ("proposed", "bureau", "done"),
    "out": ("proposed", "bureau", "done"),
}
NODE_KINDS = (Organization.Kind.SCHOOL, Organization.Kind.TEACHING_POINT)
