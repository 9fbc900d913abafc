"""Change requests: what I asked for, what waits for my word; the values before and after, the proof, the decision."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from core import audit, scope
from core.actions import change_requests
from core.actions.change_requests import SUBJECTS, Stale
from core.forms import ReasonForm
from core.models import ChangeRequest
from core.models.change_request import CHANGE
from core.views.runs import attachment_response
from core.workflow import Refused

PAGE = 50
PARTS = (("waiting", "待审批"), ("mine", "我申请的"), ("done", "已办结"))


@require_GET
def change_list(request):
    scope.require(request.user, "request_change")
    seen = ChangeRequest.objects.visible_to(request.user, "request_change").select_related("requested_by", "decided_by")
    parts = {"waiting": seen.waiting(), "mine": seen.filter(requested_by=request.user), "done": seen.filter(decided_at__isnull=False)}
    part = request.GET.get("part") if request.GET.get("part") in parts else "waiting"
    page = Paginator(parts[part], PAGE).get_page(request.GET.get("page"))
    counts = [(key, label, parts[key].count()) for key, label in PARTS]
    rows = [{"request": row, "label": change_requests.field_of(row).label} for row in page]
    return render(request, "core/change_list.html", {"page_obj": page, "rows": rows, "part": part, "counts": counts})


def get_request(user, public_id):
    seen = ChangeRequest.objects.select_related("requested_by", "decided_by", "proof")
    return scope.get_visible(seen, user, "request_change", public_id=public_id)


@require_http_methods(["GET", "POST"])
def change_detail(request, public_id):
    change = get_request(request.user, public_id)
    if request.method == "POST":
        return step(request, change)
    audit.record_view("change_viewed", by=request.user, subject=change_requests.subject_of(change), request=str(change.public_id))
    return detail_page(request, change)


def detail_page(request, change, **more):
    changeable, subject = change_requests.field_of(change), SUBJECTS[change.subject_kind].find(change.subject_id)
    context = {
        "change": change, "label": changeable.label, "old": changeable.show(change.old), "new": changeable.show(change.new),
        "subject": subject, "form": ReasonForm(), "steps": steps_of(change, request.user), **more,
    }  # fmt: skip
    return render(request, "core/change_detail.html", context, status=more.get("status", 200))


def steps_of(change, user):
    """[(transition, sentence why not or None)] of what this person could do; only who asked withdraws."""
    return [
        (transition, why_not)
        for transition, why_not in CHANGE.open_to(change, user)
        if transition.name not in ("submit", "withdraw") or change.requested_by_id == user.pk
    ]


def step(request, change):
    """One step; a stale approval comes back with both values."""
    name, words = request.POST.get("step"), request.POST.get("reason", "")
    try:
        take(name, change, words, request.user)
    except Stale as stale:
        conflicts = [{"label": change_requests.field_of(change).label, "theirs": stale.now, "yours": stale.was}]
        return detail_page(request, change, stale=str(stale), conflicts=conflicts, status=409)
    messages.success(request, SAID[name])
    return redirect("core:change_detail", public_id=change.public_id)


SAID = {
    "submit": "已提交，等另一个人审批；此后内容不再改动。",
    "approve": "已按申请更正；以后的名单不会把它改回去。",
    "refuse": "已记为不予同意，申请人会在待办里看到。",
    "withdraw": "申请已撤回。",
}


def take(name, change, words, user):
    if name in ("submit", "withdraw"):
        getattr(change_requests, name)(request=change, by=user)
    elif name in ("approve", "refuse"):
        getattr(change_requests, name)(request=change, decision=words, by=user)
    else:
        raise Refused("没有这一步。")


@require_GET
def change_proof(request, public_id):
    change = get_request(request.user, public_id)
    if change.proof is None:
        raise Http404
    audit.record_view("change_proof_opened", by=request.user, subject=change_requests.subject_of(change), request=str(change.public_id))
    return attachment_response(change.proof)
