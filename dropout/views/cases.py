"""个案台账, the page of one case, and the files that prove something."""

from io import BytesIO

from django.core.paginator import Paginator
from django.http import FileResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import audit, files
from core.scope import get_visible, has_permission, home_node, require
from dropout.filters import CaseFilter
from dropout.models import Case, Evidence
from dropout.reports import case_page
from dropout.reports import cases as report
from dropout.views.loading import get_case

PAGE = 50
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BESIDE_PAGE = ("image/jpeg",)  # re-encoded by us; everything else is a download


def filtered(request, permission):
    """(filter, cases in the order asked): what the address asks of the cases in scope."""
    cases = Case.objects.visible_to(request.user, "see_cases").visible_to(request.user, permission).with_places().with_counts()
    found = CaseFilter(request.GET, cases, request=request, on=timezone.localdate())
    return found, report.ordered(found.qs, request.GET.get("sort", ""))


@require_GET
def case_list(request):
    require(request.user, "see_cases")
    found, cases = filtered(request, "see_cases")
    on, page = timezone.localdate(), Paginator(cases, PAGE).get_page(request.GET.get("page"))
    return render(request, "dropout/case_list.html", {
        "filter": found, "page_obj": page, "rows": [report.row_of(case, on) for case in page.object_list], "heads": heads(request.GET),
        "may_export": has_permission(request.user, "export_lists"), "on": on, "nobody": not request.GET and not page.paginator.count,
    })  # fmt: skip


def heads(query):
    """Column heads with the address that sorts by them; a second click turns the order round."""
    now = query.get("sort", "")
    made = []
    for column in report.PAGE_COLUMNS:
        turned = query.copy()
        turned["sort"] = f"-{column.key}" if now == column.key else column.key
        turned.pop("page", None)
        direction = {column.key: "asc", f"-{column.key}": "desc"}.get(now, "")
        made.append({"label": column.label, "url": f"?{turned.urlencode()}" if column.sort else "", "direction": direction})
    return made


@require_POST
def case_export(request):
    """The ledger as filtered, as a workbook whose foot leads back to the audit row."""
    require(request.user, "see_cases")
    require(request.user, "export_lists")
    _, cases = filtered(request, "export_lists")
    entry = audit.record_view("cases_exported", by=request.user, rows=cases.count())
    unit, on = home_node(request.user), timezone.localdate()
    note = f"{entry.actor_name} {timezone.localtime(entry.at):%Y-%m-%d %H:%M} 导出，编号 {entry.number}"
    book = report.workbook(cases, on=on, unit=unit.name if unit else "", note=note)
    return FileResponse(book, as_attachment=True, filename=f"个案台账_{on:%Y%m%d}_{entry.number}.xlsx", content_type=WORKBOOK)


@require_GET
def case_detail(request, public_id):
    case = get_case(request.user, public_id)
    audit.record_view("case_viewed", by=request.user, subject=case.child, organization=case.school or case.township, case=case.number)
    return render(request, "dropout/case_detail.html", case_page.page(case, request.user))


@require_GET
def evidence_file(request, public_id):
    """One file, through the case it belongs to."""
    evidence = get_visible(Evidence.objects.select_related("attachment", "case__child"), request.user, "see_cases", public_id=public_id)
    attachment = evidence.attachment
    audit.record_view("evidence_viewed", by=request.user, subject=evidence.case.child, case=evidence.case.number, sha256=attachment.sha256)
    download = attachment.media_type not in BESIDE_PAGE
    content = BytesIO(files.read(attachment))
    response = FileResponse(content, as_attachment=download, filename=attachment.name, content_type=attachment.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response
