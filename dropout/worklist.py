"""What waits in the case work: derived from the facts, so that nobody can tick it away. All lines are counted by one query."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.cache import cache
from django.db.models import Count, Exists, Max, Min, OuterRef, Q
from django.urls import reverse

from core.scope import granted_nodes, has_permission
from core.worklist import WorkItem
from dropout.models import Absence, Case, CaseEvent, Closing, Removal
from dropout.models.case import EXPIRING
from dropout.reports.absences import waits_for
from dropout.reports.suspects import BUCKETS, Question
from students.attendance import alert_hours
from students.models import Match, SourceSnapshot, Standing
from students.reports.account import usual_day
from students.rules.ages import POINT

REMEMBERED = 600  # seconds; anything that changes the account changes the key


@dataclass(frozen=True)
class Line:
    """One line for those who hold `permission`. `condition(user, on)` over Case, `deadline` its field, `query` the ledger's filter that
    shows the same cases."""

    title: str
    permission: str
    condition: Callable
    query: dict
    deadline: str = "due_on"
    note: str = ""


def _pending(model, user):
    """Proposals that wait and are not the person's own: nobody reviews what he proposed."""
    return Exists(model.objects.filter(case=OuterRef("pk"), decision="pending").exclude(proposed_by=user))


def in_state(state):
    return lambda user, on: Q(state=state)


def ready_to_close(user, on):
    """The time of consolidation is over and nobody has proposed yet."""
    proposed = Exists(Closing.objects.filter(case=OuterRef("pk"), decision="pending"))
    return Q(~proposed, state="consolidating", due_on__lte=on)


def explained_again(user, on):
    """Suspected for an absence that a slip or the child's return explained since."""
    over = Absence.objects.counted().filter(report__case=OuterRef("pk"), state__in=["explained", "returned"])
    still = Absence.objects.open().filter(child=OuterRef("child"))
    return Q(Exists(over), ~Exists(still), state="suspected", source="absence")


LINES = (
    Line("疑似个案待核查", "confirm_case", in_state("suspected"), {"state": "suspected", "sort": "due"}, note="48 小时内核实、报告"),
    Line("疑似个案的学生已到校或已说明缺勤，请核实后核减", "propose_removal", explained_again,
         {"state": "suspected", "sort": "due"}),
    Line("走访、承诺到期", "record_visit", lambda user, on: Q(state="persuading", due_on__lte=on),
         {"state": "persuading", "due": "today", "sort": "due"}),
    Line("核减待复核", "review_removal", lambda user, on: Q(_pending(Removal, user), state="removal_proposed"),
         {"state": "removal_proposed", "sort": "due"}),
    Line("核减即将到期，要重新核查", "propose_removal", lambda user, on: Q(state="removed", removal_expires_on__lte=on + EXPIRING),
         {"state": "removed", "due": "expiring"}, "removal_expires_on"),
    Line("已确认辍学，待安排责任人", "assign_case", in_state("confirmed"), {"state": "confirmed", "sort": "due"}),
    Line("已返校，待安置", "consolidate_case", in_state("returned"), {"state": "returned", "sort": "due"}),
    Line("巩固期满，核对出勤后提出销号", "propose_close", ready_to_close, {"state": "consolidating", "due": "today", "sort": "due"}),
    Line("销号待批准", "review_close", lambda user, on: Q(_pending(Closing, user), state="consolidating"),
         {"state": "consolidating", "due": "closing"}),
)  # fmt: skip


def summary(user, on):
    """What waits for `user` on the day `on`: absences, children nobody has judged yet, then the cases."""
    return [*absence_lines(user, on), *undecided(user, on), *lines(user, on)]


RUNNING = Q(state="running")
WEEKS_OVER = Q(state__in=["running", "reported"], weeks_on__isnull=False, report__case__state="suspected")


def absence_lines(user, on):
    """Reports to be received, clocks that run at one's school, weeks that are over: one query."""
    wanted = (
        ("receive_absence_report", "{hours}小时报告待签收", "red", {"receipt": "mine"}, waits_for(user), "签收后 48 小时内核实"),
        ("mark_attendance", "无故缺勤正在计时，请联系家长", "amber", {"state": "running"}, RUNNING, "满 {hours} 小时自动报告"),
        ("confirm_case", "缺勤满规定周数，请核实是否辍学", "red", {"receipt": "weeks"}, WEEKS_OVER, ""),
    )
    held = [line for line in wanted if has_permission(user, line[0]) and line[4]]
    if not held:
        return []
    here = {line[0]: Q(child__scope_nodes__overlap=granted_nodes(user, line[0])) & line[4] for line in held}
    counted = Absence.objects.counted().aggregate(**{name: Count("pk", filter=condition) for name, condition in here.items()})
    waiting = [line for line in held if counted[line[0]]]
    hours, url = alert_hours(on) if waiting else 0, reverse("dropout:absence_list")
    return [
        WorkItem(title.format(hours=hours), counted[name], f"{url}?{urlencode(query)}", tone=tone, note=note.format(hours=hours))
        for name, title, tone, query, _, note in waiting
    ]


def undecided(user, on):
    """Children whom the account finds outside school and whom no case speaks of: a person has to judge each."""
    if not has_permission(user, "open_case"):
        return []
    counts = cache.get_or_set(_account_key(user, on), lambda: _count_undecided(user, on), REMEMBERED)
    url = reverse("dropout:suspect_list")
    return [
        WorkItem(f"疑似名单待判断：{label}", counts[bucket], f"{url}?{urlencode({'bucket': bucket})}", note="总账找出来的，逐个判断后列为个案")
        for bucket, label in BUCKETS.items() if counts[bucket]
    ]  # fmt: skip


def _count_undecided(user, on):
    terms = {"on": usual_day(on), "low": 6, "high": 15, "mode": POINT, "today": on}
    asked = [Question(**terms, bucket=bucket) for bucket in BUCKETS]
    return {question.bucket: question.parts(question.children(user, "open_case"))["open"].count() for question in asked}


def _account_key(user, on):
    """Changes with the lists, the judged matches, the reasons, the cases and the person's nodes: reading the account takes a while."""
    lists = SourceSnapshot.objects.aggregate(applied=Max("applied_at"), undone=Max("undone_at"))
    said = Standing.objects.aggregate(begun=Max("recorded_at"), ended=Max("ended_at"))
    judged, events = Match.objects.aggregate(at=Max("decided_at")), CaseEvent.objects.aggregate(last=Max("pk"))
    places = sorted(granted_nodes(user, "open_case"))
    return f"undecided:{hash((on, *lists.values(), *said.values(), *judged.values(), *events.values(), *places))}"


def lines(user, on):
    """The lines of `user` behind which cases wait."""
    held = [(number, line) for number, line in enumerate(LINES) if has_permission(user, line.permission)]
    if not held:
        return []
    sums = {}
    for number, line in held:
        here = Q(child__scope_nodes__overlap=granted_nodes(user, line.permission)) & line.condition(user, on)
        sums |= {f"count_{number}": Count("pk", filter=here), f"first_{number}": Min(line.deadline, filter=here)}
    found = Case.objects.exclude(state="closed").aggregate(**sums)
    return [item_of(line, found[f"count_{number}"], found[f"first_{number}"], on) for number, line in held if found[f"count_{number}"]]


def item_of(line, count, due_on, on):
    """Red once the earliest deadline has passed."""
    url = f"{reverse('dropout:case_list')}?{urlencode(line.query)}"
    return WorkItem(line.title, count, url, due_on=due_on, tone="red" if due_on and due_on < on else "amber", note=line.note)


def cases_of(child, user):
    """The cases of one child as `user` may see them, newest first: for the child's page (dropout/_child_cases.html)."""
    cases = Case.objects.visible_to(user, "see_cases").filter(child=child) if has_permission(user, "see_cases") else Case.objects.none()
    return cases.with_places().with_counts().order_by("-episode")
