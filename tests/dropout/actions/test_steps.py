"""The steps: what each leaves behind, and what each refuses."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from core.models import AuditEntry
from core.workflow import Refused
from dropout import actions
from dropout.models import AttendanceCount, Case, Evidence, Visit
from tests.dropout import world as made

DAYS = timedelta


class TestEveryStep:
    def test_leaves_one_event_and_one_audit_row(self, world):
        case = made.opened(world)
        before = AuditEntry.objects.count()
        actions.confirm(case=case, cause="work", on=made.DAY, by=world.officer, left_on=made.DAY - DAYS(5))
        assert [(event.name, event.source, event.target, event.by) for event in case.events.all()][1:] == [
            ("confirm", "suspected", "confirmed", world.officer)
        ]
        assert AuditEntry.objects.count() == before + 1
        case = made.fresh(case)
        assert (case.due_on, case.version, case.left_on) == (made.DAY + DAYS(3), 2, made.DAY - DAYS(5))

    def test_a_day_before_the_step_before_is_refused(self, world):
        with pytest.raises(Refused, match="早于这个个案上一步的日期"):
            actions.confirm(case=made.opened(world), cause="work", on=made.DAY - DAYS(1), by=world.officer)

    def test_a_refused_step_leaves_nothing(self, world):
        case = made.opened(world)
        with pytest.raises(Refused, match="权限"):
            actions.confirm(case=case, cause="work", on=made.DAY, by=world.clerk)
        assert made.fresh(case).state == "suspected"
        assert case.events.count() == 1


class TestRemoval:
    def test_refusals(self, world):
        case = made.opened(world)
        letter = [("school_letter", made.photo())]
        for facts, sentence in (
            ({"reason": "90", "evidence": letter}, "失联不是核减原因"), ({"reason": "02", "evidence": []}, "还缺佐证"),
            ({"reason": "05", "evidence": letter}, "死亡证明"), ({"reason": "07", "evidence": [("police_reply", made.photo())]}, "要选择具体情形"),
            ({"reason": "05", "evidence": [("death", made.photo())]}, "回复文号"),
            ({"reason": "08", "sub_reason": "082", "evidence": [("birth_record", made.photo())]}, "先有劝返记录"),
            ({"reason": "02", "sub_reason": "071", "evidence": letter}, "没有具体情形"), ({"reason": "xx", "evidence": letter}, "不认识"),
            ({"reason": "99", "evidence": [("other", made.photo())], "statement": "太短"}, "不少于 20 个字"),
            ({"reason": "13", "evidence": [("application", made.photo()), ("diagnosis", made.photo())]}, "休学截止日期"),
        ):  # fmt: skip
            with pytest.raises(Refused, match=sentence):
                actions.propose_removal(case=case, on=made.DAY, by=world.officer, **facts)
        assert made.fresh(case).state == "suspected"
        assert not Evidence.objects.exists()

    @pytest.mark.parametrize(("ends_on", "sentence"), [(date(2020, 2, 1), "休学已经结束"), (date(2021, 9, 1), "不超过一年")])
    def test_a_suspension_ends_after_today_and_within_a_year(self, world, ends_on, sentence):
        papers = [("application", made.photo()), ("diagnosis", made.photo())]
        with pytest.raises(Refused, match=sentence):
            actions.propose_removal(case=made.opened(world), reason="13", on=made.DAY, by=world.officer, evidence=papers, ends_on=ends_on)

    def test_sent_back_with_a_reason_it_is_suspected_again(self, world):
        case = made.proposed(world)
        with pytest.raises(Refused, match="写明原因"):
            actions.reject_removal(case=case, on=made.DAY + DAYS(2), by=world.bureau, note=" ")
        actions.reject_removal(case=case, on=made.DAY + DAYS(2), by=world.bureau, note="证明没有盖章")
        assert made.fresh(case).state == "suspected"
        assert case.removals.get().decision_note == "证明没有盖章"
        actions.propose_removal(case=case, reason="02", on=made.DAY + DAYS(3), by=world.officer, evidence=[("school_letter", made.photo())])

    def test_it_ends_the_day_after_its_last_day_and_only_once(self, world):
        case = made.removed(world)
        assert case.removal_expires_on == date(2020, 8, 31)
        assert actions.expire_removals(on=date(2020, 8, 31)) == []
        assert [row.pk for row in actions.expire_removals(on=date(2020, 9, 1))] == [case.pk]
        assert actions.expire_removals(on=date(2020, 9, 1)) == []
        case = made.fresh(case)
        assert (case.state, case.removal_reason, case.removal_expires_on, case.due_on) == ("suspected", "", None, date(2020, 9, 3))
        event = case.events.last()
        assert (event.name, event.by) == ("expire_removal", None)
        assert "2020-08-31" in event.note

    def test_a_final_one_never_ends(self, world):
        case = made.removed(world, reason="05", evidence=[("death", made.photo())], reply_number="公户〔2020〕3号")
        assert actions.expire_removals(on=date(2999, 1, 1)) == []
        assert case.removal_expires_on is None

    def test_the_command_says_what_it_did(self, world):
        case, out = made.removed(world), StringIO()
        call_command("expire_removals", on="2020-09-01", stdout=out)
        assert case.number in out.getvalue()
        assert "共 1 个" in out.getvalue()
        with pytest.raises(CommandError, match="2020-09-01 这样"):
            call_command("expire_removals", on="1.9.2020")


class TestPeople:
    def test_both_lines_want_somebody(self, world):
        case = made.confirmed(world)
        with pytest.raises(Refused, match="教育线还没有责任人"):
            actions.assign(case=case, rows=[dict(made.PEOPLE[0])], on=made.DAY + DAYS(2), by=world.officer)
        assert made.fresh(case).state == "confirmed"
        assert not case.assignments.exists()

    def test_a_successor_leaves_the_former_one_with_his_dates(self, world):
        case = made.persuading(world)
        row = {**made.PEOPLE[0], "name": "周五"}
        actions.assign(case=case, rows=[row], on=made.DAY + DAYS(9), by=world.officer)
        held = case.assignments.filter(line="administration").order_by("pk").values_list("name", "until")
        assert list(held) == [("孙一", made.DAY + DAYS(9)), ("周五", None)]
        assert made.fresh(case).state == "persuading"

    def test_telephones_are_sealed_at_rest(self, world):
        from django.db import connection

        made.persuading(world)
        with connection.cursor() as cursor:
            cursor.execute("select phone from dropout_assignment")
            assert all(b"1234567" not in bytes(phone) and b"7654321" not in bytes(phone) for (phone,) in cursor.fetchall())


class TestVisits:
    def test_attempts_are_numbered_and_the_appointment_is_the_deadline(self, world):
        case = made.persuading(world)
        for number in (1, 2):
            visit = actions.record_visit(case=case, by=world.liaison, **made.visit_facts(next_on=made.DAY + DAYS(10 * number)))
            assert visit.attempt == number
        assert made.fresh(case).due_on == made.DAY + DAYS(20)

    def test_a_visit_cannot_be_changed_or_deleted(self, world):
        visit = actions.record_visit(case=made.persuading(world), by=world.officer, **made.visit_facts())
        for act in (lambda rows: rows.update(notes="anders"), lambda rows: rows.delete()):
            with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
                act(Visit.objects.filter(pk=visit.pk))

    def test_refusals(self, world):
        case = made.persuading(world)
        for facts, sentence in (
            ({"happened_on": made.DAY - DAYS(1)}, "早于列为疑似"), ({"met": ["nobody", "father"]}, "只留一种"), ({"reply": "agreed"}, "承诺返校日期"),
        ):  # fmt: skip
            with pytest.raises(Refused, match=sentence):
                actions.record_visit(case=case, by=world.officer, **made.visit_facts(**facts))
        with pytest.raises(Refused, match="权限"):
            actions.record_visit(case=case, by=world.principal, **made.visit_facts())

    def test_a_broken_signature_is_refused_whole(self, world):
        case = made.persuading(world)
        with pytest.raises(Refused, match="重签"):
            actions.record_visit(case=case, by=world.officer, signature="data:image/png;base64,???", **made.visit_facts())
        assert not Visit.objects.exists()


class TestBack:
    def test_dropping_out_again_clears_the_return_and_counts(self, world):
        case = made.consolidating(world)
        actions.drop_again(case=case, on=made.DAY + DAYS(40), by=world.clerk, note="又去打工了")
        case = made.fresh(case)
        assert (case.state, case.returned_on, case.placement, case.relapses, case.is_priority) == ("persuading", None, "", 1, True)
        assert case.returns.count() == 1

    def test_attendance_before_the_new_return_does_not_count(self, world):
        case = made.consolidating(world)
        actions.drop_again(case=case, on=made.DAY + DAYS(50), by=world.clerk, note="又去打工了")
        actions.record_return(case=case, on=made.DAY + DAYS(60), by=world.clerk, school_name="西关镇学校", photos=[made.photo()])
        actions.consolidate(
            case=case, on=made.DAY + DAYS(61), by=world.clerk, placement="same_grade", school_name="西关镇学校", support_teacher="李三"
        )
        with pytest.raises(Refused, match="返校后出勤 0 天"):
            actions.propose_close(case=case, code="consolidated", statement="x", on=made.DAY + DAYS(62), by=world.principal)

    def test_it_waits_for_the_word_on_a_close_out(self, world):
        case = made.closing(world)
        with pytest.raises(Refused, match="先退回销号申请"):
            actions.drop_again(case=case, on=made.DAY + DAYS(52), by=world.clerk, note="又去打工了")
        actions.reject_close(case=case, on=made.DAY + DAYS(52), by=world.second, note="再观察")
        actions.drop_again(case=case, on=made.DAY + DAYS(52), by=world.clerk, note="又去打工了")
        assert made.fresh(case).state == "persuading"

    def test_no_close_without_proof_of_the_return(self, world):
        case = made.persuading(world)
        on = made.DAY + DAYS(14)
        actions.record_return(case=case, on=on, by=world.clerk, school_name="西关镇学校")
        actions.consolidate(case=case, on=on, by=world.clerk, placement="same_grade", school_name="西关镇学校", support_teacher="李三")
        actions.record_attendance(case=case, first_on=on, last_on=on + DAYS(40), school_days=28, present=28, by=world.clerk)
        with pytest.raises(Refused, match="返校证明"):
            actions.propose_close(case=case, code="consolidated", statement="x", on=on + DAYS(41), by=world.principal)
        actions.add_return_proof(case=case, uploads=[made.photo()], by=world.clerk)
        actions.propose_close(case=case, code="consolidated", statement="x", on=on + DAYS(41), by=world.principal)

    def test_attendance_refusals(self, world):
        case = made.consolidating(world, days=10)
        first = made.fresh(case).returned_on
        for facts, sentence in (
            ({"first_on": first - DAYS(1), "last_on": first, "school_days": 1, "present": 1}, "早于返校日期"),
            ({"first_on": first + DAYS(60), "last_on": first + DAYS(61), "school_days": 3, "present": 3}, "只有 2 天"),
            ({"first_on": first + DAYS(5), "last_on": first + DAYS(6), "school_days": 2, "present": 2}, "重叠"),
        ):  # fmt: skip
            with pytest.raises(Refused, match=sentence):
                actions.record_attendance(case=case, by=world.clerk, **facts)

    def test_a_corrected_count_replaces_the_old_one(self, world):
        case = made.consolidating(world, days=10)
        row = AttendanceCount.objects.get()
        actions.record_attendance(
            case=case, first_on=row.first_on, last_on=row.last_on, school_days=22, present=21, by=world.clerk, corrects=row
        )
        assert sum(AttendanceCount.objects.standing().values_list("present", flat=True)) == 21
        with pytest.raises(Refused, match="已经更正过"):
            actions.record_attendance(
                case=case, first_on=row.first_on, last_on=row.last_on, school_days=22, present=20, by=world.clerk, corrects=row
            )

    def test_two_at_once_the_second_is_refused(self, world):
        """The row lock makes the second wait and then meet the new state; here one after the other with the same stale object."""
        stale = made.opened(world)
        actions.confirm(case=stale, cause="work", on=made.DAY, by=world.officer)
        with pytest.raises(Refused, match="现在是“确认辍学”"):
            actions.confirm(case=Case(pk=stale.pk), cause="work", on=made.DAY, by=world.officer)
