"""更正出勤: a new row that names the wrong one, which stays."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core import audit
from core.scope import get_visible
from core.workflow import Refused
from dropout import actions, workflow
from dropout.forms.steps import AttendanceForm
from dropout.models import AttendanceCount
from dropout.reports import case_page
from dropout.views.loading import attempt, get_case
from dropout.views.steps import STEPS

FACTS = ("first_on", "last_on", "school_days", "present")


@require_http_methods(["GET", "POST"])
def attendance_correct(request, public_id):
    row = get_visible(AttendanceCount.objects.select_related("case__child"), request.user, "see_cases", public_id=public_id)
    case = get_case(request.user, row.case.public_id)
    sentence = workflow.why_no_attendance(case, request.user)
    if sentence:
        raise Refused(sentence)
    initial = {name: getattr(row, name) for name in FACTS}
    form = AttendanceForm(request.POST or None, case=case, today=timezone.localdate(), user=request.user, initial=initial)
    if form.is_valid() and attempt(form, actions.record_attendance, case=case, corrects=row, by=request.user):
        messages.success(request, f"{case.child.name}：{row.first_on} 至 {row.last_on} 的出勤已更正，原记录保留。")
        return redirect("dropout:case_detail", public_id=case.public_id)
    return render_correction(request, case, form)


def render_correction(request, case, form):
    audit.record_view("case_viewed", by=request.user, subject=case.child, organization=case.school or case.township, case=case.number)
    context = {"case": case, "form": form, "step": STEPS["attendance"], "name": "attendance_correct", "title": "更正出勤"}
    context["facts"] = case_page.facts(case)
    return render(request, "dropout/case_step.html", context, status=422 if form.is_bound else 200)
