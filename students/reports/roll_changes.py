"""The ledger of roll changes: which it shows, its columns (page and workbook alike), and what waits for whom."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from django.db.models import OuterRef, Q, Subquery

from core.models import Organization, Parameter
from core.scope import granted_nodes
from core.spreadsheets import Column, SheetOut, write_workbook
from students.models import GuardianCall, RollChange
from students.reports.children import grade_text
from students.rules import roll_changes as rules
from students.workflow import ChangeState

REMIND_DAYS = 30  # days before a suspension ends (county parameter suspension_reminder_days)
MOST_ROWS = 20_000
INTO_SCHOOL = [kind.code for kind in rules.KINDS if kind.road == "in"]
BY_TARGET = Q(asked_by_target=True) | Q(kind__in=INTO_SCHOOL)


def at_first_school(nodes):
    """Changes whose applying school lies below one of the nodes."""
    return BY_TARGET & Q(target_school__path__overlap=nodes) | ~BY_TARGET & Q(school__path__overlap=nodes)


def at_second_school(nodes):
    return Q(kind="transfer") & (
        Q(asked_by_target=True, school__path__overlap=nodes) | Q(asked_by_target=False, target_school__path__overlap=nodes)
    )


def waits_for(user):
    """Changes whose next step is this person's: by state and by the school whose turn it is; nobody's own application for a second word."""
    agree, approve = granted_nodes(user, "agree_roll_change"), granted_nodes(user, "approve_roll_change")
    start, call = granted_nodes(user, "start_roll_change"), granted_nodes(user, "call_guardian")
    own = Q(started_by=user)
    return (
        Q(state="proposed") & at_first_school(agree) & ~own
        | Q(state="other_school") & at_second_school(agree) & ~own
        | Q(state="bureau") & at_first_school(approve) & ~own
        | Q(state="returned") & at_first_school(start)
        | to_call(call)
    )


def latest_answer():
    return Subquery(GuardianCall.objects.filter(change=OuterRef("pk")).order_by("-id").values("answer")[:1])


def to_call(nodes):
    waiting = GuardianCall.objects.filter(answer__in=["", "unreached"]).values("change")
    return Q(pk__in=waiting) & at_first_school(nodes) & ~Q(state__in=["withdrawn", "undone"])


def conflicting():
    """Done, and the guardian says otherwise: to be looked into."""
    return Q(pk__in=RollChange.objects.filter(state="done").annotate(said=latest_answer()).filter(said="conflicts").values("pk"))


def ending(on):
    days = int(Parameter.objects.value_of("suspension_reminder_days", on, REMIND_DAYS))
    return Q(kind="suspension", state=ChangeState.DONE, resumed_on=None, ends_on__gte=on, ends_on__lte=on + timedelta(days=days))


def ended(on):
    return Q(kind="suspension", state=ChangeState.DONE, resumed_on=None, ends_on__lt=on)


def filtered(changes, asked, user, on):
    """The changes that the filter form's cleaned values ask for."""
    conditions = {
        "mine": lambda: waits_for(user), "open": lambda: Q(state__in=ChangeState.waiting()), "ending": lambda: ending(on),
        "overdue": lambda: Q(state__in=ChangeState.waiting(), due_on__lt=on), "ended": lambda: ended(on), "conflict": conflicting,
        "call": lambda: to_call(granted_nodes(user, "see_children")),
    }  # fmt: skip
    if asked.get("q"):
        changes = changes.filter(Q(child__name__icontains=asked["q"].strip()) | Q(number__contains=asked["q"].strip()))
    for name in ("kind", "state"):
        changes = changes.filter(**{name: asked[name]}) if asked.get(name) else changes
    if asked.get("school"):
        changes = changes.filter(Q(school=asked["school"]) | Q(target_school=asked["school"]))
    return changes.filter(conditions[asked["due"]]()) if asked.get("due") else changes


def schools_of(user):
    visible = RollChange.objects.visible_to(user, "see_children")
    return Organization.objects.filter(Q(pk__in=visible.values("school")) | Q(pk__in=visible.values("target_school"))).order_by("code")


@dataclass(frozen=True)
class ChangeColumn:
    key: str
    label: str
    text: Callable
    sort: str = ""
    width: float = 12
    on_page: bool = True


def _day(value):
    return value.isoformat() if value else ""


def _from(change):
    return change.school.name if change.school else change.place


def _to(change):
    if change.target_school:
        return "本校" if change.target_school_id == change.school_id else change.target_school.name
    if change.ends_on:
        return f"至 {change.ends_on.isoformat()}"
    return change.place or "—"


COLUMNS = (
    ChangeColumn("name", "姓名", lambda change: change.child.name, "child__name"),
    ChangeColumn("number", "异动号", lambda change: change.number, "number", 16),
    ChangeColumn("kind", "类型", lambda change: change.get_kind_display(), "kind"),
    ChangeColumn("state", "状态", lambda change: change.get_state_display(), "state", 16),
    ChangeColumn("from", "原学校", _from, "school__code", 22),
    ChangeColumn("to", "去向", _to, "target_school__code", 22),
    ChangeColumn(
        "grade", "年级", lambda change: grade_text(change.stage or change.target_stage, change.grade or change.target_grade), "", 9
    ),
    ChangeColumn("effective", "生效日期", lambda change: _day(change.effective_on), "effective_on"),
    ChangeColumn("ends", "休学至", lambda change: _day(change.ends_on), "ends_on", on_page=False),
    ChangeColumn("due", "办理期限", lambda change: _day(change.due_on), "due_on"),
    ChangeColumn("started", "申请日期", lambda change: _day(change.started_on), "started_on", on_page=False),
    ChangeColumn("done", "办结日期", lambda change: _day(change.done_on), "done_on", on_page=False),
    ChangeColumn("cems", "学籍系统中的类型", lambda change: change.spec.cems, "", 16, on_page=False),
    ChangeColumn("reason", "原因", lambda change: change.reason, "", 30, on_page=False),
    ChangeColumn("call", "电话核实", lambda change: change.call.get_answer_display() if change.call else "", "", 18, on_page=False),
)
PAGE_COLUMNS = tuple(column for column in COLUMNS if column.on_page)
SORTS = {column.key: column.sort for column in COLUMNS if column.sort}


def ordered(changes, sort):
    field = SORTS.get(sort.removeprefix("-"))
    if not field:
        return changes.order_by("-started_on", "-pk")
    return changes.order_by(f"-{field}" if sort.startswith("-") else field, "pk")


def row_of(change, on):
    late = change.is_overdue(on)
    cells = [{"key": column.key, "text": column.text(change)} for column in PAGE_COLUMNS[1:]]
    return {"change": change, "late": late, "waiting": change.state == "returned" and not late, "cells": cells}


def workbook(changes, *, on, unit, note):
    """The ledger as .xlsx, every column; numbers of persons are left out."""
    rows = ([column.text(change) for column in COLUMNS] for change in changes.prefetch_related("calls")[:MOST_ROWS])
    sheet = SheetOut(
        name="学籍异动", columns=[Column(column.label, column.width) for column in COLUMNS], rows=rows, titles=("学籍异动台账",),
        unit_line=f"单位：{unit}　截至 {on.isoformat()}", frozen_columns=1,
    )  # fmt: skip
    target = BytesIO()
    write_workbook(target, [sheet], note=note)
    target.seek(0)
    return target


def disagreements(user, limit=200):
    """Done changes that a newer list contradicts: it still shows the child at the school that the change took it from."""
    from students.models import ListRow

    rows = ListRow.objects.filter(
        child=OuterRef("child"),
        node=OuterRef("school"),
        kind="roll",
        until=None,
        facts__counts=True,
        seen_as_of__gte=OuterRef("effective_on"),
    ).order_by("-seen_as_of")
    gone = [kind.code for kind in rules.KINDS if "roll" in kind.closes and not (kind.opens and kind.code != "transfer")]
    done = RollChange.objects.visible_to(user, "see_children").filter(state="done", kind__in=gone)
    return (
        done.annotate(seen_on=Subquery(rows.values("seen_as_of")[:1]))
        .filter(seen_on__isnull=False)
        .with_places()
        .order_by("-seen_on")[:limit]
    )
