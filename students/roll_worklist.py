"""What waits for a person in the life of the roll."""

from datetime import timedelta

from django.db.models import Count, Min, Q
from django.urls import reverse

from core.scope import granted_nodes, has_permission
from core.worklist import WorkItem
from students.actions.arriving_pupils import VISIT_DAYS, term_starts
from students.models import Absentee, RollChange
from students.reports import arrivals, unplaced
from students.reports import roll_changes as changes
from students.rules.ages import term_of


def waiting(user, on):
    return [*arrivals_waiting(user, on), *roll_changes_waiting(user, on), *unplaced_graduates(user, on)]


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


def arrivals_waiting(user, on):
    """In the first weeks of a term the classes that have not counted; as long as pupils are missing, the visits to them."""
    term, found = term_of(on), []
    starts = term_starts(term)
    if has_permission(user, "register_arrivals") and starts <= on <= starts + timedelta(days=4 * VISIT_DAYS):
        waiting = [row for row in arrivals.classes(user, "register_arrivals", term, on) if row["due"] is None]
        due_on = starts + timedelta(days=VISIT_DAYS)
        tone = "red" if due_on < on else "amber"
        found.append(WorkItem("班级待登记报到", len(waiting), reverse("students:arrival_overview"), due_on=due_on, tone=tone))
    if has_permission(user, "record_visit"):
        missing = Absentee.objects.visible_to(user, "record_visit").missing().filter(sheet__term=term, visited_on=None)
        sums = missing.aggregate(count=Count("pk"), late=Count("pk", filter=Q(visit_by__lt=on)), due=Min("visit_by"))
        url, tone = reverse("students:absentee_list"), "red" if sums["late"] else "amber"
        found.append(WorkItem("未报到学生待走访", sums["count"], url, due_on=sums["due"], tone=tone, note="开学第一周内逐个上门"))
    return found
