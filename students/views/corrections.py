"""Asking for a correction of a child's particulars; the decision is on the page of the change request."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core import audit, scope
from core.actions import change_requests
from core.actions.uploads import store_upload
from core.pictures import PictureRefused
from core.workflow import Refused
from students.actions import corrections
from students.forms.corrections import CorrectionForm
from students.models import Child
from students.reports.portrait import facts


@require_http_methods(["GET", "POST"])
def correction_request(request, public_id):
    child = scope.get_visible(Child.objects.all(), request.user, "see_children", public_id=public_id)
    if not Child.objects.visible_to(request.user, "request_change").filter(pk=child.pk).exists():
        raise scope.Forbidden("您的角色不能申请更正，请学校填报人、校长或乡镇教育专干办理。")
    form = CorrectionForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        asked = ask(form, child, request.user)
        if asked:
            messages.success(request, "更正申请已提交，等学籍管理员或业务管理员审批；批准之前资料不变。")
            return redirect("core:change_detail", public_id=asked.public_id)
    audit.record_view("child_page", by=request.user, subject=child)
    context = {"child": child, "form": form, "facts": facts(child, timezone.localdate(), False)[:5]}
    return render(request, "students/correction_request.html", context, status=422 if form.is_bound else 200)


def ask(form, child, user):
    """Drafted and submitted in one act; None with the sentence on the form where it may not be."""
    given = form.cleaned_data
    try:
        with transaction.atomic():
            proof = store_upload(given["proof"], user) if given["proof"] else None
            asked = change_requests.draft(
                kind=corrections.KIND, obj=child, field=given["field"], new=given["new"], reason=given["reason"], by=user, proof=proof
            )
            return change_requests.submit(request=asked, by=user)
    except (Refused, PictureRefused) as refusal:
        form.add_error(None, str(refusal))
        return None
