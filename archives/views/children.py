"""One child, one page: composed of what each app knows; every read of it is recorded."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import audit, scope
from core.models import Organization
from dropout import worklist
from dropout.models import Case
from students.forms import ReasonForm
from students.models import Child
from students.reports import contacts
from students.reports.children import of_kind, with_present_facts
from students.reports.portrait import portrait
from students.views import unmasking


def get_child(user, public_id):
    """The child that `public_id` names, within scope. A record merged into another is not found: the other one is."""
    child = scope.get_visible(Child.objects.all(), user, "see_children", public_id=public_id)
    return with_present_facts([child], timezone.localdate())[0]


@require_GET
def child_detail(request, public_id):
    child = get_child(request.user, public_id)
    on = timezone.localdate()
    shown = is_shown(request, child)
    audit.record_view("child_page", by=request.user, subject=child, full_numbers=shown)
    return render(request, "archives/child_detail.html", {
        "child": child, "on": on, "portrait": portrait(child, on, shown=shown, user=request.user), "shown": shown,
        "minutes": unmasking.MINUTES,
        "contact_lines": contacts.of_child(child, on, whole=contacts.may_see_whole(request.user, child)),
        "may_request": scope.has_permission(request.user, "request_change"),
        "may_decide": scope.has_permission(request.user, "decide_match"), "may_unmask": unmasking.may_unmask(request.user, child),
        "reason_form": ReasonForm(), **cases_of(child, request.user),
        "roll": of_kind(child, "roll"), "attending": of_kind(child, "attending"),
        "unmask_url": reverse("archives:child_unmask", args=[child.public_id]),
    })  # fmt: skip


def is_shown(request, child):
    """Whether the numbers stand open: for this child, or for the roster of a school where the child is now."""
    if unmasking.is_unmasked(request, child):
        return unmasking.may_unmask(request.user, child)
    schools = Organization.objects.filter(pk__in={fact.school.pk for fact in child.present_enrolments})
    return any(unmasking.is_unmasked(request, school) for school in schools) and unmasking.may_unmask(request.user, child)


@require_POST
def child_unmask(request, public_id):
    child = get_child(request.user, public_id)
    if not unmasking.may_unmask(request.user, child):
        raise scope.Forbidden("您的角色不能查看这名儿童的完整证件号。需要时请向业务管理员申请。")
    form = ReasonForm(request.POST)
    if form.is_valid():
        unmasking.unmask(request, child, reason=form.cleaned_data["reason"])
    else:
        messages.error(request, form["reason"].errors[0])
    return redirect("archives:child_detail", public_id=public_id)


def cases_of(child, user):
    """The dropout cases that `user` may see, and the child itself where a new one may be opened."""
    may_open = (
        Child.objects.visible_to(user, "open_case").filter(pk=child.pk).exists() and not Case.objects.open().filter(child=child).exists()
    )
    return {"cases": worklist.cases_of(child, user), "open_child": child if may_open else None}
