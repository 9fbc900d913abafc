"""Visits: recorded once, corrected by a new row. The next appointment becomes the day by which the case wants its next step."""

from django.db import transaction
from django.db.models import Max

from core import audit
from core.workflow import Refused
from dropout.actions.evidence import add_photos, add_signature
from dropout.actions.moving import locked, refuse
from dropout.models import Visit
from dropout.workflow import why_no_visit


@transaction.atomic
def record_visit(*, case, by, photos=(), signature="", **facts):
    """One visit of the case. `facts`: the columns of Visit (happened_on, officers, met, mode, reply, notes …).

    Refused where the state wants no visit or the day lies before the case was opened."""
    case = locked(case)
    refuse(why_no_visit(case, by))
    refuse_unfit(case, facts)
    attempt = (case.visits.aggregate(last=Max("attempt"))["last"] or 0) + 1
    return written(case, Visit(case=case, attempt=attempt, recorded_by=by, **facts), by, photos, signature, "visit_recorded")


@transaction.atomic
def correct_visit(*, visit, by, photos=(), signature="", **facts):
    """Put a visit right: the new row keeps the attempt's number and names the old one, which stays as it was."""
    case = locked(visit.case)
    refuse(why_no_visit(case, by))
    if Visit.objects.filter(corrects=visit).exists():
        raise Refused("这次走访已经更正过，请在更正后的那一条上再改。")
    refuse_unfit(case, facts)
    row = Visit(case=case, attempt=visit.attempt, corrects=visit, recorded_by=by, **facts)
    return written(case, row, by, photos, signature, "visit_corrected")


def written(case, visit, by, photos, signature, act):
    visit.save(force_insert=True)
    add_photos(case=case, uploads=photos, by=by, visit=visit)
    if signature:
        add_signature(case=case, drawn=signature, by=by, visit=visit)
    appoint(case, visit)
    audit.record(act, by=by, subject=case, organization=case.school or case.township, attempt=visit.attempt, on=str(visit.happened_on))
    return visit


def appoint(case, visit):
    """The newest visit's appointment is the case's deadline, from the day it is confirmed until the child is back."""
    if visit.attempt != case.visits.aggregate(last=Max("attempt"))["last"]:
        return
    days = [day for day in (visit.promised_on, visit.next_on) if day]
    if days and case.state in ("suspected", "confirmed", "persuading"):
        case.due_on = min(days)
        case.save(update_fields=["due_on"])


def refuse_unfit(case, facts):
    if facts["happened_on"] < case.opened_on:
        raise Refused(f"走访日期 {facts['happened_on']} 早于列为疑似的日期 {case.opened_on}。请核对走访日期。")
    if "nobody" in facts["met"] and len(facts["met"]) > 1:
        raise Refused("选了“没见到人”就不能再选别人，请只留一种。")
    if facts["reply"] == "agreed" and not facts.get("promised_on"):
        raise Refused("对方同意返校的，要写明承诺返校日期。")
