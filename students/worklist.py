"""What waits for a person in the students app."""

from django.urls import reverse

from core.scope import has_permission
from core.worklist import WorkItem
from students.models import Match, SourceSnapshot
from students.reports import matches


def summary(user, on):
    """Lists that wait for approval and matches that wait for a word, for those who may give either."""
    return [item for item in (lists_to_approve(user), lists_received(user), matches_to_decide(user)) if item and item.count]


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
    waiting = matches.of_user(user, "decide_match").filter(state=Match.State.OPEN)
    return WorkItem("匹配待人工确认", waiting.count(), reverse("students:match_list"))
