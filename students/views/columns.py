"""What the columns of a received list are: shown before its rows are read, and said by a person where nobody knows."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core import scope
from core.models import FileRun
from students.actions import mapping
from students.forms.columns import ColumnsForm
from students.reports import columns as report
from students.views.snapshots import begin, get_snapshot


@require_http_methods(["GET", "POST"])
def snapshot_columns(request, public_id):
    snapshot = get_snapshot(request.user, public_id)
    scope.require(request.user, "import_lists", snapshot.coverage)
    refusal = mapping.why_not_map(snapshot, request.user)
    form = ColumnsForm(
        request.POST or None, headings=report.headings(snapshot), fields=report.fields(snapshot), needed=report.needed(snapshot)
    )
    if request.method == "POST" and form.is_valid():
        snapshot = mapping.answer(snapshot=snapshot, words=form.cleaned_data["words"], by=request.user)
        turns = FileRun.objects.filter(kind="stage_snapshot", parameters__snapshot=snapshot.pk).count()
        begin(request, "stage_snapshot", snapshot, f"columns {turns}")
        messages.info(request, "已按这个对应重新读取，并记住了：同一单位以后送来同样的表，会自动这样读。")
        return redirect("students:snapshot_detail", public_id=public_id)
    return render(request, "students/snapshot_columns.html", {
        "snapshot": snapshot, "form": form, "refusal": refusal, "sheets": report.sheets(snapshot),
        "back_url": reverse("students:snapshot_list" if snapshot.asks_columns else "students:snapshot_detail",
                            args=[] if snapshot.asks_columns else [public_id]),
    }, status=422 if form.is_bound else 200)  # fmt: skip
