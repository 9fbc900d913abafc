"""The one way in which a case changes its state."""

from datetime import timedelta

from core import audit
from core.workflow import Refused
from dropout.actions import standing
from dropout.models import Case, CaseEvent
from dropout.workflow import CASE, require


def locked(case):
    """The case's row, locked until the transaction ends, with what the rules ask for."""
    return Case.objects.select_for_update(of=("self",)).select_related("child", "school", "township").get(pk=case.pk)


def move(case, name, *, on, by, note="", **fields):
    """Take the locked `case` through `name`, asked of the workflow first. `on`: the fact's day; `fields`: columns that change with it."""
    transition = require(case, name, by)
    return written(case, transition, on=on, by=by, note=note, **fields)


def written(case, transition, *, on, by, note="", **fields):
    refuse_earlier_day(case, on)
    source = case.state
    for field, value in fields.items():
        setattr(case, field, value)
    case.state = transition.target
    case.due_on = None if transition.days is None else on + timedelta(days=transition.days)
    case.version += 1
    case.save(update_fields=[*fields, "state", "due_on", "version"])
    event = CaseEvent.objects.create(
        case=case, name=transition.name, source=source, target=case.state, happened_on=on, by=by, note=note[:500]
    )
    standing.follow(case, on=on, by=by)
    audit.record(f"case_{transition.name}", by=by, subject=case, organization=case.school or case.township, on=str(on), state=case.state)
    return event


def move_by_system(case, name, *, on, **fields):
    """As `move`, for what a date brings about: nobody's permission is asked, the state still is."""
    transition = CASE.table[name]
    if case.state not in transition.sources:
        raise Refused(f"个案{case.number}现在是“{case.get_state_display()}”，不能{transition.label}。")
    return written(case, transition, on=on, by=None, **fields)


def refuse(sentence):
    """Raise Refused with the sentence, if there is one."""
    if sentence:
        raise Refused(sentence)


def refuse_earlier_day(case, on):
    last = case.events.order_by("-id").values_list("happened_on", flat=True).first()
    if last and on < last:
        raise Refused(f"日期 {on} 早于这个个案上一步的日期 {last}。请改为 {last} 或以后的日期。")
