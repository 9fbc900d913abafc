"""The list of children: search, filters, columns, export."""

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import scope
from students import filters
from students.forms import ExportForm
from students.models import Child
from students.reports import children as report
from students.reports.listing import read_listing
from students.views import exporting, unmasking

PAGE = 50
SESSION_KEY = "child_search"


@require_GET
def child_list(request):
    scope.require(request.user, "see_children")
    search = read_search(request)
    if "by" not in request.GET and search and search.is_sensitive:
        return keep_search(request, search)
    listing = read_listing(request.GET, search=search, user=request.user, permission="see_children", on=timezone.localdate())
    page = listing.paginator(PAGE).get_page(request.GET.get("page"))
    shown = bool(listing.school) and unmasking.is_roster_shown(request, listing.school)
    rows = rows_of(page, listing, shown)
    return render(request, "students/child_list.html", {
        "listing": listing, "page_obj": page, "rows": rows, "heads": heads_of(listing, request.GET), "all_columns": report.CHILD_COLUMNS,
        "chosen": {column.key for column in listing.columns}, "export_form": ExportForm(),
        "nobody": not rows and not Child.objects.here().exists(),
        **rights_of(request.user),
    })  # fmt: skip


def rights_of(user):
    names = {"may_export": "export_lists", "may_reveal": "reveal_numbers", "may_import": "import_lists"}
    return {name: scope.has_permission(user, permission) for name, permission in names.items()}


def rows_of(page, listing, shown):
    """The page's children with their cells; the name leads to the child's page."""
    children = report.with_present_facts(page.object_list, listing.on)
    return [{"child": child, "cells": report.drawn_cells(child, listing.columns, shown)} for child in children]


def heads_of(listing, query):
    """Column heads with the address that sorts by them; a second click turns the order round."""
    heads = []
    for column in listing.columns:
        now = listing.sort.removeprefix("-") == column.key
        turned = query.copy()
        turned["sort"] = f"-{column.key}" if now and not listing.sort.startswith("-") else column.key
        turned.pop("page", None)
        direction = ("desc" if listing.sort.startswith("-") else "asc") if now and column.sort else ""
        heads.append({"label": column.label, "url": f"?{turned.urlencode()}" if column.sort else "", "direction": direction})
    return heads


def read_search(request):
    """The search in force: the text of the address, or the number kept in the session as an index."""
    if "by" in request.GET:
        kept = request.session.get(SESSION_KEY)
        return filters.Search(**kept) if kept else filters.Search(filters.UNCLEAR, "", "上一次查询")
    return filters.read_search(request.GET.get("q", ""))


@require_POST
def child_search(request):
    """The search box. Names and initials go into the address, so that a page can be shared; a number never does."""
    scope.require(request.user, "see_children")
    return keep_search(request, filters.read_search(request.POST.get("q", "")))


def keep_search(request, search):
    query = QueryDict(mutable=True)
    if search and search.is_sensitive:
        request.session[SESSION_KEY] = search.keep()
        query["by"] = "number"
    elif search:
        query["q"] = search.term
    address = reverse("students:child_list")
    return redirect(f"{address}?{query.urlencode()}" if query else address)


@require_POST
def child_export(request):
    """The list as shown, as a workbook: masked, unless a reason is given by somebody who may see numbers."""
    scope.require(request.user, "export_lists")
    form = ExportForm(request.POST)
    if not form.is_valid():
        for problem in form.errors.values():
            messages.error(request, problem[0])
        return redirect(f"{reverse('students:child_list')}?{request.GET.urlencode()}")
    full, reason = form.cleaned_data["full_numbers"], form.cleaned_data["reason"]
    listing = read_listing(request.GET, search=read_search(request), user=request.user, permission="export_lists", on=timezone.localdate())
    if full:
        require_numbers_of(request.user, listing.children)
    return exporting.export_listing(request, listing, full=full, reason=reason)


def require_numbers_of(user, children):
    """Forbidden unless `user` may see the number of each child of the list."""
    scope.require(user, "reveal_numbers")
    beyond = children.order_by().count() - children.order_by().visible_to(user, "reveal_numbers").count()
    if beyond:
        raise scope.Forbidden(f"名单里有 {beyond} 名儿童不在您可查看完整证件号的范围内。请缩小筛选范围，或改为导出掩码名单。")
