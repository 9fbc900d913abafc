"""四查 and 铁脚板: coverage by place, a check entered, a child entered at the door from a phone."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from core import scope
from core.models import Organization
from core.workflow import Refused
from students.actions import checks, filling, found
from students.forms.field_survey import CheckForm, FoundForm
from students.models import FieldCheck, FoundChild
from students.reports import checks as report
from students.rules import ages

PAGE = 50


@require_GET
def check_list(request):
    scope.require(request.user, "see_children")
    term = request.GET.get("term") if request.GET.get("term") in terms() else ages.term_of(timezone.localdate())
    rows = report.coverage(term, Organization.objects.visible_to(request.user, "see_children"))
    done = FieldCheck.objects.visible_to(request.user, "see_children").filter(term=term).select_related("place", "by")
    return render(request, "students/check_list.html", {
        "term": ages.term_label(term), "terms": [(key, ages.term_label(key)) for key in terms()], "chosen": term, "rows": rows,
        "totals": report.totals(rows), "headings": [FieldCheck.What(what).label for what, _ in report.PER_TOWNSHIP],
        "page_obj": Paginator(done, PAGE).get_page(request.GET.get("page")),
        "may_record": scope.has_permission(request.user, checks.PERMISSION),
    })  # fmt: skip


def terms():
    today = timezone.localdate()
    return ages.terms_between(ages.term_of(today.replace(year=today.year - 7, day=1)), ages.term_of(today))[::-1]


@require_http_methods(["GET", "POST"])
def check_new(request):
    scope.require(request.user, checks.PERMISSION)
    form = CheckForm(request.POST or None, today=timezone.localdate(), user=request.user)
    if request.method == "POST" and form.is_valid():
        row = attempt(form, lambda: checks.record_check(by=request.user, **form.facts()))
        if row:
            messages.info(request, f"{row.get_what_display()}：{row.place.name}查 {row.checked} 人，发现问题 {row.problems} 人。")
            return redirect("students:check_list")
    return render(request, "students/check_new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_GET
def found_list(request):
    scope.require(request.user, "see_children")
    rows = FoundChild.objects.visible_to(request.user, "see_children").select_related("child", "village__parent", "by")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "may_report": scope.has_permission(request.user, found.PERMISSION)}
    context["may_fill"] = scope.has_permission(request.user, filling.PERMISSION)
    return render(request, "students/found_list.html", context)


@require_http_methods(["GET", "POST"])
def found_new(request):
    """From a phone: a child without registration or roll."""
    scope.require(request.user, found.PERMISSION)
    form = FoundForm(request.POST or None, today=timezone.localdate(), user=request.user)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: found.record_found_children(rows=[form.facts()], by=request.user))
        if made:
            messages.info(request, f"{made[0].child.name}已上报，临时编号 {made[0].number}。名单里有了证件号以后会并到一起。")
            return redirect("students:found_list")
    return render(request, "students/found_new.html", {"form": form}, status=422 if form.is_bound else 200)


def attempt(form, act):
    try:
        return act()
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
