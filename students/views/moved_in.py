"""迁入登记: children who stand in the household ledger by a list of moves, until the police register has them."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from core import scope
from students.reports import moved_in as report
from students.views.exporting import sheet_response

PAGE = 50


def chosen(request, permission="see_children"):
    entries = report.of_user(request.user, permission)
    state = request.GET.get("state", "")
    return (entries.filter(told=state), state) if state in report.STATES else (entries, "")


@require_GET
def moved_in_list(request):
    scope.require(request.user, "see_children")
    entries, state = chosen(request)
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    rows = [(entry, report.STATES[entry.told], report.TONES[entry.told]) for entry in page]
    context = {"page_obj": page, "rows": rows, "counts": report.counts(report.of_user(request.user)), "state": state}
    context |= {"what": report.WHAT.get(state, ""), "may_export": scope.has_permission(request.user, "export_lists")}
    return render(request, "students/moved_in_list.html", context)


@require_POST
def moved_in_export(request):
    scope.require(request.user, "export_lists")
    entries, state = chosen(request, "export_lists")
    return sheet_response(request, "moved_in_exported", lambda: report.sheet(entries), rows=entries.count(), state=state)
