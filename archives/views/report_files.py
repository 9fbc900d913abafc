"""Reports as files: workbook and paper."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from archives.assembly.periods import closed_period
from archives.reports.export import MEDIA_TYPES, NothingToExport, export_summary, export_unit
from archives.reports.summary import summary
from archives.views.loading import get_report, node_asked_for
from core import file_runs
from core.scope import require

SCHOOLS_AT_ONCE = 60  # about four seconds of rendering


def answer(file, *, as_attachment=True):
    """The file with its Chinese name; a PDF may be shown in the browser."""
    response = HttpResponse(file.content, content_type=file.media_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment, file.name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
def report_file_of(request, public_id, format):
    """One version of one school's report."""
    report = get_report(request.user, public_id)
    require(request.user, "export_lists", report.organization)
    if format not in MEDIA_TYPES:
        raise Http404
    return answer(export_unit(report=report, format=format, by=request.user))


def begin_run(user, node, period, format):
    """Many schools on paper take a while: the file waits on the run's page."""
    parameters = {"node": node.pk, "period": period, "format": format}
    run = file_runs.start(
        "export_reports", f"export_reports:{uuid.uuid4()}", by=user, organization=node, parameters=parameters, permission="export_lists"
    )
    return redirect("core:run_detail", public_id=run.public_id)


@require_GET
def report_summary(request):
    """The table of a node's schools, ?format=xlsx or pdf."""
    node, format = node_asked_for(request), request.GET.get("format", "xlsx")
    require(request.user, "export_lists", node)
    if format not in MEDIA_TYPES:
        raise Http404
    period = request.GET.get("period") or closed_period(timezone.localdate())
    try:
        if format == "pdf" and len(summary(node=node, period=period).lines) > SCHOOLS_AT_ONCE:
            return begin_run(request.user, node, period, format)
        return answer(export_summary(node=node, period=period, format=format, by=request.user))
    except (NothingToExport, ValueError) as wrong:
        messages.error(request, str(wrong))
        return redirect("archives:report_list")
