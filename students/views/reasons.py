"""Reasons for children whom the lists do not explain: chosen on a list of names or brought in a workbook, decided by another person."""

import tempfile
from io import BytesIO

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import audit, files, scope
from core.actions.uploads import store_upload
from core.forms import whole
from core.pictures import PictureRefused
from core.spreadsheets import WorkbookRefused
from core.workflow import Refused
from students.actions import explaining
from students.forms import ReasonsFileForm, ReasonsForm
from students.imports.standings import read_reasons
from students.models import Child, StandingProposal
from students.reports.account import usual_day
from students.rules.standings import full_label

MOST = 500


@require_GET
def reason_list(request):
    scope.require(request.user, "see_account")
    proposals = StandingProposal.objects.visible_to(request.user, "see_account").select_related("organization", "proposed_by", "decided_by")
    today = usual_day(timezone.localdate())
    return render(request, "students/reason_list.html", {
        "proposals": proposals.prefetch_related("lines")[:100], "file_form": ReasonsFileForm(initial={"on": today}),
        "may_record": scope.has_permission(request.user, explaining.PROPOSE),
    })  # fmt: skip


def chosen_children(request):
    """The ticked children within the person's scope; others are not there."""
    given = [key for text in request.POST.getlist("child") if (key := whole(text)) is not None][:MOST]
    return list(Child.objects.visible_to(request.user, explaining.PROPOSE).filter(pk__in=given).order_by("pinyin", "pk"))


@require_POST
def reason_new(request):
    """The form for the ticked children; with a reason given, the batch is proposed."""
    scope.require(request.user, explaining.PROPOSE)
    children = chosen_children(request)
    if not children:
        messages.error(request, "没有选中学生。请在名单里勾选后再登记去向。")
        return redirect("students:status_account")
    begins = {"since": usual_day(timezone.localdate())}
    form = ReasonsForm(request.POST if "meaning" in request.POST else None, request.FILES or None, initial=begins)
    if form.is_bound and form.is_valid():
        made = attempt(form, lambda: propose_chosen(request, form, children))
        if made:
            return redirect("students:reason_detail", public_id=made.public_id)
    status = 422 if form.is_bound else 200
    return render(request, "students/reason_new.html", {"form": form, "children": children}, status=status)


def propose_chosen(request, form, children):
    upload = form.cleaned_data["proof"]
    proof = store_upload(upload, request.user) if upload else None
    rows = [form.facts() | {"child": child} for child in children]
    return explaining.propose(rows=rows, by=request.user, organization=scope.home_node(request.user), proof=proof)


def attempt(form, act):
    """What `act` gives, or None with its refusal said on the form."""
    try:
        return act()
    except (Refused, PictureRefused, WorkbookRefused) as refusal:
        form.add_error(None, str(refusal))
        return None


@require_POST
def reason_upload(request):
    """A filled workbook; a row that cannot be used is named by its place and nothing is entered."""
    scope.require(request.user, explaining.PROPOSE)
    form = ReasonsFileForm(request.POST, request.FILES)
    made = attempt(form, lambda: propose_workbook(request, form)) if form.is_valid() else None
    if made:
        return redirect("students:reason_detail", public_id=made.public_id)
    return render(request, "students/reason_list.html", {"file_form": form, "may_record": True, "proposals": []}, status=422)


def propose_workbook(request, form):
    upload = form.cleaned_data["file"]
    content = upload.read()
    with tempfile.NamedTemporaryFile() as copy:
        copy.write(content)
        copy.flush()
        children = Child.objects.visible_to(request.user, explaining.PROPOSE)
        rows, problems = read_reasons(copy.name, upload.name, children=children, on=form.cleaned_data["on"])
    if problems:
        raise Refused("这个文件还没有登记，请先改正：" + "；".join(map(str, problems[:20])))
    proof = files.store(content, upload.name, "application/octet-stream", request.user)
    return explaining.propose(rows=rows, by=request.user, organization=scope.home_node(request.user), proof=proof, note=upload.name)


@require_http_methods(["GET", "POST"])
def reason_detail(request, public_id):
    proposals = StandingProposal.objects.select_related("organization", "proof", "proposed_by", "decided_by")
    proposal = scope.get_visible(proposals, request.user, "see_account", public_id=public_id)
    if request.method == "POST":
        scope.require(request.user, explaining.DECIDE)
    refusal = decide(request, proposal) if request.method == "POST" else ""
    if request.method == "POST" and not refusal:
        return redirect("students:reason_detail", public_id=public_id)
    day = usual_day(timezone.localdate())
    lines = [
        {"line": line, "label": full_label(line.code, line.reason), "run_out": day if line.until and line.until <= day else None}
        for line in proposal.lines.select_related("child")[:MOST]
    ]
    audit.record_view("reasons_viewed", by=request.user, subject=proposal, organization=proposal.organization, rows=len(lines))
    return render(request, "students/reason_detail.html", {
        "proposal": proposal, "lines": lines, "why_not": explaining.why_not_decide(proposal, request.user), "refusal": refusal,
        "decides": scope.has_permission(request.user, explaining.DECIDE),
    }, status=422 if refusal else 200)  # fmt: skip


@require_GET
def reason_proof(request, public_id):
    """The paper behind a batch: whoever decides has to have read it."""
    proposals = StandingProposal.objects.exclude(proof=None).select_related("proof", "organization")
    proposal = scope.get_visible(proposals, request.user, "see_account", public_id=public_id)
    audit.record_view("reason_proof_opened", by=request.user, subject=proposal, organization=proposal.organization)
    proof = proposal.proof
    content = BytesIO(files.read(proof))
    beside = proof.media_type in ("application/pdf", "image/jpeg", "image/png")
    response = FileResponse(content, as_attachment=not beside, filename=proof.name, content_type=proof.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def decide(request, proposal):
    """The decision as asked; the sentence of its refusal, or ""."""
    try:
        if request.POST.get("decision") == "approve":
            explaining.approve(proposal=proposal, by=request.user)
        else:
            explaining.reject(proposal=proposal, by=request.user, note=request.POST.get("note", ""))
    except Refused as refusal:
        return str(refusal)
    return ""
