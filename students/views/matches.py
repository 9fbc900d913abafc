"""Probable matches: shown side by side, decided by a person; a rejection is remembered."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import audit, scope
from students.actions import matching
from students.forms import MatchDecisionForm
from students.models import Match
from students.reports import matches as report
from students.reports import named_apart, unresolved
from students.views.exporting import sheet_response

PAGE = 50


@require_GET
def match_list(request):
    scope.require(request.user, "decide_match")
    found = report.of_user(request.user, "decide_match")
    counted = dict(found.order_by().values_list("state").annotate(Count("pk")))
    counts = [(value, label, counted.get(value, 0)) for value, label in Match.State.choices]
    state = chosen_state(request.GET.get("state"), counts)
    pages = Paginator(found.filter(state=state).order_by("odd__child__pinyin", "pk"), PAGE)
    pages.count = counted.get(state, 0)
    page = pages.get_page(request.GET.get("page"))
    context = {"page_obj": page, "rows": report.summaries(page.object_list), "state": state, "counts": counts}
    context["unresolved"] = unresolved.waiting(request.user, timezone.localdate()).filter(is_asked=False).count()
    context["may_export"] = scope.has_permission(request.user, "export_lists")
    return render(request, "students/match_list.html", context)


@require_GET
def naming_list(request):
    """Records that the lists give several names: spellings, or two children joined before anybody knew."""
    scope.require(request.user, "decide_match")
    page = Paginator(named_apart.of_user(request.user), PAGE).get_page(request.GET.get("page"))
    may_export = scope.has_permission(request.user, "export_lists")
    return render(request, "students/naming_list.html", {"page_obj": page, "lines": named_apart.lines(page), "may_export": may_export})


@require_POST
def naming_export(request):
    scope.require(request.user, "decide_match")
    scope.require(request.user, "export_lists")
    found = list(named_apart.of_user(request.user))
    return sheet_response(request, "namings_exported", lambda: named_apart.sheet(found), rows=len(found))


@require_POST
def match_export(request):
    """The matches of a state, side by side; numbers masked."""
    scope.require(request.user, "decide_match")
    scope.require(request.user, "export_lists")
    state = request.GET.get("state") if request.GET.get("state") in Match.State.values else Match.State.OPEN
    found = report.of_user(request.user, "decide_match").filter(state=state).order_by("odd__child__pinyin", "pk")
    return sheet_response(
        request, "matches_exported", lambda: report.sheet(found, Match.State(state).label), rows=found.count(), state=state
    )


def chosen_state(wanted, counts):
    """The part asked for; else the first where something waits."""
    if wanted in {value for value, _, _ in counts}:
        return wanted
    return next((value for value, _, count in counts[:2] if count), Match.State.OPEN)


@require_http_methods(["GET", "POST"])
def match_decide(request, public_id):
    match = report.of_user(request.user, "see_children").filter(public_id=public_id).first()
    if match is None:
        raise Http404
    scope.require(request.user, "decide_match")
    form = MatchDecisionForm(request.POST if request.method == "POST" else None, match=match)
    if form.is_valid():
        return decide(request, match, form.cleaned_data)
    if not form.is_bound:
        audit.record_view("match_page", by=request.user, subject=match.meant.child, match=str(match.public_id))
    context = {"match": match, "sides": report.sides(match), "form": form, "why_not": matching.why_not_decide(match, request.user)}
    return render(request, "students/match_decide.html", context, status=422 if form.is_bound else 200)


def decide(request, match, given):
    proposed = match.state == Match.State.CANDIDATE
    goes = given.get("owner") == "odd"
    matching.decide(match=match, same=given["same"], number_goes=goes, reason=given["reason"], by=request.user)
    if given["same"] and proposed:
        messages.success(request, f"两条记录已合并成{match.meant.child.name}一条，总账随之重算；在学生页可以撤销。")
    elif given["same"]:
        messages.success(request, f"已确认两条记录都是{match.odd.child.name}；总账的数字不变，不再提示。")
    elif goes:
        messages.success(request, f"已记为不是同一人：证件号改归{match.odd.child.name}，以后的名单按姓名分开；在学生页可以撤销。")
    elif proposed:
        messages.success(request, "已记为不是同一人：两条记录照旧分开，数字不变；以后不再提出这一对。")
    else:
        messages.success(request, "已记为不是同一人：两条记录分开，总账随之重算；以后同样的名单不会再配在一起。")
    return redirect("students:match_list")
