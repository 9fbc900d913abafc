"""The 48-hour report: to the township where the child lives, to the bureau, and the suspected case that opens with it."""

from django.db import transaction
from django.db.models import F, prefetch_related_objects
from django.utils import timezone

from core import audit
from core.models import NumberSeries, Organization
from core.roles import ROLE
from core.scope import granted_nodes, role_on, root
from core.workflow import Refused
from dropout.actions.opening import open_by_system
from dropout.codes import Source
from dropout.models import AbsenceEvent, AbsenceReceipt, AbsenceReport
from students.models import ChildPlace

Lives, Side = AbsenceReport.Lives, AbsenceReceipt.Side
NOWHERE = "系统里没有这名学生在本县的现住地或户籍地，报告只送教育局；请教育局查明住址后转送乡镇。"


def deliver(due, *, at):
    """Reports for `due`, pairs of (absence, whether a case is to open) whose hours are full; the events that say so. Set-based."""
    fresh = [absence for absence, _ in due if not hasattr(absence, "report")]
    reports = _write(fresh, at)
    events = [AbsenceEvent(absence=one.absence, name="reported", happened_at=at, note=_words(one)) for one in reports]
    return events + _open([absence for absence, suspected in due if suspected and absence.report.case_id is None], at)


def _write(absences, at):
    if not absences:
        return []
    on = timezone.localdate(at)
    homes, numbers = _homes([absence.child_id for absence in absences], on), _numbers(on.year, len(absences))
    reports = [
        AbsenceReport(
            absence=absence, number=number, school_name=absence.school.name, discovered_at=absence.discovered_at,
            threshold_at=absence.threshold_at, due_at=absence.due_at, delivered_at=at, **homes[absence.child_id],
        )
        for absence, number in zip(absences, numbers, strict=True)
    ]  # fmt: skip
    return AbsenceReport.objects.bulk_create(reports)


def _numbers(year, count):
    series = f"absence_report_{year}"
    first = NumberSeries.objects.next_of(series)
    NumberSeries.objects.filter(series=series).update(last=F("last") + count - 1)
    return [f"缺报〔{year}〕{number:04d}" for number in range(first, first + count)]


def _homes(children, on):
    """{child id: township, names and how it is known}: where the child lives, else where it is registered; two queries."""
    rows = ChildPlace.objects.filter(child__in=children, why__in=("residence", "hukou"), since__lte=on).select_related("node")
    held = {}
    for row in rows.exclude(until__lte=on).order_by("-since", "-id"):
        held.setdefault((row.child_id, row.why), row.node)
    above = Organization.objects.in_bulk({pk for node in held.values() for pk in node.path})
    return {child: _home(child, held, above) for child in children}


def _home(child, held, above):
    for why in ("residence", "hukou"):
        node = held.get((child, why))
        line = [above[pk] for pk in reversed(node.path)] if node else []
        township = next((one for one in line if one.kind == "township"), None)
        if township:
            village = next((one.name for one in line if one.kind == "village"), "")
            return {"township": township, "township_name": township.name, "village_name": village, "lives": Lives(why)}
    return {"lives": Lives.UNKNOWN, "fallback": NOWHERE}


def _words(report):
    to = f"{report.township_name}（{report.get_lives_display()}）和教育局" if report.township_id else f"教育局。{report.fallback}"
    late = "" if report.is_on_time else "；已超过应报时间"
    return f"{report.number}，送{to}{late}"


def _open(absences, at):
    """The suspected cases; who has a case that is not closed keeps it, and the report names it."""
    if not absences:
        return []
    on = timezone.localdate(at)
    prefetch_related_objects(absences, "child")
    rows = [{"child": absence.child, "why": why_of(absence)} for absence in absences]
    cases = open_by_system(rows=rows, source=Source.ABSENCE, on=on, rule={"rule": "absence", "day": str(on)})
    events = []
    for absence in absences:
        case = absence.report.case = cases[absence.child_id]
        absence.report.save(update_fields=["case"])
        word = "列为疑似个案" if case.opened_by_id is None and case.opened_on == on else "已有个案"
        events.append(AbsenceEvent(absence=absence, name="case_opened", happened_at=at, note=f"{word} {case.number}"))
    return events


def why_of(absence):
    return f"{absence.first_words}起无故缺勤，满 {absence.rule['inputs']['alert_hours']} 小时（{absence.report.number}）"


def side_of(report, user):
    """For which side `user` may take the report: bureau or township; None for neither."""
    granted = set(granted_nodes(user, "receive_absence_report"))
    county = root()
    if county and county.pk in granted:
        return Side.BUREAU
    return Side.TOWNSHIP if report.township_id and granted & set(report.township.path) else None


def why_not_receive(report, user):
    """None if `user` may take the report now, else the sentence."""
    side = side_of(report, user)
    if side is None:
        return "这份报告不是送给您的：由学生现住地的乡镇和教育局签收。"
    taken = report.receipts.filter(side=side).first()
    return f"{taken.name}已于 {timezone.localtime(taken.received_at):%Y-%m-%d %H:%M} 代表{taken.get_side_display()}签收。" if taken else None


@transaction.atomic
def receive(*, report, by, at):
    """Take the report (签收) for one's side, once; Refused with the sentence otherwise."""
    report = AbsenceReport.objects.select_for_update(of=("self",)).select_related("absence__child", "township").get(pk=report.pk)
    if sentence := why_not_receive(report, by):
        raise Refused(sentence)
    side = side_of(report, by)
    node = root() if side == Side.BUREAU else report.township
    role = role_on(by, "receive_absence_report", node)
    receipt = AbsenceReceipt.objects.create(
        report=report, side=side, received_by=by, name=by.name, role=ROLE[role].label, organization=node, received_at=at
    )
    AbsenceEvent.objects.create(absence=report.absence, name="received", happened_at=at, by=by, note=f"{receipt.get_side_display()}签收")
    audit.record("absence_report_received", by=by, subject=report, organization=node, number=report.number, side=side)
    return receipt
