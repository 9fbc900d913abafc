"""The one way in which a roll change changes its state."""

from core import audit
from core.calendar import add_workdays
from core.models import DayOverride, Parameter
from core.workflow import Refused
from students.models import RollChange, RollChangeEvent
from students.workflow import ChangeState, first_school, require, workdays_of


def locked(change):
    """The change's row, locked until the transaction ends, with what the rules ask for."""
    found = RollChange.objects.select_for_update(of=("self",)).select_related("child", "school", "target_school", "target_class")
    return found.get(pk=change.pk)


def move(change, name, *, on, by, note="", **fields):
    """Take the locked `change` through `name`, asked of the workflow first. `on`: the day; `fields`: columns that change with it."""
    return written(change, require(change, name, by), on=on, by=by, note=note, **fields)


def written(change, transition, *, on, by, note="", **fields):
    last = change.events.order_by("-id").values_list("happened_on", flat=True).first()
    if last and on < last:
        raise Refused(f"日期 {on} 早于这项异动上一步的日期 {last}。请改为 {last} 或以后的日期。")
    source, change.state = change.state, transition.target
    for field, value in fields.items():
        setattr(change, field, value)
    change.due_on = due_day(change.state, on)
    change.version += 1
    change.save(update_fields=[*fields, "state", "due_on", "version"])
    event = RollChangeEvent.objects.create(
        change=change, name=transition.name, source=source, target=change.state, happened_on=on, by=by, note=note.strip()[:300]
    )
    audit.record(
        f"roll_change_{transition.name}", by=by, subject=change.child, organization=first_school(change), change=change.number,
        state=change.state, on=str(on),
    )  # fmt: skip
    return event


def due_day(state, on):
    """The day by which the state wants its next step; None where nothing waits."""
    if state not in ChangeState.waiting():
        return None
    name, default = workdays_of(state, on)
    overrides = dict(DayOverride.objects.filter(on__gte=on).values_list("on", "is_workday"))
    return add_workdays(on, int(Parameter.objects.value_of(name, on, default)), overrides)
