"""Probable matches: shown side by side, decided by a person; a rejection is remembered."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from core import audit, scope
from students.actions import matching
from students.forms import MatchDecisionForm
from students.models import Match
from students.reports import matches as report

PAGE = 50


@require_GET
def match_list(request):
    scope.require(request.user, "decide_match")
    state = request.GET.get("state") if request.GET.get("state") in Match.State.values else Match.State.OPEN
    found = report.of_user(request.user, "decide_match")
    counts = [(value, label, found.filter(state=value).count()) for value, label in Match.State.choices]
    page = Paginator(found.filter(state=state).order_by("odd__child__pinyin", "pk"), PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "rows": report.summaries(page.object_list), "state": state, "counts": counts}
    return render(request, "students/match_list.html", context)


@require_http_methods(["GET", "POST"])
def match_decide(request, public_id):
    match = report.of_user(request.user, "see_children").filter(public_id=public_id).first()
    if match is None:
        raise Http404
    scope.require(request.user, "decide_match")
    form = MatchDecisionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return decide(request, match, form.cleaned_data)
    if not form.is_bound:
        audit.record_view("match_page", by=request.user, subject=match)
    context = {"match": match, "sides": report.sides(match), "form": form, "why_not": matching.why_not_decide(match, request.user)}
    return render(request, "students/match_decide.html", context, status=422 if form.is_bound else 200)


def decide(request, match, given):
    matching.decide(match=match, same=given["same"], reason=given["reason"], by=request.user)
    if given["same"]:
        messages.success(request, f"已确认两条记录都是{match.odd.child.name}；总账的数字不变，不再提示。")
    else:
        messages.success(request, "已记为不是同一人：两条记录分开，总账随之重算；以后同样的名单不会再配在一起。")
    return redirect("students:match_list")
