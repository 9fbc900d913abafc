"""The order by school and by grade, taken page by page, is the order that sorting everybody would give."""

import random
from datetime import date, timedelta

import pytest

from students.models import Child
from students.reports.children import in_pages, ordered
from tests import make

pytestmark = pytest.mark.django_db
ON, PAGE = date(2020, 3, 1), 7
SORTS = ("school", "-school", "grade", "-grade")


@pytest.fixture
def county():
    """Children in school, on the roll elsewhere, with a second claim, with a place that is over or yet to come, and with none."""
    county, chance = make.county(), random.Random(7)  # noqa: S311
    schools = [make.node("school", f"{number}小", county, f"S{number}") for number in (3, 1, 2, 4)]
    for number in range(30):
        child = make.child(f"王{number:02}", (county, "reported"))
        if number % 5 != 4:
            make.enrolment(child, chance.choice(schools), "roll", grade=chance.choice([1, 2, 3, None]))
        if number % 3 == 0:
            make.enrolment(child, chance.choice(schools), "attending", grade=chance.choice([1, 2, None]))
        if number % 4 == 0:
            make.enrolment(child, chance.choice(schools), "roll", accepted=False, grade=4)
        if number % 7 == 6:
            make.enrolment(child, schools[0], "attending", counts=False, accepted=False, grade=6)
        if number % 5 == 4:
            over = {"since": date(2019, 1, 1), "until": ON} if number % 2 else {"since": ON + timedelta(days=1)}
            make.enrolment(child, schools[1], "roll", **over)
    return schools


@pytest.mark.parametrize("sort", SORTS)
def test_the_pages_are_the_whole_in_order(county, sort):
    children = Child.objects.here()
    whole = list(ordered(children, sort, ON).values_list("pk", flat=True))
    pages = in_pages(children, sort, ON)
    assert pages.count() == len(whole) == 30
    taken = [[child.pk for child in pages[begin : min(begin + PAGE, 30)]] for begin in range(0, 30, PAGE)]
    assert sum(taken, []) == whole


@pytest.mark.parametrize("sort", SORTS)
def test_of_those_who_are_asked_for_alone(county, sort):
    children = Child.objects.here().filter(name__in=[f"王{number:02}" for number in range(0, 30, 2)])
    whole = list(ordered(children, sort, ON).values_list("pk", flat=True))
    assert [child.pk for child in in_pages(children, sort, ON)[0:15]] == whole


def test_the_orders_differ(county):
    orders = {tuple(ordered(Child.objects.here(), sort, ON).values_list("pk", flat=True)) for sort in (*SORTS, "name")}
    assert len(orders) == len(SORTS) + 1
