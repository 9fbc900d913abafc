"""Schools: the list with its figures, and one school's page."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import scope
from core.models import Organization
from students.filters import SCHOOL_KINDS
from students.forms import ReasonForm
from students.reports import schools as report
from students.views import unmasking

PAGE = 50


def schools_of(user):
    return Organization.objects.visible_to(user, "see_schools").filter(kind__in=SCHOOL_KINDS)


def get_school(user, public_id, permission="see_schools"):
    """The school that `public_id` names, within scope; 404 for any other node."""
    school = scope.get_visible(Organization.objects.select_related("parent", "profile__township"), user, permission, public_id=public_id)
    if school.kind not in SCHOOL_KINDS:
        raise Http404
    return school


@require_GET
def school_list(request):
    scope.require(request.user, "see_schools")
    on, text = timezone.localdate(), request.GET.get("q", "").strip()
    schools = schools_of(request.user).filter(name__icontains=text) if text else schools_of(request.user)
    page = Paginator(report.with_profiles(schools).order_by("code"), PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": report.rows(page.object_list, on),
        "q": text,
        "may_import": scope.has_permission(request.user, "import_lists"),
    }
    return render(request, "students/school_list.html", context)


@require_GET
def school_detail(request, public_id):
    on, school = timezone.localdate(), get_school(request.user, public_id)
    return render(request, "students/school_detail.html", {
        "school": school, "facts": report.facts(school), "sections": school.sections.filter(until=None).order_by("stage"),
        "classes": report.classes(school, on), "figures": report.figures([school], on)[school.pk], "people": report.people(school, on),
        "may_unmask": unmasking.may_unmask_roster(request.user, school), "unmasked": unmasking.is_roster_shown(request, school),
        "reason_form": ReasonForm(auto_id="unmask_%s"), "minutes": unmasking.MINUTES,
    })  # fmt: skip


@require_POST
def school_unmask(request, public_id):
    """The numbers of one school's roster, for thirty minutes."""
    school = get_school(request.user, public_id)
    scope.require(request.user, "reveal_numbers", school)
    form = ReasonForm(request.POST)
    if form.is_valid():
        unmasking.unmask(request, school, reason=form.cleaned_data["reason"], organization=school)
        messages.success(request, f"{unmasking.MINUTES} 分钟内，{school.name}的学生名册显示完整证件号；这次查看已进入审计记录。")
        return redirect(report.roster_url(school))
    messages.error(request, form["reason"].errors[0])
    return redirect("students:school_detail", public_id=public_id)
