"""记一次劝返: the page at a family's door."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core import audit
from core.scope import get_visible
from core.workflow import Refused
from dropout import actions, workflow
from dropout.forms.visits import VisitForm
from dropout.models import Visit
from dropout.reports import case_page
from dropout.reports.cases import grade_text
from dropout.views.loading import attempt, get_case
from students.reports import contacts

FACTS = ("met", "mode", "reply", "promised_on", "notes", "next_on", "happened_on", "happened_at", "officers", "phone", "place")


@require_http_methods(["GET", "POST"])
def visit_record(request, public_id):
    case = get_case(request.user, public_id)
    refuse(case, request.user)
    form = form_of(request, case, {})
    if form.is_valid() and attempt(form, actions.record_visit, case=case, by=request.user):
        messages.success(request, said(case, form.cleaned_data))
        return redirect("dropout:case_detail", public_id=public_id)
    return render_visit(request, case, form, attempt_number=case.visits.standing().count() + 1)


@require_http_methods(["GET", "POST"])
def visit_correct(request, public_id):
    """A visit put right: a new row beside the old one, which stays."""
    visit = get_visible(Visit.objects.select_related("case__child"), request.user, "see_cases", public_id=public_id)
    case = get_case(request.user, visit.case.public_id)
    refuse(case, request.user)
    form = form_of(request, case, {name: getattr(visit, name) for name in FACTS})
    if form.is_valid() and attempt(form, actions.correct_visit, visit=visit, by=request.user):
        messages.success(request, f"第 {visit.attempt} 次走访已更正，原记录保留。")
        return redirect("dropout:case_detail", public_id=case.public_id)
    return render_visit(request, case, form, attempt_number=visit.attempt, corrects=visit)


def refuse(case, user):
    sentence = workflow.why_no_visit(case, user)
    if sentence:
        raise Refused(sentence)


def form_of(request, case, initial):
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    return VisitForm(*given, case=case, today=timezone.localdate(), user=request.user, initial=initial)


def render_visit(request, case, form, **more):
    audit.record_view("case_viewed", by=request.user, subject=case.child, organization=case.school or case.township, case=case.number)
    place = " · ".join(part for part in (grade_text(case), *(node.name for node in (case.school, case.village) if node)) if part)
    context = {"case": case, "form": form, "place": place, "promise": case_page.promise(case, timezone.localdate()), **more}
    context["contacts"] = contacts.of_child(case.child, timezone.localdate(), whole=True)[:3]
    return render(request, "dropout/visit_record.html", context, status=422 if form.is_bound else 200)


def said(case, facts):
    """What the saved visit sets in motion."""
    days = [day for day in (facts["promised_on"], facts["next_on"]) if day]
    follow = f"{min(days).isoformat()} 会提醒您跟进。" if days else "没有约定下次日期，请尽快再约。"
    return f"{case.child.name}的这次走访已记入个案。{follow}"
