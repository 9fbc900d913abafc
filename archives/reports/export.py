"""A report or a table of reports as a file, with the audit row that its foot leads back to."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from archives.actions.filing import figures_now
from archives.models import Report
from archives.models.report import period_words
from archives.reports import paper, sheets
from archives.reports.summary import summary
from core import audit
from core.models import Organization

MEDIA_TYPES = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
UNIT_MAKERS = {"pdf": paper.unit_pdf, "xlsx": sheets.unit_workbook}
SUMMARY_MAKERS = {"pdf": paper.summary_pdf, "xlsx": sheets.summary_workbook}


class NothingToExport(Exception):
    """There is no report to export; the message says what to do first."""


@dataclass(frozen=True)
class ExportedFile:
    """`number` leads to the audit row."""

    name: str
    content: bytes
    media_type: str
    number: str


def export(*, node, period, format, by):
    """The newest version of a school's report, or the table of the schools of any other node. `by` None: the system, from a command."""
    if node.kind != Organization.Kind.SCHOOL:
        return export_summary(node=node, period=period, format=format, by=by)
    newest = Report.objects.of_period(period).filter(organization=node).newest()
    report = newest.select_related("filed_by", "signed_by", "group_accepted_by", "accepted_by", "corrected_from").first()
    if report is None:
        raise NothingToExport(f"{node.name}没有{period}的月报。请先生成：make_reports --period {period}。")
    return export_unit(report=report, format=format, by=by)


@transaction.atomic
def export_unit(*, report, format, by):
    """One version of one school's report. A workbook or a sheet names no child."""
    if not report.is_frozen:
        report.figures = figures_now(report)  # a draft shows this moment, on paper as on the page
    number = _recorded(by, report, report.organization, report.period, format)
    content = UNIT_MAKERS[format](report, _note(by, number))
    name = f"{report.organization_name}{period_words(report.period)}控辍保学月报_第{report.version}版.{format}"
    return ExportedFile(name, content, MEDIA_TYPES[format], number)


@transaction.atomic
def export_summary(*, node, period, format, by):
    """The table of the node's schools with subtotals and totals."""
    table = summary(node=node, period=period)
    if not table.owed:
        raise NothingToExport(f"{node.name}没有应报{period_words(period)}月报的学校。请先生成：make_reports --period {period}。")
    number = _recorded(by, None, node, period, format)
    content = SUMMARY_MAKERS[format](table, _note(by, number))
    return ExportedFile(f"{node.name}{period_words(period)}控辍保学月报汇总.{format}", content, MEDIA_TYPES[format], number)


def _recorded(by, report, node, period, format):
    return audit.record_view("report_exported", by=by, subject=report, organization=node, period=period, format=format).number


def _note(by, number):
    """Who, when and the number of the audit row, as each sheet's foot carries it."""
    return f"{getattr(by, 'name', '') or '系统'} {timezone.localtime():%Y-%m-%d %H:%M} {number}"
