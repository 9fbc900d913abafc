"""填报名单: a unit fetches its own lists filled in, and sends them back for review (issue 3 §1)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import scope
from students.actions import filling, snapshots
from students.forms.filling import FetchForm, SendForm
from students.models import SourceSnapshot
from students.reports import snapshots as report
from students.views.prefilled import download
from students.views.snapshots import annotated, last_run, progress_of, receive, rows_of

OPEN = (SourceSnapshot.State.STAGED, SourceSnapshot.State.RECEIVED)
PAGES = "students:filled"


def get_filled(user, public_id):
    found = filling.of_user(user).select_related("coverage", "file", "received_by", "approved_by", "undone_by")
    snapshot = found.filter(public_id=public_id).first()
    if snapshot is None:
        raise Http404
    return snapshot


@require_GET
def filled_list(request):
    scope.require(request.user, filling.PERMISSION)
    return draw_list(request, FetchForm(today=timezone.localdate(), user=request.user))


def draw_list(request, form, status=200):
    sent = filling.of_user(request.user).select_related("coverage", "received_by", "approved_by").order_by("-received_at", "-pk")
    page = Paginator(sent, 50).get_page(request.GET.get("page"))
    rows = [(snapshot, report.TONES[snapshot.state]) for snapshot in page]
    return render(request, "students/filled_list.html", {"form": form, "page_obj": page, "rows": rows}, status=status)


@require_POST
def filled_fetch(request):
    """The unit's list as it stands; it holds full numbers, hence a POST and an audit row."""
    scope.require(request.user, filling.PERMISSION)
    form = FetchForm(request.POST, today=timezone.localdate(), user=request.user)
    return download(request, **form.cleaned_data) if form.is_valid() else draw_list(request, form, 422)


@require_http_methods(["GET", "POST"])
def filled_send(request):
    scope.require(request.user, filling.PERMISSION)
    form = SendForm(request.POST or None, request.FILES or None, today=timezone.localdate(), user=request.user)
    if request.method == "POST" and form.is_valid():
        return receive(request, form.facts(), keep=snapshots.send_back, page="students:filled_detail")
    return render(request, "students/filled_send.html", {"form": form}, status=422 if form.is_bound else 200)


@require_GET
def filled_detail(request, public_id):
    snapshot, run = get_filled(request.user, public_id), None
    run = last_run(snapshot)
    context = {"snapshot": snapshot, "tone": report.TONES[snapshot.state]}
    if run and run.is_open:
        return render(request, "students/filled_detail.html", context | {"progress": progress_of(run, snapshot, PAGES)})
    part = request.GET.get("part") or report.first_part(snapshot)
    context |= {"part": part, "tabs": report.parts(snapshot), "parts": report.equation_parts(snapshot, request.path)}
    context |= rows_of(request, snapshot, part) | {"may_withdraw": snapshot.state in OPEN}
    return render(request, "students/filled_detail.html", context)


@require_GET
def filled_progress(request, public_id):
    snapshot = get_filled(request.user, public_id)
    run = last_run(snapshot)
    if run is None or not run.is_open:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "components/_progress.html", progress_of(run, snapshot, PAGES))


@require_POST
def filled_withdraw(request, public_id):
    snapshots.withdraw(snapshot=get_filled(request.user, public_id), by=request.user)
    messages.info(request, "这份填报已收回，没有改动任何在册资料。改好后可以重新上传。")
    return redirect("students:filled_list")


@require_POST
def filled_annotated(request, public_id):
    return annotated(request, get_filled(request.user, public_id))
