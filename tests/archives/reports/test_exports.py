"""The workbook and the paper look like what a bureau would sign for."""

import io
import json
import re
import subprocess
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from archives.actions import filing
from archives.models import Report
from archives.reports import paper, sheets
from archives.reports.columns import FIGURE_COLUMNS
from archives.reports.export import export
from archives.reports.summary import summary
from core import file_runs
from core.actions import sealing
from core.models import AuditEntry, FileRun
from tests import make
from tests.archives.world import FILED_ON, PERIOD, a_case, accepted, applied_list, filed, fresh, made, signed

pytestmark = pytest.mark.django_db
SUSPECTED = [("open", "", "suspected", date(2020, 3, 10))]


def text_of(pdf):
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode().replace(" ", "").replace("　", "")


def sheet_of(content, number=0):
    return load_workbook(io.BytesIO(content)).worksheets[number]


def head_row(sheet):
    return next(row for row in range(1, 12) if any(sheet.cell(row, column).value == "疑似辍学" for column in range(1, 40)))


def test_an_unsigned_report_is_a_draft_on_paper(schools):
    report = filed(schools)
    text = text_of(paper.unit_pdf(report, "系统 2020-03-23"))
    for wanted in ("2020年3月控辍保学月报表", "填报单位：东关小学", "统计期：2020年2月21日至2020年3月20日", "第1页共", "草", "稿", report.short_code, "（公章）"):
        assert wanted in text, wanted
    assert report.content_sha256 in text.replace("\n", "")


def test_a_signed_one_is_not_and_carries_the_names_and_the_same_fingerprint(schools):
    report = signed(schools)
    text = text_of(paper.unit_pdf(report, "系统"))
    assert "草稿" not in text.replace("\n", "")
    assert schools.people["principal"].name in text
    assert report.content_sha256 in text.replace("\n", "")
    a_case(schools, "疑1", SUSPECTED)
    again = text_of(paper.unit_pdf(fresh(schools), "系统"))
    assert again == text, "a frozen version is rendered from what was stored"


def test_the_workbook_has_a_two_level_head_and_a_total_that_is_the_sum(schools):
    a_case(schools, "疑1", SUSPECTED)
    a_case(schools, "疑2", SUSPECTED, child="foreign", school="other_school")
    made(schools)
    for name, clerk in (("school", "school_clerk"), ("other_school", None)):
        report = fresh(schools, name)
        by = schools.people[clerk] if clerk else _clerk_of(schools, name)
        report = filing.save_texts(report=report, texts={str(n): "已落实" for n in range(1, 6)}, revision=1, by=by)
        filing.file(report=report, shown=filing.figures_now(report), by=by, on=FILED_ON)
    sheet = sheet_of(sheets.summary_workbook(summary(node=schools.nodes.root, period=PERIOD), "系统 A1"))
    top = head_row(sheet)
    labels = [sheet.cell(top + 1, column).value for column in range(4, 4 + len(FIGURE_COLUMNS))]
    assert labels == [column.label for column in FIGURE_COLUMNS]
    column = 4 + labels.index("本月新增疑似")
    rows = {sheet.cell(row, 2).value: sheet.cell(row, column).value for row in range(top + 2, sheet.max_row + 1)}
    assert (rows["东关小学"], rows["西关学校"], rows["东关中学"]) == (1, 1, "—")
    assert (rows["东关中心校小计"], rows["西关教育组小计"], rows["合计"]) == (1, 1, 2)
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == 8  # A3: on A4 its type would be under 8 points


def _clerk_of(house, school):
    from tests import make

    return make.person("other_clerk", ("school_clerk", getattr(house.nodes, school)))


def test_the_summary_says_who_is_missing_and_counts_the_accepted_version(schools):
    accepted(schools)
    table = summary(node=schools.nodes.root, period=PERIOD)
    assert (table.owed, table.sent, table.on_time, table.counted) == (3, 1, 1, 1)
    assert {line.school.name for line in table.missing} == {"东关中学", "西关学校"}
    text = text_of(paper.summary_pdf(table, "系统"))
    assert "未报2校" in text
    assert "及时率33.33%" in text
    assert "草" in text


def test_a_township_has_the_schools_that_lie_in_it(schools):
    made(schools)
    assert {line.school.name for line in summary(node=schools.nodes.township, period=PERIOD).lines} == {"东关小学", "东关中学"}
    assert {line.school.name for line in summary(node=schools.nodes.other_group, period=PERIOD).lines} == {"西关学校"}


def test_a_sum_of_some_is_no_total(schools):
    """The roster of one school alone was imported: its figure stands, the county's does not."""
    snapshot = applied_list(schools, "attending")
    snapshot.__class__.objects.filter(pk=snapshot.pk).update(coverage=schools.nodes.school)
    made(schools)
    for name in ("school", "other_school"):
        report = fresh(schools, name)
        by = schools.people["school_clerk"] if name == "school" else _clerk_of(schools, name)
        filing.file(report=report, shown=filing.figures_now(report), by=by, on=FILED_ON, zero_checked_by="李三")
    table = summary(node=schools.nodes.root, period=PERIOD)
    by_group = {group.node.name: group.total["attending_pri"] for group in table.groups}
    assert by_group == {"东关中心校": 0, "西关教育组": None}
    assert table.total["attending_pri"] is None
    assert table.total["suspected_new"] == 0


def test_summary_queries_do_not_grow(schools, django_assert_max_num_queries):
    made(schools)
    with django_assert_max_num_queries(14):  # one of them asks for the names of that time
        summary(node=schools.nodes.root, period=PERIOD)


def test_an_export_leaves_its_number(schools):
    made(schools)
    file = export(node=schools.nodes.school, period=PERIOD, format="xlsx", by=schools.people["principal"])
    entry = AuditEntry.objects.get(act="report_exported")
    assert file.number == entry.number
    foot = [row[0].value for row in sheet_of(file.content).iter_rows() if row[0].value]
    assert any(entry.number in str(line) for line in foot)


def kept_for_good(pdf):
    """Whether a PDF says of itself that it is PDF/A-3u and names its colours; what that takes is looked at in tests/core."""
    root = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    about = root["/Metadata"].get_object().get_data().decode() if "/Metadata" in root else ""
    return bool(re.search(r"pdfaid:part(?:>|=\")3", about)) and "/OutputIntents" in root


def test_a_draft_is_not_made_to_be_kept(schools):
    assert not kept_for_good(paper.unit_pdf(filed(schools), "系统"))


def test_a_signed_report_is_and_a_summary_only_when_all_are_accepted(schools):
    assert kept_for_good(paper.unit_pdf(signed(schools), "系统"))
    assert not kept_for_good(paper.summary_pdf(summary(node=schools.nodes.root, period=PERIOD), "系统"))


def test_the_papers_foot_carries_the_audit_chains_anchor(schools):
    sealing.seal_entries(timezone.now())
    anchor = sealing.newest_head().anchor
    report = made(schools)
    assert f"：{anchor}" in text_of(paper.unit_pdf(report, "系统")).replace("\n", "")
    assert f"：{anchor}" in text_of(paper.summary_pdf(summary(node=schools.nodes.root, period=PERIOD), "系统"))


@pytest.mark.parametrize("format", ["xlsx", "pdf"])
@pytest.mark.parametrize("code", ["S01", "G01", "990101000000"])
def test_the_command_writes_what_is_asked(schools, tmp_path, capsys, format, code):
    made(schools)
    call_command("export_report", period=PERIOD, organization=code, format=format, out=tmp_path, json=True)
    answer = json.loads(capsys.readouterr().out)
    (path,) = [path for path in tmp_path.iterdir() if path.suffix == f".{format}"]
    assert answer["file"] == str(path)
    assert path.read_bytes()[:2] == {"xlsx": b"PK", "pdf": b"%P"}[format]


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ({"organization": "NO"}, "没有代码为“NO”的单位"), ({"organization": "S01"}, "没有2020-03的月报"),
        ({"organization": "G01", "period": "2020-3"}, "2020-3"),
    ],
)  # fmt: skip
def test_the_command_says_what_is_wrong(schools, tmp_path, order, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("export_report", **{"period": PERIOD, "format": "pdf", "out": tmp_path} | order)


def test_reports_are_made_by_hand(schools, capsys):
    call_command("make_reports", period=PERIOD, json=True)
    assert json.loads(capsys.readouterr().out) == {"period": PERIOD, "owed": 3, "added": 3, "refreshed": 0}
    call_command("make_reports", period=PERIOD)
    assert "新生成 0 份" in capsys.readouterr().out
    with pytest.raises(CommandError, match="2020年3月"):
        call_command("make_reports", period="2020年3月")


def test_the_task_makes_the_closed_period_once_a_day(schools):
    from archives.tasks import make_monthly_reports

    make_monthly_reports()
    make_monthly_reports()
    run = FileRun.objects.get(kind="make_monthly_reports")
    assert file_runs.execute(run.pk)
    make_monthly_reports()
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("done", 1)
    assert "应报 3，新生成 3" in run.message
    assert Report.objects.count() == 3


def test_children_without_a_school_are_in_the_totals_of_township_and_county(schools):
    """Most of those who never went to school have none: no school reports them, the totals do (domain.md §3.4)."""
    case = a_case(schools, "疑1", SUSPECTED)
    case.__class__.objects.filter(pk=case.pk).update(school=None, township=schools.nodes.township)
    made(schools)
    clerk = make.person("clerk_of_all", ("school_clerk", schools.nodes.school), ("school_clerk", schools.nodes.junior_school),
                        ("school_clerk", schools.nodes.other_school))  # fmt: skip
    for name in ("school", "junior_school", "other_school"):
        report = fresh(schools, name)
        filing.file(report=report, shown=filing.figures_now(report), by=clerk, on=FILED_ON, zero_checked_by="李三")
    for node in (schools.nodes.root, schools.nodes.township):
        table = summary(node=node, period=PERIOD)
        assert (table.total["suspected_new"], table.total["suspected_end"], table.without_school["suspected_new"]) == (1, 1, 1)
        assert "未落实学校" in text_of(paper.summary_pdf(table, "系统"))
        rows = [[cell.value for cell in row] for row in sheet_of(sheets.summary_workbook(table, "系统")).iter_rows()]
        assert any("未落实学校（乡镇负责）" in row for row in rows)
    for node in (schools.nodes.other_township, schools.nodes.group):
        assert summary(node=node, period=PERIOD).without_school == {}
