"""Schools and households: figures that lead to their names, pages within scope."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from students.models import SchoolProfile
from tests import cast, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    built = cast.build()
    SchoolProfile.objects.create(school=built.nodes.school, kind="nine_year", township=built.nodes.township)
    make.enrolment(built.children.own, built.nodes.school, "roll", grade=4, class_name="2班")
    make.enrolment(built.children.own, built.nodes.junior_school, "attending", grade=4, class_name="2班")
    make.enrolment(built.children.second, built.nodes.school, "attending", grade=4, class_name="2班")
    return built


@pytest.fixture
def admin(client, house):
    client.force_login(house.people["bureau_admin"])
    return client


def page_of(school):
    return f"/schools/{school.public_id}/"


def row_of(client, school):
    return next(row for row in client.get("/schools/").context["rows"] if row["school"] == school)


def test_figures_lead_to_their_names(admin, house):
    row = row_of(admin, house.nodes.school)
    assert row["kind"] == "九年一贯制"
    assert row["figures"] == {"on_roll": 1, "attending": 1, "roll_only": 0, "attending_only": 1}
    for key, figure in row["figures"].items():
        assert admin.get(f"{row['roster']}&standing={key}").context["page_obj"].paginator.count == figure, key


def test_classes_lead_to_their_names(admin, house):
    (line,) = admin.get(page_of(house.nodes.school)).context["classes"]
    assert (line["label"], line["class_name"], line["on_roll"], line["attending"]) == ("四年级", "2班", 1, 1)
    assert [row["child"].name for row in admin.get(line["roll_url"]).context["rows"]] == ["东小明"]
    assert [row["child"].name for row in admin.get(line["attending_url"]).context["rows"]] == ["东二妹"]


def test_a_class_node_is_no_school(admin, house):
    assert admin.get(page_of(house.nodes.class_)).status_code == 404


def test_who_works_there(admin, house):
    people = {line["label"]: line["text"] for line in admin.get(page_of(house.nodes.school)).context["people"]}
    assert people["校长/园长"] == house.people["principal"].name
    assert "前任校长" not in people.values()


def test_search(admin):
    assert [row["school"].name for row in admin.get("/schools/", {"q": "西关"}).context["rows"]] == ["西关学校"]
    assert "没有这样的学校" in admin.get("/schools/", {"q": "不存在"}).content.decode()


class TestHouseholds:
    def test_list_within_scope(self, client, house):
        client.force_login(house.people["village_liaison"])
        page = client.get("/households/")
        assert [household.number for household in page.context["page_obj"]] == ["0101-1"]
        assert page.context["page_obj"][0].children_now == 1

    def test_village_filter_and_search(self, admin, house):
        assert [h.number for h in admin.get("/households/", {"village": house.nodes.other_village.code}).context["page_obj"]] == ["0201-1"]
        assert [h.number for h in admin.get("/households/", {"q": "0101-1"}).context["page_obj"]] == ["0101-1"]

    def test_page_is_recorded_and_shows_the_members(self, admin, house):
        page = admin.get(f"/households/{house.households.own.public_id}/").content.decode()
        assert "东小明" in page
        assert house.children.own.get_absolute_url() in page
        assert AuditEntry.objects.filter(act="household_page").count() == 1


@pytest.mark.parametrize("path", ["/schools/", "/households/"])
def test_queries_do_not_grow(admin, house, path):
    def count():
        admin.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert admin.get(path).status_code == 200
        return len(seen)

    before = count()
    for number in range(45):
        school = make.node("school", f"学校{number}", house.nodes.group)
        make.enrolment(make.child(f"学生{number}", (school, "on_roll")), school)
        make.household(house.nodes.village)
    assert count() == before < 20
