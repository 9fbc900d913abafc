"""Workbooks of reports."""

import io
from datetime import timedelta

from archives.models.report import period_words
from archives.reports.columns import reasons_in_words, sheet_columns, sheet_values
from archives.workflow import PART_B
from core.spreadsheets import Column, SheetOut, write_workbook
from core.templatetags.look import cn_date, rate

TITLE = "控辍保学月报表"
NO_SCHOOL = "未落实学校（乡镇负责）"


def unit_workbook(report, note):
    """One school's report: part A with a line for each teaching point, part B on a second sheet. Bytes."""
    return _written([_part_a(report), _part_b(report)], note)


def summary_workbook(table, note):
    """The table of a node's schools with subtotals of the education groups and the total. Bytes."""
    rows, number = [], 0
    for group in table.groups:
        for line in group.lines:
            number += 1
            rows.append([number, line.school.name, state_words(line), *_counted(line)])
        if group.node is not None and len(table.groups) > 1:
            rows.append(["", f"{group.node.name}小计", "", *sheet_values(group.total)])
    if table.without_school:
        rows.append(["", NO_SCHOOL, "", *sheet_values(table.without_school)])
    sheet = SheetOut(
        name=f"{period_words(table.span.key)}汇总", columns=sheet_columns(("序号", 5), ("学校", 24), ("报送状态", 12)), rows=rows,
        titles=(f"{table.node.name}{period_words(table.span.key)}{TITLE}", counting_words(table.span)),
        unit_line=f"填报单位（盖章）：{table.node.name}    应报 {table.owed} 校，已报 {table.sent} 校，及时率 {rate(table.on_time, table.owed)}    单位：人",
        total=["", "合计", f"{table.counted} 校", *sheet_values(table.total)], foot=summary_foot(table), frozen_columns=2,
    )  # fmt: skip
    return _written([sheet], note)


def state_words(line):
    return "未生成" if line.newest is None else line.newest.get_state_display() if line.newest.is_frozen else "未报"


def counting_words(span):
    """统计期：2020年2月21日至2020年3月20日."""
    return f"统计期：{cn_date(span.starts_after + timedelta(days=1))}至{cn_date(span.ends_on)}"


def summary_foot(table):
    """Notes below a table of schools: what the total is made of, who is missing, why a column has no figure."""
    notes = [f"合计为已填报的 {table.counted} 校之和；已接收的取已接收的一版。"]
    if table.missing:
        notes.append(f"未报 {len(table.missing)} 校：{'、'.join(line.school.name for line in table.missing)}。")
    if table.without_school:
        notes.append(f"“{NO_SCHOOL}”为没有学校记录或所在学校不报月报的个案，按导出时的登记统计，已计入合计。")
    return [*notes, *reasons_in_words(table.reasons)]


def _counted(line):
    return sheet_values(line.counted.figures["total"] if line.counted else {})


def _part_a(report):
    lines, total = report.figures["lines"], report.figures["total"]
    several = len(lines) > 1
    names = [f"{line['name']}（本部）" if several and number == 0 else line["name"] for number, line in enumerate(lines)]
    draft = "" if report.is_signed else "（草稿，未签字）"
    return SheetOut(
        name="第一部分 数字", columns=sheet_columns(("学校", 24)),
        rows=[[name, *sheet_values(line["values"])] for name, line in zip(names, lines, strict=True)],
        titles=(f"{report.organization_name}{period_words(report.period)}{TITLE}{draft}", counting_words(report)),
        unit_line=f"填报单位（盖章）：{report.organization_name}    {signature_words(report)}    单位：人",
        total=["合计", *sheet_values(total)], foot=unit_foot(report), frozen_columns=1,
    )  # fmt: skip


def _part_b(report):
    rows = [[f"{'①②③④⑤'[number]}{title}", report.texts.get(str(number + 1), "")] for number, title in enumerate(PART_B)]
    columns = [Column("项目", 30), Column("实施情况", 90)]
    return SheetOut(name="第二部分 实施情况", columns=columns, rows=rows, titles=(f"{report.organization_name}{period_words(report.period)}实施情况",))


def signature_words(report):
    """填表人、校长、报送日期 as far as they are known."""
    filer = report.paper_filer or (report.filed_by.name if report.filed_by_id and report.mode == "system" else "")
    signer = report.paper_signer or (report.signed_by.name if report.signed_by_id else "")
    return f"填表人：{filer or '　　　'}    校长（签字）：{signer or '　　　'}    报送日期：{cn_date(report.sent_on) if report.sent_on else '　　年　月　日'}"


def unit_foot(report):
    """Notes below part A: late facts, zero report, why a column has no figure, code and fingerprint."""
    notes = [
        f"{report.due_on.month}月{report.due_on.day}日前报送。",
        *late_words(report.figures),
        *reasons_in_words(report.figures.get("reasons", {})),
    ]
    if report.zero_report:
        notes.insert(0, zero_words(report))
    if report.corrected_from_id:
        notes.append(f"本版更正第 {report.version - 1} 版：{report.correction_reason}")
        notes += difference_words(report)
    if report.content_sha256:
        notes.append(f"编号 {report.short_code}　第 {report.version} 版　内容指纹 sha256 {report.content_sha256}")
    return notes


def zero_words(report):
    return f"零报告：经{report.zero_checked_by}于{cn_date(report.zero_checked_on)}核查，本期没有新增疑似、辍学和返校，也没有未办结的个案。"


def difference_words(report):
    """["本月确认辍学：1 → 2"]: what this version puts right; of words only which item, since both stand on paper."""
    return [
        f"更正内容：{label}" + ("（文字）" if isinstance(now, str) else f" {'—' if was is None else was} → {'—' if now is None else now}")
        for label, was, now in report.differences
    ]


def late_words(figures):
    """What is counted here though it happened in an earlier period (补报)."""
    late = figures.get("late", 0)
    return [f"其中补报 {late} 项：以前各期发生、上期月报报出后才登记，计入本期。"] if late else []


def _written(sheets, note):
    target = io.BytesIO()
    write_workbook(target, sheets, note=note)
    return target.getvalue()
