"""Two records of one child become one, one becomes two, and back: side by side, by whom, why."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import audit, scope
from core.scope import get_visible
from core.workflow import Refused
from students import filters
from students.actions import joining, telling_apart
from students.forms import ReasonForm
from students.forms.joining import ClaimsForm, MergeForm, SplitForm
from students.models import Child, MergeEvent
from students.reports import joining as report

SHOWN = 20


def get_child(user, public_id):
    child = get_visible(Child.objects.all(), user, "see_children", public_id=public_id)
    scope.require(user, "decide_match")
    return child


@require_http_methods(["GET", "POST"])
def record_join(request, public_id):
    """Which other record is the same child: proposed ones first, others by name or number. By POST: a number must not end in an address."""
    child = get_child(request.user, public_id)
    search = filters.read_search(request.POST.get("q", ""))
    others = Child.objects.visible_to(request.user, "decide_match").exclude(pk=child.pk)
    audit.record_view("merge_page", by=request.user, subject=child)
    found = filters.find(others, search).order_by("pinyin", "pk")[:SHOWN] if search else []
    context = {"child": child, "proposed": report.proposed(child), "found": found, "search": search, "shown": SHOWN}
    return render(request, "students/record_join.html", context)


@require_http_methods(["GET", "POST"])
def record_merge(request, public_id, other_id):
    child = get_child(request.user, public_id)
    other = get_visible(Child.objects.all(), request.user, "see_children", public_id=other_id)
    if child.pk == other.pk:
        raise Http404
    form = MergeForm(request.POST or None, one=child, other=other)
    why_not = joining.why_not_merge(other, child, request.user)
    if form.is_valid() and not why_not:
        return merge(request, form.cleaned_data)
    audit.record_view("merge_page", by=request.user, subject=child, other=str(other.public_id))
    context = {"child": child, "other": other, "form": form, "why_not": why_not, **report.comparison(child, other, timezone.localdate())}
    return render(request, "students/record_merge.html", context, status=422 if form.is_bound else 200)


def merge(request, given):
    kept, gone = given["kept"], given["gone"]
    event = joining.merge(source=gone, target=kept, reason=given["reason"], by=request.user)
    messages.success(request, f"两条记录已合并到{kept.name}，随之改归 {sum(event.counts.values())} 条记录；可以撤销。")
    return redirect("students:merge_detail", public_id=event.public_id)


@require_http_methods(["GET", "POST"])
def record_split(request, public_id):
    child = get_child(request.user, public_id)
    numbers = report.numbers_of(child)
    done = "选中的号码和它的名单行已成为另一条记录；以后的名单不会再把它们配在一起。"
    form = SplitForm(request.POST or None, numbers=numbers)
    return apart(request, child, form, split, done, "students/record_split.html", numbers=numbers)


def split(form, child, user):
    given = form.cleaned_data
    return joining.split(child=child, numbers=given["numbers"], reason=given["reason"], by=user)[0]


@require_http_methods(["GET", "POST"])
def record_claims(request, public_id):
    """One number, two children: which of the names under it are the other child's."""
    child = get_child(request.user, public_id)
    numbers = report.claims(child)
    done = "已分成两个孩子：以后的名单按姓名各归各的，不再并到一起；分错了可以撤销。"
    form = ClaimsForm(request.POST or None, numbers=numbers)
    return apart(request, child, form, part, done, "students/record_claims.html", numbers=numbers)


def part(form, child, user):
    given = form.cleaned_data
    return telling_apart.part(
        child=child, number=form.number, claims=given["claims"], goes=given["owner"] == "goes", reason=given["reason"], by=user
    )


def apart(request, child, form, act, done, template, **shown):
    """One record becomes two by `act(form, child, user)`, which gives the event; or the form again with what is against it."""
    if form.is_valid():
        try:
            event = act(form, child, request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect("students:merge_detail", public_id=event.public_id)
    audit.record_view("merge_page", by=request.user, subject=child)
    return render(request, template, {"child": child, "form": form, **shown}, status=422 if form.is_bound else 200)


def get_event(user, public_id):
    events = MergeEvent.objects.select_related("source", "target", "by", "undone_by", "snapshot")
    return get_visible(events, user, "see_children", public_id=public_id)


@require_GET
def merge_detail(request, public_id):
    event = get_event(request.user, public_id)
    scope.require(request.user, "decide_match")
    audit.record_view("merge_page", by=request.user, subject=event.target)
    context = {"event": event, "counts": report.counts_of(event), "why_not": joining.why_not_undo(event, request.user)}
    return render(request, "students/merge_detail.html", context | {"form": ReasonForm()})


@require_POST
def merge_undo(request, public_id):
    event = get_event(request.user, public_id)
    scope.require(request.user, "decide_match")
    form = ReasonForm(request.POST)
    if form.is_valid():
        joining.undo(event=event, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, "已撤销：两边的记录都回到办理之前；这个结论会记住，以后的名单不再改动它。")
    else:
        messages.error(request, form["reason"].errors[0])
    return redirect("students:merge_detail", public_id=public_id)
