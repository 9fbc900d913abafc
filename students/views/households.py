"""Households, one file each (一户一档): members, registrations, groups; scope by village."""

from io import BytesIO
from urllib.parse import quote

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import audit, scope
from core.forms import QuickSelect
from core.models import Organization
from students.actions.contacts import may_record
from students.models import Household, Tally
from students.reports import contacts
from students.reports import households as report
from students.reports.export import note_of
from students.views.exporting import workbook_response

PAGE = 50


@require_GET
def household_list(request):
    scope.require(request.user, "see_children")
    on, text = timezone.localdate(), request.GET.get("q", "").strip()
    villages = Organization.objects.visible_to(request.user, "see_children").filter(kind=Organization.Kind.VILLAGE)
    village = villages.filter(code=request.GET["village"]).first() if request.GET.get("village") else None
    found = Household.objects.visible_to(request.user, "see_children").select_related("village__parent")
    if village:
        found = found.filter(village__path__contains=[village.pk])
    if text:
        found = found.filter(Q(head_name__icontains=text) | Q(number=text))
    homes = found.exclude(village__kind=Organization.Kind.CLASS)  # leaves none out: it keeps the search for the first from walking them
    pages = Paginator(homes.order_by("village__code", "number"), PAGE)
    if not village and not text and scope.is_county_wide(request.user, "see_children"):
        pages.count = Tally.of(Tally.HOUSEHOLDS)
    page = pages.get_page(request.GET.get("page"))
    page.object_list = report.with_children(page.object_list, on)
    context = {"page_obj": page, "q": text, "village_list": village_list(villages, village), "village": village}
    return render(request, "students/household_list.html", context | {"may_import": scope.has_permission(request.user, "import_lists")})


def village_list(villages, chosen):
    """The villages to choose from, drawn."""
    named = villages.order_by("code").values_list("code", "parent__name", "name")
    choices = [("", "全部"), *((code, f"{above} · {name}") for code, above, name in named)]
    return QuickSelect({"class": "form-select", "id": "village"}, choices).render("village", chosen.code if chosen else "")


def get_household(user, public_id):
    """Through its village, or through a child in scope that is registered there."""
    household = Household.objects.reached_by(user, "see_children").select_related("village__parent").filter(public_id=public_id).first()
    if household is None:
        raise Http404
    return household


@require_GET
def household_detail(request, public_id):
    household, on = get_household(request.user, public_id), timezone.localdate()
    audit.record_view("household_page", by=request.user, subject=household, organization=household.village)
    members = report.members(household, request.user, on)
    context = {"household": household, "facts": report.facts(household), "members": members}
    context["sections"] = report.sections(members, request.user, on)
    lines = contacts.of_household(household, on, whole=may_record(request.user, household))
    return render(request, "students/household_detail.html", context | {"contact_lines": lines, "may_export": may_export(request.user)})


def may_export(user):
    return scope.has_permission(user, "export_lists")


@require_GET
def household_print(request, public_id):
    """The household on one sheet; its foot carries who printed it and the number that leads back to the audit row."""
    household, on = get_household(request.user, public_id), timezone.localdate()
    scope.require(request.user, "export_lists")
    entry = audit.record_view("household_printed", by=request.user, subject=household, organization=household.village)
    lines = contacts.of_household(household, on, whole=may_record(request.user, household))
    members = report.members(household, request.user, on)
    sections = report.sections(members, request.user, on)
    content = report.paper(household, members, lines, sections, stamp=note_of(entry), on=on)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(f'{report.TITLE}_{entry.number}.pdf')}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def household_export(request, public_id):
    household, on = get_household(request.user, public_id), timezone.localdate()
    scope.require(request.user, "export_lists")
    entry = audit.record_view("household_exported", by=request.user, subject=household, organization=household.village)
    target = BytesIO()
    members = report.members(household, request.user, on)
    report.workbook(target, household, members, report.sections(members, request.user, on), note=note_of(entry), on=on)
    target.seek(0)
    return workbook_response(target, f"{report.TITLE}_{entry.number}.xlsx")
