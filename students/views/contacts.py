"""联系方式: of a child or a whole household, entered on a phone; what ended stays as history."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import audit, scope
from core.scope import Forbidden, get_visible
from students.actions import contacts
from students.forms.contacts import ContactForm
from students.models import Child, Contact, Household
from students.reports import contacts as report


def get_child(user, public_id):
    return get_visible(Child.objects.all(), user, "see_children", public_id=public_id)


def get_household(user, public_id):
    """Through its village, or through a child in scope that is registered there."""
    household = Household.objects.reached_by(user, "see_children").filter(public_id=public_id).first()
    if household is None:
        raise Http404
    return household


@require_GET
def child_contacts(request, public_id):
    child = get_child(request.user, public_id)
    whole = report.may_see_whole(request.user, child)
    return listed(request, {"child": child}, report.of_child(child, timezone.localdate(), whole=whole))


@require_GET
def household_contacts(request, public_id):
    household = get_household(request.user, public_id)
    whole = contacts.may_record(request.user, household)
    return listed(request, {"household": household}, report.of_household(household, timezone.localdate(), whole=whole))


def listed(request, owner, lines):
    (subject,) = owner.values()
    audit.record_view("contacts_page", by=request.user, subject=subject)
    context = {"lines": lines, "subject": subject, "may_record": contacts.may_record(request.user, subject), "add_url": add_url(subject)}
    return render(request, "students/contact_list.html", context | owner)


def add_url(subject):
    name = "students:child_contact_record" if isinstance(subject, Child) else "students:household_contact_record"
    return reverse(name, args=[subject.public_id])


def list_url(subject):
    name = "students:child_contacts" if isinstance(subject, Child) else "students:household_contacts"
    return reverse(name, args=[subject.public_id])


@require_http_methods(["GET", "POST"])
def child_contact_record(request, public_id):
    return enter(request, {"child": get_child(request.user, public_id)})


@require_http_methods(["GET", "POST"])
def household_contact_record(request, public_id):
    return enter(request, {"household": get_household(request.user, public_id)})


def enter(request, owner):
    (subject,) = owner.values()
    if not contacts.may_record(request.user, subject):
        raise Forbidden(contacts.NO_RIGHT)
    form = ContactForm(request.POST or None, today=timezone.localdate(), user=request.user)
    if form.is_valid():
        new = contacts.record(rows=[{**owner, **form.cleaned_data}], by=request.user)
        messages.success(request, "已登记，走访和打印都用它；原来的不再用的请点“结束”。" if new else "已经登记过同样的一条，没有重复登记。")
        return redirect(list_url(subject))
    audit.record_view("contacts_page", by=request.user, subject=subject)
    context = {"form": form, "subject": subject, "back_url": list_url(subject), **owner}
    return render(request, "students/contact_record.html", context, status=422 if form.is_bound else 200)


@require_POST
def contact_end(request, public_id):
    scope.require(request.user, "see_children")
    contact = get_visible(Contact.objects.select_related("child", "household"), request.user, "see_children", public_id=public_id)
    contacts.end(contact=contact, on=timezone.localdate(), by=request.user)
    messages.success(request, "这一条已结束，留在历史里。")
    return redirect(list_url(contact.owner))
