"""Removal: one person proposes with evidence, another decides, the calendar brings it back (domain.md §3.5)."""

from django.db import transaction
from django.utils import timezone

from core.workflow import Refused
from dropout import codes
from dropout.actions.evidence import add_evidence
from dropout.actions.moving import locked, move, move_by_system, refuse, written
from dropout.detection import removal_expires_on
from dropout.models import Case, Removal
from dropout.workflow import missing_evidence, pending, require

# what a suspected case does not have; what was confirmed before stays in the log and is verified anew
SUSPECTED_AGAIN = {"removal_from": "", "removal_reason": "", "removal_expires_on": None, "confirmed_on": None, "cause": ""}
MOST_SUSPENSION_DAYS = 366  # 休学: at most one year (domain.md §3.5)


@transaction.atomic
def propose_removal(*, case, reason, on, by, evidence, sub_reason="", statement="", reply_number="", ends_on=None):
    """Propose to strike the case off for `reason`. `evidence`: (kind, uploaded file) pairs, at least what the reason demands."""
    case = locked(case)
    require(case, "propose_removal", by)
    refuse_unfit(reason, sub_reason, statement)
    refuse_suspension(reason, ends_on, on)
    refuse_unproven(case, reason, sub_reason, reply_number, [kind for kind, _ in evidence])
    removal = Removal.objects.create(
        case=case, reason=reason, sub_reason=sub_reason, statement=statement, reply_number=reply_number, ends_on=ends_on,
        proposed_on=on, proposed_by=by,
    )
    for kind, upload in evidence:
        add_evidence(case=case, kind=kind, upload=upload, by=by, removal=removal)
    move(case, "propose_removal", on=on, by=by, note=f"{removal.label} {statement}".strip(), removal_from=case.state)
    return removal


def refuse_unfit(reason, sub_reason, statement):
    row = codes.REASON.get(reason)
    if row is None:
        raise Refused(f"核减原因“{reason}”不认识，请从列表中选择。")
    if row.refusal:
        raise Refused(row.refusal)
    if row.subs and sub_reason not in dict(row.subs):
        raise Refused(f"“{row.label}”要选择具体情形：{'、'.join(label for _, label in row.subs)}。")
    if not row.subs and sub_reason:
        raise Refused(f"“{row.label}”没有具体情形可选，请留空。")
    if reason == "99" and len(statement.strip()) < codes.OTHER_STATEMENT_LENGTH:
        raise Refused(f"选“其他”要写明情况，不少于 {codes.OTHER_STATEMENT_LENGTH} 个字，现有 {len(statement.strip())} 个。")


def refuse_suspension(reason, ends_on, on):
    """休学 has a last day, after the proposal and within a year of it."""
    if reason != "13":
        return
    if ends_on is None:
        raise Refused("休学要写明休学截止日期。")
    if ends_on < on:
        raise Refused(f"休学截止日期 {ends_on} 早于提出日期 {on}：休学已经结束，请核实是否复学，没有复学的不能按休学核减。")
    if (ends_on - on).days > MOST_SUSPENSION_DAYS:
        raise Refused(f"休学截止日期 {ends_on} 在一年以后；休学不超过一年，请按批准的期限填写，期满后再办理。")


def refuse_unproven(case, reason, sub_reason, reply_number, kinds):
    """What the reason demands in papers and numbers (domain.md §3.5)."""
    refuse(missing_evidence(reason, kinds))
    if codes.REASON[reason].numbered and not reply_number.strip():
        raise Refused(f"“{codes.REASON[reason].label}”要写明公安机关回复文号，或盖章证明的编号。")
    if sub_reason == "082" and codes.EvidenceKind.PERSUASION_HISTORY not in kinds and not case.visits.exists():
        raise Refused("超龄而未完成义务教育的，要先有劝返记录。请先记录走访劝返，再提出核减。")


@transaction.atomic
def approve_removal(*, case, on, by, note=""):
    """The second person agrees: the case leaves the ledger until the re-check day of its reason."""
    case = locked(case)
    transition = require(case, "approve_removal", by)
    removal = pending(case.removals)
    removal.expires_on = removal_expires_on(removal.reason, removal.sub_reason, on, removal.ends_on)
    decide(removal, Removal.Decision.APPROVED, by, note)
    written(
        case, transition, on=on, by=by, note=f"{removal.label} {note}".strip(), removal_reason=removal.reason,
        removal_expires_on=removal.expires_on,
    )
    return removal


@transaction.atomic
def reject_removal(*, case, on, by, note):
    """The second person sends it back with a reason: the case is again where it was."""
    case = locked(case)
    require(case, "reject_removal", by)
    if not note.strip():
        raise Refused("退回要写明原因，让提出的人知道怎么补。")
    removal = pending(case.removals)
    move(case, "reject_removal", on=on, by=by, note=note, removal_from="")
    decide(removal, Removal.Decision.REJECTED, by, note)
    return removal


def decide(row, decision, by, note):
    """The decision on a proposal (a removal or a close-out), once."""
    row.decision, row.reviewed_by, row.reviewed_at, row.decision_note = decision, by, timezone.now(), note.strip()[:200]
    row.save()


@transaction.atomic
def reopen(*, case, on, by, note):
    """A person puts a removed child back onto the suspected list, before the re-check day or where there is none."""
    case = locked(case)
    require(case, "reopen", by)
    if not note.strip():
        raise Refused("恢复为疑似要写明理由。")
    return move(case, "reopen", on=on, by=by, note=note, **SUSPECTED_AGAIN)


@transaction.atomic
def expire_removals(*, on):
    """Removals whose last day has passed go back to suspected. Returns the cases; run twice, the second finds none."""
    cases = list(Case.objects.select_for_update(of=("self",)).select_related("school", "township").expired(on).order_by("pk"))
    for case in cases:
        note = f"核减有效期至 {case.removal_expires_on}，原因：{codes.reason_label(case.removal_reason)}"
        move_by_system(case, "expire_removal", on=on, note=note, **SUSPECTED_AGAIN)
    return cases
