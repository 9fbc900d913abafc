"""What waits for a person in the students app."""

from collections import defaultdict
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from core.models import ChangeRequest, Organization
from core.scope import has_permission
from core.worklist import WorkItem
from students import attendance, roll_worklist
from students.models import SourceSnapshot, StandingProposal
from students.reports import matches

REMINDED_DAYS = 7


def summary(user, on):
    """Half-days to be marked, lists that wait for approval and matches that wait for a word, for those who may do it."""
    lines = (lists_to_approve(user), lists_received(user), matches_to_decide(user), changes_to_decide(user), changes_refused(user, on))
    lines = (*attendance_to_mark(user, on), *lines, reasons_to_review(user), *roll_worklist.waiting(user, on))
    return [item for item in lines if item and item.count]


def attendance_to_mark(user, on):
    """Half-days of the person's classes that nobody marked: today's as work, earlier ones late. Not marked is never an absence."""
    if not has_permission(user, "mark_attendance"):
        return []
    classes = Organization.objects.visible_to(user, "mark_attendance").filter(kind=Organization.Kind.CLASS)
    waiting = defaultdict(list)
    for pk, day, half in attendance.unmarked(classes, on, until_half=_half_now(on)):
        waiting[day == on].append((day, half, pk))
    today = WorkItem("今天的考勤待登记", len(waiting[True]), _place_of(waiting[True], on), due_on=on, note="每班每半天；全到只点一下")
    before = WorkItem(
        "以前的考勤没有登记", len(waiting[False]), _place_of(waiting[False], on), tone="red", note="没有登记不等于缺勤，请补登记"
    )
    return [today, before]


def _half_now(on):
    """Of today the afternoon waits from noon on; an earlier day counts whole."""
    now = timezone.localtime()
    return "am" if on == now.date() and now.hour < 12 else "pm"


def _place_of(waiting, on):
    """The one class's page where only one class waits, else the day's overview; the oldest first."""
    if not waiting:
        return reverse("students:attendance_day")
    day, half, pk = min(waiting)
    if len({entry[2] for entry in waiting}) == 1:
        return reverse("students:class_mark", args=[Organization.objects.get(pk=pk).public_id, day.isoformat(), half])
    return f"{reverse('students:attendance_day')}?on={day}"


def reasons_to_review(user):
    """Reasons entered by somebody else."""
    if not has_permission(user, "review_standing"):
        return None
    waiting = StandingProposal.objects.visible_to(user, "review_standing").filter(state="pending").exclude(proposed_by=user)
    return WorkItem("登记的去向待复核", waiting.count(), reverse("students:reason_list"))


def lists_to_approve(user):
    if not has_permission(user, "approve_import"):
        return None
    waiting = SourceSnapshot.objects.visible_to(user, "approve_import").filter(state=SourceSnapshot.State.STAGED)
    waiting = waiting.exclude(needs_second_person=True, received_by=user)
    return WorkItem("名单待批准入库", waiting.count(), reverse("students:snapshot_list"))


def lists_received(user):
    """A list the person sent that could not be read."""
    if not has_permission(user, "import_lists"):
        return None
    refused = SourceSnapshot.objects.visible_to(user, "import_lists").filter(state=SourceSnapshot.State.REFUSED, received_by=user)
    superseded = SourceSnapshot.objects.filter(state__in=["staged", "applied"], received_by=user).values_list("kind", "as_of")
    done = set(superseded)
    count = sum(1 for kind, as_of in refused.values_list("kind", "as_of") if (kind, as_of) not in done)
    return WorkItem("上传的名单不能读取，要改好再传", count, reverse("students:snapshot_list"), tone="red")


def matches_to_decide(user):
    if not has_permission(user, "decide_match"):
        return None
    waiting = matches.of_user(user, "decide_match").waiting()
    return WorkItem("匹配待人工确认", waiting.count(), reverse("students:match_list"))


def changes_to_decide(user):
    """Corrections that somebody else asked for."""
    if not has_permission(user, "approve_change"):
        return None
    waiting = ChangeRequest.objects.visible_to(user, "approve_change").waiting().exclude(requested_by=user)
    return WorkItem("更正申请待审批", waiting.count(), reverse("core:change_list"))


def changes_refused(user, on):
    """The person's own requests that were refused within the last days: to be asked anew, or left."""
    if not has_permission(user, "request_change"):
        return None
    refused = ChangeRequest.objects.filter(requested_by=user, state="refused", decided_at__date__gt=on - timedelta(days=REMINDED_DAYS))
    return WorkItem("您申请的更正未获同意，看理由", refused.count(), f"{reverse('core:change_list')}?part=mine")
