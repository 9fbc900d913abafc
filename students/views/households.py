"""Households, one file each (一户一档): members, registrations, groups; scope by village."""

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core import audit, scope
from core.models import Organization
from students.models import Household
from students.reports import households as report

PAGE = 50


@require_GET
def household_list(request):
    scope.require(request.user, "see_children")
    on, text = timezone.localdate(), request.GET.get("q", "").strip()
    villages = Organization.objects.visible_to(request.user, "see_children").filter(kind=Organization.Kind.VILLAGE)
    village = villages.filter(code=request.GET.get("village", "")).first()
    found = Household.objects.visible_to(request.user, "see_children").select_related("village__parent")
    if village:
        found = found.filter(village__path__contains=[village.pk])
    if text:
        found = found.filter(Q(head_name__icontains=text) | Q(number=text))
    found = found.annotate(children_now=Count("registrations__child", distinct=True, filter=report.present(on))).order_by(
        "village__code", "number"
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "q": text, "villages": villages.select_related("parent").order_by("code"), "village": village}
    return render(request, "students/household_list.html", context | {"may_import": scope.has_permission(request.user, "import_lists")})


@require_GET
def household_detail(request, public_id):
    on = timezone.localdate()
    household = scope.get_visible(Household.objects.select_related("village__parent"), request.user, "see_children", public_id=public_id)
    audit.record_view("household_page", by=request.user, subject=household, organization=household.village)
    context = {"household": household, "facts": report.facts(household), "members": report.members(household, request.user, on)}
    return render(request, "students/household_detail.html", context)
