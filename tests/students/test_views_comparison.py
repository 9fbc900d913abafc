"""The account's page: it balances, each figure leads to exactly its names, and nobody sees another's children."""

import io
import re
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from students.models import SourceSnapshot
from students.reports import account as report
from tests import cast, make
from tests.students.access import snapshot_of

pytestmark = pytest.mark.django_db
ASK = {"on": "2020-03-01", "low": "6", "high": "15", "mode": "point"}


@pytest.fixture
def house():
    """own sits and is on the roll; second is nowhere; foreign is on the roll and does not sit."""
    built = cast.build()
    snapshot_of(built, built.nodes.root)
    SourceSnapshot.objects.update(kind="hukou", state="applied", applied_at="2020-03-02T00:00Z", approved_by=built.people["bureau_admin"])
    make.registration(built.children.second, make.household(built.nodes.second_village))
    make.enrolment(built.children.own, built.nodes.school, "roll")
    make.enrolment(built.children.own, built.nodes.school, "attending")
    make.enrolment(built.children.foreign, built.nodes.other_school, "roll")
    return built


def signed_in(client, house, name="bureau_admin"):
    client.force_login(house.people[name])
    return client


def names_of(client, bucket, **more):
    return [row["child"].name for row in client.get("/account/names/", ASK | {"bucket": bucket} | more).context["rows"]]


def words_of(page):
    return re.sub(r"<[^>]+>", "", page.content.decode())


def test_the_equation(client, house):
    words = words_of(signed_in(client, house).get("/account/", ASK))
    assert "户籍适龄 3 = 1 + 0 + 1 + 1" in words
    assert "✓ 平衡" in words


def test_every_figure_of_the_page_leads_to_as_many_names(client, house):
    page = signed_in(client, house).get("/account/", ASK)
    cells = [cell for row in page.context["rows"] for cell in row["cells"]] + page.context["totals"] + page.context["parts"]
    cells += page.context["beside"] + page.context["whole"]
    assert len(cells) > 20
    for cell in cells:
        assert client.get(cell["url"]).context["page_obj"].paginator.count == cell["figure"], cell


def test_drill_down_to_the_villages(client, house):
    page = signed_in(client, house).get("/account/", ASK | {"node": house.nodes.township.public_id})
    assert [(row["name"], row["registered"]) for row in page.context["rows"]] == [("东一村", 1), ("东二村", 1)]
    assert "户籍适龄 2 = 1 + 0 + 0 + 1" in words_of(page)
    for row in page.context["rows"]:
        for cell in row["cells"]:
            assert client.get(cell["url"]).context["page_obj"].paginator.count == cell["figure"]


def test_names(client, house):
    signed_in(client, house)
    assert names_of(client, "neither") == ["东二妹"]
    assert names_of(client, "on_roll_not_attending") == ["西小红"]
    assert names_of(client, "registered", node=house.nodes.second_village.public_id) == ["东二妹"]


def test_a_township_sees_its_own(client, house):
    page = signed_in(client, house, "township_officer").get("/account/", ASK)
    assert page.context["figures"]["registered"] == 2
    assert [row["name"] for row in page.context["rows"]] == ["东关镇"]
    assert names_of(client, "on_roll_not_attending") == []


def test_a_foreign_place_is_absent(client, house):
    signed_in(client, house, "township_officer")
    for path in ("/account/", "/account/names/"):
        assert client.get(path, ASK | {"bucket": "neither", "node": house.nodes.other_township.public_id}).status_code == 404
        assert client.get(path, ASK | {"bucket": "neither", "node": "nonsense"}).status_code == 404


def test_an_unknown_figure_is_absent(client, house):
    assert signed_in(client, house).get("/account/names/", ASK | {"bucket": "nonsense"}).status_code == 404


@pytest.mark.parametrize("wrong", [{"low": "16"}, {"on": "2020-02-30"}, {"mode": "guess"}, {"high": "x"}])
def test_a_wrong_question_keeps_its_values_and_says_why(client, house, wrong):
    page = signed_in(client, house).get("/account/", ASK | wrong)
    assert page.status_code == 200
    assert page.context["form"].errors


def test_without_lists_it_says_what_to_do_first(client, house):
    SourceSnapshot.objects.update(state="undone", undone_at="2020-03-03T00:00Z", undone_by=house.people["bureau_admin"])
    assert "还没有户籍名单" in signed_in(client, house).get("/account/").content.decode()


def test_the_usual_day_is_that_of_the_newest_list(house):
    assert report.usual_day(make.LONG_AGO.replace(year=2026)).isoformat() == "2020-03-01"


def sheet(response):
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


def test_table_as_workbook(client, house):
    text = sheet(signed_in(client, house).post("/account/export/?on=2020-03-01&low=6&high=15&mode=point"))
    assert "东关镇" in text
    assert AuditEntry.objects.get(act="account_exported").number in text


def test_names_as_workbook_stay_masked(client, house):
    text = sheet(signed_in(client, house).post("/account/export/?on=2020-03-01&low=6&high=15&mode=point&bucket=neither"))
    assert "东二妹" in text
    assert not re.search(r"\d{17}[\dX]", text)


def test_who_does_not_export_is_refused(client, house):
    assert signed_in(client, house, "village_liaison").post("/account/export/").status_code == 403


def test_queries_do_not_grow(client, house):
    signed_in(client, house)

    def count(path, asked):
        client.get(path, asked)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path, asked).status_code == 200
        return len(seen)

    before = count("/account/", ASK), count("/account/names/", ASK | {"bucket": "registered"})
    for number in range(60):
        made = make.child(f"学生{number}", (house.nodes.village, "hukou"))
        make.registration(made, house.households.own)
    after = count("/account/", ASK), count("/account/names/", ASK | {"bucket": "registered"})
    assert after == before
    assert max(after) <= 25
