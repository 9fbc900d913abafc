"""Running the clocks: which absences are under way, which are to be reported, which a slip or a correction explained.

Derived from the marks whenever it runs (beat, every ten minutes, or manage.py raise_alarms); running twice, or two at once, changes
nothing: one at a time by a lock, one absence a child and first half-day by constraint.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Min, Q
from django.utils import timezone

from core import audit
from core.models import Parameter
from dropout.actions.absence_facts import facts_of, local, schools_of
from dropout.actions.absence_reports import deliver
from dropout.models import Absence, AbsenceEvent
from dropout.rules import absence_clock as clock
from dropout.rules.absence_clock import Thresholds
from students.models import AttendanceMark

LOOK_BACK = timedelta(days=60)
LOCK = 4810  # one evaluation at a time
PARAMETERS = {
    "alert_hours": "absence_alert_hours", "suspected_days": "suspected_after_school_days", "weeks": "dropout_after_weeks",
    "morning": "morning_bell", "afternoon": "afternoon_bell",
}  # fmt: skip
State = Absence.State
CHANGED = "登记、校历或时限有改动"
NOT_FULL = f"{CHANGED}：按现在的，还不满报告时限；已发出的报告保留"


def county_values():
    """[(name, since, value)] of the clock's parameters, the oldest first."""
    return list(Parameter.objects.filter(name__in=PARAMETERS.values()).order_by("since").values_list("name", "since", "value"))


def thresholds_on(on, values=None):
    """The county's thresholds that count for an absence which began on the day `on`; `values`: county_values, where they are at hand."""
    held = {name: value for name, since, value in (county_values() if values is None else values) if since <= on}
    return Thresholds(**{key: int(held[name]) for key, name in PARAMETERS.items() if name in held})


def lock_evaluation():
    """Waits until no other evaluation is under way; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])


@transaction.atomic
def raise_alarms(*, at, children=None):
    """Judge all absences as they stand at the moment `at` (aware). `children`: ids, to judge only these. Returns {event name: count}."""
    lock_evaluation()
    now = local(at)
    standing = Absence.objects.open().filter(child__in=children) if children is not None else Absence.objects.open()
    first = first_day(now.date() - LOOK_BACK, children)
    wanted = set(candidates(first, now.date(), children)) | set(standing.values_list("child_id", flat=True))
    facts = facts_of(wanted, first, now)
    judging = Judging(at, now, facts, wanted, first)
    for pk in sorted(wanted):
        judging.judge(pk)
    return judging.finish()


def first_day(first, children):
    """The day from which marks are read: `first`, or the beginning of an absence that reaches beyond it, lest it look like a later one."""
    known = Absence.objects.counted() if children is None else Absence.objects.counted().filter(child__in=children)
    while True:
        reaching = known.filter(Q(ended_on=None) | Q(ended_on__gte=first), first_on__lt=first)
        oldest = reaching.aggregate(first=Min("first_on"))["first"]
        if oldest is None:
            return first
        first = oldest


def candidates(first, last, children):
    """Children with a half-day that was not simply spent in class."""
    rows = AttendanceMark.objects.filter(kind__in=("absent", "leave"), class_mark__on__gte=first, class_mark__on__lte=last)
    if children is not None:
        rows = rows.filter(child__in=children)
    return rows.values_list("child_id", flat=True).distinct()


@dataclass
class Judging:
    """One evaluation: the facts of all children, the absences known of them, what is to be written."""

    at: object
    now: object
    facts: dict
    wanted: set
    first: object

    def __post_init__(self):
        known = Absence.objects.counted().filter(child__in=self.wanted).filter(Q(first_on__gte=self.first) | Q(ended_on__gte=self.first))
        self.known = {}
        for row in known.select_related("report").order_by("first_on", "first_half"):
            self.known.setdefault(row.child_id, []).append(row)
        self.schools = schools_of(self.facts.values())
        self.thresholds, self.events, self.to_report, self.values = {}, [], [], county_values()
        told = AbsenceEvent.objects.filter(name="recomputed", absence__child__in=self.wanted).order_by("pk")
        self.told = dict(told.values_list("absence", "note"))
        self.before = {row.pk: _told(row) for rows in self.known.values() for row in rows}

    def judge(self, child):
        """Bring the absences of one child in line with what is marked now."""
        rows, facts = list(self.known.get(child, ())), self.facts.get(child)
        for spell in clock.spells(facts.known) if facts else ():
            row = self._row_of(rows, spell)
            if row is not None:
                rows.remove(row)
                self._renew(row, spell, facts)
            elif spell.is_open or self._reached(spell, facts):
                self._begin(child, spell, facts)
        for row in rows if facts else ():
            if row.state in ("running", "reported"):
                self._explain(row, row.first, "这次缺勤的登记或校历已更正，或有假条、去向证明", whole=True)

    def _row_of(self, rows, spell):
        """The known absence that this spell is: the same beginning, else one that lies over it."""
        same = next((row for row in rows if row.first == spell.first), None)
        return same or next((row for row in rows if _overlap(row, spell)), None)

    def _thresholds(self, spell):
        on = spell.first[0]
        if on not in self.thresholds:
            self.thresholds[on] = thresholds_on(on, self.values)
        return self.thresholds[on]

    def _reached(self, spell, facts, hours=None):
        limits = self._thresholds(spell)
        moment = clock.reached_at(spell, facts.calendar, facts.marked_days, limits, hours or limits.alert_hours, self.now)
        return moment and timezone.make_aware(moment)

    def _begin(self, child, spell, facts):
        """A new absence; one that is over already was not reported in time, and is kept as such."""
        limits = self._thresholds(spell)
        row = Absence(
            child_id=child, school=self.schools[facts.seat.class_node_id], class_node=facts.seat.class_node, class_label=facts.label,
            stage=facts.seat.stage, first_on=spell.first[0], first_half=spell.first[1], missed=len(spell.missed),
            discovered_at=facts.marked_at[spell.first] or self.at, rule={"rule": "absence", "inputs": limits.as_inputs()},
        )  # fmt: skip
        self._event(row, "began", f"自{clock.half_words(spell.first)}起无故缺勤")
        self._follow(row, spell, facts)

    def _renew(self, row, spell, facts):
        """The same absence as it stands now: its beginning may have been corrected, and it may have ended."""
        row.missed = len(spell.missed)
        if row.first != spell.first:
            self._event(row, "moved", f"登记或校历更正：起点由{clock.half_words(row.first)}改为{clock.half_words(spell.first)}，重新计时")
            row.first_on, row.first_half = spell.first
            row.discovered_at = facts.marked_at[spell.first] or row.discovered_at
        if row.threshold_at:
            self._recompute(row, spell, facts)
        if row.state in ("explained", "returned") and spell.is_open:
            self._resume(row)
        self._follow(row, spell, facts)

    def _recompute(self, row, spell, facts):
        """Of an absence whose hours were full: the hours as marks and calendar have them now, and each change said once on the record. What
        came after that day (the child, or nobody's marking) changes nothing of it."""
        day = local(row.threshold_at).date()
        spell = replace(spell, ended=None, how="") if spell.ended and spell.ended[0] >= day else spell
        facts = replace(facts, marked_days=facts.marked_days | {day})
        moment, said = self._reached(spell, facts), self.told.get(row.pk)
        if moment is None and said != NOT_FULL:
            self._event(row, "recomputed", NOT_FULL)
        elif moment and (moment != row.threshold_at or said == NOT_FULL):
            self._event(row, "recomputed", f"{CHANGED}：满报告时限的时刻是 {local(moment):%Y-%m-%d %H:%M}")
            row.threshold_at, row.due_at = moment, timezone.make_aware(clock.due_at(local(moment)))

    def _resume(self, row):
        row.state = State.REPORTED if hasattr(row, "report") else State.RUNNING
        if hasattr(row, "report") and row.threshold_at is None:
            row.threshold_at, row.due_at = row.report.threshold_at, row.report.due_at
        row.ended_on, row.ended_half = None, ""
        self._event(row, "resumed", "说明已取消或登记已更正，恢复计时")

    def _follow(self, row, spell, facts):
        """The end of the absence, or the alarms that are due."""
        moment = self._reached(spell, facts)
        if moment and row.threshold_at is None:
            row.threshold_at, row.due_at = moment, timezone.make_aware(clock.due_at(local(moment)))
        if spell.ended and (row.state in ("running", "reported") or row.ended != spell.ended):
            self._end(row, spell)
        elif not spell.ended and row.threshold_at:
            self._alarm(row, spell, facts)
        if _told(row) != self.before.get(row.pk):
            row.version += 1
            row.save()

    def _alarm(self, row, spell, facts):
        if row.state == State.RUNNING:
            row.rule = row.rule | {"missed": [f"{on} {half}" for on, half in spell.missed]}
            row.state = State.REPORTED
        suspected = bool(self._reached(spell, facts, self._thresholds(spell).suspected_hours))
        if not hasattr(row, "report") or suspected and row.report.case_id is None:
            self.to_report.append((row, suspected))
        if row.weeks_on is None and clock.weeks_passed(spell, facts.calendar, facts.marked_days, self._thresholds(spell), self.now):
            row.weeks_on = self.now.date()
            self._event(row, "weeks", f"缺勤已满 {self._thresholds(spell).weeks} 周，请乡镇核实是否辍学")

    def _end(self, row, spell):
        if spell.how == clock.EXCUSED:
            self._explain(row, spell.ended, f"自{clock.half_words(spell.ended)}起有假条或去向证明")
        else:
            row.state, (row.ended_on, row.ended_half) = State.RETURNED, spell.ended
            self._event(row, "returned", f"{clock.half_words(spell.ended)}已到校")
            if row.threshold_at and not hasattr(row, "report"):
                self._event(row, "missed_report", "满报告时限时没有报告：考勤是事后补登记的，学生已到校，计入未及时")

    def _explain(self, row, ended, why, whole=False):
        """`whole`: nothing is left of the absence, so that no report was due for it; one that went out stays."""
        row.state, (row.ended_on, row.ended_half) = State.EXPLAINED, ended
        if whole:
            row.threshold_at = row.due_at = None
        self._event(row, "explained", why)
        row.save()

    def _event(self, row, name, note):
        self.events.append(AbsenceEvent(absence=row, name=name, happened_at=self.at, note=note[:300]))

    def finish(self):
        """Reports and cases of all that are due, the events, one audit row."""
        self.events += deliver(self.to_report, at=self.at)
        AbsenceEvent.objects.bulk_create(self.events)
        counted = dict(Counter(event.name for event in self.events))
        if counted:
            audit.record("absences_judged", by=None, at=self.at.isoformat(), **counted)
        return counted


def _told(row):
    """What an absence says of itself: unchanged, it is not written again."""
    return (row.state, row.first, row.ended, row.missed, row.threshold_at, row.due_at, row.weeks_on, row.discovered_at)


def _overlap(row, spell):
    """Whether an absence and a spell share time; an open end lasts."""
    begins_before_it_ended = spell.ended is None or row.first < spell.ended
    return begins_before_it_ended and (row.ended is None or spell.first < row.ended)
