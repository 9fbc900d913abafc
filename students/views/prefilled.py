"""A list as it stands, downloaded to be filled in; it holds full numbers, hence a POST and an audit row."""

from io import BytesIO

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from core import audit, scope
from students.forms.prefilled import PrefilledForm
from students.reports import export, prefilled
from students.rules.kinds import KINDS
from students.views.exporting import workbook_response


@require_http_methods(["GET", "POST"])
def snapshot_prefilled(request):
    scope.require(request.user, "import_lists")
    form = PrefilledForm(request.POST or None, user=request.user, initial={"kind": request.GET.get("kind", "attending")})
    if request.method == "POST" and form.is_valid():
        return download(request, **form.cleaned_data)
    return render(request, "students/snapshot_prefilled.html", {"form": form}, status=422 if form.is_bound else 200)


def download(request, kind, coverage, by_class):
    count = prefilled.rows_of(kind, coverage).count()
    entry = audit.record_view("prefilled_list_fetched", by=request.user, organization=coverage, kind=kind, rows=count, full_numbers=True)
    target = BytesIO()
    prefilled.write(target, kind=kind, node=coverage, note=export.note_of(entry), by_class=by_class)
    target.seek(0)
    return workbook_response(target, f"{KINDS[kind].label}_{coverage.name}_预填_{entry.number}.xlsx")
