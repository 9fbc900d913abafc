"""What a done roll change writes: enrolments that end and begin, the standing that explains the child, and all of it back again."""

from core.workflow import Refused
from students.actions import enrolling, standings
from students.models import Enrolment, RollChange, Standing
from students.rules.roll_changes import ATTENDING, ROLL

EVERYWHERE = ("death", "missing", "abroad", "transfer_out")  # the child is at no school of the county any more
FOUND_AGAIN = ("suspended", "elsewhere", "removed", "deferred", "unable")  # what a child who comes to school no longer is
OURS = ("roll_change", "list", "entry")  # a case ends its own


def enter(change, by):
    """The facts from the effective day on. Call in the transaction that makes the change done."""
    spec, act, on = change.spec, change.public_id, change.effective_on
    _refuse_later_end(change)
    with enrolling.touched([change.child_id]):
        if spec.closes:
            enrolling.end(child=change.child, school=change.school, kinds=spec.closes, on=on, act=act, everywhere=change.kind in EVERYWHERE)
        if spec.opens:
            _begin(change)
    if spec.opens:
        _found_again(change, by)
    if spec.standing:
        standings.record(rows=[_standing(change)], by=by, audited=False)


def _refuse_later_end(change):
    """A suspension that was over before it was entered explains nothing."""
    if change.kind == "suspension" and change.done_on > change.ends_on:
        raise Refused(f"休学截止日期 {change.ends_on} 已过，不能再办结。请退回学校，核实是否已经复学。")


def _begin(change):
    """The classroom, and the roll unless it stands at the school already."""
    child, school = change.child, change.target_school
    former = Enrolment.objects.filter(child=child, kind=ROLL).order_by("-since", "-pk").first()
    place = {"stage": change.target_stage, "grade": change.target_grade, "class_node": change.target_class}
    for kind in (ROLL, ATTENDING):
        if Enrolment.objects.filter(child=child, kind=kind, school=school, until=None, counts=True).exists():
            continue
        facts = {"roll_number_index": former.roll_number_index, "entered": former.entered} if former and kind == ROLL else {}
        words = "在读" if kind == ROLL else "在校"
        enrolling.begin(
            child=child, school=school, kind=kind, on=change.effective_on, act=change.public_id, state=words, **place, **facts
        )  # fmt: skip


def _found_again(change, by):
    """The child sits in school: what explained the absence is over, and an open suspension resumed."""
    on = change.effective_on
    over = Standing.objects.open().filter(child=change.child, code__in=FOUND_AGAIN, source__in=OURS)
    change.effects = {"standings": list(over.values_list("pk", flat=True)), "suspensions": []}
    for source, reference, code in set(over.values_list("source", "reference", "code")):
        standings.end(source=source, references=[reference], children=[change.child], codes=[code], on=on, by=by, audited=False)
    suspensions = RollChange.objects.suspended().filter(child=change.child)
    change.effects["suspensions"] = list(suspensions.values_list("pk", flat=True))
    suspensions.update(resumed_on=on)
    change.save(update_fields=["effects"])


def _standing(change):
    code, reason = change.spec.standing
    if change.kind == "transfer_out" and change.province:
        reason = "03"
    proof = change.proofs.exclude(kind="statement").select_related("attachment").first() or change.proofs.first()
    return {
        "child": change.child, "code": code, "reason": reason, "place": change.place, "since": change.effective_on,
        "until": None if change.ends_on is None else _day_after(change.ends_on), "proof": proof.attachment if proof else None,
        "source": "roll_change", "reference": str(change.public_id), "document": change.number,
    }  # fmt: skip


def _day_after(day):
    return day.fromordinal(day.toordinal() + 1)


def take_back(change, on, by):
    """The facts as they were: enrolments, standings, the suspension that was resumed."""
    with enrolling.touched([change.child_id]):
        enrolling.take_back(acts=[change.public_id], children=[change.child_id])
    standings.end(source="roll_change", references=[str(change.public_id)], on=change.effective_on, by=by, audited=False)
    over = Standing.objects.filter(pk__in=change.effects.get("standings", []))
    again = [
        {"child": row.child_id, "code": row.code, "reason": row.reason, "place": row.place, "document": row.document, "since": row.since,
         "until": None, "proof": row.proof, "row": row.row, "source": row.source, "reference": row.reference}
        for row in over.select_related("proof", "row")
    ]  # fmt: skip
    standings.record(rows=[row | {"until": _last_day(row)} for row in again], by=by, audited=False)
    RollChange.objects.filter(pk__in=change.effects.get("suspensions", [])).update(resumed_on=None)


def _last_day(row):
    """A suspension's stated end, which its own change knows."""
    found = RollChange.objects.filter(kind="suspension", public_id=row["reference"]).first() if row["source"] == "roll_change" else None
    return _day_after(found.ends_on) if found else None
