"""Reasons for children whom the lists do not explain: proposed in a batch, decided by another person, then standings."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from core import audit, scope
from core.workflow import NoRight, Refused
from students.actions import standings
from students.models import StandingProposal, StandingProposalLine
from students.rules import ages
from students.rules.standings import NEVER_REASONS, REASON_LABELS, STANDINGS

PROPOSE, DECIDE = "record_standing", "review_standing"
MOST_SUSPENDED_DAYS = 366


@transaction.atomic
def propose(*, rows, by, organization, proof=None, note=""):
    """A batch of {child, code, reason, since, until, place, document} waits for another person. `until`: the last day, where one is stated;
    else the table says when it ends. Refused with the child's name for what the table does not allow."""
    if not rows:
        raise Refused("没有选中学生，请先勾选。")
    scope.require(by, PROPOSE, organization)
    _refuse_foreign(rows, by)
    if len({row["child"].pk for row in rows}) < len(rows):
        raise Refused("同一名学生在这一批里出现了两次，请只留一行。")
    proposal = StandingProposal.objects.create(organization=organization, proof=proof, note=note.strip()[:200], proposed_by=by)
    StandingProposalLine.objects.bulk_create([_line(proposal, row, proof) for row in rows], batch_size=2000)
    audit.record("standings_proposed", by=by, subject=proposal, organization=organization, rows=len(rows))
    return proposal


def _refuse_foreign(rows, by):
    granted = set(scope.granted_nodes(by, PROPOSE))
    foreign = [row["child"].name for row in rows if not granted & set(row["child"].scope_nodes)]
    if foreign:
        raise Refused(NoRight(f"{'、'.join(foreign[:5])}：不在您可以登记去向的范围内。"))


def why_not_row(row, proven):
    """The sentence why one row cannot be proposed; None where it can."""
    code, reason, since, until = row["code"], row.get("reason") or "", row["since"], row.get("until")
    entry = STANDINGS.get(code)
    if reason in NEVER_REASONS:
        return NEVER_REASONS[reason]
    if entry is None or not entry.entered:
        return "去向不能登记为疑似或辍学：请到疑似名单列为疑似，由个案办理。" if entry else f"去向“{code}”不认识。"
    if code == "removed" and reason not in REASON_LABELS:
        return f"核减要写明原因代码，“{reason}”不在代码表里。"
    if entry.proof and not (proven or row.get("document")):
        return f"“{entry.label}”要有证明：上传证明材料，或填写证明文号。"
    if code == "suspended" and until is None:
        return "休学要写明截止日期。"
    if until is not None and until < since:
        return f"截止日期 {until} 早于起始日期 {since}。"
    if code == "suspended" and (until - since).days > MOST_SUSPENDED_DAYS:
        return "休学不超过一年，请按批准的期限填写。"
    return None


def _line(proposal, row, proof):
    sentence = why_not_row(row, proof is not None)
    if sentence:
        raise Refused(f"{row['child'].name}：{sentence}")
    return StandingProposalLine(
        proposal=proposal, child=row["child"], code=row["code"], reason=row.get("reason") or "", place=(row.get("place") or "")[:120],
        document=(row.get("document") or "")[:80], since=row["since"], until=_first_day_after(row),
    )  # fmt: skip


def _first_day_after(row):
    """First day on which it no longer holds: after the stated last day, else after the term or the school year the table names."""
    if row.get("until"):
        return row["until"] + timedelta(days=1)
    bounds = {
        "term": lambda: ages.term_bounds(ages.term_of(row["since"])),
        "school_year": lambda: ages.school_year_bounds(ages.school_year(row["since"])),
    }.get(STANDINGS[row["code"]].ends)  # fmt: skip
    return bounds()[1] + timedelta(days=1) if bounds else None


def why_not_decide(proposal, user):
    if proposal.state != StandingProposal.State.PENDING:
        return f"这一批{proposal.get_state_display()}，不再办理。"
    if not scope.may(user, DECIDE, proposal.organization):
        return NoRight("您的角色不能复核去向，请由分管局领导、控辍专干或业务管理员办理。")
    return "登记的人不能自己复核，请另一个人办理。" if proposal.proposed_by_id == user.pk else None


@transaction.atomic
def approve(*, proposal, by):
    """Another person agrees: every line becomes a standing."""
    proposal = _decided(proposal, StandingProposal.State.APPROVED, by, "")
    rows = [
        {
            "child": line.child_id, "code": line.code, "reason": line.reason, "place": line.place, "document": line.document,
            "since": line.since, "until": line.until, "proof": proposal.proof, "source": "entry", "reference": proposal.public_id,
        }
        for line in proposal.lines.all()
    ]  # fmt: skip
    standings.record(rows=rows, by=by)
    return proposal


@transaction.atomic
def reject(*, proposal, by, note):
    if not note.strip():
        raise Refused("退回要写明原因，让登记的人知道怎么改。")
    return _decided(proposal, StandingProposal.State.REJECTED, by, note.strip()[:200])


def _decided(proposal, state, by, note):
    proposal = StandingProposal.objects.select_for_update(of=("self",)).select_related("organization", "proof").get(pk=proposal.pk)
    sentence = why_not_decide(proposal, by)
    if sentence:
        raise Refused(sentence)
    proposal.state, proposal.decided_by, proposal.decided_at, proposal.decision_note = state, by, timezone.now(), note
    proposal.save(update_fields=["state", "decided_by", "decided_at", "decision_note"])
    audit.record("standings_decided", by=by, subject=proposal, organization=proposal.organization, state=state)
    return proposal
