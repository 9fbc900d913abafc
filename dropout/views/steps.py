"""Each step of a case is a form; the table of states says who may take it, and the same sentence refuses the POST."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core import audit
from core.workflow import Refused
from dropout import actions, codes, workflow
from dropout.actions.persuading import PeopleChanged
from dropout.forms import steps as forms
from dropout.reports import case_page
from dropout.views.loading import attempt, get_case


@dataclass(frozen=True)
class Step:
    """`then`: what saving sets in motion. `refusal(case, user)` for steps that are no transition."""

    form: type
    act: Callable
    submit: str
    then: str
    title: str = ""
    refusal: Callable | None = None
    template: str = "dropout/case_step.html"


STEPS = {
    "confirm": Step(forms.ConfirmForm, actions.confirm, "确认辍学", "确认后转入辍学台账，3 天内安排双线责任人，开始劝返。"),
    "assign": Step(forms.AssignForm, actions.assign, "安排责任人", "安排后进入劝返，7 天内第一次入户。", template="dropout/case_assign.html"),
    "propose_removal": Step(forms.RemovalForm, actions.propose_removal, "提出核减", "由教育局另一个人复核；同意之前仍在原来的台账上。"),
    "approve_removal": Step(
        forms.DecisionForm, actions.approve_removal, "同意核减", "同意后移出台账；有有效期的，到期自动恢复为疑似。", template="dropout/case_review.html"
    ),
    "reject_removal": Step(forms.ReasonedForm, actions.reject_removal, "退回核减", "退回后回到提出核减以前的状态。", template="dropout/case_review.html"),
    "reopen": Step(forms.ReasonedForm, actions.reopen, "恢复为疑似", "恢复后 2 天内重新核实。"),
    "record_return": Step(forms.ReturnForm, actions.record_return, "登记返校", "登记后 7 天内由学校安置。"),
    "consolidate": Step(forms.PlacementForm, actions.consolidate, "登记安置", "进入巩固期，由学校登记出勤，满规定天数后提出销号。"),
    "drop_again": Step(forms.ReasonedForm, actions.drop_again, "登记再次辍学", "回到劝返中，列为重点，3 天内入户。"),
    "propose_close": Step(forms.CloseForm, actions.propose_close, "提出销号", "由教育局另一个人批准；批准之前仍在台账上。"),
    "close": Step(forms.DecisionForm, actions.approve_close, "批准销号", "销号后移出台账；再次辍学另立个案。", template="dropout/case_review.html"),
    "reject_close": Step(forms.ReasonedForm, actions.reject_close, "退回销号", "退回后继续巩固。", template="dropout/case_review.html"),
    "people": Step(forms.AssignForm, actions.assign, "保存责任人", "原责任人保留任职日期。", "调整责任人", workflow.why_no_people, "dropout/case_assign.html"),
    "attendance": Step(forms.AttendanceForm, actions.record_attendance, "登记出勤", "登记人不能再提出或批准这个个案的销号。", "登记出勤", workflow.why_no_attendance),
    "proof": Step(forms.ProofForm, actions.add_return_proof, "补充返校证明", "照片会去掉拍摄地点等信息后保存。", "补充返校证明", workflow.why_no_proof),
}  # fmt: skip


@require_http_methods(["GET", "POST"])
def case_transition(request, public_id, name):
    """One step: 404 out of scope, 403 with the sentence where it may not be taken now, the form with its errors otherwise."""
    case = get_case(request.user, public_id)
    if name not in STEPS:
        raise Http404
    step = STEPS[name]
    refuse_step(case, name, step, request.user)
    if name == "propose_removal" and request.GET.get("reason") not in dict(codes.REMOVAL_CHOICES):
        return choose_reason(request, case)
    form = form_of(request, case, step)
    if form.is_valid() and attempt(form, step.act, case=case, by=request.user):
        messages.success(request, f"{case.child.name}：已{step.submit}。{step.then}")
        return redirect("dropout:case_detail", public_id=public_id)
    return render_step(request, case, name, step, form)


def refuse_step(case, name, step, user):
    sentence = step.refusal(case, user) if step.refusal else workflow.why_not(case, name, user)
    if sentence:
        raise Refused(sentence)


def form_of(request, case, step):
    more = {"reason": request.GET["reason"]} if step.form is forms.RemovalForm else {}
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    return step.form(*given, case=case, today=timezone.localdate(), user=request.user, **more)


def choose_reason(request, case):
    """The reasons with what each demands; choosing one leads to its form."""
    audit.record_view("case_viewed", by=request.user, subject=case.child, organization=case.school or case.township, case=case.number)
    reasons = [(reason, codes.evidence_sentence(reason.code)) for reason in codes.REASONS]
    return render(request, "dropout/removal_reasons.html", {"case": case, "reasons": reasons})


def render_step(request, case, name, step, form):
    audit.record_view("case_viewed", by=request.user, subject=case.child, organization=case.school or case.township, case=case.number)
    title = step.title or workflow.CASE.table[name].label
    basis = workflow.CASE.table[name].basis if name in workflow.CASE.table else ""
    context = {"case": case, "form": form, "step": step, "name": name, "title": title, "basis": basis, "facts": case_page.facts(case)}
    if name == "propose_removal":
        context["evidence_sentence"] = codes.evidence_sentence(form.reason.code)
    if step.template == "dropout/case_review.html":
        context |= case_page.review(case)
    stale = form.is_bound and form.has_error(NON_FIELD_ERRORS, PeopleChanged.__name__)
    return render(request, step.template, context, status=409 if stale else 422 if form.is_bound else 200)
