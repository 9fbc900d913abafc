"""The table of a node's schools as a page: subtotals, totals, who is missing."""

from django.urls import reverse

from archives.assembly.figures import FIGURES
from archives.models import ReportObligation
from archives.models.report import period_words
from archives.reports.columns import SUMMARY_COLUMNS
from archives.reports.pages import TONES, figure_cell
from archives.reports.sheets import NO_SCHOOL, counting_words, state_words
from archives.workflow import MONTHLY_REPORT
from core.scope import granted_nodes, has_permission, may
from core.templatetags.look import rate


def summary_context(table, user, on, *, only_waiting=False):
    """The table of schools with subtotals, totals, who is missing."""
    rows, seen = [], set(granted_nodes(user, "see_reports"))
    for group in table.groups:
        lines = [line for line in group.lines if not only_waiting or _is_mine(line, user)]
        rows += [_line(line, table.span, on, opens=bool(seen & set(line.school.path))) for line in lines]
        if group.node is not None and len(table.groups) > 1 and not only_waiting:
            rows.append({"cells": [{"text": f"{group.node.name}小计"}, {"text": ""}, *_figures(group.total)]})
    if table.without_school and not only_waiting:
        rows.append({"cells": [{"text": NO_SCHOOL, "hint": "实时统计，已计入合计"}, {"text": ""}, *_figures(table.without_school)]})
    return {
        "table": table, "node": table.node, "period": table.span.key, "title": f"{period_words(table.span.key)}月报", "rows": rows,
        "columns": SUMMARY_COLUMNS, "only_waiting": only_waiting, "counting": counting_words(table.span),
        "total": {"cells": [{"text": "合计"}, {"text": f"{table.counted} 校"}, *_figures(table.total)]} if not only_waiting else None,
        "on_time": rate(table.on_time, table.owed), "periods": neighbours(table.span.key), "due_passed": table.span.due_on < on,
        "may_export": has_permission(user, "export_lists"), "modes": _modes(table, user),
    }  # fmt: skip


def _is_mine(line, user):
    return line.newest is not None and any(sentence is None for _, sentence in MONTHLY_REPORT.open_to(line.newest, user))


def _line(line, span, on, *, opens):
    """`opens`: whether this person may open the school's report; a township sees the figures of the schools that lie in it, not more."""
    report = line.newest
    url = reverse("archives:report_detail", args=[report.public_id]) if report and opens else ""
    chip = "overdue" if not line.sent and span.due_on < on else "waiting" if not line.sent else TONES[report.state]
    hint = "纸质" if line.mode == "paper" else ""
    values = line.counted.figures["total"] if line.counted else {}
    return {
        "tone": "late" if chip == "overdue" else "",
        "cells": [
            {"text": line.school.name, "url": url}, {"text": state_words(line), "chip": chip, "hint": hint},
            *_figures(values, line.counted if opens else None),
        ],
    }  # fmt: skip


def _figures(values, report=None):
    return [figure_cell(figure.key, values.get(figure.key), report) for figure in FIGURES]


def _modes(table, user):
    """[(obligation id, school, mode)] for the one who may set how a school reports."""
    if not may(user, "make_reports", table.node):
        return []
    below = ReportObligation.objects.in_force(table.span.ends_on).filter(organization__in=[line.school for line in table.lines])
    return below.select_related("organization").order_by("organization__code")


def neighbours(period):
    """(period before, period after) as keys."""
    year, month = (int(part) for part in period.split("-"))
    before = f"{year - 1}-12" if month == 1 else f"{year}-{month - 1:02d}"
    return before, f"{year + 1}-01" if month == 12 else f"{year}-{month + 1:02d}"
