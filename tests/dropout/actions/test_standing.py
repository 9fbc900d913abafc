"""Every step of a case says where its child stands; what was said before ends on the same day."""

from datetime import date

import pytest

from dropout import actions, codes
from students.models import Standing
from students.rules.standings import NEVER_REASONS, REASON_LABELS, standing_of_reason
from tests.dropout import world as made

STANDS = {
    "suspected": "suspected", "removal_proposed": "suspected", "removed": "elsewhere", "confirmed": "dropout", "persuading": "dropout",
    "removal_of_confirmed": "dropout", "removal_of_persuading": "dropout", "returned": "returned", "consolidating": "returned",
    "closing": "returned", "closed": "returned",
}  # fmt: skip


@pytest.mark.parametrize("stage", STANDS)
def test_one_standing_stands_at_every_stage(world, stage):
    case = made.STAGES[stage](world)
    held = case.child.standings.open()
    assert [(row.code, row.source, row.reference) for row in held] == [(STANDS[stage], "case", str(case.public_id))]
    assert all(row.until is not None for row in case.child.standings.exclude(pk=held[0].pk))


def test_a_removal_holds_until_its_last_day_and_comes_back(world):
    case = made.removed(world)
    row = case.child.standings.open().get()
    assert (row.reason, row.until) == ("02", date(2020, 9, 1))
    actions.expire_removals(on=date(2020, 9, 1))
    assert list(Standing.objects.in_force(date(2020, 9, 1)).values_list("code", flat=True)) == ["suspected"]
    assert list(Standing.objects.in_force(date(2020, 8, 31)).values_list("code", flat=True)) == ["elsewhere"]


def test_the_days_of_a_confirmed_child_run_on(world):
    case = made.returned(world)
    spans = case.child.standings.order_by("since", "pk").values_list("code", "since", "until")
    back = made.DAY.replace(day=16)
    assert list(spans) == [
        ("suspected", made.DAY, made.DAY.replace(day=3)), ("dropout", made.DAY.replace(day=3), back), ("returned", back, None)
    ]  # fmt: skip


def test_a_closed_return_ends_with_its_school_year(world):
    row = made.closed(world).child.standings.open().get()
    assert (row.code, row.place, row.until) == ("returned", "西关镇学校", date(2020, 9, 1))


def test_every_reason_of_the_cases_has_its_standing():
    wanted = {reason.code: reason.label for reason in codes.REASONS if not reason.refusal} | codes.SUB_LABEL
    assert wanted == REASON_LABELS
    assert {reason.code for reason in codes.REASONS if reason.refusal} == set(NEVER_REASONS)
    for reason in codes.REASONS:
        if not reason.refusal:
            for sub in dict(reason.subs) or [""]:
                assert standing_of_reason(reason.code, sub)
