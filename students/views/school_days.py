"""校历: which days a school teaches; kept by the school, for all schools by the bureau."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import scope
from core.models import Organization
from students.actions import school_days as actions
from students.forms.school_days import DeclareForm, TermForm
from students.models import SchoolDay
from students.reports import school_days as report
from students.views.schools import schools_of

PAGE = 50
KEPT_BY = ("bureau", "education_group", "school", "teaching_point")


def get_node(user, public_id, permission="see_schools"):
    node = scope.get_visible(Organization.objects.all(), user, permission, public_id=public_id)
    if node.kind not in KEPT_BY:
        raise Http404
    return node


@require_GET
def calendar_list(request):
    """The schools in scope with their days of the month; the one school of a person who has one is opened at once."""
    scope.require(request.user, "see_schools")
    today, text = timezone.localdate(), request.GET.get("q", "").strip()
    schools = schools_of(request.user).order_by("code")
    if not text and len(only := list(schools[:2])) == 1:
        return redirect("students:calendar_detail", public_id=only[0].public_id)
    first = report.month_of(request.GET.get("month"), today)
    page = Paginator(schools.filter(name__icontains=text) if text else schools, PAGE).get_page(request.GET.get("page"))
    return render(request, "students/calendar_list.html", list_context(request.user, page, first, text))


def list_context(user, page, first, text, form=None):
    county = scope.root()
    return {
        "page_obj": page, "rows": report.school_lines(page.object_list, first), "first": first, "q": text, "terms": report.terms(),
        "before": report.neighbour(first, -1), "after": report.neighbour(first, 1),
        "county": county if county and scope.may(user, "see_schools", county) else None,
        "term_form": form or (TermForm(auto_id="term_%s") if scope.has_permission(user, "keep_terms") else None),
    }  # fmt: skip


@require_GET
def calendar_detail(request, public_id):
    node = get_node(request.user, public_id)
    return show(request, node, DeclareForm(initial={"every": "1"}))


def show(request, node, form):
    today = timezone.localdate()
    first = report.month_of(request.GET.get("month"), today)
    page = report.month_page(node, first, today)
    context = {"node": node, **page, "form": form if scope.may(request.user, "keep_calendar", node) else None, "terms": report.terms()}
    return render(request, "students/calendar_detail.html", context, status=422 if form.is_bound else 200)


@require_POST
def calendar_declare(request, public_id):
    node = get_node(request.user, public_id)
    scope.require(request.user, "keep_calendar", node)
    form = DeclareForm(request.POST)
    if not form.is_valid():
        return show(request, node, form)
    made, replaced = actions.declare(node=node, by=request.user, **form.facts())
    messages.success(request, declared_sentence(node, made, replaced))
    first = form.cleaned_data["first"]
    return redirect(f"{reverse('students:calendar_detail', args=[node.public_id])}?month={first:%Y-%m}")


def declared_sentence(node, made, replaced):
    if not made:
        return "这些天已经这样登记过，没有变化。"
    more = f"，其中 {replaced} 天改了原来的安排，原安排保留可查" if replaced else ""
    return f"{node.name}登记了 {len(made)} 天{more}。缺勤计时和在校天数按新校历计算。"


@require_POST
def calendar_withdraw(request, public_id):
    day = scope.get_visible(SchoolDay.objects.select_related("node"), request.user, "see_schools", public_id=public_id)
    actions.withdraw(day=day, by=request.user)
    messages.success(request, f"{day.on} 的安排已取消，这一天按上级校历和工作日计算。")
    return redirect(f"{reverse('students:calendar_detail', args=[day.node.public_id])}?month={day.on:%Y-%m}")


@require_POST
def term_set(request):
    """A term of the county: its first and last day."""
    scope.require(request.user, "keep_terms")
    form = TermForm(request.POST, auto_id="term_%s")
    if form.is_valid():
        term = actions.set_term(by=request.user, **form.cleaned_data)
        messages.success(request, f"{term}：{term.starts} 至 {term.ends}。此外的日子按假期计算，学校另有安排的除外。")
        return redirect("students:calendar_list")
    first = report.month_of("", timezone.localdate())
    page = Paginator(schools_of(request.user).order_by("code"), PAGE).get_page(1)
    return render(request, "students/calendar_list.html", list_context(request.user, page, first, "", form), status=422)
