"""What every move of a report has in common: the row locked, the workflow asked, one event and one audit row."""

from archives.models import Report, ReportEvent
from archives.workflow import ACTS, MONTHLY_REPORT
from core import audit
from core.workflow import Refused


def locked(report):
    """The row as it stands, held until the transaction ends."""
    return Report.objects.select_for_update(of=("self",)).select_related("organization", "group").get(pk=report.pk)


def allowed(report, act, user):
    """The transition of the family `act` (archives.workflow.ACTS) that `user` may take now; Refused with the most fitting sentence."""
    open_now = {transition.name: sentence for transition, sentence in MONTHLY_REPORT.open_to(report, user)}
    names = ACTS.get(act, (act,))
    for name in names:
        if name in open_now and open_now[name] is None:
            return MONTHLY_REPORT.table[name]
    refused = next((open_now[name] for name in names if name in open_now), None)
    raise Refused(refused or MONTHLY_REPORT.why_not(report, _fitting(report, names), user))


def why_not(report, act, user):
    """None if `user` may do `act` now, else the sentence; the same question as the action asks."""
    try:
        allowed(report, act, user)
    except Refused as refusal:
        return str(refusal)
    return None


def _fitting(report, names):
    return next((name for name in names if report.state in MONTHLY_REPORT.table[name].sources), names[0])


def move(report, transition, *, by, on, reason="", **fields):
    """Save `fields` and the new state together with the event and the audit row."""
    source, report.state = report.state, transition.target
    for name, value in fields.items():
        setattr(report, name, value)
    report.save(update_fields=["state", *fields])
    ReportEvent.objects.create(
        report=report, name=transition.name, source=source, target=transition.target, happened_on=on, by=by, by_name=by.name, reason=reason,
        sha256=report.content_sha256,
    )  # fmt: skip
    audit.record(
        f"report_{transition.name}", by=by, subject=report, organization=report.organization, reason=reason[:200],
        period=report.period, version=report.version, sha256=report.content_sha256,
    )  # fmt: skip
    return report
