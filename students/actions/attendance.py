"""Marking attendance by exception, for one class or a whole school at once; and the slips that excuse an absence."""

from collections import Counter
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from core import audit
from core.models import Organization
from core.scope import granted_nodes, require
from core.workflow import Refused
from students.actions.slips import give
from students.attendance import classes_of
from students.models import AttendanceMark, ClassMark, LeaveSlip, SchoolDay
from students.rules.school_days import HALF_LABELS

Kind = AttendanceMark.Kind
BATCH = 2000
CHANGING = ("pupils", "absent", "on_leave", "late", "source", "note", "changed_at", "version")


class MarkChanged(Refused):
    """Somebody else marked the half-day since the page was drawn."""


@dataclass(frozen=True)
class Outcome:
    """Half-days of classes: new, changed, unchanged."""

    new: int
    changed: int
    unchanged: int


@transaction.atomic
def mark(*, rows, by, source, today, note=""):
    """Mark half-days: `rows` of {class_node, on, half, kinds: {child id: kind}} and, where a page was drawn from it, seen: the version (0:
    not marked). Who is not in `kinds` was there; who is on leave needs a slip that covers the half-day.

    Refused with a sentence for a foreign class, a day ahead, a half-day without school, a pupil of another class, leave without slip, a
    correction of an earlier day without its reason; MarkChanged where `seen` is no longer true. The same again changes nothing."""
    nodes = _locked_classes(rows, by)
    refuse_times(rows, nodes, today)
    members = _members(rows)
    refuse_strangers(rows, nodes, members)
    standing = _standing(rows)
    refuse_stale(rows, standing)
    slips = _slips(rows)
    now, made, changed = timezone.now(), [], []
    for row in rows:
        held = standing.get(_key(row))
        kinds = _completed(row, held)
        refuse_leave_without_slip(row, kinds, nodes, slips)
        row["kinds"] = kinds
        pupils = len(members[row["class_node"].pk, row["on"]])
        if held is None:
            made.append(_new(row, pupils, source, by, now))
        elif _differs(row, held):
            changed.append(_changed(row, held, pupils, source, by, now, note, today))
    ClassMark.objects.bulk_create(made, batch_size=BATCH)
    ClassMark.objects.bulk_update(changed, CHANGING, batch_size=BATCH)
    _write_kinds(rows, {_key_of(one): one for one in [*made, *changed]})
    outcome = Outcome(len(made), len(changed), len(rows) - len(made) - len(changed))
    if made or changed:
        record_marked(rows, outcome, source, note, by)
    return outcome


@transaction.atomic
def mark_class(*, class_node, on, half, kinds, by, today, slips=(), seen=None, note="", source=ClassMark.Source.CLASS):
    """One class on one half-day with the slips handed in at the same time: `slips` of slips.give's facts."""
    for facts in slips:
        give(by=by, **facts)
    row = {"class_node": class_node, "on": on, "half": half, "kinds": kinds, "seen": seen}
    return mark(rows=[row], by=by, source=source, today=today, note=note)


def record_marked(rows, outcome, source, note, by):
    days = sorted({row["on"] for row in rows})
    schools = {row["class_node"].parent_id for row in rows}
    organization = Organization.objects.filter(pk=min(schools)).first() if len(schools) == 1 else None
    span = {"first": str(days[0]), "last": str(days[-1])}
    audit.record(
        "attendance_marked", by=by, organization=organization, reason=note, source=source, new=outcome.new, changed=outcome.changed, **span
    )


def _key(row):
    return (row["class_node"].pk, row["on"], row["half"])


def _key_of(mark):
    return (mark.class_node_id, mark.on, mark.half)


def _locked_classes(rows, by):
    """{id: class node}, locked so that two people marking one class come one after the other; each within the permission."""
    wanted = {row["class_node"].pk for row in rows}
    nodes = {node.pk: node for node in Organization.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")}
    granted = set(granted_nodes(by, "mark_attendance"))
    for node in nodes.values():
        if node.kind != Organization.Kind.CLASS or not granted & set(node.path):
            require(by, "mark_attendance", node)
            raise Refused(f"“{node.name}”不是班级，考勤按班级登记。")
    return nodes


def refuse_times(rows, nodes, today):
    days = [row["on"] for row in rows]
    calendars = SchoolDay.objects.calendars_of(list(nodes.values()), min(days), max(days))
    for row in rows:
        on, half, name = row["on"], HALF_LABELS[row["half"]], nodes[row["class_node"].pk].name
        if on > today:
            raise Refused(f"{on} 还没有到，不能登记考勤。")
        if not calendars[row["class_node"].pk].is_school_half_day(on, row["half"]):
            raise Refused(f"{name} {on} {half}不是上课时间，不登记考勤。要补课、调休上课的，请先在“校历”中登记这一天。")


def _members(rows):
    """{(class id, day): {child id: enrolment}}; two queries for each day."""
    found = {}
    for on in {row["on"] for row in rows}:
        wanted = {row["class_node"].pk for row in rows if row["on"] == on}
        seated = {one.node.pk: one.pupils for one in classes_of(Organization.objects.filter(pk__in=wanted), on)}
        found |= {(pk, on): {pupil.child_id: pupil for pupil in seated.get(pk, ())} for pk in wanted}
    return found


def refuse_strangers(rows, nodes, members):
    for row in rows:
        seated, name = members[row["class_node"].pk, row["on"]], nodes[row["class_node"].pk].name
        if not seated:
            raise Refused(f"{name} {row['on']} 没有学生：先导入在校学生花名册，再登记考勤。")
        if set(row["kinds"]) - set(seated):
            raise Refused(f"{name} {row['on']} 的名单里有不在这个班的学生，没有登记。请刷新页面，按现在的名册再登记。")


def _standing(rows):
    nodes, days = {row["class_node"].pk for row in rows}, {row["on"] for row in rows}
    found = ClassMark.objects.filter(class_node__in=nodes, on__in=days).prefetch_related("marks")
    wanted = {_key(row) for row in rows}
    return {_key_of(one): one for one in found if _key_of(one) in wanted}


def refuse_stale(rows, standing):
    for row in rows:
        held = standing.get(_key(row))
        if row.get("seen") is not None and row["seen"] != (held.version if held else 0):
            raise MarkChanged("这个半天的考勤在您打开页面之后已被另一个人登记，这一次没有保存。下面是现在的登记，请对照后再改。")


def _slips(rows):
    children = {pk for row in rows for pk, kind in row["kinds"].items() if kind == Kind.LEAVE}
    days = [row["on"] for row in rows]
    found = {}
    for slip in LeaveSlip.objects.touching(min(days), max(days)).filter(child__in=children):
        found.setdefault(slip.child_id, []).append(slip)
    return found


def refuse_leave_without_slip(row, kinds, nodes, slips):
    for child, kind in kinds.items():
        if kind == Kind.LEAVE and not any(slip.covers(row["on"], row["half"]) for slip in slips.get(child, ())):
            raise Refused(f"{nodes[row['class_node'].pk].name} {row['on']}：登记请假要有假条，写明病假或事假、到哪天为止；没有假条的登记缺勤。")


def _completed(row, held):
    """The kinds as given, and present for who was marked otherwise before."""
    before = {one.child_id: Kind.PRESENT for one in held.marks.all()} if held else {}
    return before | {child: kind for child, kind in row["kinds"].items() if kind != Kind.PRESENT or child in before}


def _differs(row, held):
    return {one.child_id: one.kind for one in held.marks.all()} != row["kinds"]


def _counts(row):
    counted = Counter(row["kinds"].values())
    return {"absent": counted[Kind.ABSENT], "on_leave": counted[Kind.LEAVE], "late": counted[Kind.LATE]}


def _new(row, pupils, source, by, now):
    return ClassMark(
        class_node=row["class_node"], on=row["on"], half=row["half"], pupils=pupils, source=source, marked_by=by, marked_at=now,
        changed_at=now, **_counts(row),
    )  # fmt: skip


def _changed(row, held, pupils, source, by, now, note, today):
    if row["on"] < today and not note.strip():
        raise Refused(f"{row['on']} 的考勤已经登记过，更正以前的考勤要写明原因；缺勤计时会按更正后的重新计算，并记下这次更正。")
    for field, value in _counts(row).items():
        setattr(held, field, value)
    held.pupils, held.source, held.changed_at, held.note = max(pupils, sum(_counts(row).values())), source, now, note.strip()[:200]
    held.version += 1
    return held


def _write_kinds(rows, marks):
    """The exceptions of the written half-days: new rows, and changed ones with their history."""
    wanted = {(marks[_key(row)].pk, child): kind for row in rows if _key(row) in marks for child, kind in row["kinds"].items()}
    written = AttendanceMark.objects.filter(class_mark__in=[one.pk for one in marks.values()])
    held = {(one.class_mark_id, one.child_id): one for one in written}
    changed = []
    for key, one in held.items():
        if wanted[key] != one.kind:
            one.kind, one.marked_at = wanted[key], timezone.now()
            changed.append(one)
    AttendanceMark.objects.bulk_update(changed, ("kind", "marked_at"), batch_size=BATCH)
    fresh = {key: kind for key, kind in wanted.items() if key not in held}
    AttendanceMark.objects.bulk_create(
        [AttendanceMark(class_mark_id=mark, child_id=child, kind=kind) for (mark, child), kind in fresh.items()], batch_size=BATCH
    )
