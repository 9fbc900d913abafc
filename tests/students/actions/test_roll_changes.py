from datetime import date, timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction

from core.models import AuditEntry
from core.workflow import Refused
from students import workflow
from students.actions import calling, roll_changes
from students.models import Child, Enrolment, GuardianCall, RollChange, Standing
from tests.students.rolls import DAY, at_bureau, done, fresh, make_rolls, papers, pupil, started


@pytest.fixture
def world(db, settings, tmp_path, monkeypatch):
    settings.FILES_ROOT = tmp_path
    monkeypatch.setattr(calling.chance, "random", lambda: 0.99)  # nobody is drawn unless a test says so
    return make_rolls()


def draw(monkeypatch):
    monkeypatch.setattr(calling.chance, "random", lambda: 0.0)


def holding(child, kind, on=DAY):
    return list(Enrolment.objects.in_force(on).filter(child=child, kind=kind, counts=True).values_list("school__name", "grade", "accepted"))


class TestApplication:
    def test_the_papers_are_named_that_are_missing(self, world):
        with pytest.raises(Refused, match="还缺材料：监护人书面申请"):
            started(world, evidence=[])

    def test_suspension_wants_the_guardians_statement_beside_the_hospital(self, world):
        with pytest.raises(Refused, match="监护人书面申请"):
            started(world, "suspension", evidence=papers("hospital"))

    def test_one_open_change_a_child(self, world):
        first = started(world)
        with pytest.raises(Refused, match=first.number):
            started(world, "suspension")
        with pytest.raises(IntegrityError), transaction.atomic():
            RollChange.objects.create(
                number="x", kind="death", child=world.child, school=world.nodes.school, reason="x", effective_on=DAY, started_on=DAY,
                started_by=world.clerk,
            )  # fmt: skip

    def test_nobody_applies_for_another_school(self, world):
        with pytest.raises(Refused, match="请该校填报人办理"):
            started(world, by=world.other_clerk)

    @pytest.mark.parametrize(("kind", "word"), [("withdrawal", "退学"), ("expulsion", "开除"), ("repeat", "留级")])
    def test_compulsory_schooling_knows_no_leaving(self, world, kind, word):
        facts = {"target_stage": "pri", "target_grade": 3} if kind == "repeat" else {}
        with pytest.raises(Refused, match=f"义务教育阶段不得{word}"):
            roll_changes.start(
                kind=kind, child=world.child, school=world.nodes.school, by=world.clerk, on=DAY, effective_on=DAY, reason="成绩不好",
                evidence=papers("statement", "school_opinion"), **facts,
            )  # fmt: skip

    @pytest.mark.parametrize(
        ("ends_on", "sentence"), [(None, "到哪一天为止"), (date(2026, 10, 1), "早于开始日期"), (date(2027, 12, 1), "不超过一年")]
    )
    def test_a_suspension_has_an_end_within_a_year(self, world, ends_on, sentence):
        with pytest.raises(Refused, match=sentence):
            started(world, "suspension", ends_on=ends_on)

    def test_a_school_without_the_stage_takes_nobody(self, world):
        with pytest.raises(Refused, match="东关中学没有小学学段"):
            started(world, target_school=world.nodes.junior)

    def test_who_is_not_on_the_roll_here_cannot_leave(self, world):
        stranger = pupil(world.nodes.other, "外一")
        with pytest.raises(Refused, match="不在东关小学的学籍"):
            started(world, child=stranger)

    def test_a_transfer_in_of_a_child_on_a_roll_here_is_a_transfer_within(self, world):
        with pytest.raises(Refused, match="请按“县内转学”办理"):
            roll_changes.start(
                kind="transfer_in", child=world.child, school=world.nodes.other, by=world.other_clerk, on=DAY, effective_on=DAY,
                reason="随父母搬家", evidence=papers("transfer_letter"), place="邻县小学", target_stage="pri", target_grade=4,
            )  # fmt: skip

    def test_the_deadline_counts_workdays_of_the_county(self, world):
        assert started(world).due_on == date(2026, 10, 26)


    def test_nobody_graduates_before_the_last_grade(self, world):
        second_year = pupil(world.nodes.junior, "初二生", grade=2, stage="jun")
        facts = {"child": second_year, "school": world.nodes.junior, "by": world.junior_clerk, "on": DAY, "effective_on": DAY}
        facts["reason"] = "毕业离校"
        with pytest.raises(Refused, match="只给毕业年级办理"):
            roll_changes.start(kind="graduation", evidence=papers("diploma"), **facts)
        Enrolment.objects.filter(child=second_year).update(grade=3)
        assert roll_changes.start(kind="graduation", evidence=papers("diploma"), **facts).state == "proposed"

    def test_a_class_without_the_grade_takes_nobody(self, world):
        pupil(world.nodes.other, "二年级生", world.nodes.other_class, grade=2)
        change = started(world)
        roll_changes.agree(change=change, on=DAY, by=world.principal)
        with pytest.raises(Refused, match="没有四年级的学生，请选编入年级的班"):
            roll_changes.accept(change=change, on=DAY, by=world.other_principal, target_class=world.nodes.other_class)


class TestRoad:
    def test_both_sides_agree_before_the_bureau(self, world):
        change = started(world)
        with pytest.raises(Refused, match="西关小学的校长办理"):
            roll_changes.accept(change=at_other(change, world), on=DAY, by=world.principal)
        assert fresh(change).state == "other_school"
        roll_changes.accept(change=change, on=DAY, by=world.other_principal, target_class=world.nodes.other_class)
        assert fresh(change).state == "bureau"
        assert fresh(change).target_class == world.nodes.other_class

    def test_the_principal_cannot_send_a_transfer_past_the_other_school(self, world):
        change = started(world)
        assert "对方学校" in workflow.why_not(change, "agree", world.principal)

    def test_whoever_applied_does_not_approve(self, world):
        change = started(world, by=world.officer)
        roll_changes.agree(change=change, on=DAY, by=world.principal)
        roll_changes.accept(change=change, on=DAY, by=world.other_principal)
        with pytest.raises(Refused, match="另一个人"):
            roll_changes.approve(change=change, on=DAY, by=world.officer)
        roll_changes.approve(change=change, on=DAY, by=world.head)
        assert fresh(change).state == "done"

    def test_sent_back_completed_and_sent_again(self, world):
        change = at_bureau(world)
        with pytest.raises(Refused, match="写明原因"):
            roll_changes.send_back(change=change, on=DAY, by=world.officer, note="")
        roll_changes.send_back(change=change, on=DAY, by=world.officer, note="申请看不清")
        roll_changes.resubmit(change=change, on=DAY, by=world.clerk, evidence=papers("statement"))
        assert fresh(change).state == "proposed"
        assert change.proofs.count() == 2

    def test_a_principal_does_not_send_back_what_lies_at_the_bureau(self, world):
        with pytest.raises(Refused, match="学籍管理员"):
            roll_changes.send_back(change=at_bureau(world), on=DAY, by=world.principal, note="不同意了")

    def test_the_receiving_school_may_apply_and_the_other_releases(self, world):
        change = started(world, by=world.other_clerk, asked_by_target=True)
        with pytest.raises(Refused, match="西关小学"):
            roll_changes.agree(change=change, on=DAY, by=world.principal)
        roll_changes.agree(change=change, on=DAY, by=world.other_principal)
        roll_changes.accept(change=change, on=DAY, by=world.principal)
        assert fresh(change).state == "bureau"

    def test_days_do_not_run_backwards(self, world):
        with pytest.raises(Refused, match="早于这项异动上一步"):
            roll_changes.agree(change=started(world), on=DAY - timedelta(days=1), by=world.principal)

    def test_the_database_holds_the_table(self, world):
        change = started(world)
        with pytest.raises(InternalError), transaction.atomic():
            RollChange.objects.filter(pk=change.pk).update(state="done", done_on=DAY)


def at_other(change, world):
    roll_changes.agree(change=change, on=DAY, by=world.principal)
    return fresh(change)


class TestFacts:
    def test_a_transfer_ends_and_begins_both_facts_and_the_place(self, world):
        change = done(world)
        assert holding(world.child, "roll", DAY - timedelta(days=1)) == [("东关小学", 4, True)]
        assert holding(world.child, "roll") == holding(world.child, "attending") == [("西关小学", 4, True)]
        child = Child.objects.get(pk=world.child.pk)
        assert world.nodes.other.pk in child.scope_nodes
        assert world.nodes.school.pk not in child.scope_nodes
        assert change.done_on == DAY

    def test_transfer_out_leaves_a_standing_with_its_proof(self, world):
        change = done(world, "transfer_out", province=True)
        standing = Standing.objects.get(child=world.child)
        assert (standing.code, standing.reason, standing.place, standing.source) == ("elsewhere", "03", "邻县第一小学", "roll_change")
        assert standing.proof == change.proofs.get(kind="admission").attachment
        assert holding(world.child, "roll") == holding(world.child, "attending") == []

    def test_suspension_leaves_the_roll_and_empties_the_seat(self, world):
        change = done(world, "suspension")
        assert holding(world.child, "roll") == [("东关小学", 4, True)]
        assert holding(world.child, "attending") == []
        standing = Standing.objects.get(child=world.child)
        assert (standing.code, standing.until, standing.reference) == ("suspended", date(2027, 3, 1), str(change.public_id))

    def test_resumption_fills_the_seat_and_ends_the_standing(self, world):
        suspension = done(world, "suspension")
        later = DAY + timedelta(days=90)
        change = started(world, "resumption", on=later, effective_on=later)
        roll_changes.agree(change=change, on=later, by=world.principal)
        roll_changes.approve(change=change, on=later, by=world.officer)
        assert holding(world.child, "attending", later) == [("东关小学", 4, True)]
        assert fresh(suspension).resumed_on == later
        assert Standing.objects.open().count() == 0
        roll_changes.undo(change=change, on=later, by=world.officer, note="办错了人")
        assert holding(world.child, "attending", later) == []
        assert fresh(suspension).resumed_on is None
        assert Standing.objects.open().get().until == date(2027, 3, 1)

    def test_nobody_resumes_who_was_not_suspended(self, world):
        with pytest.raises(Refused, match="没有在休学"):
            started(world, "resumption")

    @pytest.mark.parametrize(("kind", "reason"), [("death", "05"), ("abroad", "10")])
    def test_death_and_abroad_are_removals_by_their_code(self, world, kind, reason):
        done(world, kind)
        assert Standing.objects.get(child=world.child).reason == reason
        assert holding(world.child, "roll") == []

    def test_skip_moves_up_at_the_same_school(self, world):
        done(world, "skip")
        assert holding(world.child, "roll") == [("东关小学", 5, True)]

    @pytest.mark.parametrize("kind", ["transfer", "transfer_out", "suspension", "death", "skip"])
    def test_undo_brings_every_fact_back(self, world, kind):
        before = facts_of(world.child)
        change = done(world, kind)
        assert facts_of(world.child) != before
        roll_changes.undo(change=change, on=DAY, by=world.officer, note="办错了人")
        assert facts_of(world.child) == before
        assert Standing.objects.in_force(DAY).count() == 0
        assert Child.objects.get(pk=world.child.pk).scope_nodes == sorted(world.nodes.class_.path)

    def test_only_the_last_change_is_undone(self, world):
        first = done(world)
        second = started(world, school=world.nodes.other, target_school=world.nodes.school, by=world.other_clerk)
        roll_changes.agree(change=second, on=DAY, by=world.other_principal)
        roll_changes.accept(change=second, on=DAY, by=world.principal)
        roll_changes.approve(change=second, on=DAY, by=world.officer)
        with pytest.raises(Refused, match=second.number):
            roll_changes.undo(change=first, on=DAY, by=world.officer, note="办错了人")

    def test_each_act_leaves_its_audit_row(self, world):
        done(world)
        acts = list(AuditEntry.objects.filter(act__startswith="roll_change").order_by("pk").values_list("act", flat=True))
        assert acts == ["roll_change_started", "roll_change_hand_on", "roll_change_accept", "roll_change_approve"]


def facts_of(child):
    rows = Enrolment.objects.filter(child=child).order_by("kind", "since", "pk")
    return list(rows.values_list("kind", "school", "grade", "since", "until", "accepted", "made_by", "ended_by"))


class TestCalls:
    def test_who_is_drawn_waits_for_the_guardian(self, world, monkeypatch):
        draw(monkeypatch)
        change = at_bureau(world, "suspension")
        with pytest.raises(Refused, match="被抽中电话核实"):
            roll_changes.approve(change=change, on=DAY, by=world.officer)
        calling.record_call(change=change, answer="unreached", on=DAY, by=world.caller)
        with pytest.raises(Refused, match="被抽中电话核实"):
            roll_changes.approve(change=change, on=DAY, by=world.officer)
        calling.record_call(change=change, answer="agrees", on=DAY, by=world.caller, spoke_with="父亲")
        roll_changes.approve(change=change, on=DAY, by=world.officer)
        assert fresh(change).state == "done"
        assert fresh(change).call.attempts == 2

    def test_a_conflicting_answer_sends_it_back_and_the_next_time_is_drawn_for_sure(self, world, monkeypatch):
        draw(monkeypatch)
        change = at_bureau(world, "suspension")
        calling.record_call(change=change, answer="conflicts", on=DAY, by=world.caller, spoke_with="母亲", note="学校让写的")
        assert fresh(change).state == "returned"
        monkeypatch.setattr(calling.chance, "random", lambda: 0.99)
        roll_changes.resubmit(change=change, on=DAY, by=world.clerk)
        roll_changes.agree(change=change, on=DAY, by=world.principal)
        assert fresh(change).call.drawn == "again"
        assert fresh(change).call.answer == ""

    def test_an_answer_stands(self, world, monkeypatch):
        draw(monkeypatch)
        change = at_bureau(world, "suspension")
        calling.record_call(change=change, answer="agrees", on=DAY, by=world.caller, spoke_with="父亲")
        with pytest.raises(Refused, match="已于"):
            calling.record_call(change=change, answer="conflicts", on=DAY, by=world.caller, spoke_with="父亲", note="又说不是")
        with pytest.raises(InternalError), transaction.atomic():
            GuardianCall.objects.update(answer="conflicts")

    def test_a_death_is_never_drawn(self, world, monkeypatch):
        draw(monkeypatch)
        assert at_bureau(world, "death").call is None

    def test_the_month_is_completed_to_the_share_and_twice_draws_none(self, world):
        for number in range(6):
            at_bureau(world, "suspension", child=pupil(world.nodes.school, f"生{number}"))
        assert len(calling.draw_month(on=DAY, by=world.officer)) == 2  # a fifth of six, rounded up
        assert calling.draw_month(on=DAY, by=world.officer) == []
        assert AuditEntry.objects.filter(act="guardian_calls_drawn").count() == 2

    def test_a_done_change_with_a_conflicting_answer_stays_until_it_is_taken_back(self, world):
        change = done(world, "suspension")
        calling.draw_month(on=DAY, by=world.officer)
        calling.record_call(change=fresh(change), answer="conflicts", on=DAY, by=world.caller, spoke_with="母亲", note="没有申请过")
        assert fresh(change).state == "done"
        roll_changes.undo(change=change, on=DAY, by=world.officer, note="家长没有申请")
        assert holding(world.child, "attending") == [("东关小学", 4, True)]
