"""Short lists come at once, long ones as work that leaves its file on the run's page."""

import uuid
from io import BytesIO

from django.http import FileResponse
from django.shortcuts import redirect

from core import audit, file_runs
from core.spreadsheets import write_workbook
from students.reports import export

AT_ONCE = 2000


def export_listing(request, listing, *, full, reason):
    """The workbook itself, or the page of the run that makes it when there are more than 2,000 rows."""
    count = listing.children.order_by().count()
    entry = export.record_export(by=request.user, count=count, columns=listing.columns, full=full, reason=reason, on=listing.on)
    if count > AT_ONCE:
        return begin_run(request, listing, entry, full)
    target = BytesIO()
    export.write_listing(target, listing, entry=entry, full=full)
    target.seek(0)
    return workbook_response(target, export.file_name(listing.on, entry))


def begin_run(request, listing, entry, full):
    query = request.GET.copy()
    query.pop("q", None)  # the search is kept by its meaning: a name, or the index of a number
    parameters = {
        "query": query.urlencode(), "search": listing.search.keep() if listing.search else None, "on": listing.on.isoformat(),
        "full": full, "audit": entry.pk,
    }  # fmt: skip
    permission = "reveal_numbers" if full else "export_lists"
    run = file_runs.start(
        "export_children", f"export_children:{uuid.uuid4()}", by=request.user, parameters=parameters, permission=permission
    )
    return redirect("core:run_detail", public_id=run.public_id)


def workbook_response(stream, name):
    response = FileResponse(stream, as_attachment=True, filename=name, content_type=export.MEDIA_TYPE)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def sheet_response(request, act, make, *, rows, organization=None, subject=None, **detail):
    """One sheet as a workbook: the audit row first, its number in the file. `make` gives the SheetOut."""
    entry = audit.record_view(act, by=request.user, organization=organization, subject=subject, rows=rows, full_numbers=False, **detail)
    sheet, target = make(), BytesIO()
    write_workbook(target, [sheet], note=export.note_of(entry))
    target.seek(0)
    return workbook_response(target, f"{sheet.name}_{entry.number}.xlsx")
