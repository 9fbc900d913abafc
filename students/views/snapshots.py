"""Lists from outside in the browser: received, staged, previewed, approved, given up or taken back."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import audit, file_runs, files, scope
from core.models import FileRun
from core.spreadsheets import annotate_workbook
from core.workflow import Refused
from students.actions import snapshots, undoing
from students.forms import SnapshotUploadForm
from students.models import SourceSnapshot
from students.reports import snapshots as report
from students.views.exporting import workbook_response

State = SourceSnapshot.State
PAGE = 100


def get_snapshot(user, public_id):
    found = (
        report.of_user(user)
        .select_related("coverage", "file", "received_by", "approved_by", "undone_by")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


@require_GET
def snapshot_list(request):
    scope.require(request.user, report.PERMISSION)
    found = report.of_user(request.user).select_related("coverage", "received_by", "approved_by").order_by("-received_at", "-pk")
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    context = {"kinds": report.kinds(list(found), timezone.localdate()), "page_obj": page, "tones": report.TONES}
    context["rows"] = [(snapshot, report.TONES[snapshot.state]) for snapshot in page]
    return render(request, "students/snapshot_list.html", context | {"may_import": scope.has_permission(request.user, "import_lists")})


@require_http_methods(["GET", "POST"])
def snapshot_upload(request):
    scope.require(request.user, "import_lists")
    today = timezone.localdate()
    form = SnapshotUploadForm(
        request.POST or None, request.FILES or None, user=request.user, today=today, initial={"kind": request.GET.get("kind", "")}
    )
    if request.method == "POST" and form.is_valid():
        return receive(request, form.cleaned_data)
    return render(request, "students/snapshot_upload.html", {"form": form}, status=422 if form.is_bound else 200)


def receive(request, given, keep=snapshots.receive, page="students:snapshot_detail"):
    """Keep the file and begin to read it; the same file again leads to the batch it already is."""
    upload = given.pop("file")
    with tempfile.NamedTemporaryFile() as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
        copy.flush()
        try:
            snapshot = keep(path=copy.name, name=upload.name, by=request.user, **given)
        except snapshots.AlreadyReceived as same:
            messages.warning(request, str(same))
            return redirect(page, public_id=same.snapshot.public_id)
    begin(request, "stage_snapshot", snapshot)
    return redirect(page, public_id=snapshot.public_id)


def begin(request, kind, snapshot, turn=""):
    """Start the work; `turn` tells a second reading of the same snapshot from the first."""
    return file_runs.start(
        kind,
        f"{kind}:{snapshot.public_id}:{snapshot.staged_at or ''}{turn}",
        by=request.user,
        organization=snapshot.coverage,
        parameters={"snapshot": snapshot.pk},
    )


def last_run(snapshot):
    """The newest piece of long work on the snapshot; None before the first."""
    return FileRun.objects.filter(kind__in=["stage_snapshot", "apply_snapshot"], parameters__snapshot=snapshot.pk).order_by("-pk").first()


def progress_of(run, snapshot, pages="students:snapshot"):
    return {
        "running": run.is_open, "done": run.steps_done, "total": run.steps_total,
        "stage": f"{file_runs.label_of(run)}：{run.get_state_display()}",
        "sentence": run.message, "failed": run.state == FileRun.State.FAILED,
        "poll_url": reverse(f"{pages}_progress", args=[snapshot.public_id]),
        "reload_url": reverse(f"{pages}_detail", args=[snapshot.public_id]),
    }  # fmt: skip


@require_GET
def snapshot_detail(request, public_id):
    snapshot = get_snapshot(request.user, public_id)
    run = last_run(snapshot)
    if run and run.is_open:
        return render(
            request,
            "students/snapshot_detail.html",
            {"snapshot": snapshot, "tone": report.TONES[snapshot.state], "progress": progress_of(run, snapshot)},
        )
    if snapshot.asks_columns and scope.may(request.user, "import_lists", snapshot.coverage):
        return redirect("students:snapshot_columns", public_id=public_id)
    part = request.GET.get("part") or report.first_part(snapshot)
    url = reverse("students:snapshot_detail", args=[snapshot.public_id])
    return render(request, "students/snapshot_detail.html", {
        "snapshot": snapshot, "tone": report.TONES[snapshot.state], "part": part, "tabs": report.parts(snapshot),
        "sheets": report.sheets(snapshot),
        "parts": report.equation_parts(snapshot, url), **rows_of(request, snapshot, part), **refusals(snapshot, request.user),
        "failed": run.message if run and run.state == FileRun.State.FAILED else "",
    })  # fmt: skip


def rows_of(request, snapshot, part):
    """The rows of the open tab: issues page by page, previews up to their limit."""
    found = report.rows_of(snapshot, part)
    if part in ("refused", "warning"):
        page = Paginator(found, PAGE).get_page(request.GET.get("page"))
        return {"issues": page.object_list, "page_obj": page}
    return {"changed" if part == "changed" else "listed": found, "previewed": report.PREVIEWED}


def refusals(snapshot, user):
    """Why each act is closed now; None where it is open."""
    may_import = scope.may(user, "import_lists", snapshot.coverage)
    return {
        "why_not_approve": snapshots.why_not_approve(snapshot, user), "may_import": may_import,
        "may_withdraw": may_import and snapshot.state in (State.STAGED, State.RECEIVED),
        "may_undo": snapshot.state == State.APPLIED and scope.may(user, "undo_import", snapshot.coverage),
        "may_annotate": may_import and snapshot.rows, "may_export": report.has_changes(snapshot) and scope.may(user, "export_lists",
        snapshot.coverage),
        "why_not_undo": undoing.why_not_undo(snapshot, user) or "",
    }  # fmt: skip


@require_GET
def snapshot_progress(request, public_id):
    """The polled fragment; when the work is over the page draws itself anew."""
    snapshot = get_snapshot(request.user, public_id)
    run = last_run(snapshot)
    if run is None or not run.is_open:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "components/_progress.html", progress_of(run, snapshot))


@require_POST
def snapshot_approve(request, public_id):
    snapshot = get_snapshot(request.user, public_id)
    sentence = snapshots.why_not_approve(snapshot, request.user)
    if sentence:
        raise Refused(sentence)
    begin(request, "apply_snapshot", snapshot)
    return redirect("students:snapshot_detail", public_id=public_id)


@require_POST
def snapshot_read(request, public_id):
    """Read a received file once more, after its reading broke."""
    snapshot = get_snapshot(request.user, public_id)
    scope.require(request.user, "import_lists", snapshot.coverage)
    if snapshot.state == State.RECEIVED:
        begin(request, "stage_snapshot", snapshot)
    else:
        messages.info(request, f"这一批现在是“{snapshot.get_state_display()}”，已经读取过，不用再读。")
    return redirect("students:snapshot_detail", public_id=public_id)


@require_POST
def snapshot_withdraw(request, public_id):
    snapshots.withdraw(snapshot=get_snapshot(request.user, public_id), by=request.user)
    messages.info(request, "这一批已放弃，没有改动任何在册资料。改好文件后可以重新上传。")
    return redirect("students:snapshot_detail", public_id=public_id)


@require_POST
def snapshot_undo(request, public_id):
    undoing.undo(snapshot=get_snapshot(request.user, public_id), by=request.user)
    messages.info(request, "这一批已撤销，在册资料回到入库之前。")
    return redirect("students:snapshot_detail", public_id=public_id)


@require_POST
def snapshot_annotated(request, public_id):
    """The sender's workbook with the reasons in a last column; it holds full numbers, hence a POST and an audit row."""
    snapshot = get_snapshot(request.user, public_id)
    scope.require(request.user, "import_lists", snapshot.coverage)
    return annotated(request, snapshot)


def annotated(request, snapshot):
    audit.record_view("annotated_list_fetched", by=request.user, subject=snapshot, organization=snapshot.coverage)
    target = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    with tempfile.NamedTemporaryFile() as source, tempfile.NamedTemporaryFile(suffix=".xlsx") as out:
        source.write(files.read(snapshot.file))
        source.flush()
        annotate_workbook(source.name, snapshot.file.name, report.annotations(snapshot), out.name)
        target.write(Path(out.name).read_bytes())
    target.seek(0)
    return workbook_response(target, f"{Path(snapshot.file.name).stem}_处理结果.xlsx")
