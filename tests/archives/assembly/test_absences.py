"""48小时报告 in part A: owed and in time within the period, "—" where nobody marked attendance."""

from datetime import date, datetime

import pytest
from django.utils import timezone

from archives.actions import making
from dropout.models import Absence, AbsenceReport
from students.models import ClassMark
from tests.archives.world import MADE_ON, PERIOD, filed, fresh, with_sections


@pytest.fixture
def schools(house):
    return with_sections(house)


def moment(month, day, hour=8):
    return timezone.make_aware(datetime(2020, month, day, hour))


def marked(schools, on):
    by, at = schools.people["class_teacher"], moment(on.month, on.day)
    ClassMark.objects.create(
        class_node=schools.nodes.class_, on=on, half="am", pupils=30, source="class", marked_by=by, marked_at=at, changed_at=at
    )


def absence(schools, full_at, delivered_at=None, child="own", recorded_at=None):
    due_at = full_at.replace(hour=23)
    row = Absence.objects.create(
        child=getattr(schools.children, child), school=schools.nodes.school, class_node=schools.nodes.class_, class_label="三年级2班",
        stage="pri", state="reported", first_on=full_at.date(), first_half="am", discovered_at=full_at, threshold_at=full_at, due_at=due_at,
    )  # fmt: skip
    if recorded_at:
        Absence.objects.filter(pk=row.pk).update(recorded_at=recorded_at)
    if delivered_at:
        AbsenceReport.objects.create(
            absence=row, number=f"缺报{row.pk}", school_name="东关小学", township=schools.nodes.township, township_name="东关镇", lives="hukou",
            discovered_at=full_at, threshold_at=full_at, due_at=due_at, delivered_at=delivered_at,
        )  # fmt: skip
    return row


def total(schools, period=PERIOD, on=MADE_ON):
    making.make(period=period, on=on)
    values = fresh(schools, period=period).figures["total"]
    return values["report_48h_due"], values["report_48h_on_time"]


def test_owed_and_in_time(schools):
    marked(schools, date(2020, 3, 9))
    absence(schools, moment(3, 11), moment(3, 11, 9))
    absence(schools, moment(3, 12), moment(3, 14), child="second")
    absence(schools, moment(3, 13), child="foreign")
    assert total(schools) == (3, 1)


def test_the_period_ends_with_its_counting_day(schools):
    marked(schools, date(2020, 3, 9))
    absence(schools, moment(3, 20, 23), moment(3, 20, 23))
    absence(schools, moment(3, 21, 0), moment(3, 21, 1), child="second")
    assert total(schools) == (1, 1)


def test_without_marks_there_is_no_figure_but_a_reason(schools):
    assert total(schools) == (None, None)
    assert "没有登记过考勤" in fresh(schools).figures["reasons"]["report_48h_due"]


def test_marks_without_an_absence_are_zero(schools):
    marked(schools, date(2020, 3, 9))
    assert total(schools) == (0, 0)


def test_what_became_known_after_filing_enters_the_next_period(schools):
    marked(schools, date(2020, 3, 9))
    filed(schools)
    absence(schools, moment(3, 12), recorded_at="2099-03-26T09:00:00+08:00")
    marked(schools, date(2020, 4, 1))
    assert total(schools, "2020-04", date(2020, 4, 21)) == (1, 0)
