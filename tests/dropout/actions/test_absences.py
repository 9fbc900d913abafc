"""From a missed half-day to the numbered report: clock, slip, correction, places, one alarm whatever runs twice."""

import threading
from datetime import date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, InternalError, connection, transaction
from django.utils import timezone

from core.actions.parameters import set_parameter
from core.models import AuditEntry
from core.workflow import Refused
from dropout import actions
from dropout.actions import absence_reports, absences
from dropout.models import Absence, AbsenceEvent, AbsenceReceipt, AbsenceReport, Case
from students.actions import school_days, slips, standings
from tests.dropout.absence_world import (
    ABSENT,
    FIRST,
    away,
    furnish,
    judge,
    lives_in,
    mark,
    moment,
    names,
    notes,
    slip,
    the_absence,
    there,
)


@pytest.fixture
def school(house):
    return furnish(house)


class TestReport:
    def test_at_48_hours_it_goes_to_the_township_and_the_bureau_and_a_case_opens(self, school):
        away(school, 14, 15)
        assert judge(15, 16) == {"began": 1}
        assert judge(16, 7, 59) == {}
        assert judge(16, 8) == {"reported": 1, "case_opened": 1}
        absence = the_absence()
        report = absence.report
        assert (absence.state, absence.first, absence.missed) == ("reported", (FIRST, "am"), 4)
        assert report.number == "缺报〔2026〕0001"
        assert (report.township, report.lives, report.village_name, report.fallback) == (school.nodes.township, "hukou", "东一村", "")
        assert timezone.localtime(report.discovered_at) == datetime(2026, 9, 14, 8, 20, tzinfo=timezone.get_current_timezone())
        assert (report.threshold_at, report.delivered_at, report.is_on_time) == (moment(16), moment(16), True)
        case = Case.objects.get()
        assert (case.state, case.source, case.opened_by, case.school) == ("suspected", "absence", None, school.nodes.school)
        assert "无故缺勤" in case.why
        assert report.case == case
        assert names(absence) == ["began", "reported", "case_opened"]

    def test_where_the_child_lives_wins_over_where_it_is_registered(self, school):
        lives_in(school.away, school.nodes.other_village)
        away(school, 14, 15)
        judge(16)
        report = the_absence().report
        assert (report.township, report.lives, report.village_name) == (school.nodes.other_township, "residence", "西一村")

    def test_without_a_known_place_the_bureau_alone_gets_it_with_a_sentence(self, school):
        school.away.places.filter(why="hukou").update(until=date(2026, 9, 1))
        away(school, 14, 15)
        judge(16)
        report = the_absence().report
        assert (report.township, report.lives) == (None, "unknown")
        assert "报告只送教育局" in report.fallback
        assert report.fallback in dict(notes(the_absence()))["reported"]

    def test_numbers_run_on(self, school):
        away(school, 14, 15)
        for child in school.pupils[1:3]:
            mark(school, FIRST, {school.away: ABSENT, child: ABSENT}, note="补记")
            mark(school, date(2026, 9, 15), {school.away: ABSENT, child: ABSENT}, note="补记")
        judge(16)
        assert sorted(AbsenceReport.objects.values_list("number", flat=True)) == ["缺报〔2026〕0001", "缺报〔2026〕0002"]

    def test_a_child_with_an_open_case_keeps_it(self, school):
        officer = school.people["dropout_officer"]
        case = actions.open_case(child=school.away, why="听说要去打工", source="report", on=date(2026, 9, 10), by=officer)
        away(school, 14, 15)
        judge(16)
        assert Case.objects.get() == case
        assert the_absence().report.case == case
        assert f"已有个案 {case.number}" in dict(notes(the_absence()))["case_opened"]

    def test_the_county_may_open_the_case_later_than_the_report(self, school):
        by = school.people["bureau_admin"]
        set_parameter(name="suspected_after_school_days", since=date(2026, 9, 1), value=5, reason="省细则", by=by)
        away(school, 14, 22)
        judge(16)
        assert the_absence().report.case is None
        judge(20, 7, 59)
        assert not Case.objects.exists()
        judge(20, 8)
        assert the_absence().report.case == Case.objects.get()
        assert AbsenceReport.objects.count() == 1

    def test_a_dated_threshold_counts_from_its_day(self, school):
        by = school.people["bureau_admin"]
        set_parameter(name="absence_alert_hours", since=date(2026, 9, 15), value=24, reason="新规定", by=by)
        away(school, 14, 14)
        judge(15, 8)
        assert not AbsenceReport.objects.exists()
        assert absences.thresholds_on(date(2026, 9, 15)).alert_hours == 24

    def test_pupils_of_other_stages_owe_no_report(self, school):
        school.away.enrolments.update(stage="pre")
        away(school, 14, 16)
        assert judge(18) == {}

    def test_four_weeks_ask_for_a_decision_once(self, school):
        away(school, 1, 30)
        judge(28, 9)
        assert the_absence().weeks_on is None
        for hour in (9, 10):
            judge(29, hour)
        assert the_absence().weeks_on == date(2026, 9, 29)
        assert names(the_absence()).count("weeks") == 1


class TestPauses:
    def test_the_holiday_and_a_closure_stop_the_clock(self, school):
        away(school, 24, 24)
        school_days.declare(
            node=school.nodes.school, days=[date(2026, 9, 28)], morning=False, afternoon=False, kind="closure", reason="停电",
            by=school.people["principal"],
        )  # fmt: skip
        away(school, 29, 29)
        judge(30, 7)
        assert not AbsenceReport.objects.exists()
        judge(30, 8)
        assert the_absence().report.threshold_at == moment(30)

    def test_not_marked_is_no_absence(self, school):
        mark(school, FIRST, {school.away: ABSENT})
        for day in (16, 17, 18):
            judge(day, 8)
        assert not AbsenceReport.objects.exists()
        assert the_absence().state == "running"

    def test_nobody_marked_at_all(self, school):
        assert judge(18) == {}


class TestExplained:
    def test_a_slip_before_the_hours_are_full(self, school):
        away(school, 14, 14)
        judge(14, 16)
        slip(school, 14, 16)
        assert judge(16) == {"explained": 1}
        assert the_absence().state == "explained"
        assert not AbsenceReport.objects.exists()

    def test_a_slip_brought_later_closes_the_report_and_says_so(self, school):
        away(school, 14, 15)
        judge(16)
        slip(school, 14, 18)
        judge(16, 12)
        absence = the_absence()
        assert (absence.state, absence.threshold_at) == ("explained", None)
        assert "假条" in dict(notes(absence))["explained"]
        assert absence.report.number  # what went out stays
        assert not Absence.objects.due().exists()

    def test_a_slip_for_the_first_day_moves_the_beginning(self, school):
        away(school, 14, 16)
        judge(16)
        slip(school, 14, 14)
        judge(16, 9)
        absence = the_absence()
        assert (absence.first, absence.state) == ((date(2026, 9, 15), "am"), "reported")
        assert "起点由2026年9月14日上午改为2026年9月15日上午" in dict(notes(absence))["moved"]
        assert "还不满报告时限" in dict(notes(absence))["recomputed"]

    def test_a_withdrawn_slip_starts_the_clock_again_under_the_same_number(self, school):
        away(school, 14, 15)
        judge(16)
        given = slip(school, 14, 15)
        judge(16, 9)
        slips.withdraw(slip=given, why="假条是假的", by=school.teacher)
        judge(16, 10)
        absence = the_absence()
        assert absence.state == "reported"
        assert names(absence)[-2:] == ["explained", "resumed"]
        assert AbsenceReport.objects.count() == 1

    def test_a_correction_of_the_marks_is_said(self, school):
        away(school, 14, 15)
        judge(16)
        mark(school, FIRST, note="看错名字")
        mark(school, date(2026, 9, 15), note="看错名字")
        judge(16, 9)
        assert the_absence().state == "explained"
        assert "更正" in dict(notes(the_absence()))["explained"]

    def test_back_in_class(self, school):
        away(school, 14, 16)
        judge(16)
        there(school, 17)
        judge(17, 9)
        absence = the_absence()
        assert (absence.state, absence.ended) == ("returned", (date(2026, 9, 17), "am"))
        assert list(Absence.objects.due().on_time()) == [absence]

    def test_another_absence_is_another_report(self, school):
        away(school, 7, 9)
        there(school, 10)
        judge(10, 9)
        away(school, 14, 16)
        judge(16)
        assert sorted(Absence.objects.values_list("first_on", flat=True)) == [date(2026, 9, 7), FIRST]
        assert AbsenceReport.objects.count() == 1

    def test_marks_entered_after_the_child_was_back_are_a_report_that_was_owed(self, school):
        away(school, 14, 17)
        there(school, 18)
        judge(18, 17)
        absence = the_absence()
        assert (absence.state, absence.threshold_at) == ("returned", moment(16))
        assert "missed_report" in names(absence)
        assert Absence.objects.due().count() == 1
        assert not Absence.objects.on_time().exists()
        assert not Case.objects.exists()

    def test_marks_entered_late_make_a_late_report(self, school):
        away(school, 14, 16)
        judge(18, 9)
        assert not the_absence().report.is_on_time
        assert "已超过应报时间" in dict(notes(the_absence()))["reported"]

    def test_a_standing_that_explains_stops_the_clock(self, school):
        standings.record(
            rows=[{"child": school.away, "code": "home_teaching", "since": date(2026, 9, 15), "source": "entry"}],
            by=school.people["dropout_officer"],
        )
        away(school, 14, 16)
        judge(18)
        assert not AbsenceReport.objects.exists()

    def test_who_is_struck_off_the_class_while_away_is_still_away(self, school):
        away(school, 14, 14)
        judge(14, 16)
        school.away.enrolments.update(until=date(2026, 9, 15))
        there(school, 15)
        judge(16, 8)
        assert the_absence().state == "reported"


class TestOnce:
    def test_twice_is_once(self, school):
        away(school, 14, 15)
        judge(16)
        before = (AbsenceEvent.objects.count(), AuditEntry.objects.count())
        assert judge(16) == {}
        assert judge(16, 9) == {}
        assert (AbsenceEvent.objects.count(), AuditEntry.objects.count()) == before

    def test_the_audit_row_names_no_child(self, school):
        away(school, 14, 15)
        judge(16)
        assert school.away.name not in str(list(AuditEntry.objects.filter(act="absences_judged").values_list("detail", flat=True)))

    def test_the_queries_do_not_grow_with_the_children_who_wait(self, school, django_assert_max_num_queries):
        mark(school, FIRST, dict.fromkeys(school.pupils, ABSENT))
        judge(14, 16)
        with django_assert_max_num_queries(40):
            judge(14, 17)
        assert Absence.objects.count() == 5

    def test_the_database_allows_one_absence_and_deletes_none(self, school):
        away(school, 14, 15)
        judge(16)
        row = the_absence()
        again = {name: getattr(row, name) for name in ("child", "school", "class_node", "class_label", "stage", "first_on", "first_half")}
        with pytest.raises(IntegrityError), transaction.atomic():
            Absence.objects.create(**again, discovered_at=moment(14))
        for rows, field in ((AbsenceReport.objects, "number"), (AbsenceEvent.objects, "note")):
            with pytest.raises(InternalError), transaction.atomic():
                rows.update(**{field: "x"})
        with pytest.raises(InternalError), transaction.atomic():
            AbsenceEvent.objects.all().delete()
        with pytest.raises(InternalError), transaction.atomic():
            AbsenceReport.objects.update(delivered_at=moment(17))


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    """Two evaluations at the same moment: a worker and somebody at the command line."""

    def both(self, school, monkeypatch=None):
        away(school, 14, 15)
        gate, faults = threading.Barrier(2), []

        def run():
            try:
                gate.wait(10)
                judge(16)
            except Exception as fault:
                faults.append(fault)
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return faults

    def test_one_alarm(self, school):
        assert self.both(school) == []
        assert (Absence.objects.count(), AbsenceReport.objects.count(), Case.objects.count()) == (1, 1, 1)
        assert names(the_absence()) == ["began", "reported", "case_opened"]

    def test_without_the_lock_they_collide_and_the_constraint_holds(self, school, monkeypatch):
        """The negative control: the race is real, and the database is the last to refuse the second alarm."""
        meet = threading.Barrier(2)
        monkeypatch.setattr(absences, "lock_evaluation", lambda: None)
        found = absences.candidates

        def together(*arguments):
            answer = list(found(*arguments))
            meet.wait(10)
            return answer

        monkeypatch.setattr(absences, "candidates", together)
        faults = self.both(school)
        assert [type(fault) for fault in faults] == [IntegrityError]
        assert (Absence.objects.count(), AbsenceReport.objects.count()) == (1, 1)


class TestReceipt:
    def reported(self, school):
        away(school, 14, 15)
        judge(16)
        return the_absence().report

    def test_township_and_bureau_each_sign_once(self, school):
        report, officer, bureau = self.reported(school), school.people["township_officer"], school.people["dropout_officer"]
        absence_reports.receive(report=report, by=officer, at=moment(16, 9))
        with pytest.raises(Refused, match="代表乡镇签收"):
            absence_reports.receive(report=report, by=school.people["township_head"], at=moment(16, 10))
        absence_reports.receive(report=report, by=bureau, at=moment(16, 11))
        rows = {row.side: (row.name, row.role, row.organization) for row in AbsenceReceipt.objects.all()}
        assert rows == {
            "township": ("乡镇教育专干", "乡镇教育专干", school.nodes.township), "bureau": ("控辍专干", "控辍专干", school.nodes.root),
        }  # fmt: skip
        assert names(the_absence())[-2:] == ["received", "received"]
        assert AuditEntry.objects.filter(act="absence_report_received").count() == 2

    @pytest.mark.parametrize("who", ["foreign_township_officer", "principal", "class_teacher", "auditor"])
    def test_nobody_else_signs(self, school, who):
        with pytest.raises(Refused, match="不是送给您的"):
            absence_reports.receive(report=self.reported(school), by=school.people[who], at=moment(16, 9))


class TestCommand:
    def test_it_says_what_it_did(self, school):
        away(school, 14, 15)
        out = StringIO()
        call_command("raise_alarms", "--at", "2026-09-16T08:00", stdout=out)
        assert "报告 1" in out.getvalue()
        call_command("raise_alarms", "--at", "2026-09-16T08:00", stdout=out)
        assert "没有变化" in out.getvalue()
        assert AbsenceReport.objects.get().delivered_at == moment(16)

    def test_a_moment_it_cannot_read(self, db):
        with pytest.raises(CommandError, match="不认识"):
            call_command("raise_alarms", "--at", "gestern")
