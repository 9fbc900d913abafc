from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from archives.actions import filing, making
from archives.actions.obligations import refresh_obligations, set_mode
from archives.models import Report, ReportObligation
from students.models import Catchment, Section, SpecialGroup
from tests import make
from tests.archives.world import MADE_ON, PERIOD, TEXTS, a_case, applied_list, filed, fresh, made

pytestmark = pytest.mark.django_db


def test_every_school_with_compulsory_sections_owes_a_report_and_a_teaching_point_is_a_line(schools):
    Section.objects.create(school=schools.nodes.point, stage="pri")
    done = making.make(period=PERIOD, on=MADE_ON)
    assert (done.owed, done.added) == (3, 3)
    report = fresh(schools)
    assert [line["code"] for line in report.figures["lines"]] == ["S01", "S01-1"]
    assert report.group == schools.nodes.group
    assert not Report.objects.filter(organization=schools.nodes.point).exists()


def test_a_second_run_adds_nothing(schools):
    making.make(period=PERIOD, on=MADE_ON)
    again = making.make(period=PERIOD, on=MADE_ON)
    assert (again.owed, again.added, again.refreshed) == (3, 0, 0)
    assert Report.objects.count() == 3


def test_one_unit_can_be_made_alone(schools):
    assert making.make(period=PERIOD, on=MADE_ON, organization=schools.nodes.other_group).added == 1


def test_a_school_that_lost_its_sections_owes_no_more(schools):
    refresh_obligations(since=date(2020, 2, 20), until=date(2020, 3, 20))
    Section.objects.filter(school=schools.nodes.junior_school).update(until=date(2020, 4, 1))
    assert refresh_obligations(since=date(2020, 3, 20), until=date(2020, 4, 20)) == (0, 1)
    assert making.make(period="2020-04", on=date(2020, 4, 21)).owed == 2
    assert ReportObligation.objects.in_force(date(2020, 3, 20)).count() == 3


def test_the_closed_period_is_made_by_the_day(schools):
    assert making.make_closed(on=date(2020, 3, 20)).period == "2020-02"
    assert making.make_closed(on=date(2020, 3, 21)).period == "2020-03"


def test_periods_missed_while_nothing_ran_are_made_up_for(schools):
    making.make_closed(on=date(2019, 11, 21))
    assert making.make_closed(on=date(2020, 2, 21)).period == "2020-02"
    assert sorted(set(Report.objects.values_list("period", flat=True))) == ["2019-11", "2019-12", "2020-01", "2020-02"]
    made = Report.objects.count()
    making.make_closed(on=date(2020, 2, 22))
    assert Report.objects.count() == made


def test_pupils_are_counted_on_the_counting_day_with_reasons_for_what_is_unknown(schools):
    for kind in ("attending", "disabled"):
        applied_list(schools, kind)
    child, other = schools.children.own, schools.children.second
    make.enrolment(child, schools.nodes.school, "attending")
    make.enrolment(other, schools.nodes.school, "attending", since=date(2020, 3, 21))
    SpecialGroup.objects.create(child=child, code="C1", label="肢体", since=date(2019, 9, 1))
    report = made(schools)
    total, reasons = report.figures["total"], report.figures["reasons"]
    assert (total["attending_pri"], total["attending_jun"], total["disabled"]) == (1, 0, 1)
    assert total["lifted"] is total["school_age"] is total["left_behind"] is total["report_48h_due"] is None
    assert "脱贫户" in reasons["lifted"]
    assert "学区" in reasons["school_age"]


def test_children_of_school_age_are_those_registered_in_the_catchment(schools):
    section = Section.objects.get(school=schools.nodes.school, stage="pri")
    Catchment.objects.create(section=section, stage="pri", place=schools.nodes.village, school_year=2019)
    report = made(schools)
    total = report.figures["total"]
    assert (total["school_age_pri"], total["school_age_jun"], total["school_age"]) == (1, 0, 1)
    assert "school_age" not in report.figures["reasons"]
    assert fresh(schools, "other_school").figures["total"]["school_age"] is None


def test_a_column_the_roll_does_not_have_is_no_zero(schools):
    for kind, columns in (("attending", ()), ("roll", ("name", "left_behind"))):
        applied_list(schools, kind, columns=columns)
    figures = made(schools).figures
    assert (figures["total"]["left_behind"], figures["total"]["migrant"]) == (0, None)
    assert "随迁" in figures["reasons"]["migrant"]


def test_without_the_list_there_is_no_figure(schools):
    make.enrolment(schools.children.own, schools.nodes.school, "attending")
    assert made(schools).figures["total"]["attending_pri"] is None


def test_queries_do_not_grow_with_the_schools(schools):
    for kind in ("attending", "roll", "poverty", "disabled"):
        applied_list(schools, kind)
    with CaptureQueriesContext(connection) as few:
        making.make(period=PERIOD, on=MADE_ON)
    for number in range(25):
        school = make.node("school", f"第{number}小学", schools.nodes.group)
        Section.objects.create(school=school, stage="pri")
    with CaptureQueriesContext(connection) as many:
        done = making.make(period="2020-04", on=date(2020, 4, 21))
    assert done.added == 28
    assert len(many) <= len(few)


def test_an_event_on_the_counting_day_is_in_and_the_day_after_is_not(schools):
    a_case(schools, "疑1", [("open", "", "suspected", date(2020, 3, 20))])
    a_case(schools, "疑2", [("open", "", "suspected", date(2020, 3, 21))], child="second", school="school")
    total = made(schools).figures["total"]
    assert (total["suspected_start"], total["suspected_new"], total["suspected_end"]) == (0, 1, 1)


def test_a_late_fact_enters_the_next_period(schools):
    filed(schools)
    a_case(schools, "疑1", [("open", "", "suspected", date(2020, 3, 10), "2099-03-10T09:00:00+08:00")])
    making.make(period="2020-04", on=date(2020, 4, 21))
    figures = fresh(schools, period="2020-04").figures
    assert (figures["total"]["suspected_start"], figures["total"]["suspected_new"], figures["late"]) == (0, 1, 1)


def test_a_draft_is_counted_anew_and_a_filed_report_is_not(schools):
    report = filed(schools)
    a_case(schools, "疑1", [("open", "", "suspected", date(2020, 3, 10))])
    a_case(schools, "疑2", [("open", "", "suspected", date(2020, 3, 10))], child="foreign", school="other_school")
    assert making.make(period=PERIOD, on=MADE_ON).refreshed == 1
    assert fresh(schools).figures == report.figures
    assert fresh(schools, "other_school").figures["total"]["suspected_new"] == 1


def test_part_b_begins_with_the_words_of_the_month_before(schools):
    filed(schools)
    making.make(period="2020-04", on=date(2020, 4, 21))
    assert fresh(schools, period="2020-04").texts == TEXTS


def test_a_school_turned_to_paper_takes_its_draft_along(schools):
    report = made(schools)
    obligation = ReportObligation.objects.get(organization=schools.nodes.school)
    set_mode(obligation=obligation, mode="paper", by=schools.people["dropout_officer"])
    report.refresh_from_db()
    assert report.mode == "paper"
    assert filing.figures_now(report)["total"]["suspected_end"] == 0
