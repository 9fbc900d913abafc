"""The frozen accounts, what moved between two of them, and the comparisons that were kept."""

from dataclasses import replace

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from core import audit, scope
from core.workflow import Refused
from students.actions import freezing
from students.models import AccountVersion, ComparisonRun
from students.rules.standings import REASON_SHORT
from students.rules.statuses import STATUS_LIST, STATUSES
from students.views.statuses import read_question

PAGE = 50


@require_GET
def version_list(request):
    scope.require(request.user, "see_account")
    versions = AccountVersion.objects.visible_to(request.user, "see_account").select_related("by", "before")[:60]
    kept = ComparisonRun.objects.visible_to(request.user, "see_account").select_related("by")[:60]
    runs = [{"run": run, "changed": worded(run.changed)} for run in kept]
    may_freeze = scope.has_permission(request.user, freezing.PERMISSION)
    return render(request, "students/version_list.html", {"versions": versions, "runs": runs, "may_freeze": may_freeze})


def worded(changed):
    return [f"{STATUSES[code].label} {count:+,}" for code, count in changed.items() if code in STATUSES]


@require_POST
def version_freeze(request):
    """The account that the page shows, frozen for the whole county."""
    scope.require(request.user, freezing.PERMISSION)
    _, question = read_question(request)
    if question is None:
        raise Http404
    try:
        version = freezing.freeze(ask=county_wide(question.ask), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{reverse('students:status_account')}?{question.query()}")
    return redirect("students:version_detail", public_id=version.public_id)


def county_wide(ask):
    return replace(ask, nodes=None, node=None, unplaced=None, section=None)


@require_POST
def run_keep(request):
    scope.require(request.user, freezing.PERMISSION)
    _, question = read_question(request)
    if question is None:
        raise Http404
    freezing.keep_run(ask=county_wide(question.ask), by=request.user)
    return redirect("students:version_list")


@require_GET
def version_detail(request, public_id):
    versions = AccountVersion.objects.select_related("by", "before")
    version = scope.get_visible(versions, request.user, "see_account", public_id=public_id)
    moved = freezing.differences(version, version.before) if version.before else []
    audit.record_view("account_version_page", by=request.user, subject=version)
    page = Paginator(moved, PAGE).get_page(request.GET.get("page"))
    return render(request, "students/version_detail.html", {
        "version": version, "parts": frozen_parts(version), "unchanged": freezing.is_unchanged(version), "sums": sums_of(moved),
        "page_obj": page, "moved": [in_words(row) for row in page.object_list], "reasons": version.neither_by_reason.items(),
    })  # fmt: skip


def frozen_parts(version):
    return [
        {"label": status.label, "figure": version.figures[status.code], "tone": status.tone, "url": ""}
        for status in STATUS_LIST
        if version.figures.get(status.code)
    ]


def word_of(status, nothing):
    return STATUSES[status].label if status in STATUSES else nothing


def in_words(row):
    return row | {
        "before": word_of(row["before"], "不在账上"), "after": word_of(row["after"], "不在账上"), "reason": REASON_SHORT.get(row["reason"], ""),
    }  # fmt: skip


def sums_of(moved):
    """[(from, to, children)]: how many went from which status to which."""
    counted = {}
    for row in moved:
        key = (row["before"], row["after"])
        counted[key] = counted.get(key, 0) + 1
    return [(word_of(before, "新进"), word_of(after, "离开"), count) for (before, after), count in sorted(counted.items())]
