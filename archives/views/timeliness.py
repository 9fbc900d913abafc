"""月报及时率 of one period, by dimension, down to the units."""

from io import BytesIO
from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from archives.assembly.periods import closed_period
from archives.models.report import period_words
from archives.reports import timeliness as report
from archives.reports.summary import summary
from archives.reports.summary_page import neighbours
from archives.views.loading import node_asked_for
from core import audit
from core.scope import has_permission, require
from students.reports.export import note_of
from students.views.exporting import workbook_response


def read_question(request):
    """(node, summary, its units) of the address; 404 for a period that is none."""
    node, period = node_asked_for(request), request.GET.get("period") or closed_period(timezone.localdate())
    try:
        table = summary(node=node, period=period)
    except ValueError as wrong:
        raise Http404(str(wrong)) from wrong
    return node, table, report.units(table)


@require_GET
def report_timeliness(request):
    node, table, held = read_question(request)
    by = request.GET.get("by") if request.GET.get("by") in report.DIMENSIONS else "group"
    side = request.GET.get("side") if request.GET.get("side") in report.SIDES else "whole"
    given = {"period": table.span.key, "node": node.public_id, "by": by}
    rows = [row_of(given, word, rate) for word, rate in report.by(held, by).items()]
    word = request.GET.get("value", "")
    return render(request, "archives/report_timeliness.html", {
        "node": node, "title": f"{period_words(table.span.key)}月报及时率", "formula": report.FORMULA, "due_on": table.span.due_on, "by": by,
        "dimensions": report.DIMENSIONS.items(), "word": report.DIMENSIONS[by], "rows": rows, "periods": neighbours(table.span.key),
        "total": row_of(given, "", report.rate_of(held)) | {"name": "合计"}, "query": urlencode(given), "period": table.span.key,
        "units": report.behind(held, side, by if word else "", word), "chosen": f"{report.SIDES[side]}{f'（{word}）' if word else ''}",
        "may_export": has_permission(request.user, "export_lists"),
    })  # fmt: skip


def row_of(given, word, rate):
    """One row with the addresses of the units above and below its line."""
    urls = {side: f"?{urlencode(given | {'side': side, 'value': word})}#units" for side in report.SIDES}
    return {"name": word, "rate": rate, "part_url": urls["part"], "whole_url": urls["whole"], "text": rate.text}


@require_POST
def report_timeliness_export(request):
    node, table, held = read_question(request)
    require(request.user, "export_lists", node)
    entry = audit.record_view("timeliness_exported", by=request.user, organization=node, period=table.span.key, rows=len(held))
    target = BytesIO()
    unit_line = f"单位：{node.name}　{period_words(table.span.key)}　报送期限 {table.span.due_on}"
    report.write(target, held, unit_line=unit_line, note=note_of(entry))
    target.seek(0)
    return workbook_response(target, f"月报及时率_{table.span.key}_{entry.number}.xlsx")
