"""Applying for a roll change, and each step of one: a form each, refused by the same sentence that disables its button."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core import audit, scope
from core.pictures import PictureRefused
from core.workflow import Refused
from students import workflow
from students.actions import arriving, calling, roll_changes
from students.forms import roll_changes as forms
from students.models import Child
from students.reports import roll_change_page
from students.rules import roll_changes as rules
from students.views.roll_changes import get_change, own_schools

BOTH = ["GET", "POST"]


@dataclass(frozen=True)
class Step:
    form: type
    act: Callable
    then: str


STEPS = {
    "agree": Step(forms.NoteForm, roll_changes.agree, "送教育局核办；休学、转学有一部分会由教育局打电话向家长核实。"),
    "hand_on": Step(forms.NoteForm, roll_changes.agree, "送对方学校，对方在规定的工作日内核办。"),
    "accept": Step(forms.AcceptForm, roll_changes.accept, "送教育局核办。"),
    "approve": Step(forms.NoteForm, roll_changes.approve, "办结后学籍、在校和去向从生效日期起改变；办错的可以撤销。"),
    "send_back": Step(forms.ReasonedForm, roll_changes.send_back, "学校补正后可以重新提交。"),
    "resubmit": Step(forms.ResubmitForm, roll_changes.resubmit, "重新由本校校长审核。"),
    "withdraw": Step(forms.ReasonedForm, roll_changes.withdraw, "撤回后这项申请不再办理，可以另行申请。"),
    "undo": Step(forms.ReasonedForm, roll_changes.undo, "学籍、在校和去向恢复到办结以前；原记录保留。"),
}  # fmt: skip


def attempt(form, act, **arguments):
    """Run the act with the form's facts. None, and the sentence in the form, where it was refused; else what it returns."""
    try:
        return act(**arguments, **form.facts())
    except (Refused, PictureRefused) as refusal:
        form.add_error(None, ValidationError(str(refusal)))
        return None


@require_http_methods(BOTH)
def roll_change_step(request, public_id, name):
    change = get_change(request.user, public_id)
    if name not in STEPS:
        raise Http404
    step, transition = STEPS[name], workflow.ROLL_CHANGE.table[name]
    workflow.require(change, name, request.user)
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = step.form(*given, change=change, today=timezone.localdate(), user=request.user)
    if form.is_valid() and attempt(form, step.act, change=change, by=request.user):
        messages.success(request, f"{change.child.name}：{transition.label}。{step.then}")
        return redirect("students:roll_change_detail", public_id=public_id)
    audit.record_view("roll_change_viewed", by=request.user, subject=change.child, change=change.number)
    page = roll_change_page.page(change, request.user, timezone.localdate())
    context = {**page, "form": form, "title": transition.label, "basis": transition.basis, "then": step.then, "name": name}
    return render(request, "students/roll_change_step.html", context, status=422 if form.is_bound else 200)


@require_http_methods(BOTH)
def roll_change_call(request, public_id):
    """The call to the guardian: whoever calls sees the telephone in full."""
    change = get_change(request.user, public_id)
    sentence = workflow.why_no_call(change, request.user)
    if sentence:
        raise Refused(sentence)
    form = forms.CallForm(request.POST or None, change=change, today=timezone.localdate(), user=request.user)
    if form.is_valid() and attempt(form, calling.record_call, change=change, by=request.user):
        messages.success(request, f"{change.child.name}：通话结果已记下。")
        return redirect("students:roll_change_detail", public_id=public_id)
    audit.record_view("guardian_phone_viewed", by=request.user, subject=change.child, change=change.number)
    page = roll_change_page.page(change, request.user, timezone.localdate())
    context = {**page, "form": form, "phone": change.child.phone, "guardian": change.child.guardian_name}
    return render(request, "students/roll_change_call.html", context, status=422 if form.is_bound else 200)


@require_http_methods(BOTH)
def roll_change_start(request, public_id):
    """For a child in scope: the kinds first, then the form of one."""
    child = scope.get_visible(Child.objects.all(), request.user, "see_children", public_id=public_id)
    scope.require(request.user, "start_roll_change")
    audit.record_view("child_viewed", by=request.user, subject=child)
    present = roll_changes.present_enrolment(child)
    kind = rules.KIND.get(request.GET.get("kind", ""))
    school = present.school if present else None
    if kind is None or kind.starts_from == "away" or school is None:
        return choose_kind(request, child, present)
    receives = school if kind.opens and "target_school" not in kind.asks else None
    form = change_form(request, kind, present.stage, present.grade, leaves=school, receives=receives)
    made = form.is_valid() and attempt(form, roll_changes.start, child=child, school=school, by=request.user)
    return answer(request, made, form, kind, child, school)


def choose_kind(request, child, present):
    """What may be applied for, with the papers each wants; what the stage forbids is said, not hidden."""
    suspended = roll_changes.is_suspended(child)
    wanted = "suspended" if suspended else "here"
    kinds = [(kind, why_not_kind(kind, present)) for kind in rules.KINDS if present and kind.starts_from == wanted]
    kinds = [(kind, sentence, papers_of(kind)) for kind, sentence in kinds]
    return render(request, "students/roll_change_kinds.html", {"child": child, "present": present, "kinds": kinds, "suspended": suspended})


def why_not_kind(kind, present):
    return rules.why_not_stage(kind, present.stage) or rules.why_not_grade(kind, present.stage, present.grade)


def papers_of(kind):
    return "；".join("或".join(rules.EVIDENCE[code] for code in group) for group in kind.evidence)


def change_form(request, kind, stage, grade, **schools):
    given = (request.POST, request.FILES) if request.method == "POST" and "effective_on" in request.POST else (None, None)
    about = {"kind": kind.code, "stage": stage, "grade": grade, **schools}
    return forms.ChangeForm(*given, **about, today=timezone.localdate(), user=request.user)


def answer(request, made, form, kind, child, school, template="students/roll_change_start.html", **more):
    if made:
        messages.success(request, f"{child.name}：{kind.label}已申请，编号 {made.number}，由本校校长审核。")
        return redirect("students:roll_change_detail", public_id=made.public_id)
    context = {"form": form, "kind": kind, "child": child, "school": school, "papers": papers_of(kind), **more}
    return render(request, template, context, status=422 if form.is_bound else 200)


@require_http_methods(BOTH)
def roll_change_arrival(request):
    """转入: who comes is named by name and number, wherever the child is now; then the same form as for the others."""
    scope.require(request.user, "start_roll_change")
    who = forms.ArrivalForm(request.POST or None, schools=own_schools(request.user))
    child = who.is_valid() and find_arriving(request, who)
    if not child:
        return render(request, "students/roll_change_arrival.html", {"form": who}, status=422 if who.is_bound else 200)
    kind, target, present = rules.KIND[who.cleaned_data["kind"]], who.cleaned_data["school"], roll_changes.present_enrolment(child)
    form = change_form(request, kind, present.stage if present else "", present.grade if present else None, receives=target)
    form.fields.pop("target_school", None)
    more = {"asked_by_target": True, "school": present.school if present else None} if kind.code == "transfer" else {"school": None}
    made = form.is_valid() and attempt(form, roll_changes.start, child=child, by=request.user, target_school=target, **more)
    return answer(request, made, form, kind, child, target, "students/roll_change_start.html", who=who)


def find_arriving(request, who):
    """The child named, or None with the sentence in the form."""
    facts = {name: who.cleaned_data[name] for name in ("name", "number", "school")}
    try:
        child = arriving.child_of(**facts, on=timezone.localdate(), by=request.user)
        refuse_elsewhere(who.cleaned_data["kind"], child)
    except Refused as refusal:
        who.add_error(None, ValidationError(str(refusal)))
        return None
    return child


def refuse_elsewhere(kind, child):
    if kind == "transfer" and roll_changes.present_enrolment(child) is None:
        raise Refused("这名学生不在本县任何学校的学籍上，请选“县外转入”。")
