"""一户一档: cases and visits come to the household's page, paper and workbook from the case work; what a reader may not see stays away."""

from io import BytesIO

import openpyxl
import pytest

from dropout import actions
from students.models import SpecialGroup, Standing
from tests import make
from tests.dropout.world import DAY, persuading, visit_facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def household(world):
    """The child's household: a case with a visit, a disability, a school elsewhere."""
    house = make.household(world.nodes.village)
    make.registration(world.child, house)
    case = persuading(world)
    actions.record_visit(case=case, by=world.officer, **visit_facts(officers="高山、柳叶"))
    SpecialGroup.objects.create(child=world.child, code="Z3", label="残疾", since=DAY)
    Standing.objects.create(child=world.child, code="elsewhere", place="邻县一中", since=DAY, source="entry")
    return house


def page_of(client, user, household):
    client.force_login(user)
    return client.get(f"/households/{household.public_id}/").content.decode()


def test_the_page_tells_cases_visits_standings_and_groups(client, world, household):
    page = page_of(client, world.officer, household)
    for title in ("去向登记", "学籍异动", "享受政策的身份", "控辍个案", "家访、劝返记录"):
        assert f"<h2>{title}</h2>" in page
    for words in ("邻县一中", "高山、柳叶", "劝返中", "没有学籍异动。"):
        assert words in page


def test_another_township_does_not_reach_the_household(client, world, household):
    client.force_login(world.foreign)
    assert client.get(f"/households/{household.public_id}/").status_code == 404


def test_the_workbook_carries_each_section_as_a_sheet(client, world, household):
    client.force_login(world.bureau)
    book = openpyxl.load_workbook(BytesIO(client.post(f"/households/{household.public_id}/export/").getvalue()))
    assert book.sheetnames == ["一户一档", "去向登记", "学籍异动", "享受政策的身份", "控辍个案", "家访、劝返记录"]
    assert "高山、柳叶" in {cell.value for row in book["家访、劝返记录"].iter_rows() for cell in row}


def test_the_paper_prints(client, world, household):
    client.force_login(world.bureau)
    assert client.get(f"/households/{household.public_id}/print/").content.startswith(b"%PDF-")


def test_queries_do_not_grow_with_the_children(client, world, household, django_assert_max_num_queries):
    client.force_login(world.bureau)
    for number in range(4):
        make.registration(make.child(f"第{number}孩", (world.nodes.village, "hukou")), household)
    with django_assert_max_num_queries(45):
        client.get(f"/households/{household.public_id}/")
