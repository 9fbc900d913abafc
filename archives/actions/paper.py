"""The way on paper: the stamped scan finds its report by the short code, and the receiver ticks 纸质已收."""

from django.db import transaction

from archives.actions.making import made_event
from archives.actions.moves import allowed, locked, move
from archives.actions.signing import require_content
from archives.assembly.content import read_short_code
from archives.models import Report
from core import audit
from core.models import Signature
from core.scope import has_permission, may, role_on
from core.workflow import NoRight, Refused

JOINERS = ("file_report", "tick_paper_report", "accept_report_bureau")


def find_by_code(typed, user):
    """The filed report whose paper carries the code, within the scope of `user`; Refused with a sentence when there is none."""
    code = read_short_code(typed)
    if not code:
        raise Refused(f"“{typed}”不是月报编号。编号印在页脚，八位，如 7K3M-9QXZ。")
    visible = [Report.objects.visible_to(user, permission) for permission in JOINERS if has_permission(user, permission)]
    for reports in visible:
        found = reports.filter(short_code=code).select_related("organization").first()
        if found:
            return found
    raise Refused(f"没有找到编号 {code} 的月报。请核对页脚的编号；若月报已退回重填，要用新打印的那一份。")


@transaction.atomic
def join_scan(*, report, attachment, by, on):
    """Put the scan of the stamped sheet to its report. A sheet that was signed in the system may have one too, as a copy."""
    report = locked(report)
    if not any(may(by, permission, report.organization) for permission in JOINERS):
        raise Refused(NoRight("您的角色不能上传这份月报的扫描件。"))
    if not report.is_frozen or report.state == Report.State.ACCEPTED:
        raise Refused(f"现在是“{report.get_state_display()}”，不能再附扫描件。")
    if report.mode == "paper" and report.state != Report.State.FILED:
        raise Refused("纸质已收，扫描件是核对过的那一份，不能再换。要换请先退回这份月报。")
    report.scan = attachment
    report.save(update_fields=["scan"])
    event = made_event(report, on, by, name="scan_joined", reason=attachment.name)
    event.source = event.target = report.state
    event.sha256 = report.content_sha256
    event.save()
    audit.record("report_scan_joined", by=by, subject=report, organization=report.organization, file=attachment.sha256)
    return report


@transaction.atomic
def tick(*, report, sha256, paper_filer, paper_signer, signed_on, by, on):
    """纸质已收: the sheet with the scan is here, signed by `paper_filer` and `paper_signer` on `signed_on`. Received by the group, or by the
    bureau for a school directly under it."""
    report = locked(report)
    transition = allowed(report, "tick", by)
    require_content(report, sha256)
    if not paper_filer.strip() or not paper_signer.strip() or paper_filer.strip() == paper_signer.strip():
        raise Refused("请照纸上填写填表人和校长的姓名，两处要是两个人。")
    if signed_on > on:
        raise Refused("纸上的签字日期不能晚于今天。")
    received = (
        {"group_accepted_by": by, "group_accepted_on": on}
        if transition.target == "accepted_group"
        else {"accepted_by": by, "accepted_on": on}
    )
    Signature.objects.create(
        signed_by=by, signer_name=paper_signer.strip(), role=role_on(by, transition.permission, report.organization),
        organization=report.organization, meaning="纸质签章收讫", subject_kind=report._meta.label_lower, subject_id=str(report.public_id),
        sha256=report.content_sha256, method=Signature.Method.PAPER, scan=report.scan,
    )  # fmt: skip
    return move(
        report,
        transition,
        by=by,
        on=on,
        paper_filer=paper_filer.strip(),
        paper_signer=paper_signer.strip(),
        signed_on=signed_on,
        sent_on=on,
        **received,
    )
