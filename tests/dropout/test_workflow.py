"""The table of states: every move by the right person, every other move refused, in Python and in the database."""

import pytest
from django.db import DatabaseError, connection, transaction

from core.models import Parameter
from core.workflow import Refused
from dropout import actions, codes
from dropout.codes import CaseState
from dropout.models import Case, CaseEvent, Closing, Removal
from dropout.workflow import BY_SYSTEM, CASE, missing_for_close_code, why_no_visit, why_not
from tests.dropout import world as made

MOVER = {
    "propose_removal": ("suspected", "officer"), "approve_removal": ("removal_proposed", "bureau"),
    "reject_removal": ("removal_proposed", "bureau"), "reject_removal_confirmed": ("removal_of_confirmed", "second"),
    "reject_removal_persuading": ("removal_of_persuading", "second"),
    "reopen": ("removed", "officer"), "confirm": ("suspected", "officer"), "assign": ("confirmed", "officer"),
    "record_return": ("persuading", "clerk"), "consolidate": ("returned", "clerk"), "drop_again": ("consolidating", "clerk"),
    "propose_close": ("consolidating", "principal"), "close": ("closing", "second"), "reject_close": ("closing", "second"),
}  # fmt: skip


def test_every_transition_has_its_mover_here():
    assert set(MOVER) | set(BY_SYSTEM) == set(CASE.table)


@pytest.mark.parametrize("name", MOVER)
def test_the_right_person_may_in_the_right_state(world, name):
    stage, person = MOVER[name]
    assert why_not(made.STAGES[stage](world), name, getattr(world, person)) is None


@pytest.mark.parametrize("name", MOVER)
def test_nobody_else_may(world, name):
    case = made.STAGES[MOVER[name][0]](world)
    assert "权限" in why_not(case, name, world.auditor)
    assert "权限" in why_not(case, name, world.foreign)


STATES = [stage for stage in made.STAGES if stage not in ("closing", "removal_of_confirmed", "removal_of_persuading")]


@pytest.mark.parametrize("stage", STATES)
def test_no_transition_from_a_state_it_does_not_leave(world, stage):
    case = made.STAGES[stage](world)
    for name, transition in CASE.table.items():
        if case.state not in transition.sources and name not in BY_SYSTEM:
            assert "只有" in why_not(case, name, world.bureau), name


def test_expiry_is_not_done_by_hand(world):
    assert "系统" in why_not(made.removed(world), "expire_removal", world.bureau)


@pytest.mark.parametrize("stage", STATES)
def test_the_database_refuses_every_move_outside_the_table(world, stage):
    case = made.STAGES[stage](world)
    allowed = {(source, move.target) for move in CASE.transitions for source in move.sources}
    for target in CaseState.values:
        if target == case.state or (case.state, target) in allowed:
            continue
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state=target)
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update dropout_case set state = %s where id = %s", [target, case.pk])


def test_a_case_begins_suspected_and_is_never_deleted(world):
    case = made.opened(world)
    child = made.make_child("温启明", world.nodes.village)
    with pytest.raises(DatabaseError, match="begins in suspected"), transaction.atomic():
        Case.objects.create(
            number="疑〔2020〕9999", child=child, state="persuading", source="report", why="x", opened_on=made.DAY, opened_by=world.officer,
            confirmed_on=made.DAY, cause="learning",
        )  # fmt: skip
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from dropout_case where id = %s", [case.pk])


def test_the_log_cannot_be_changed(world):
    case = made.opened(world)
    for act in (lambda rows: rows.update(note="anders"), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
            act(CaseEvent.objects.filter(case=case))


def test_number_and_child_of_a_case_stay(world):
    case = made.opened(world)
    with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(episode=2)


class TestSecondPerson:
    def test_the_proposer_of_a_removal_may_not_review_it(self, world):
        case = made.opened(world, by=world.bureau)
        actions.propose_removal(case=case, reason="02", on=made.DAY, by=world.bureau, evidence=[("school_letter", made.photo())])
        case = made.fresh(case)
        assert "另一个人" in why_not(case, "approve_removal", world.bureau)
        with pytest.raises(Refused, match="另一个人"):
            actions.approve_removal(case=case, on=made.DAY, by=world.bureau)
        assert made.fresh(case).state == "removal_proposed"

    def test_nor_does_the_database_let_him(self, world):
        removal = made.proposed(world).removals.get()
        with pytest.raises(DatabaseError, match="removal_second_person"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "update dropout_removal set decision = 'approved', reviewed_by_id = proposed_by_id, reviewed_at = now() where id = %s",
                [removal.pk],
            )

    def test_nor_may_the_state_be_set_without_an_approved_proposal(self, world):
        case = made.proposed(world)
        with pytest.raises(DatabaseError, match="another person approved"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state="removed", removal_reason="02")

    def test_nor_may_the_proposer_be_changed_afterwards(self, world):
        removal = made.proposed(world).removals.get()
        with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
            Removal.objects.filter(pk=removal.pk).update(proposed_by=world.head)

    def test_a_decision_stands(self, world):
        removal = made.removed(world).removals.get()
        with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
            Removal.objects.filter(pk=removal.pk).update(decision_note="anders")

    def test_a_proposal_cannot_be_born_approved(self, world):
        case = made.opened(world)
        with pytest.raises(DatabaseError, match="begins in pending"), transaction.atomic():
            Removal.objects.create(
                case=case, reason="05", proposed_on=made.DAY, proposed_by=world.officer, decision="approved", reviewed_by=world.bureau,
                reviewed_at="2020-03-03T00:00Z",
            )  # fmt: skip

    def test_an_older_approval_does_not_carry_a_later_removal(self, world):
        case = made.removed(world)
        actions.reopen(case=case, on=case.events.last().happened_on, by=world.officer, note="家长说没有在那里读书")
        actions.propose_removal(case=case, reason="03", on=made.fresh(case).events.last().happened_on, by=world.officer,
                                evidence=[("school_letter", made.photo())])  # fmt: skip
        with pytest.raises(DatabaseError, match="another person approved"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state="removed", removal_reason="03")

    @pytest.mark.parametrize("person", ["head", "officer", "principal"])
    def test_a_removal_is_final_only_after_the_countys_approval(self, world, person):
        """domain.md §3.5: nobody below the bureau reviews, the township's leader included."""
        case = made.proposed(world)
        for name in ("approve_removal", "reject_removal"):
            assert "权限" in why_not(case, name, getattr(world, person))
        with pytest.raises(Refused, match="权限"):
            actions.approve_removal(case=case, on=made.DAY.replace(day=5), by=getattr(world, person))

    def test_three_people_close_a_case(self, world):
        case = made.consolidating(world)
        assert why_not(case, "propose_close", world.principal) is None
        actions.propose_close(case=case, code="consolidated", statement="稳定", on=case.events.last().happened_on, by=world.principal)
        assert "权限" in why_not(made.fresh(case), "close", world.principal)

    def test_who_entered_attendance_may_not_close(self, world):
        case = made.consolidating(world, days=0)
        first = case.returned_on
        actions.record_attendance(case=case, first_on=first, last_on=first.replace(day=31), school_days=12, present=12, by=world.bureau)
        actions.record_attendance(case=case, first_on=first.replace(month=4, day=1), last_on=first.replace(month=4, day=20), school_days=12,
                                  present=12, by=world.clerk)  # fmt: skip
        actions.propose_close(case=case, code="consolidated", statement="稳定", on=case.events.last().happened_on, by=world.principal)
        assert "另一个人" in why_not(made.fresh(case), "close", world.bureau)
        assert why_not(made.fresh(case), "close", world.second) is None

    def test_the_database_wants_three_people_too(self, world):
        closing = made.closing(world).closings.get()
        for reviewer in (closing.proposed_by_id, closing.attendance_by_id):
            with pytest.raises(DatabaseError, match="closing_(second|third)_person"), transaction.atomic():
                Closing.objects.filter(pk=closing.pk).update(decision="approved", reviewed_by=reviewer, reviewed_at="2020-05-01T00:00Z")

    def test_a_case_is_not_closed_by_its_state_alone(self, world):
        case = made.closing(world)
        with pytest.raises(DatabaseError, match="another person approved"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state="closed", closed_on=made.DAY.replace(month=6), close_code="consolidated")


class TestWhatIsMissing:
    def test_attendance_in_figures(self, world):
        sentence = missing_for_close_code(made.consolidating(world, days=12), "consolidated", [])
        assert sentence.startswith("返校后出勤 12 天，满 20 个在校日")

    def test_the_countys_parameter_wins(self, world):
        Parameter.objects.create(name="close_attendance_days", since=made.DAY, value=10)
        assert missing_for_close_code(made.consolidating(world, days=12), "consolidated", []) is None

    def test_no_close_without_a_proposal(self, world):
        assert "先由学校或乡镇提出销号" in why_not(made.consolidating(world), "close", world.second)

    def test_reason_99_is_for_the_leader_of_the_bureau(self, world):
        statement = "孩子随父母在外地经营流动作业，行踪已由两地乡镇共同核实清楚"
        case = made.proposed(world, reason="99", statement=statement, evidence=[("other", made.photo())])
        assert "分管局领导" in why_not(case, "approve_removal", world.bureau)
        assert why_not(case, "approve_removal", world.second) is None
        assert why_not(case, "reject_removal", world.bureau) is None

    def test_no_visit_to_a_closed_case(self, world):
        assert "已销号" in why_no_visit(made.closed(world), world.officer)


BAD = [
    {"confirmed_on": made.DAY}, {"cause": "learning"}, {"removal_reason": "05"}, {"removal_expires_on": made.DAY},
    {"returned_on": made.DAY},
    {"removal_from": "confirmed"}, {"placement": "same_grade"}, {"closed_on": made.DAY}, {"close_code": "graduated"},
]  # fmt: skip


@pytest.mark.parametrize("fields", BAD)
def test_a_date_without_its_state_is_refused(world, fields):
    case = made.opened(world)
    with pytest.raises(DatabaseError, match="case_"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**fields)


@pytest.mark.parametrize(("stage", "fields"), [
    ("confirmed", {"cause": ""}), ("confirmed", {"confirmed_on": None}), ("removed", {"removal_reason": ""}),
    ("returned", {"returned_on": None}),
    ("consolidating", {"placement": ""}), ("closed", {"closed_on": None}), ("closed", {"close_code": ""}),
    ("confirmed", {"confirmed_on": made.DAY.replace(year=2019)}), ("returned", {"returned_on": made.DAY.replace(year=2019)}),
])  # fmt: skip
def test_a_state_without_its_date_is_refused(world, stage, fields):
    case = made.STAGES[stage](world)
    with pytest.raises(DatabaseError, match="case_"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**fields)


class TestWhereARemovalCameFrom:
    """Out of confirmed and persuading by death, moving away, a mistake found late: proposed, and back where it was if it is not agreed."""

    @pytest.mark.parametrize("origin", ["suspected", "confirmed", "persuading"])
    def test_sent_back_it_is_where_it_was(self, world, origin):
        case = made.proposed_from(world, origin)
        assert (case.state, case.removal_from) == ("removal_proposed", origin)
        actions.reject_removal(case=case, on=made.DAY.replace(day=7), by=world.bureau, note="证明没有盖章")
        case = made.fresh(case)
        assert (case.state, case.removal_from) == (origin, "")
        assert bool(case.confirmed_on and case.cause) == (origin != "suspected")

    @pytest.mark.parametrize("origin", ["confirmed", "persuading"])
    def test_agreed_it_ends_there_and_comes_back_as_suspected(self, world, origin):
        case = made.proposed_from(world, origin)
        actions.approve_removal(case=case, on=made.DAY.replace(day=7), by=world.bureau)
        case = made.fresh(case)
        assert (case.state, case.removal_from, case.cause) == ("removed", origin, "learning")
        actions.reopen(case=case, on=made.DAY.replace(day=9), by=world.officer, note="村里说孩子回来了，没有上学")
        case = made.fresh(case)
        assert (case.state, case.removal_from, case.cause, case.confirmed_on) == ("suspected", "", "", None)
        actions.confirm(case=case, cause="work", on=made.DAY.replace(day=10), by=world.officer)

    def test_nor_does_the_database_send_it_elsewhere(self, world):
        case = made.proposed_from(world, "persuading")
        with pytest.raises(DatabaseError, match="goes where it came from"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state="confirmed", removal_from="")

    def test_nor_does_it_forget_where_it_came_from(self, world):
        case = made.confirmed(world)
        with pytest.raises(DatabaseError, match="remembers the state"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state="removal_proposed", removal_from="persuading")

    @pytest.mark.parametrize("name", ["reject_removal_confirmed", "reject_removal_persuading"])
    def test_each_way_back_is_closed_to_the_others(self, world, name):
        assert "退回后回到“疑似”" in why_not(made.proposed(world), name, world.bureau)


class TestEndsOfACase:
    """Close codes of domain.md §3.12: who cannot show days of attendance shows the paper of his end."""

    @pytest.mark.parametrize("code", ["graduated", "home_teaching", "death", "moved", "transferred"])
    def test_without_attendance_but_with_its_paper(self, world, code):
        case = made.consolidating(world, days=0)
        on = case.events.last().happened_on
        with pytest.raises(Refused, match="请上传后再提出"):
            actions.propose_close(case=case, code=code, statement="见证明", on=on, by=world.principal)
        actions.propose_close(case=case, code=code, statement="见证明", on=on, by=world.principal, photos=[made.photo()])
        actions.approve_close(case=case, on=on, by=world.second)
        case = made.fresh(case)
        assert (case.state, case.close_code) == ("closed", code)
        assert case.closings.get().evidence.get().kind == codes.CLOSE_EVIDENCE[code]

    def test_returned_and_steady_wants_its_days(self, world):
        case = made.consolidating(world, days=3)
        with pytest.raises(Refused, match="返校后出勤 3 天"):
            actions.propose_close(case=case, code="consolidated", statement="x", on=case.events.last().happened_on, by=world.principal)

    def test_whoever_entered_any_attendance_neither_proposes_nor_decides(self, world):
        """The rows that were corrected by another one included."""
        case = made.consolidating(world, days=0)
        row = actions.record_attendance(
            case=case, first_on=case.returned_on, last_on=case.returned_on, school_days=1, present=0, by=world.principal
        )
        actions.record_attendance(
            case=case, first_on=case.returned_on, last_on=case.returned_on, school_days=1, present=1, by=world.clerk, corrects=row
        )
        assert "另一个人" in why_not(made.fresh(case), "propose_close", world.principal)

    def test_the_database_knows_all_who_entered_attendance(self, world):
        case = made.consolidating(world, days=0)
        first = case.returned_on
        actions.record_attendance(case=case, first_on=first, last_on=first, school_days=1, present=1, by=world.bureau)
        actions.record_attendance(case=case, first_on=first.replace(month=4), last_on=first.replace(month=5), school_days=20, present=20,
                                  by=world.clerk)  # fmt: skip
        actions.propose_close(case=case, code="consolidated", statement="x", on=case.events.last().happened_on, by=world.principal)
        Closing.objects.update(decision="approved", reviewed_by=world.bureau, reviewed_at="2020-05-01T00:00Z")
        with pytest.raises(DatabaseError, match="entered attendance"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state="closed", closed_on=made.DAY.replace(month=6), close_code="consolidated")
