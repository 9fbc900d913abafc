"""A correction of an accepted report is a new version with its differences (design.md §5)."""

from django.db import transaction

from archives.actions.filing import figures_now
from archives.actions.making import made_event
from archives.actions.moves import locked
from archives.assembly.figures import differences
from archives.models import Report
from core import audit
from core.models import Organization
from core.scope import may
from core.workflow import Refused

CORRECTORS = ("file_report", "accept_report_bureau")


def why_not_correct(report, user):
    """None if `user` may open a correction of `report`, else the sentence."""
    if not any(may(user, permission, report.organization) for permission in CORRECTORS):
        return "更正由学校填报人或教育局提出。"
    if report.state != Report.State.ACCEPTED:
        return f"现在是“{report.get_state_display()}”，还没有归档，退回修改即可，不用更正。"
    if Report.objects.filter(kind=report.kind, period=report.period, organization=report.organization, version__gt=report.version).exists():
        return "这份月报已有更新的一版，请在最新一版上更正。"
    return None


@transaction.atomic
def correct(*, report, reason, by, on):
    """The next version as a draft, counted anew; the version before it stays as it is and counts until the new one is accepted."""
    Organization.objects.select_for_update(no_key=True).get(pk=report.organization_id)  # two corrections at once wait for each other here
    report = locked(report)
    sentence = why_not_correct(report, by) or ("" if reason.strip() else "请写明为什么更正。")
    if sentence:
        raise Refused(sentence)
    now = figures_now(report)
    version = Report.objects.create(
        kind=report.kind, period=report.period, organization=report.organization, organization_name=report.organization.name,
        group=report.group,
        version=report.version + 1, corrected_from=report, correction_reason=reason.strip(), differences=differences(report.figures, now),
        mode=report.mode, starts_after=report.starts_after, ends_on=report.ends_on, due_on=report.due_on, figures=now, texts=report.texts,
    )  # fmt: skip
    made_event(version, on, by, name="corrected", reason=reason.strip()).save()
    audit.record("report_corrected", by=by, subject=version, organization=report.organization, reason=reason[:200], period=report.period)
    return version
