"""报到: the overview, a class's page by exception, who is missing, the visit in the first week; who boards."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import audit, scope
from core.forms import whole
from core.models import Organization
from core.workflow import Refused
from students import attendance
from students.actions import arriving_pupils, boarding
from students.forms.fields import DayField, StepForm
from students.models import Absentee, ArrivalSheet, Child
from students.reports import arrivals as report
from students.reports import boarding as boarding_report
from students.reports.export import note_of
from students.rules.ages import term_label, term_of
from students.views.exporting import sheet_response, workbook_response

NODE_KINDS = ("class", "school", "teaching_point")


class VisitForm(StepForm):
    on = DayField(label="走访日期")
    outcome = forms.ChoiceField(label="走访结果", choices=Absentee.Outcome.choices, widget=forms.RadioSelect)
    promised_on = DayField(label="约定哪天到校", required=False, future=True)
    promised_on.asked = True  # whether it has to be named depends on the outcome
    note = forms.CharField(label="走访情况", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))


@require_GET
def arrival_overview(request):
    scope.require(request.user, "see_children")
    on = timezone.localdate()
    term = term_of(on)
    rows = report.classes(request.user, "see_children", term, on)
    schools = report.summed(rows, "school", "school_name")
    return render(request, "students/arrival_overview.html", {
        "term": term_label(term), "on": on, "areas": report.summed(rows, "area_id", "area"), "schools": schools,
        "total": report.total(schools), "classes": rows,
        "schools_below": not rows and own_nodes(request.user).exists(),
        "few": len(schools) == 1 and scope.has_permission(request.user, "register_arrivals"),
        "may_count": scope.has_permission(request.user, "register_arrivals"),
    })  # fmt: skip


def own_nodes(user):
    return Organization.objects.visible_to(user, "see_children").filter(kind__in=NODE_KINDS)


def get_class(request, public_id):
    node = scope.get_visible(Organization.objects.select_related("parent"), request.user, "see_children", public_id=public_id)
    if node.kind not in NODE_KINDS:
        raise Http404
    scope.require(request.user, "register_arrivals", node)
    return node


@require_http_methods(["GET", "POST"])
def arrival_count(request, public_id):
    """One class: everybody came, but those marked."""
    node, on, refused = get_class(request, public_id), timezone.localdate(), ""
    if request.method == "POST":
        missing = read_missing(request)
        try:
            sheet = arriving_pupils.count(node=node, missing=missing, on=on, by=request.user, seen_version=read_seen(request))
        except arriving_pupils.CountChanged as changed:
            refused = f"{changed}{chosen_words(missing)}"
        except Refused as refusal:
            refused = str(refusal)
        else:
            messages.success(
                request, f"{label_of(node, on)}：应报到 {sheet.due} 人，已报到 {sheet.arrived} 人，未报到 {sheet.due - sheet.arrived} 人。"
            )
            return redirect("students:arrival_overview")
    audit.record_view("arrival_class_viewed", by=request.user, organization=node)
    return render(request, "students/arrival_count.html", class_page(node, on, refused), status=422 if refused else 200)


def chosen_words(missing):
    """Whom the form marked that was not saved: nothing that somebody entered is lost."""
    labels, children = dict(Absentee.Reason.choices), Child.objects.in_bulk(list(missing))
    named = "、".join(f"{children[pk].name}（{labels[reason]}）" for pk, reason in missing.items() if pk in children)
    return f"您这次标为未报到的：{named}。" if named else "您这次标的是全部已报到。"


def read_missing(request):
    """{child id: reason} of the rows that are not marked as come."""
    chosen = {}
    for name, value in request.POST.items():
        if name.startswith("child_") and whole(name[6:]) is not None and value in Absentee.Reason.values:
            chosen[whole(name[6:])] = value
    return chosen


def read_seen(request):
    return whole(request.POST.get("seen", ""))


def label_of(node, on):
    return attendance.class_of(node, on).label if node.kind == "class" else node.name


def class_page(node, on, refused=""):
    due = list(arriving_pupils.due_in(node, on))
    sheet = ArrivalSheet.objects.filter(term=term_of(on), node=node).select_related("counted_by").first()
    missing = dict(sheet.absentees.missing().values_list("child", "reason")) if sheet else {}
    ids = [entry.child_id for entry in due]
    boards, said = boarding.boards(ids, on), boarding.conflicts(ids, on)
    rows = [
        {"child": entry.child, "reason": missing.get(entry.child_id, ""), "boards": entry.child_id in boards,
         "said": boarding_report.words(said.get(entry.child_id))}
        for entry in due
    ]  # fmt: skip
    return {"node": node, "label": label_of(node, on), "rows": rows, "sheet": sheet,
            "reasons": Absentee.Reason.choices, "refused": refused, "on": on,
            "term": term_label(term_of(on)), "boarders": len(boards)}  # fmt: skip


@require_POST
def boarding_keep(request, public_id):
    node = get_class(request, public_id)
    chosen = [key for value in request.POST.getlist("boards") if (key := whole(value)) is not None]
    began, ended = boarding.keep(node=node, boarders=chosen, on=timezone.localdate(), by=request.user)
    messages.info(request, f"{label_of(node, timezone.localdate())}：今起住校新增 {began} 人，减少 {ended} 人。")
    return redirect("students:arrival_count", public_id=public_id)


@require_GET
def boarding_check(request):
    """Where a list contradicts who boards; nothing is changed here."""
    scope.require(request.user, "see_children")
    rows = boarding_report.contradicted(request.user, "see_children", timezone.localdate())
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    may_export = scope.has_permission(request.user, "export_lists")
    return render(request, "students/boarding_check.html", {"page_obj": page, "may_export": may_export and rows})


@require_POST
def boarding_check_export(request):
    scope.require(request.user, "see_children")
    scope.require(request.user, "export_lists")
    rows = boarding_report.contradicted(request.user, "export_lists", timezone.localdate())
    return sheet_response(request, "boarding_check_exported", lambda: boarding_report.sheet(rows), rows=len(rows))


@require_GET
def absentee_list(request):
    scope.require(request.user, "see_children")
    on = timezone.localdate()
    found = list(report.absentees(request.user, "see_children", term_of(on)))
    audit.record_view("absentees_viewed", by=request.user, rows=len(found))
    labels = report.labels_of(found, on)
    rows = [(row, report.told(row, labels), row.arrived_on is None and row.visited_on is None and row.visit_by < on) for row in found]
    nodes = scope.granted_nodes(request.user, "record_visit")
    return render(request, "students/absentee_list.html", {
        "rows": rows, "heads": report.HEADS, "term": term_label(term_of(on)), "on": on, "may_visit": bool(nodes),
        "may_export": scope.has_permission(request.user, "export_lists"),
    })  # fmt: skip


@require_POST
def absentee_export(request):
    scope.require(request.user, "see_children")
    scope.require(request.user, "export_lists")
    on = timezone.localdate()
    found = report.absentees(request.user, "export_lists", term_of(on))
    entry = audit.record_view("absentees_exported", by=request.user, rows=found.count())
    book = report.workbook(found, on=on, note=note_of(entry), term=term_label(term_of(on)))
    return workbook_response(book, f"未报到学生_{on:%Y%m%d}_{entry.number}.xlsx")


@require_http_methods(["GET", "POST"])
def absentee_visit(request, public_id):
    found = Absentee.objects.select_related("child", "sheet__node__parent")
    absentee = scope.get_visible(found, request.user, "see_children", public_id=public_id)
    if not set(scope.granted_nodes(request.user, "record_visit")) & set(absentee.child.scope_nodes):
        raise scope.Forbidden("您的角色不能记录走访，需要“记录走访”权限。")
    form = VisitForm(request.POST or None, today=timezone.localdate(), user=request.user)
    if form.is_valid() and visited(form, absentee, request.user):
        messages.success(request, f"{absentee.child.name}：走访已记下。")
        return redirect("students:absentee_list")
    audit.record_view("child_viewed", by=request.user, subject=absentee.child)
    return render(request, "students/absentee_visit.html", {"absentee": absentee, "form": form}, status=422 if form.is_bound else 200)


def visited(form, absentee, by):
    try:
        arriving_pupils.record_visit(absentee=absentee, by=by, **form.facts())
    except Refused as refusal:
        form.add_error(None, ValidationError(str(refusal)))
        return False
    return True
