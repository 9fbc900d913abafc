"""对不上的记录: rows that nothing ties to a child, each concluded by a person, remembered and undoable."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import audit, scope
from core.scope import get_visible
from core.workflow import Refused
from students import filters
from students.actions import concluding
from students.forms import ReasonForm
from students.forms.concluding import ConclusionForm
from students.models import Child, Resolution
from students.reports import unresolved as report
from students.views.exporting import sheet_response

PAGE, SHOWN = 50, 20
PARTS = (("open", "待判断"), ("asked", "已问提供单位"), ("concluded", "已有结论"))


@require_GET
def unresolved_list(request):
    scope.require(request.user, concluding.PERMISSION)
    waiting = report.waiting(request.user, timezone.localdate())
    found = {"open": waiting.filter(is_asked=False), "asked": waiting.filter(is_asked=True), "concluded": report.concluded(request.user)}
    part = request.GET.get("part") if request.GET.get("part") in found else "open"
    page = Paginator(found[part], PAGE).get_page(request.GET.get("page"))
    context = {"part": part, "page_obj": page, "counts": [(key, label, found[key].count()) for key, label in PARTS]}
    context |= {"lines": report.lines(page.object_list) if part != "concluded" else [], "reason_form": ReasonForm()}
    context["said"] = [(one, concluding.why_not_undo(one, request.user)) for one in page] if part == "concluded" else []
    return render(request, "students/unresolved_list.html", context)


def get_row(user, pk):
    row = report.waiting(user, timezone.localdate()).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@require_http_methods(["GET", "POST"])
def unresolved_decide(request, row):
    row = get_row(request.user, row)
    search = filters.read_search(request.POST.get("q", ""))
    children = Child.objects.visible_to(request.user, concluding.PERMISSION).exclude(pk=row.child_id)
    found = list(filters.find(children, search).order_by("pinyin", "pk")[:SHOWN]) if search else []
    near = list(report.near(row, request.user))
    form = ConclusionForm(request.POST if "conclude" in request.POST else None, children=children)
    form.fields["child"].widget.choices = choices(form, [*near, *found])
    if form.is_valid() and concluded(request, row, form):
        return redirect("students:unresolved_list")
    audit.record_view("match_page", by=request.user, subject=row.child or row.snapshot)
    context = {"line": report.lines([row])[0], "form": form, "why_not": concluding.why_not(row, request.user), "search": search}
    return render(
        request, "students/unresolved_decide.html", context | {"near": near, "found": found}, status=422 if form.is_bound else 200
    )


def choices(form, children):
    """Only those who are shown may be chosen in the drop-down; the form itself takes anybody in scope."""
    label = form.fields["child"].label_from_instance
    return [("", "—"), *((str(child.public_id), label(child)) for child in dict.fromkeys(children))]


def concluded(request, row, form):
    given = form.cleaned_data
    child = given["child"] if given["conclusion"] == Resolution.Conclusion.IS_CHILD else None
    try:
        said = concluding.conclude(row=row, conclusion=given["conclusion"], child=child, reason=given["reason"], by=request.user)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.success(request, f"{said.name}：{said.get_conclusion_display()}。以后的名单里同样的记录不再问；可以撤销。")
    return said


@require_POST
def unresolved_undo(request, public_id):
    said = get_visible(Resolution.objects.all(), request.user, "see_children", public_id=public_id)
    scope.require(request.user, concluding.PERMISSION)
    form = ReasonForm(request.POST)
    if form.is_valid():
        concluding.undo(said=said, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, f"{said.name}的结论已撤销，记录回到待判断。")
    else:
        messages.error(request, form["reason"].errors[0])
    return redirect("students:unresolved_list")


@require_POST
def unresolved_export(request):
    scope.require(request.user, concluding.PERMISSION)
    scope.require(request.user, "export_lists")
    rows = report.waiting(request.user, timezone.localdate())
    return sheet_response(request, "unresolved_exported", lambda: report.sheet(rows), rows=rows.count())
