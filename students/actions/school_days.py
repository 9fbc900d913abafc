"""Keeping the calendar: days of a unit, terms of the county."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import audit
from core.models import Term
from core.scope import require
from core.workflow import Refused
from students.models import SchoolDay

MOST_DAYS = 250


@transaction.atomic
def declare(*, node, days, morning, afternoon, kind, reason, by):
    """What `node` and all below it do on `days`: a batch, one audit row. A day declared otherwise is replaced, the former row stays.

    Returns (rows made, rows replaced); the same again makes nothing. Forbidden beyond the permission, Refused beyond the number."""
    require(by, "keep_calendar", node)
    if len(days) > MOST_DAYS:
        raise Refused(f"一次最多登记 {MOST_DAYS} 天，现有 {len(days)} 天。请按学期分开登记。")
    standing = SchoolDay.objects.standing().select_for_update().filter(node=node, on__in=days)
    same = set(standing.filter(morning=morning, afternoon=afternoon, kind=kind, reason=reason).values_list("on", flat=True))
    wanted = [on for on in days if on not in same]
    replaced = standing.filter(on__in=wanted).update(withdrawn_by=by, withdrawn_at=timezone.now())
    made = SchoolDay.objects.bulk_create(
        SchoolDay(node=node, on=on, morning=morning, afternoon=afternoon, kind=kind, reason=reason, declared_by=by) for on in wanted
    )
    if made:
        span = {"first": str(min(wanted)), "last": str(max(wanted)), "days": len(made), "replaced": replaced}
        audit.record("school_days_declared", by=by, organization=node, reason=reason, kind=kind, **span)
    return made, replaced


@transaction.atomic
def withdraw(*, day, by):
    """Take one declared day back: the county's calendar counts again. Refused where it was withdrawn already."""
    require(by, "keep_calendar", day.node)
    if not SchoolDay.objects.standing().filter(pk=day.pk).update(withdrawn_by=by, withdrawn_at=timezone.now()):
        raise Refused(f"{day.on} 的安排已经取消过，不用再办。")
    audit.record("school_day_withdrawn", by=by, organization=day.node, subject=day, on=str(day.on))


@transaction.atomic
def set_term(*, key, starts, ends, by):
    """The first and last day of the term `key` (2026A). The same term again corrects it; Refused where it would overlap another."""
    require(by, "keep_terms")
    others = list(Term.objects.select_for_update().exclude(key=key))
    clash = next((term for term in others if term.starts <= ends and starts <= term.ends), None)
    if clash:
        raise Refused(f"{starts} 至 {ends} 与{clash}（{clash.starts} 至 {clash.ends}）重叠，请核对日期。")
    former = Term.objects.filter(Q(key=key)).values("starts", "ends").first()
    term, _ = Term.objects.update_or_create(key=key, defaults={"starts": starts, "ends": ends})
    before = {name: str(value) for name, value in (former or {}).items()}
    audit.record("term_set", by=by, subject=term, key=key, starts=str(starts), ends=str(ends), former=before)
    return term
