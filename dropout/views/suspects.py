"""疑似名单: the account's children outside school; a person ticks those who become cases."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import audit
from core.scope import get_visible, has_permission, require
from dropout import actions
from dropout.codes import Source
from dropout.forms.opening import BatchForm, OpenForm
from dropout.models import Case
from dropout.reports import suspects as report
from dropout.views.loading import attempt
from students.forms import AccountForm
from students.models import Child
from students.reports.account import usual_day
from students.rules.ages import POINT

PAGE = 50


def read_question(request):
    """(form, question): what the address asks; the usual question where it asks nothing or nothing that can be answered."""
    today = timezone.localdate()
    usual = {"on": usual_day(today), "low": 6, "high": 15, "mode": POINT}
    form = AccountForm(usual | {key: request.GET[key] for key in usual if request.GET.get(key)})
    terms = form.cleaned_data if form.is_valid() else usual
    bucket = request.GET.get("bucket")
    return form, report.Question(**terms, bucket=bucket if bucket in report.BUCKETS else "neither", today=today)


@require_GET
def suspect_list(request):
    require(request.user, "see_cases")
    return render_list(request, None)


def render_list(request, batch):
    form, question = read_question(request)
    ids = question.ids(question.children(request.user, "see_cases"))
    show = request.GET.get("show") if request.GET.get("show") in ids else "open"
    page = Paginator(ids[show], PAGE).get_page(request.GET.get("page"))
    found = Child.objects.in_bulk(page.object_list)
    counts = [(key, label, len(ids[key])) for key, label in report.SHOWS.items()]
    return render(request, "dropout/suspect_list.html", {
        "may_see_account": has_permission(request.user, "see_account"),
        "form": form, "question": question, "buckets": report.BUCKETS.items(), "shows": counts, "show": show, "page_obj": page,
        "whole": sum(count for _, _, count in counts), "rows": report.rows_of([found[pk] for pk in page.object_list], question),
        "columns": report.CHILD_COLUMNS,
        "batch": batch or BatchForm(candidates=Child.objects.none(), today=question.today),
        "may_open": has_permission(request.user, "open_case"),
    }, status=422 if batch else 200)  # fmt: skip


@require_POST
def suspect_open(request):
    """The ticked rows become cases: a person's decision, with a reason each."""
    require(request.user, "open_case")
    _, question = read_question(request)
    candidates = question.parts(question.children(request.user, "open_case"))["open"]
    form = BatchForm(request.POST, candidates=candidates, today=question.today)
    if form.is_valid() and open_batch(form, question, request.user):
        count = len(form.cleaned_data["children"])
        messages.success(request, f"已列 {count} 个疑似个案，48 小时内要核实；进度在个案台账。")
        return redirect(f"{reverse('dropout:case_list')}?state=suspected")
    return render_list(request, form)


def open_batch(form, question, user):
    form.facts = lambda: {"rows": form.rows(), "on": form.cleaned_data["on"]}
    return attempt(form, actions.open_cases, source=Source.COMPARISON, rule=question.rule, by=user)


@require_http_methods(["GET", "POST"])
def case_open(request, public_id):
    """One child by hand: absence, a report of a school or a village, a list from above."""
    child = get_visible(Child.objects, request.user, "see_children", public_id=public_id)
    require(request.user, "open_case")
    audit.record_view("child_viewed", by=request.user, subject=child)
    form = OpenForm(request.POST or None, today=timezone.localdate())
    form.facts = lambda: form.cleaned_data
    if form.is_valid() and attempt(form, actions.open_case, child=child, by=request.user):
        case = Case.objects.filter(child=child).latest("episode")
        messages.success(request, f"已列为疑似个案 {case.number},48 小时内要核实。")
        return redirect("dropout:case_detail", public_id=case.public_id)
    return render(request, "dropout/case_open.html", {"form": form, "child": child}, status=422 if form.is_bound else 200)
