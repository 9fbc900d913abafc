"""The rates by dimension, each down to the names above and below its line."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core import scope
from dropout.reports import indicators as report
from students import statuses
from students.forms import AccountForm
from students.models import Child
from students.reports import account
from students.reports import children as listing
from students.rules.ages import MODES, POINT

PAGE = 50
PERMISSION = "see_account"
NAME_COLUMNS = listing.chosen_columns(["sex", "birth", "number", "school", "grade", "township", "village"])


def read_question(request):
    """(form, Ask or None, dimension) of the address, within the person's scope."""
    usual = {"on": account.usual_day(timezone.localdate()), "low": 6, "high": 15, "mode": POINT}
    form = AccountForm(usual | {key: request.GET[key] for key in usual if request.GET.get(key)})
    by = request.GET.get("by") if request.GET.get("by") in report.DIMENSIONS else "stage"
    ask = statuses.Ask(**form.cleaned_data, nodes=tuple(scope.granted_nodes(request.user, PERMISSION))) if form.is_valid() else None
    return form, ask, by


@require_GET
def indicator_list(request):
    scope.require(request.user, PERMISSION)
    form, ask, by = read_question(request)
    if ask is None:
        return render(request, "dropout/indicator_list.html", {"form": form}, status=422)
    found = report.rates(ask, by)
    words = report.words_of(by, [value for value in found if value is not None])
    order = sorted((value for value in found if value is not None), key=lambda value: (not value, words[value], value))
    return render(request, "dropout/indicator_list.html", {
        "form": form, "sentence": f"{ask.on.isoformat()} · {ask.low}—{ask.high} 周岁（{MODES[ask.mode]}）", "by": by,
        "dimensions": report.DIMENSIONS.items(), "word": report.DIMENSIONS[by], "indicators": report.INDICATORS,
        "rows": [line(ask, by, value, words[value], found[value]) for value in order], "total": line(ask, "", "", "合计", found[None]),
    })  # fmt: skip


def line(ask, by, value, name, held):
    """One row: per indicator the rate with the addresses of the names above and below its line."""
    given = {"on": ask.on.isoformat(), "low": ask.low, "high": ask.high, "mode": ask.mode, "by": by, "value": value}

    def url(key, side):
        return f"{reverse('dropout:indicator_names')}?{urlencode(given | {'key': key, 'side': side})}"

    cells = [{"rate": held[row.key], "part_url": url(row.key, "part"), "whole_url": url(row.key, "whole")} for row in report.INDICATORS]
    return {"name": name, "cells": cells}


@require_GET
def indicator_names(request):
    scope.require(request.user, PERMISSION)
    form, ask, _ = read_question(request)
    by, key, side = (request.GET.get(name, "") for name in ("by", "key", "side"))
    if ask is None or key not in report.INDICATOR or side not in ("part", "whole") or by and by not in report.DIMENSIONS:
        raise Http404
    ids = report.child_ids(ask, key, side, by, request.GET.get("value", ""))
    children = Child.objects.visible_to(request.user, PERMISSION).filter(pk__in=ids)
    page = Paginator(listing.ordered(children, "name", ask.on), PAGE).get_page(request.GET.get("page"))
    found = listing.with_present_facts(page.object_list, ask.on)
    row = report.INDICATOR[key]
    return render(request, "dropout/indicator_names.html", {
        "label": f"{row.label}：{row.words[side == 'whole']}", "page_obj": page, "columns": NAME_COLUMNS,
        "rows": [{"child": child, "cells": listing.drawn_cells(child, NAME_COLUMNS)} for child in found],
    })  # fmt: skip
