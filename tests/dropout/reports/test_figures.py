"""The figures of a period balance for any history, late facts included, and each leads to exactly its cases."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dropout import actions
from dropout.codes import LEDGER
from dropout.models import Case
from dropout.reports import FIGURES, figures, names
from dropout.workflow import CASE
from tests.dropout import world as made

START, END = date(2020, 2, 20), date(2020, 3, 20)
PERIOD = {"period_start_exclusive": START, "period_end": END}
EPOCH = date(2020, 1, 1)


def moment(on, hour=12):
    return datetime(on.year, on.month, on.day, hour, tzinfo=UTC)


def balances(row):
    assert row["suspected_end"] == row["suspected_start"] + row["suspected_new"] - row["removed"] - row["confirmed"]
    assert row["dropout_end"] == row["dropout_start"] + row["confirmed"] + row["reopened"] - row["returned"] - row["removed_dropout"]
    assert row["back_end"] == row["back_start"] + row["returned"] - row["reopened"] - row["closed"]
    assert row["dropout_end"] == row["dropout_end_pri"] + row["dropout_end_jun"]
    assert row["dropout_total"] == row["dropout_total_pri"] + row["dropout_total_jun"]
    assert row["returned_total"] <= row["dropout_total"]


@st.composite
def histories(draw):
    """Moves along the table, days and moments that never go back: [(name, source, target, happened_on, recorded_at)]."""
    on, late = EPOCH + timedelta(days=draw(st.integers(0, 60))), draw(st.integers(0, 40))
    origin = ""
    moves, state, recorded = [("open", "", "suspected", on, moment(on + timedelta(days=late)))], "suspected", on + timedelta(days=late)
    for _ in range(draw(st.integers(0, 9))):
        open_to = [move for move in CASE.transitions if state in move.sources and fits(move, origin)]
        if not open_to:
            break
        move = draw(st.sampled_from(open_to))
        on += timedelta(days=draw(st.integers(0, 20)))
        recorded = max(recorded, on + timedelta(days=draw(st.integers(0, 40))))
        moves.append((move.name, state, move.target, on, moment(recorded)))
        origin = state if move.target == "removal_proposed" else origin
        state = move.target
    return moves


def fits(move, origin):
    """A removal that is sent back goes where it was proposed."""
    return not move.name.startswith("reject_removal") or move.target == origin


def ledger_at(moves, counts):
    """The ledger in which the case stands; a proposed removal stands in the one it was proposed from."""
    states = [source if target == "removal_proposed" else target for name, source, target, on, recorded in moves if counts(on, recorded)]
    return next((ledger for ledger in LEDGER if states and states[-1] in LEDGER[ledger]), None)


@pytest.mark.django_db(transaction=False)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(st.tuples(histories(), st.sampled_from(["school", "other_school"]), st.sampled_from(["pri", "jun"])), min_size=1, max_size=6),
    st.booleans(),
)
def test_any_history_balances(world, drawn, with_closing):
    """Against a plain reading of the same history, and against the three identities; once with a closed earlier period, once without."""
    CaseKeeper(world).replace(drawn)
    closed_at = moment(START + timedelta(days=5)) if with_closing else None
    found = figures(schools=[world.nodes.school.pk, world.nodes.other_school.pk], closed_at=closed_at, **PERIOD)
    for row in found.values():
        balances(row)
    for place in ("school", "other_school"):
        mine = [(moves, stage) for moves, where, stage in drawn if where == place]
        assert {key: value for key, value in found[getattr(world.nodes, place).pk].items() if key in PLAIN} == plain(mine, closed_at)


PLAIN = (
    "suspected_start",
    "suspected_new",
    "removed",
    "removed_dropout",
    "confirmed",
    "suspected_end",
    "dropout_start",
    "returned",
    "reopened",
    "dropout_end",
    "closed",
    "late",
)


def plain(histories_here, closed_at):
    """The same figures by counting one by one."""
    sums = Counter(dict.fromkeys(PLAIN, 0))
    for moves, _ in histories_here:
        def before(on, recorded):
            return on <= START and (closed_at is None or recorded <= closed_at)

        first, last = ledger_at(moves, before), ledger_at(moves, lambda on, recorded: on <= END)
        proposed_from = ""
        for ledger in ("suspected", "dropout"):
            sums[f"{ledger}_start"] += first == ledger
            sums[f"{ledger}_end"] += last == ledger
        for name, source, target, on, recorded in moves:
            proposed_from = source if target == "removal_proposed" else proposed_from
            if on <= END and not before(on, recorded):
                sums["suspected_new"] += target == "suspected" and source in ("", "removed")
                sums["removed"] += target == "removed" and proposed_from == "suspected"
                sums["removed_dropout"] += target == "removed" and proposed_from != "suspected"
                sums["confirmed"] += name == "confirm"
                sums["returned"] += target == "returned"
                sums["reopened"] += name == "drop_again"
                sums["closed"] += target == "closed"
                counted = target in ("removed", "returned", "closed") or name in (
                    "open",
                    "confirm",
                    "drop_again",
                    "reopen",
                    "expire_removal",
                )
                sums["late"] += on <= START and counted
    return dict(sums)


class CaseKeeper:
    """Cases with histories of their own making; each draw starts anew with other cases, since nothing can be deleted."""

    def __init__(self, world):
        self.world = world

    def replace(self, drawn):
        Case.objects.update(school=None)  # the cases of the draw before belong nowhere now
        for moves, where, stage in drawn:
            child = made.make_child("学生", self.world.nodes.village)
            case = Case.objects.create(
                number=f"疑〔2020〕{Case.objects.count() + 1:04d}", child=child, source="report", why="x", opened_on=moves[0][3], stage=stage,
                opened_by=self.world.officer, school=getattr(self.world.nodes, where),
            )  # fmt: skip
            made.log(case, *moves)


class TestBySteps:
    def test_the_log_of_the_actions_is_what_is_counted(self, world):
        made.closed(world)
        row = figures(schools=[world.nodes.school.pk], period_start_exclusive=date(2020, 2, 20), period_end=date(2020, 4, 30))[
            world.nodes.school.pk
        ]
        balances(row)
        assert [row[key] for key in ("suspected_new", "confirmed", "returned", "closed", "suspected_end", "dropout_end", "back_end")] == [
            1, 1, 1, 1, 0, 0, 0,
        ]  # fmt: skip
        assert (row["dropout_total_pri"], row["returned_total"]) == (1, 1)

    def test_the_end_of_one_period_is_the_start_of_the_next(self, world):
        made.persuading(world)
        first = figures(**PERIOD)[world.nodes.school.pk]
        then = figures(period_start_exclusive=END, period_end=date(2020, 4, 20))[world.nodes.school.pk]
        assert (first["dropout_end"], first["suspected_end"]) == (then["dropout_start"], then["suspected_start"]) == (1, 0)

    def test_the_counting_day_belongs_to_the_period_it_closes(self, world):
        actions.open_case(child=world.child, why="x x x", source="report", on=END, by=world.officer)
        assert figures(**PERIOD)[world.nodes.school.pk]["suspected_new"] == 1
        after = figures(period_start_exclusive=END, period_end=date(2020, 4, 20))[world.nodes.school.pk]
        assert (after["suspected_start"], after["suspected_new"]) == (1, 0)

    def test_a_late_fact_enters_the_period_in_which_it_became_known(self, world):
        """Happened in February, recorded after February's report was made: it is news of March (补报), and March says so."""
        actions.open_case(child=world.child, why="x x x", source="report", on=date(2020, 2, 10), by=world.officer)
        closed_at = moment(date(2020, 2, 25))  # long before this test runs
        row = figures(schools=[world.nodes.school.pk], closed_at={world.nodes.school.pk: closed_at}, **PERIOD)[world.nodes.school.pk]
        assert (row["suspected_start"], row["suspected_new"], row["late"], row["suspected_end"]) == (0, 1, 1, 1)
        still_open = figures(schools=[world.nodes.school.pk], **PERIOD)[world.nodes.school.pk]
        assert (still_open["suspected_start"], still_open["suspected_new"], still_open["late"]) == (1, 0, 0)

    def test_what_became_known_later_is_left_out_of_the_names_of_a_frozen_figure(self, world):
        made.opened(world)
        assert names("suspected_end", known_until=moment(date(2020, 3, 25)), **PERIOD).count() == 0
        assert names("suspected_end", **PERIOD).count() == 1

    def test_expiry_counts_as_new_again(self, world):
        made.removed(world)
        actions.expire_removals(on=date(2020, 9, 1))
        row = figures(period_start_exclusive=date(2020, 8, 20), period_end=date(2020, 9, 20))[world.nodes.school.pk]
        balances(row)
        assert (row["suspected_start"], row["suspected_new"], row["suspected_again"], row["suspected_end"]) == (0, 1, 1, 1)


    def test_a_child_who_dies_leaves_the_ledger_of_dropouts_by_its_own_line(self, world):
        case = made.proposed_from(world, "persuading")
        row = figures(**PERIOD)[world.nodes.school.pk]
        balances(row)
        assert (row["dropout_end"], row["suspected_end"]) == (1, 0)
        actions.approve_removal(case=case, on=date(2020, 3, 10), by=world.bureau)
        row = figures(**PERIOD)[world.nodes.school.pk]
        balances(row)
        assert (row["confirmed"], row["removed"], row["removed_dropout"], row["dropout_end"]) == (1, 0, 1, 0)

    def test_what_no_column_counts_is_no_late_fact(self, world):
        """Naming the responsible people late changes no figure, so the report does not speak of 补报."""
        case = made.confirmed(world)
        closed_at = datetime.now(UTC)
        actions.assign(case=case, rows=[dict(row) for row in made.PEOPLE], on=date(2020, 3, 4), by=world.officer)
        row = figures(period_start_exclusive=date(2020, 3, 20), period_end=date(2020, 4, 20), closed_at=closed_at)[world.nodes.school.pk]
        assert (row["dropout_start"], row["late"]) == (1, 0)


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_leads_to_its_cases(world, figure):
    made.closed(world)
    other = made.make_child("温启明", world.nodes.other_village, world.nodes.other_school)
    made.opened(world, other, by=world.foreign)
    counted = figures(**PERIOD)
    for school in (world.nodes.school.pk, world.nodes.other_school.pk):
        cases = names(figure, schools=[school], **PERIOD)
        assert cases.count() == counted[school][figure]
        assert {case.school_id for case in cases} <= {school}


def test_children_without_a_school_are_counted_in_their_township(world):
    child = made.make_child("温启明", world.nodes.village)
    made.opened(world, child)
    assert figures(**PERIOD)[None]["suspected_new"] == 1
    assert figures(place="township", schools=[world.nodes.township.pk], **PERIOD)[world.nodes.township.pk]["suspected_new"] == 1


def test_a_school_where_nothing_happened_is_in_the_answer(world):
    assert set(figures(schools=[world.nodes.school.pk], **PERIOD)[world.nodes.school.pk].values()) == {0}


def test_one_query_for_all_schools(world, django_assert_num_queries):
    made.opened(world)
    with django_assert_num_queries(1):
        figures(**PERIOD)
