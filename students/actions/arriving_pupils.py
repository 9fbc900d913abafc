"""Registration at the start of a term: a class is counted by exception, who is missing is visited in the first week."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F

from core import audit
from core.models import Organization, Term
from core.scope import require
from core.workflow import Refused
from students.models import Absentee, ArrivalSheet, Enrolment, Standing
from students.rules.ages import term_bounds, term_of

VISIT_DAYS = 7  # the first week (seed 002: 开学第一周)
LATE_DAYS = 3  # for a class that was counted later


class CountChanged(Refused):
    """Somebody else has counted the class since the page was drawn."""


def term_starts(key):
    """The first day of the term as the county keeps it, else its administrative bounds."""
    kept = Term.objects.filter(key=key).values_list("starts", flat=True).first()
    return kept or term_bounds(key)[0]


def due_in(node, on):
    """Enrolments on the roll of a class on the day; of a school, those without a class. Children on suspension are not due."""
    resting = Standing.objects.in_force(on).filter(code="suspended").values("child")
    found = Enrolment.objects.in_force(on).filter(kind="roll", counts=True, accepted=True).exclude(child__in=resting)
    where = {"class_node": node} if node.kind == "class" else {"school": node, "class_node": None}
    return found.filter(**where).select_related("child").order_by("child__pinyin", "child_id")


@transaction.atomic
def count(*, node, missing, on, by, seen_version=None):
    """The class is counted: everybody came but `missing` ({child id: reason}). Counting again corrects it: who was missing and no longer is
    came on that day. `seen_version`: of the count that the page showed, 0 for none. Refused for a child who is not of the class, and where
    somebody else has counted meanwhile."""
    require(by, "register_arrivals", node)
    Organization.objects.select_for_update(no_key=True).get(pk=node.pk)  # two first counts come one after the other
    key = term_of(on)
    due = {entry.child_id for entry in due_in(node, on)}
    if not due:
        raise Refused(f"{node.name}没有应报到的学生。")
    if set(missing) - due:
        raise Refused("名单里有不在这个班学籍上的学生，请刷新页面后再登记。")
    sheet = ArrivalSheet.objects.select_for_update().filter(term=key, node=node).first()
    if seen_version is not None and seen_version != (sheet.version if sheet else 0):
        raise CountChanged(f"{sheet.counted_by.name}在您打开页面之后登记过这个班，这一次没有保存。下面是现在的登记，请对照后再改。")
    facts = {"counted_on": on, "due": len(due), "arrived": len(due) - len(missing), "counted_by": by}
    if sheet is None:
        sheet = ArrivalSheet.objects.create(term=key, node=node, **facts)
    else:
        ArrivalSheet.objects.filter(pk=sheet.pk).update(**facts, version=F("version") + 1)
        sheet.refresh_from_db()
    _keep_absentees(sheet, missing, on)
    audit.record("arrivals_counted", by=by, organization=node, term=key, due=len(due), missing=len(missing))
    return sheet


def _keep_absentees(sheet, missing, on):
    sheet.absentees.missing().exclude(child__in=missing).update(arrived_on=on)
    visit_by = max(term_starts(sheet.term) + timedelta(days=VISIT_DAYS), on + timedelta(days=LATE_DAYS))
    rows = [Absentee(sheet=sheet, child_id=child, reason=reason, visit_by=visit_by) for child, reason in missing.items()]
    made = Absentee.objects.bulk_create(rows, update_conflicts=True, unique_fields=["sheet", "child"], update_fields=["reason"])
    sheet.absentees.filter(child__in=missing).update(arrived_on=None)
    return made


@transaction.atomic
def record_visit(*, absentee, on, outcome, by, promised_on=None, note=""):
    """Somebody has been there. A promised day is wanted where the child is to come."""
    absentee = Absentee.objects.select_for_update(of=("self",)).select_related("sheet__node", "child").get(pk=absentee.pk)
    if absentee.arrived_on:
        raise Refused(f"{absentee.child.name}已于 {absentee.arrived_on} 到校，不用再走访。")
    if outcome == Absentee.Outcome.COMING and promised_on is None:
        raise Refused("约定到校的，要写明约定哪一天到校。")
    absentee.visited_on, absentee.outcome, absentee.visited_by = on, outcome, by
    absentee.promised_on, absentee.visit_note = promised_on, note.strip()[:300]
    absentee.save()
    audit.record("absentee_visited", by=by, subject=absentee.child, organization=absentee.sheet.node, outcome=outcome, on=str(on))
    return absentee
