"""报到 by exception, the visits of the first week, and who boards since when."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.models import Term
from core.workflow import Refused
from students import roll_worklist
from students.actions import arriving_pupils, boarding
from students.models import Absentee, ArrivalSheet, Boarding, Enrolment, Standing
from students.reports import arrivals
from tests import make
from tests.students.rolls import make_rolls, pupil

START = date(2026, 9, 1)
NEXT_DAY, LATER = date(2026, 9, 2), date(2026, 9, 20)


@pytest.fixture
def world(db):
    """Class 一班 of 东关小学 has three pupils: 郝一, 白二, 黄三; a class teacher keeps it."""
    world = make_rolls()
    Enrolment.objects.update(since=date(2026, 8, 20))
    world.others = [pupil(world.nodes.school, name, world.nodes.class_, since=date(2026, 8, 20)) for name in ("白二", "黄三")]
    world.teacher = make.person("teacher", ("class_teacher", world.nodes.class_))
    return world


def counted(world, *missing, on=START, **more):
    wanted = {child.pk: "unknown" for child in missing}
    return arriving_pupils.count(node=world.nodes.class_, missing=wanted, on=on, by=world.teacher, **more)


def test_everybody_came_but_one(world):
    sheet = counted(world, world.others[0])
    assert (sheet.term, sheet.due, sheet.arrived) == ("2026A", 3, 2)
    absentee = Absentee.objects.get()
    assert (absentee.child, absentee.visit_by) == (world.others[0], date(2026, 9, 8))


def test_who_is_suspended_is_not_due(world):
    Standing.objects.create(child=world.others[1], code="suspended", reason="13", since=START, source="entry")
    assert counted(world).due == 2


def test_counting_again_tells_who_came_later_and_who_left(world):
    counted(world, world.others[0])
    sheet = counted(world, world.others[1], on=NEXT_DAY)
    assert (sheet.version, sheet.arrived) == (2, 2)
    assert list(Absentee.objects.missing().values_list("child__name", flat=True)) == ["黄三"]
    assert Absentee.objects.get(child=world.others[0]).arrived_on == NEXT_DAY
    counted(world, world.others[0], on=NEXT_DAY)
    assert Absentee.objects.get(child=world.others[0]).arrived_on is None
    assert ArrivalSheet.objects.count() == 1


def test_two_people_do_not_overwrite_each_other(world):
    seen = counted(world).version
    counted(world, world.others[0], seen_version=seen)
    with pytest.raises(Refused, match="在您打开页面之后登记过"):
        counted(world, seen_version=seen)


def test_two_people_who_both_found_the_class_uncounted_do_not_overwrite_each_other(world, client):
    """The page of a class that nobody has counted says so in the form: the second one to save is told, and keeps what was marked."""
    client.force_login(world.teacher)
    url = reverse("students:arrival_count", args=[world.nodes.class_.public_id])
    assert 'name="seen" value="0"' in client.get(url).content.decode()
    counted(world, world.others[0], on=timezone.localdate())
    answer = client.post(url, {"seen": "0", f"child_{world.others[1].pk}": "sick"}).content.decode()
    assert "teacher在您打开页面之后登记过这个班" in answer
    assert "您这次标为未报到的：黄三（生病）" in answer
    assert list(Absentee.objects.missing().values_list("child__name", flat=True)) == ["白二"]


def test_a_class_bears_the_name_of_its_year_and_nobody_counted_is_no_rate(world, client):
    client.force_login(world.teacher)
    page = client.get(reverse("students:arrival_overview")).content.decode()
    assert "四年级" in page
    assert "0.00%" not in page


def test_a_child_of_another_class_is_refused(world):
    stranger = pupil(world.nodes.other, "外一")
    with pytest.raises(Refused, match="不在这个班"):
        counted(world, stranger)


def test_a_visit_is_recorded_and_a_promise_wants_its_day(world):
    counted(world, world.others[0])
    visit = {"absentee": Absentee.objects.get(), "on": NEXT_DAY, "by": world.teacher}
    with pytest.raises(Refused, match="约定哪一天"):
        arriving_pupils.record_visit(outcome="coming", **visit)
    arriving_pupils.record_visit(outcome="coming", promised_on=date(2026, 9, 7), **visit)
    assert Absentee.objects.get().visited_by == world.teacher
    counted(world, on=LATER)
    with pytest.raises(Refused, match="已于"):
        arriving_pupils.record_visit(outcome="nobody", **visit)


def test_the_countys_own_first_day_counts(world):
    Term.objects.create(key="2026A", starts=date(2026, 8, 31), ends=date(2027, 1, 20))
    assert arriving_pupils.term_starts("2026A") == date(2026, 8, 31)


def test_figures_of_class_school_and_county(world):
    Standing.objects.create(child=world.others[1], code="suspended", reason="13", since=START, source="entry")
    pupil(world.nodes.other, "外一", since=date(2026, 8, 20))
    counted(world, world.others[0])
    rows = arrivals.classes(world.officer, "see_children", "2026A", START)
    schools = {row["label"]: row for row in arrivals.summed(rows, "school", "school_name")}
    assert (schools["东关小学"]["due"], schools["东关小学"]["arrived"], schools["东关小学"]["missing"]) == (2, 1, 1)
    assert (schools["西关小学"]["open"], schools["西关小学"]["due"]) == (1, 1)
    assert arrivals.total(schools.values()) == {"due": 3, "arrived": 1, "missing": 1, "visited": 0, "open": 1, "classes": 2, "uncounted": 1}
    assert len(arrivals.classes(world.teacher, "see_children", "2026A", START)) == 1


class TestBoarding:
    def keep(self, world, *children, on=START):
        return boarding.keep(node=world.nodes.class_, boarders=[child.pk for child in children], on=on, by=world.teacher)

    def test_it_is_a_dated_fact(self, world):
        assert self.keep(world, world.child, world.others[0]) == (2, 0)
        assert self.keep(world, world.child, world.others[0], on=NEXT_DAY) == (0, 0)
        assert self.keep(world, world.child, on=LATER) == (0, 1)
        assert list(Boarding.objects.order_by("pk").values_list("since", "until")) == [(START, None), (START, LATER)]
        both, one = {world.child.pk, world.others[0].pk}, {world.child.pk}
        assert boarding.boards(both, NEXT_DAY) == both
        assert boarding.boards(both, LATER) == one

    def test_before_anybody_says_so_the_list_tells(self, world):
        Enrolment.objects.filter(child=world.child, kind="roll").update(boarding=True)
        assert boarding.boards([world.child.pk], START) == {world.child.pk}
        self.keep(world)
        Boarding.objects.create(child=world.child, school=world.nodes.school, since=START, until=START, recorded_by=world.teacher)
        assert boarding.boards([world.child.pk], NEXT_DAY) == set()


class TestPages:
    def test_a_teacher_counts_the_class_in_one_form(self, world, client):
        client.force_login(world.teacher)
        url = reverse("students:arrival_count", args=[world.nodes.class_.public_id])
        assert "只改没有来的学生" in client.get(url).content.decode()
        assert client.post(url, {f"child_{world.others[0].pk}": "sick"}).status_code == 302
        assert Absentee.objects.get().reason == "sick"
        assert "白二" in client.get(reverse("students:absentee_list")).content.decode()
        visit = reverse("students:absentee_visit", args=[Absentee.objects.get().public_id])
        assert client.post(visit, {"on": timezone.localdate().isoformat(), "outcome": "nobody", "note": "锁着门"}).status_code == 302
        assert Absentee.objects.get().outcome == "nobody"

    def test_the_overview_asks_the_same_for_many_classes(self, world, client, django_assert_max_num_queries):
        for number in range(12):
            node = make.node("class", f"2024级{number}班", world.nodes.school)
            pupil(world.nodes.school, f"生{number}", node, since=date(2026, 8, 20))
        client.force_login(world.officer)
        client.get(reverse("students:arrival_overview"))
        with django_assert_max_num_queries(20):
            client.get(reverse("students:arrival_overview"))

    def test_a_township_without_schools_is_sent_to_its_visits(self, world, client):
        """Schools stand under the education group beside the township: its officer saw zeros and "no roll yet"."""
        client.force_login(make.person("township", ("township_officer", make.node("township", "南坪镇", world.nodes.county, "T09"))))
        page = client.get(reverse("students:arrival_overview")).content.decode()
        assert "您范围内没有学校" in page
        assert "应报到</dt>" not in page
        assert page.count(reverse("students:absentee_list")) == 2

    def test_the_list_of_the_missing_as_a_workbook(self, world, client):
        counted(world, world.others[0])
        client.force_login(world.officer)
        assert b"".join(client.post(reverse("students:absentee_export")).streaming_content)[:2] == b"PK"


def test_what_waits_in_the_first_weeks(world):
    def lines(user, on):
        return {item.title: (item.count, item.tone) for item in roll_worklist.arrivals_waiting(user, on) if item.count}

    assert lines(world.teacher, START) == {"班级待登记报到": (1, "amber")}
    counted(world, world.others[0])
    assert lines(world.teacher, NEXT_DAY) == {"未报到学生待走访": (1, "amber")}
    assert lines(world.teacher, LATER) == {"未报到学生待走访": (1, "red")}
    assert lines(world.other_principal, LATER) == {}


@pytest.mark.parametrize("odd", ["²", "①", "9" * 5000])
def test_a_figure_that_is_no_number_is_nobody(client, world, odd):
    """str.isdigit says yes to these and int says no, or the database."""
    client.force_login(world.teacher)
    url = reverse("students:boarding_keep", args=[world.nodes.class_.public_id])
    assert client.post(url, {"boards": odd}).status_code == 302
    assert not Boarding.objects.exists()


def test_boarders_that_stay_as_they_are_write_nothing(world):
    with CaptureQueriesContext(connection) as asked:
        boarding.keep(node=world.nodes.class_, boarders=[], on=START, by=world.teacher)
    assert not [query["sql"] for query in asked if query["sql"].startswith("UPDATE")]
