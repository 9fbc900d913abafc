"""What a list changed, as a workbook; a long one as work that leaves its file on the run's page."""

import uuid
from io import BytesIO

from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from core import audit, file_runs, scope
from students.reports import export, list_changes
from students.views.exporting import workbook_response
from students.views.snapshots import get_snapshot

AT_ONCE = 5000


@require_POST
def snapshot_changes(request, public_id):
    snapshot = get_snapshot(request.user, public_id)
    scope.require(request.user, "export_lists", snapshot.coverage)
    new, changed, gone = list_changes.sizes(snapshot)
    counts = {"new": new, "changed": changed, "gone": gone, "full_numbers": False}
    entry = audit.record_view("list_changes_exported", by=request.user, subject=snapshot, organization=snapshot.coverage, **counts)
    if new + changed + gone > AT_ONCE:
        given = {"snapshot": snapshot.pk, "audit": entry.pk}
        about = {"by": request.user, "organization": snapshot.coverage, "parameters": given, "permission": "export_lists"}
        return redirect("core:run_detail", public_id=file_runs.start("export_changes", f"export_changes:{uuid.uuid4()}", **about).public_id)
    target = BytesIO()
    list_changes.write(target, snapshot, note=export.note_of(entry))
    target.seek(0)
    return workbook_response(target, list_changes.file_name(snapshot, entry))
