"""平台下发: each number of the list sent down with what became of it, and the answer under the platform's own serial."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import scope
from dropout.reports import platform as report
from students.views.exporting import sheet_response

PAGE = 50


def chosen_day(request, days):
    """The list asked for by its day; the newest where none is."""
    wanted = request.GET.get("list", "")
    return next((day for day in days if day.isoformat() == wanted), days[0] if days else None)


def kept(request, permission, as_of):
    """(all answers, those of the filters) of the list of that day."""
    answered = report.answers(request.user, permission, as_of, timezone.localdate()) if as_of else []
    became, text = request.GET.get("became", ""), request.GET.get("q", "").strip()
    some = [one for one in answered if became in ("", one.became)]
    return answered, [one for one in some if not text or text in (one.serial, one.row.name)]


@require_GET
def platform_list(request):
    scope.require(request.user, "see_cases")
    days = report.lists(request.user)
    as_of = chosen_day(request, days)
    answered, some = kept(request, "see_cases", as_of)
    query = request.GET.copy()
    query.pop("page", None)
    return render(request, "dropout/platform_list.html", {
        "days": days, "as_of": as_of, "counts": report.counts(answered), "total": len(answered), "became": request.GET.get("became", ""),
        "q": request.GET.get("q", ""), "page_obj": Paginator(some, PAGE).get_page(request.GET.get("page")), "query": query.urlencode(),
        "may_export": scope.has_permission(request.user, "export_lists"),
    })  # fmt: skip


@require_POST
def platform_export(request):
    scope.require(request.user, "see_cases")
    scope.require(request.user, "export_lists")
    as_of = chosen_day(request, report.lists(request.user))
    if as_of is None:
        return redirect("dropout:platform_list")
    _, some = kept(request, "export_lists", as_of)
    return sheet_response(request, "platform_answers_exported", lambda: report.sheet(some, as_of), rows=len(some), list=str(as_of))
