"""学籍异动台账, the page of one change, its proofs, its paper."""

from io import BytesIO

from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import audit, files
from core.models import Organization
from core.scope import get_visible, has_permission, home_node, require
from students.forms.roll_changes import SCHOOL_KINDS, FilterForm
from students.models import RollChange, RollChangeProof
from students.reports import roll_change_page
from students.reports import roll_changes as report
from students.reports.export import note_of
from students.views.exporting import workbook_response
from students.workflow import ChangeState

PAGE = 50


def get_change(user, public_id):
    changes = RollChange.objects.with_places().select_related("target_class").prefetch_related("calls")
    return get_visible(changes, user, "see_children", public_id=public_id)


def asked(request, permission):
    """(form, changes in the order asked) within scope."""
    on, user = timezone.localdate(), request.user
    form = FilterForm(request.GET, states=ChangeState.choices, schools=report.schools_of(user))
    changes = RollChange.objects.visible_to(user, permission).with_places()
    changes = report.filtered(changes, form.cleaned_data if form.is_valid() else {}, user, on)
    return form, report.ordered(changes, request.GET.get("sort", ""))


@require_GET
def roll_change_list(request):
    require(request.user, "see_children")
    form, changes = asked(request, "see_children")
    on, page = timezone.localdate(), Paginator(changes, PAGE).get_page(request.GET.get("page"))
    return render(request, "students/roll_change_list.html", {
        "form": form, "page_obj": page, "rows": [report.row_of(change, on) for change in page.object_list], "heads": heads(request.GET),
        "on": on, "tones": roll_change_page.TONES, "may_start": has_permission(request.user, "start_roll_change"),
        "may_export": has_permission(request.user, "export_lists"), "nobody": not request.GET and not page.paginator.count,
        "contradicted": report.disagreements(request.user) if has_permission(request.user, "approve_roll_change") else (),
        "may_call": has_permission(request.user, "call_guardian"),
    })  # fmt: skip


def heads(query):
    """Column heads with the address that sorts by them; a second click turns the order round."""
    now, made = query.get("sort", ""), []
    for column in report.PAGE_COLUMNS:
        turned = query.copy()
        turned["sort"] = f"-{column.key}" if now == column.key else column.key
        turned.pop("page", None)
        direction = {column.key: "asc", f"-{column.key}": "desc"}.get(now, "")
        made.append({"label": column.label, "url": f"?{turned.urlencode()}" if column.sort else "", "direction": direction})
    return made


@require_POST
def roll_change_export(request):
    require(request.user, "see_children")
    require(request.user, "export_lists")
    _, changes = asked(request, "export_lists")
    entry = audit.record_view("roll_changes_exported", by=request.user, rows=changes.count())
    unit, on = home_node(request.user), timezone.localdate()
    book = report.workbook(changes, on=on, unit=unit.name if unit else "", note=note_of(entry))
    return workbook_response(book, f"学籍异动_{on:%Y%m%d}_{entry.number}.xlsx")


@require_GET
def roll_change_detail(request, public_id):
    change = get_change(request.user, public_id)
    audit.record_view("roll_change_viewed", by=request.user, subject=change.child, change=change.number)
    return render(request, "students/roll_change_detail.html", roll_change_page.page(change, request.user, timezone.localdate()))


@require_GET
def roll_change_print(request, public_id):
    """The application form; whole numbers only for those who may see them."""
    change = get_change(request.user, public_id)
    whole = RollChange.objects.visible_to(request.user, "reveal_numbers").filter(pk=change.pk).exists()
    entry = audit.record_view("roll_change_printed", by=request.user, subject=change.child, change=change.number, whole=whole)
    stamp = f"{entry.actor_name} {timezone.localtime(entry.at):%Y-%m-%d} {entry.number}"
    title, content = roll_change_page.paper(change, stamp=stamp, whole=whole)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{roll_change_page.file_name(title, change)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
def roll_change_proof(request, public_id):
    """One file, through the change it belongs to."""
    proofs = RollChangeProof.objects.select_related("attachment", "change__child")
    proof = get_visible(proofs, request.user, "see_children", public_id=public_id)
    attachment = proof.attachment
    audit.record_view("roll_change_proof_viewed", by=request.user, subject=proof.change.child, change=proof.change.number)
    download = attachment.media_type != "image/jpeg"
    content = BytesIO(files.read(attachment))
    response = FileResponse(content, as_attachment=download, filename=attachment.name, content_type=attachment.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def own_schools(user):
    return Organization.objects.visible_to(user, "start_roll_change").filter(kind__in=SCHOOL_KINDS).order_by("code")
