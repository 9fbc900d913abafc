"""The bureau asks a sample of guardians by telephone whether a suspension or transfer is the family's own wish (seed 002)."""

import math
import random
from datetime import date

from django.db import transaction

from core import audit
from core.models import Parameter
from core.workflow import Refused
from students import workflow
from students.actions import moving_rolls
from students.models import GuardianCall, RollChange
from students.rules.roll_changes import KINDS

CALL_SHARE = 0.2  # county parameter guardian_call_share
SAMPLED = [kind.code for kind in KINDS if kind.sampled]
chance = random.SystemRandom()


def share_on(on):
    return Parameter.objects.value_of("guardian_call_share", on, CALL_SHARE)


def month_of(on):
    return f"{on:%Y-%m}"


def draw_at_entry(change, on):
    """The change comes before the bureau: by chance it is drawn; after an answer that conflicted it always is. The call or None."""
    if not change.spec.sampled or GuardianCall.objects.filter(change=change, answer__in=["", "agrees", "unreached"]).exists():
        return None
    again, share = change.calls.exists(), share_on(on)
    if not again and chance.random() >= share:
        return None
    drawn = GuardianCall.Drawn.AGAIN if again else GuardianCall.Drawn.ENTRY
    return GuardianCall.objects.create(change=change, month=month_of(on), drawn=drawn, share=share)


def of_month(month):
    """Changes of the sampled kinds that came before the bureau in the month."""
    first = date(int(month[:4]), int(month[5:]), 1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    entered = {"events__target": "bureau", "events__happened_on__gte": first, "events__happened_on__lt": following}
    return RollChange.objects.filter(kind__in=SAMPLED, **entered).exclude(state__in=["withdrawn", "undone"]).distinct()


@transaction.atomic
def draw_month(*, on, by):
    """Complete the sample of the month of `on`: at random among the month's changes that were not drawn, until the share is reached.
    Returns the new calls; run twice, the second draws none."""
    month, share = month_of(on), share_on(on)
    population = of_month(month)
    drawn = population.filter(calls__isnull=False).distinct().count()
    wanted = math.ceil(population.count() * share) - drawn
    rest = list(RollChange.objects.select_for_update(of=("self",)).filter(pk__in=population.values("pk"), calls=None).order_by("pk"))
    chosen = chance.sample(rest, max(0, min(wanted, len(rest))))
    calls = GuardianCall.objects.bulk_create(
        [GuardianCall(change=change, month=month, drawn=GuardianCall.Drawn.MONTH, share=share) for change in chosen]
    )
    audit.record("guardian_calls_drawn", by=by, month=month, share=share, of=drawn + len(rest), drawn=[row.number for row in chosen])
    return calls


@transaction.atomic
def record_call(*, change, answer, on, by, spoke_with="", note=""):
    """What the guardian said. A conflicting answer sends a change that waits at the bureau back to the school; one that is done already
    stays so and waits for a person to take it back."""
    change = moving_rolls.locked(change)
    sentence = workflow.why_no_call(change, by)
    if sentence:
        raise Refused(sentence)
    if answer == GuardianCall.Answer.CONFLICTS and len(note.strip()) < 4:
        raise Refused("说法不一致的，要写明家长怎么说（至少 4 个字）。")
    if answer != GuardianCall.Answer.UNREACHED and not spoke_with.strip():
        raise Refused("请写明和谁通的话，如：父亲。")
    call = change.call
    call.answer, call.spoke_with, call.note = answer, spoke_with.strip()[:60], note.strip()[:300]
    call.called_on, call.called_by, call.attempts = on, by, call.attempts + 1
    call.save()
    audit.record(
        "guardian_called", by=by, subject=change.child, organization=workflow.first_school(change), change=change.number, answer=answer
    )
    if answer == GuardianCall.Answer.CONFLICTS and change.state == "bureau":
        note = f"电话核实与申请不一致：{call.note}"
        moving_rolls.written(change, workflow.ROLL_CHANGE.table["send_back"], on=on, by=by, note=note)
    return call
