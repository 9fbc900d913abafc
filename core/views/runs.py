"""Long work as its person sees it: progress, outcome, the resulting file."""

from io import BytesIO

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_tables2 import RequestConfig

from core import audit, file_runs, files
from core.actions import runs as acts
from core.forms import RunFilterForm
from core.models import FileRun
from core.scope import Forbidden, get_visible, has_permission, require
from core.tables import RunTable

WATCH = "watch_runs"


def progress_context(run):
    """What components/_progress.html wants to know of a run."""
    return {
        "running": run.is_open,
        "done": run.steps_done,
        "total": run.steps_total,
        "stage": f"{file_runs.label_of(run)}：{run.get_state_display()}",
        "sentence": run.message,
        "failed": run.state == FileRun.State.FAILED,
        "poll_url": reverse("core:run_progress", args=[run.public_id]),
        "reload_url": reverse("core:run_detail", args=[run.public_id]),
    }


def _own(request, public_id):
    """A run is its person's own: it may name what only that person may see."""
    return get_object_or_404(FileRun.objects.of(request.user).select_related("result", "organization"), public_id=public_id)


@require_GET
def run_list(request):
    """Work that failed, for those who watch over it: what, when, whose, the sentence its person read."""
    require(request.user, WATCH)
    form = RunFilterForm(request.GET or None)
    found = form.apply(FileRun.objects.visible_to(request.user, WATCH)).select_related("requested_by", "organization")
    table = RunTable(found, reads_refusals=has_permission(request.user, "see_children"), empty_text="没有：交给系统的工作都做完了。")
    RequestConfig(request, paginate={"per_page": 50}).configure(table)
    return render(request, "core/run_list.html", {"table": table, "form": form})


@require_POST
def run_again(request, public_id):
    run = get_visible(FileRun.objects, request.user, WATCH, public_id=public_id)
    try:
        acts.again(run=run, by=request.user)
    except acts.NotAgain as why:
        messages.warning(request, str(why))
    else:
        messages.info(request, f"编号 {run.number}（{file_runs.label_of(run)}）已重新排队，做完后在本人的首页上看得到结果。")
    return redirect("core:run_list")


@require_GET
def run_detail(request, public_id):
    run = _own(request, public_id)
    page = file_runs.page_of(run)
    context = {"run": run, "label": file_runs.label_of(run), "page": reverse(page) if page else "", **progress_context(run)}
    return render(request, "core/run_detail.html", context)


@require_GET
def run_progress(request, public_id):
    run = _own(request, public_id)
    response = render(request, "components/_progress.html", progress_context(run))
    if not run.is_open:
        response["HX-Refresh"] = "true"  # the page itself shows the result and its link
    return response


@require_GET
def run_file(request, public_id):
    run = _own(request, public_id)
    if run.result is None:
        raise Http404
    if not file_runs.may_fetch(run, request.user):
        raise Forbidden("这份文件是按您当时的职务生成的，您现在已没有这个范围的权限，不能再下载。需要时请按现在的职务重新导出。")
    audit.record_view("file_fetched", by=request.user, subject=run, organization=run.organization, sha256=run.result.sha256)
    return attachment_response(run.result)


def attachment_response(attachment):
    """The stored file as a download; the caller has checked the scope and written the audit row."""
    content = BytesIO(files.read(attachment))
    response = FileResponse(content, as_attachment=True, filename=attachment.name, content_type=attachment.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response
