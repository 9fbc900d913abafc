"""The principal's name under the content, the acceptances, the way back."""

from django.db import transaction

from archives.actions.filing import FiguresChanged, figures_now
from archives.actions.moves import allowed, locked, move
from archives.assembly.content import fingerprint, same
from archives.assembly.figures import differences
from core.models import Signature
from core.scope import role_on
from core.workflow import Refused

MEANINGS = {"sign": "校长签字", "accept_by_group": "教育组接收", "accept_by_bureau": "教育局接收", "accept_directly": "教育局接收"}


class ContentChanged(Refused):
    """The stored content is not what its fingerprint says, or not what the page showed."""


def require_content(report, sha256):
    """ContentChanged unless the content is what was filed and what the page with `sha256` showed."""
    actual = fingerprint(report)
    if actual != report.content_sha256:
        raise ContentChanged(
            f"月报内容与填报时的指纹不符：填报时 {report.content_sha256[:12]}…，现在 {actual[:12]}…。内容被改动过，不能办理。请退回重新填报，并报告业务管理员。"
        )
    if sha256 != report.content_sha256:
        raise ContentChanged(
            f"您看到的月报和现在的不是同一份：页面上是 {sha256[:12] or '（空）'}…，现在是 {report.content_sha256[:12]}…。请刷新页面，重新核对后再办理。"
        )


def why_changed_since_filing(report):
    """FiguresChanged when lists or cases of the period have changed since the report was filed; None when they have not."""
    now = figures_now(report)
    if same(report.figures, now):
        return None
    return FiguresChanged(differences(report.figures, now), "请先退回填报人，按现在的数字重新填报后再签字。")


@transaction.atomic
def sign(*, report, sha256, by, on):
    """The principal signs; the caller has asked for the password again. Bound to `sha256`, the fingerprint the page showed."""
    report = locked(report)
    transition = allowed(report, "sign", by)
    require_content(report, sha256)
    changed = why_changed_since_filing(report)
    if changed:
        raise changed
    _sign_name(report, transition, by)
    return move(report, transition, by=by, on=on, signed_by=by, signed_on=on, sent_on=on)


@transaction.atomic
def accept(*, report, sha256, by, on):
    """The education group or the bureau accepts what the principal signed."""
    report = locked(report)
    transition = allowed(report, "accept", by)
    require_content(report, sha256)
    if transition.target == "accepted_group":
        fields = {"group_accepted_by": by, "group_accepted_on": on}
    else:
        fields = {"accepted_by": by, "accepted_on": on}
    _sign_name(report, transition, by)
    return move(report, transition, by=by, on=on, **fields)


@transaction.atomic
def send_back(*, report, reason, by, on):
    """Back to a draft with the reason; the signatures stay on record, bound to the content they were given to."""
    report = locked(report)
    transition = allowed(report, "return", by)
    if not reason.strip():
        raise Refused("退回要写明原因，让填报人知道改什么。")
    emptied = dict.fromkeys(
        ("filed_by", "filed_on", "signed_by", "signed_on", "sent_on", "group_accepted_by", "group_accepted_on", "zero_checked_on", "scan")
    )
    blank = dict.fromkeys(("content_sha256", "short_code", "zero_checked_by", "paper_filer", "paper_signer"), "")
    move(
        report,
        transition,
        by=by,
        on=on,
        reason=reason,
        **emptied,
        **blank,
        zero_report=False,
        returned_by=by,
        returned_on=on,
        returned_reason=reason,
    )
    return report


def _sign_name(report, transition, by):
    Signature.objects.create(
        signed_by=by, signer_name=by.name, role=role_on(by, transition.permission, report.organization), organization=report.organization,
        meaning=MEANINGS[transition.name], subject_kind=report._meta.label_lower, subject_id=str(report.public_id),
        sha256=report.content_sha256, method=Signature.Method.PASSWORD,
    )  # fmt: skip
