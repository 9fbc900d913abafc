"""Closing: somebody enters attendance, somebody else proposes, a third person decides (domain.md §3.12)."""

from django.db import transaction

from core import audit
from core.workflow import Refused
from dropout.actions.evidence import add_photos
from dropout.actions.moving import locked, move, refuse, written
from dropout.actions.removals import decide
from dropout.codes import CLOSE_EVIDENCE, EvidenceKind
from dropout.models import AttendanceCount, Closing
from dropout.workflow import (
    attendance_since_return,
    days_present,
    days_wanted,
    missing_for_close_code,
    pending,
    require,
    why_no_attendance,
)


@transaction.atomic
def record_attendance(*, case, first_on, last_on, school_days, present, by, corrects=None):
    """Days of attendance of a span after the return; `corrects`: the row that this one puts right. Refused where spans overlap or days do
    not fit the span."""
    case = locked(case)
    refuse(why_no_attendance(case, by))
    refuse_corrected(case, corrects)
    if first_on < case.returned_on:
        raise Refused(f"起始日期 {first_on} 早于返校日期 {case.returned_on}，返校以后的出勤才算。")
    if school_days > (last_on - first_on).days + 1:
        raise Refused(f"{first_on} 至 {last_on} 只有 {(last_on - first_on).days + 1} 天，应到天数不能是 {school_days} 天。")
    others = attendance_since_return(case).exclude(pk=corrects.pk if corrects else None)
    if others.filter(first_on__lte=last_on, last_on__gte=first_on).exists():
        raise Refused(f"{first_on} 至 {last_on} 与已登记的日期重叠，请改为没有登记过的日期。")
    row = AttendanceCount.objects.create(
        case=case, corrects=corrects, first_on=first_on, last_on=last_on, school_days=school_days, present=present, recorded_by=by
    )
    audit.record(
        "attendance_recorded", by=by, subject=case, organization=case.school, present=present, school_days=school_days,
        corrects=str(corrects.public_id) if corrects else "",
    )  # fmt: skip
    return row


def refuse_corrected(case, corrects):
    if corrects is None:
        return
    if corrects.case_id != case.pk:
        raise Refused("要更正的出勤不是这个个案的，请回到个案页，从出勤表里选择。")
    if AttendanceCount.objects.filter(corrects=corrects).exists():
        raise Refused("这一条出勤已经更正过，请在更正后的那一条上再改。")


@transaction.atomic
def propose_close(*, case, code, statement, on, by, photos=()):
    """Propose to take the case off the ledger; the days of attendance are kept as they are today. `photos`: its papers, demanded where no
    attendance can be shown (codes.CLOSE_EVIDENCE)."""
    case = locked(case)
    transition = require(case, "propose_close", by)
    refuse(missing_for_close_code(case, code, photos))
    last = attendance_since_return(case).order_by("-id").first()
    closing = Closing.objects.create(
        case=case, code=code, statement=statement, days_present=days_present(case), days_wanted=days_wanted(case),
        attendance_by=last.recorded_by if last else None, proposed_on=on, proposed_by=by,
    )
    add_photos(case=case, uploads=photos, by=by, kind=CLOSE_EVIDENCE.get(code, EvidenceKind.OTHER), closing=closing)
    written(case, transition, on=on, by=by, note=statement)
    return closing


@transaction.atomic
def approve_close(*, case, on, by, note=""):
    """The third person agrees: the case is closed. Dropping out later is a new episode."""
    case = locked(case)
    transition = require(case, "close", by)
    closing = pending(case.closings)
    decide(closing, Closing.Decision.APPROVED, by, note)
    note = f"{closing.get_code_display()} {note}".strip()
    written(case, transition, on=on, by=by, note=note, closed_on=on, close_code=closing.code)
    return closing


@transaction.atomic
def reject_close(*, case, on, by, note):
    case = locked(case)
    require(case, "reject_close", by)
    if not note.strip():
        raise Refused("退回要写明原因，让提出的人知道怎么补。")
    closing = pending(case.closings)
    move(case, "reject_close", on=on, by=by, note=note)
    decide(closing, Closing.Decision.REJECTED, by, note)
    return closing
