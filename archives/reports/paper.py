"""Reports on paper: A4 landscape, rendered from what is stored, so that a frozen version always gives the same sheet
(but for the foot: who printed it when, and the audit's head of that day)."""

from django.template.loader import render_to_string

from archives.assembly.checks import checked
from archives.assembly.content import fingerprint, short_code
from archives.models.report import period_words
from archives.reports.columns import SUMMARY_COLUMNS, UNIT_COLUMNS, reasons_in_words, values_in_order
from archives.reports.sheets import NO_SCHOOL, TITLE, counting_words, difference_words, late_words, state_words, summary_foot, zero_words
from archives.workflow import PART_B
from core.documents import render_pdf
from core.templatetags.look import rate


def unit_pdf(report, note):
    """One school's report. Drafts carry 草稿 until they are signed; a sheet printed for signature by hand does not, since it becomes the
    original.
    """
    sha256 = report.content_sha256 or fingerprint(report)
    context = {
        "paper": "dense", "report": report, "title": f"{period_words(report.period)}{TITLE}", "subtitle": counting_words(report),
        "unit": report.organization_name, "period": f"报送期限：{report.due_on.month}月{report.due_on.day}日", "unit_of": "单位：人",
        "draft": is_draft(report), "code": report.short_code or short_code(sha256), "version": report.version, "printed": note,
        "columns": UNIT_COLUMNS, "rows": _unit_rows(report.figures),
        "checks": [row for row in checked(report.figures) if row.right is not None],
        "reasons": reasons_in_words(report.figures.get("reasons", {})), "late": late_words(report.figures),
        "zero": zero_words(report) if report.zero_report else "", "texts": part_b(report), "sha256": sha256,
        "differences": difference_words(report),
        "signers": _signers(report), "seal_of": report.organization_name, "sealed_on": report.signed_on,
    }  # fmt: skip
    return render_pdf(
        render_to_string("print/report_unit.html", context), title=f"{report.organization_name}{context['title']}", stylesheets=[],
        archival=not context["draft"],
    )


def is_draft(report):
    return not report.is_signed and not (report.mode == "paper" and report.is_frozen)


def summary_pdf(table, note):
    """The table of a node's schools; 草稿 as long as not every school's report is accepted."""
    complete = table.owed and all(line.newest is not None and line.newest.state == "accepted" for line in table.lines)
    context = {
        "paper": "dense", "title": f"{table.node.name}{period_words(table.span.key)}{TITLE}", "subtitle": counting_words(table.span),
        "unit": table.node.name, "unit_of": "单位：人", "draft": not complete, "printed": note, "columns": SUMMARY_COLUMNS,
        "rows": _summary_rows(table),
        "period": f"应报 {table.owed} 校　已报 {table.sent} 校　及时率 {rate(table.on_time, table.owed)}",
        "notes": summary_foot(table),
        "signers": [{"duty": "制表人"}, {"duty": "审核人"}, {"duty": "负责人"}], "seal_of": table.node.name,
    }  # fmt: skip
    return render_pdf(render_to_string("print/report_summary.html", context), title=context["title"], stylesheets=[], archival=complete)


def part_b(report):
    """[(number sign, title, text)] of the five items."""
    return [("①②③④⑤"[number], title, report.texts.get(str(number + 1), "")) for number, title in enumerate(PART_B)]


def _unit_rows(figures):
    several = len(figures["lines"]) > 1
    rows = []
    for number, line in enumerate(figures["lines"]):
        name = f"{line['name']}（本部）" if several and number == 0 else line["name"]
        rows.append({"cells": [name, *values_in_order(line["values"])]})
    return [*rows, {"kind": "total", "cells": ["合计", *values_in_order(figures["total"])]}]


def _summary_rows(table):
    rows = []
    for group in table.groups:
        for line in group.lines:
            rows.append(
                {"cells": [line.school.name, state_words(line), *values_in_order(line.counted.figures["total"] if line.counted else {})]}
            )
        if group.node is not None and len(table.groups) > 1:
            rows.append({"kind": "subtotal", "cells": [f"{group.node.name}小计", "", *values_in_order(group.total)]})
    if table.without_school:
        rows.append({"kind": "subtotal", "cells": [NO_SCHOOL, "", *values_in_order(table.without_school)]})
    return [*rows, {"kind": "total", "cells": ["合计", f"{table.counted} 校", *values_in_order(table.total)]}]


def _signers(report):
    """Names that the system knows; a line to sign on where it does not."""
    if report.mode == "paper":
        return [{"duty": "填表人", "name": report.paper_filer}, {"duty": "校长（签字）", "name": report.paper_signer, "on": report.signed_on}]
    steps = [("填表人", report.filed_by, report.filed_on), ("校长（签字）", report.signed_by, report.signed_on)]
    if report.group_id:
        steps.append(("教育组接收", report.group_accepted_by, report.group_accepted_on))
    steps.append(("教育局接收", report.accepted_by, report.accepted_on))
    return [{"duty": duty, "name": person.name if person else "", "on": on} for duty, person, on in steps]
