"""What is changed afterwards: days declared free, marks entered late, and the record that says so."""

from datetime import date, datetime

import pytest
from django.utils import timezone

from dropout.actions import absences
from dropout.models import AbsenceReport
from students.actions import school_days
from tests.dropout.absence_world import FIRST, away, furnish, judge, moment, names, notes, the_absence, there


@pytest.fixture
def school(house):
    return furnish(house)


def days_off(school, *days):
    school_days.declare(
        node=school.nodes.school, days=[date(2026, 9, day) for day in days], morning=False, afternoon=False, kind="farm_leave", reason="秋收",
        by=school.people["principal"],
    )  # fmt: skip


def test_days_that_are_declared_free_afterwards_are_no_absence(school):
    away(school, 14, 16)
    judge(16, 12)
    days_off(school, 14, 15)
    judge(16, 13)
    absence = the_absence()
    assert absence.first == (date(2026, 9, 16), "am")
    assert "登记或校历更正" in dict(notes(absence))["moved"]
    assert "还不满报告时限" in dict(notes(absence))["recomputed"]
    days_off(school, 16)
    judge(16, 14)
    assert the_absence().state == "explained"


def test_a_day_off_in_the_middle_is_said_once_and_taken_back_is_said_too(school):
    away(school, 14, 17)
    judge(16, 8)
    days_off(school, 15)
    judge(16, 12)
    judge(16, 13)
    assert names(the_absence())[3:] == ["recomputed"]
    judge(17, 9)
    judge(17, 10)
    absence = the_absence()
    assert absence.threshold_at == moment(17)
    assert [note for name, note in notes(absence) if name == "recomputed"][1:] == [
        "登记、校历或时限有改动：满报告时限的时刻是 2026-09-17 08:00"
    ]
    assert AbsenceReport.objects.count() == 1


def test_a_morning_that_nobody_marks_after_the_report_changes_nothing_of_it(school):
    away(school, 14, 15)
    judge(16, 8)
    away(school, 17, 17)
    judge(17, 12)
    absence = the_absence()
    assert absence.threshold_at == moment(16)
    assert "recomputed" not in names(absence)


def test_who_comes_on_the_morning_of_the_report_was_still_away_for_the_hours(school):
    away(school, 14, 15)
    judge(16, 8)
    there(school, 16)
    judge(16, 9)
    assert names(the_absence()) == ["began", "reported", "case_opened", "returned"]


def test_an_old_absence_that_reaches_beyond_the_days_looked_at_stays_as_it_was(school):
    away(school, 14, 18)
    judge(16, 8)
    there(school, 21)
    judge(21, 9)
    before = notes(the_absence())
    absences.raise_alarms(at=timezone.make_aware(datetime(2026, 11, 15, 9)))  # 60 days back is the third day of the absence
    assert notes(the_absence()) == before
    assert the_absence().first == (FIRST, "am")
