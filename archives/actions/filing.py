"""The clerk's part: part B written, the figures as they stand now put under a fingerprint."""

from datetime import timedelta

from django.db import transaction

from archives.actions.moves import allowed, locked, move
from archives.assembly.content import fingerprint, same, short_code
from archives.assembly.counting import figures_of
from archives.assembly.figures import differences, text_differences
from archives.assembly.periods import Span
from archives.models import Report
from archives.workflow import PART_B
from core import audit
from core.scope import require
from core.workflow import Refused


class FiguresChanged(Refused):
    """The figures are no longer those that the page showed; `changes` holds [label, shown, now]."""

    def __init__(self, changes, remedy):
        self.changes = changes
        spoken = "；".join(f"{label}：页面上是 {_spoken(shown)}，现在是 {_spoken(now)}" for label, shown, now in changes) or "明细行有变化"
        super().__init__(f"数字在您打开页面之后变了。{spoken}。{remedy}")


class TextsChanged(Refused):
    """Part B was saved by somebody else since the page was shown; `newer` holds the saved texts."""

    def __init__(self, newer):
        self.newer = newer
        super().__init__("第二部分在您打开页面之后已被另一个人保存过，请对照两份内容，合并后再保存。")


def _spoken(value):
    return "—" if value is None else value


def figures_now(report):
    """The figures of a report's unit and period as the lists and cases stand at this moment."""
    span = Span(report.period, report.starts_after, report.ends_on, report.due_on)
    return figures_of([report.organization], span)[report.organization_id]


@transaction.atomic
def save_texts(*, report, texts, revision, by):
    """Part B; `revision` is the one the page was made from. TextsChanged when it is no longer the newest."""
    report = locked(report)
    require(by, "file_report", report.organization)
    if report.is_frozen:
        raise Refused(f"现在是“{report.get_state_display()}”，内容已经固定。要修改请先由下一步的人退回。")
    wanted = {str(number): texts.get(str(number), "").strip() for number in range(1, len(PART_B) + 1)}
    if revision != report.revision and wanted != report.texts:
        raise TextsChanged(report.texts)
    report.texts, report.revision = wanted, report.revision + 1
    report.save(update_fields=["texts", "revision"])
    audit.record("report_text_saved", by=by, subject=report, organization=report.organization, period=report.period)
    return report


def _corrected(report, now):
    """What differs from the version that this one puts right, words included."""
    before = report.corrected_from
    return differences(before.figures, now) + text_differences(before.texts, report.texts, PART_B) if before else []


@transaction.atomic
def file(*, report, shown, by, on, zero_checked_by=""):
    """File the report with the figures of this moment, which must be those that were `shown`. `zero_checked_by`: file it as a zero report
    that this person checked. On paper this freezes the sheet that is printed for signature."""
    report = locked(report)
    now = figures_now(report)
    if report.state == Report.State.DRAFT and not same(now, shown):
        raise FiguresChanged(differences(shown, now), "请重新核对后再填报。")
    if not report.is_frozen:
        report.figures = now
        report.zero_report, report.zero_checked_by = bool(zero_checked_by), zero_checked_by
        report.zero_checked_on = on if zero_checked_by else None
    transition = allowed(report, "file", by)
    if on <= report.ends_on:
        raise Refused(f"统计期到 {report.ends_on} 才结束，{report.ends_on + timedelta(days=1)} 起才能填报；第二部分可以先写好存下。")
    sha256 = fingerprint(report)
    return move(
        report, transition, by=by, on=on, figures=now, zero_report=report.zero_report, zero_checked_by=report.zero_checked_by,
        zero_checked_on=report.zero_checked_on, content_sha256=sha256, short_code=short_code(sha256), filed_by=by, filed_on=on,
        differences=_corrected(report, now),
    )  # fmt: skip
