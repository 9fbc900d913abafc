"""What waits for a person in the life of the roll."""

from django.db.models import Count, Min
from django.urls import reverse

from core.scope import granted_nodes, has_permission
from core.worklist import WorkItem
from students.models import RollChange
from students.reports import roll_changes as changes
from students.reports import unplaced


def waiting(user, on):
    return [*roll_changes_waiting(user, on), *unplaced_graduates(user, on)]


def roll_changes_waiting(user, on):
    """Roll changes whose next step is this person's, calls to guardians, suspensions that end; one query for the counts."""
    verbs = ("start_roll_change", "agree_roll_change", "approve_roll_change", "call_guardian")
    if not any(has_permission(user, verb) for verb in verbs):
        return []
    start, agree, approve, call = (granted_nodes(user, verb) for verb in verbs)
    mine, watching = changes.waits_for(user) & ~changes.to_call(call), changes.at_first_school([*start, *agree, *approve])
    parts = {
        "step": mine, "call": changes.to_call(call), "ended": changes.ended(on) & watching, "ending": changes.ending(on) & watching,
        "conflict": changes.conflicting() & changes.at_first_school(approve),
    }  # fmt: skip
    sums = {name: Count("pk", filter=condition) for name, condition in parts.items()} | {"due": Min("due_on", filter=mine)}
    found, url = RollChange.objects.aggregate(**sums), reverse("students:roll_change_list")
    late = bool(found["due"] and found["due"] < on)
    return [
        WorkItem("学籍异动待您办理", found["step"], f"{url}?due=mine", due_on=found["due"], tone="red" if late else "amber"),
        WorkItem("抽中的异动，待打电话问家长", found["call"], f"{url}?due=call", note="休学、转学是不是家长自愿"),
        WorkItem("家长说法与已办结的异动不一致", found["conflict"], f"{url}?due=conflict", tone="red", note="核实后撤销异动"),
        WorkItem("休学已期满，没有复学", found["ended"], f"{url}?due=ended", tone="red", note="办复学，或再办休学；找不到人的列为疑似"),
        WorkItem("休学即将期满，提醒复学", found["ending"], f"{url}?due=ending"),
    ]


def unplaced_graduates(user, on):
    """Graduates of primary school who are nowhere: for the people who look for them."""
    if not any(has_permission(user, verb) for verb in ("approve_roll_change", "open_case", "agree_roll_change")):
        return []
    turns = unplaced.last_turns(user, "see_children")
    if not turns.exists():
        return []
    count = unplaced.unplaced(unplaced.graduates(turns, user, "see_children", on)).count()
    url = reverse("students:unplaced_list")
    return [WorkItem("小学毕业未升学，去向不明", count, url, tone="red", note="逐个查找，找到的补学籍或外地就读证明，找不到的列为疑似")]
