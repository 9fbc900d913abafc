"""The way of a monthly report: filed by the clerk, signed by the principal, accepted by the education group and then by the bureau.

Domain.md §1.3 (月报 by the 25th from school to 中心校 to bureau) and issue 2, stage B. Who did an earlier step does not do a later one; on
paper the earlier steps were done by hand, so there the persons are the names under the stamped sheet.
"""

from archives.assembly.checks import unbalanced
from archives.assembly.figures import is_zero
from archives.models.report import ReportState
from core.workflow import Transition, Workflow

DRAFT, FILED, SIGNED, ACCEPTED_GROUP, ACCEPTED = ReportState
PART_B = ("体系建立和责任落实", "动态监测机制", "劝返、登记和书面报告制度落实", "适龄儿童入学台账", "计划脱贫退出户无辍学达标情况")


def _earlier(report):
    return {pk for pk in (report.filed_by_id, report.signed_by_id, report.group_accepted_by_id) if pk}


def _own(report):
    return {report.filed_by_id} if report.mode == "system" else set()


def written(report):
    """Why part A or part B is not ready to be filed; None when it is."""
    if report.mode == "paper":
        return "本校按纸质报送：请先“打印纸质月报”，签字盖章后交教育组。"
    return _ready(report)


def _ready(report):
    wrong = unbalanced(report.figures)
    if wrong:
        return f"数字不平衡，不能填报：{wrong[0].sentence}"
    if report.zero_report:
        return None if is_zero(report.figures) else "本月有变化，不能报零报告：请填写第二部分后填报。"
    empty = [f"{'①②③④⑤'[number]}{title}" for number, title in enumerate(PART_B) if not report.texts.get(str(number + 1), "").strip()]
    return f"第二部分还没有写：{'、'.join(empty)}。写好后再填报；本月无变化的可以报零报告。" if empty else None


def _printable(report):
    if report.mode != "paper":
        return "本校按系统填报，不用打印纸质月报；要改为纸质报送，请教育局在“报送方式”中修改。"
    if report.zero_report and not is_zero(report.figures):
        return "本月有变化，不能报零报告：请按有变化的月报打印。"
    wrong = unbalanced(report.figures)
    return f"数字不平衡，不能打印：{wrong[0].sentence}" if wrong else None


def _signable(report):
    return "本校按纸质报送，由校长在纸上签字盖章。" if report.mode == "paper" else None


def _has_group(report):
    return None if report.group_id else "本校直属教育局，不经教育组接收。"


def _no_group(report):
    return "先由教育组接收，教育局再接收。" if report.group_id else None


def _direct_on_paper(report):
    """Where there is neither a group nor a signature in the system, the bureau is the next to read the sheet."""
    if report.group_id:
        return "这份月报还在教育组，由教育组退回。"
    return None if report.mode == "paper" else "这份月报还没有签字，由校长退回。"


def _arrived(report):
    if report.mode != "paper":
        return "本校按系统填报，要由校长在系统里签字。"
    return None if report.scan_id else "还没有盖章扫描件：请先按编号上传，再登记纸质已收。"


def _arrived_at_group(report):
    return _has_group(report) or _arrived(report)


def _arrived_at_bureau(report):
    return _no_group(report) or _arrived(report)


BASIS = "domain.md §1.3 月报季评制"
MONTHLY_REPORT = Workflow(
    name="archives_report",
    states=ReportState,
    initial=DRAFT,
    nodes=lambda report: [report.organization],
    transitions=(
        Transition("file", "填报", (DRAFT,), FILED, "file_report", missing=written, basis=BASIS),
        Transition("print_by_school", "打印纸质月报", (DRAFT,), FILED, "file_report", missing=_printable, basis=BASIS),
        Transition("print_by_group", "打印纸质月报", (DRAFT,), FILED, "tick_paper_report", missing=_printable, basis=BASIS),
        Transition("sign", "签字", (FILED,), SIGNED, "sign_report", missing=_signable, other_than=_own, basis=BASIS),
        Transition("accept_by_group", "教育组接收", (SIGNED,), ACCEPTED_GROUP, "accept_report_group", missing=_has_group, other_than=_earlier),
        Transition("accept_by_bureau", "教育局接收", (ACCEPTED_GROUP,), ACCEPTED, "accept_report_bureau", other_than=_earlier),
        Transition("accept_directly", "教育局接收", (SIGNED,), ACCEPTED, "accept_report_bureau", missing=_no_group, other_than=_earlier),
        Transition("tick_by_group", "登记纸质已收", (FILED,), ACCEPTED_GROUP, "tick_paper_report", missing=_arrived_at_group),
        Transition("tick_by_bureau", "登记纸质已收", (FILED,), ACCEPTED, "accept_report_bureau", missing=_arrived_at_bureau, other_than=_earlier),
        Transition("return_by_principal", "退回", (FILED,), DRAFT, "sign_report"),
        Transition("return_by_group", "退回", (FILED, SIGNED), DRAFT, "accept_report_group"),
        Transition("return_by_bureau", "退回", (SIGNED, ACCEPTED_GROUP), DRAFT, "accept_report_bureau"),
        Transition("return_paper_by_bureau", "退回", (FILED,), DRAFT, "accept_report_bureau", missing=_direct_on_paper),
    ),
)
ACTS = {
    "file": ("file", "print_by_school", "print_by_group"),
    "accept": ("accept_by_group", "accept_by_bureau", "accept_directly"),
    "tick": ("tick_by_group", "tick_by_bureau"),
    "return": ("return_by_principal", "return_by_group", "return_by_bureau", "return_paper_by_bureau"),
}
