"""The turn of the school year: grades move, graduates leave, the suspended stay, and all of it comes back."""

from datetime import date

import pytest
from django.urls import reverse

from core import file_runs
from core.models import AuditEntry
from core.workflow import Refused
from students.actions import calling, roll_changes, turning
from students.models import Child, Enrolment, Standing, YearTurn
from students.reports import unplaced
from tests import make
from tests.students.rolls import DAY, make_rolls, papers, pupil

SEPTEMBER = date(2026, 9, 1)
BEFORE = date(2026, 3, 1)


@pytest.fixture
def world(db, settings, tmp_path, monkeypatch):
    """Four pupils of March: 郝一 in grade 4, 毕一 and 毕二 in grade 6, 初三 in grade 9; 休一 of grade 3 is suspended."""
    settings.FILES_ROOT = tmp_path
    monkeypatch.setattr(calling.chance, "random", lambda: 0.99)
    world = make_rolls()
    Enrolment.objects.update(since=BEFORE)
    world.sixth = [pupil(world.nodes.school, name, grade=6, since=BEFORE) for name in ("毕一", "毕二")]
    world.ninth = pupil(world.nodes.junior, "初三", grade=3, stage="jun", since=BEFORE)
    world.resting = pupil(world.nodes.school, "休一", grade=3, since=BEFORE)
    on = date(2026, 4, 1)
    change = roll_changes.start(
        kind="suspension", child=world.resting, school=world.nodes.school, by=world.clerk, on=on, effective_on=on, reason="骨折住院",
        evidence=papers("statement", "hospital"), ends_on=date(2026, 12, 31),
    )  # fmt: skip
    roll_changes.agree(change=change, on=on, by=world.principal)
    roll_changes.approve(change=change, on=on, by=world.officer)
    return world


def turned(world, node=None, today=DAY):
    return turning.turn(node=node or world.nodes.county, school_year=2026, by=world.officer, today=today)


def grades(on):
    rows = Enrolment.objects.in_force(on).filter(kind="roll", counts=True).order_by("child__name")
    return {row.child.name: (row.stage, row.grade) for row in rows.select_related("child")}


def facts():
    return list(Enrolment.objects.order_by("pk").values())


def test_the_preview_writes_nothing_and_says_what_the_turn_does(world):
    before = facts()
    rows = turning.preview(node=world.nodes.county, school_year=2026)
    assert facts() == before
    assert [(row["name"], row["grade"], row["moves"], row["stays"], row["leaves"]) for row in rows] == [
        ("东关小学", 3, 0, 1, 0), ("东关小学", 4, 1, 0, 0), ("东关小学", 6, 0, 0, 2), ("东关中学", 3, 0, 0, 1),
    ]  # fmt: skip
    made = turned(world)
    assert made.counts == {"moves": 1, "stays": 1, "leaves": 3}


def test_each_day_is_counted_by_its_own_year(world):
    turned(world)
    assert grades(date(2026, 8, 31)) == {"郝一": ("pri", 4), "毕一": ("pri", 6), "毕二": ("pri", 6), "初三": ("jun", 3), "休一": ("pri", 3)}
    assert grades(SEPTEMBER) == {"郝一": ("pri", 5), "休一": ("pri", 3)}
    assert Enrolment.objects.get(child=world.child, kind="attending", until=None).class_node == world.nodes.class_


def test_a_junior_graduate_has_completed_and_a_primary_one_has_not(world):
    turned(world)
    assert list(Standing.objects.filter(code="graduated").values_list("child__name", flat=True)) == ["初三"]


def test_the_same_turn_is_made_once_and_the_county_skips_what_its_school_did(world):
    turned(world, world.nodes.school)
    with pytest.raises(Refused, match="已经办过"):
        turned(world, world.nodes.school)
    made = turned(world)
    assert made.counts.get("moves", 0) == 0
    assert grades(SEPTEMBER)["郝一"] == ("pri", 5)


def test_it_waits_for_its_first_day(world):
    with pytest.raises(Refused, match="才开始"):
        turned(world, today=date(2026, 8, 31))
    assert not YearTurn.objects.exists()


def test_five_years_of_primary_school_by_the_countys_setting(world):
    from core.actions.parameters import set_parameter

    set_parameter(name="primary_years", since=BEFORE, value=4, reason="试验", by=world.officer)
    assert turned(world).counts["leaves"] == 4


def test_undo_brings_every_fact_back(world):
    before, scopes = facts(), dict(Child.objects.values_list("pk", "scope_nodes"))
    made = turned(world)
    assert facts() != before
    turning.undo(turn=made, by=world.officer, reason="学年选错了")
    assert facts() == before
    assert dict(Child.objects.values_list("pk", "scope_nodes")) == scopes
    assert not Standing.objects.in_force(DAY).filter(code="graduated").exists()
    with pytest.raises(Refused, match="已经撤销"):
        turning.undo(turn=made, by=world.officer, reason="再撤一次")
    assert turned(world).counts == made.counts
    assert list(AuditEntry.objects.filter(act__startswith="school_year").order_by("pk").values_list("act", flat=True)) == [
        "school_year_turned", "school_year_undone", "school_year_turned",
    ]  # fmt: skip


def test_the_number_of_queries_does_not_grow_with_the_children(world, django_assert_max_num_queries):
    for number in range(15):
        pupil(world.nodes.school, f"生{number}", grade=2, since=BEFORE)
    with django_assert_max_num_queries(40):
        turned(world)


class TestUnplaced:
    def found(self, world, user=None):
        turns = unplaced.last_turns(user or world.officer, "see_children")
        return unplaced.graduates(turns, user or world.officer, "see_children", DAY)

    def test_graduates_are_listed_until_a_junior_roll_names_them(self, world, client):
        turned(world)
        assert {row.child.name for row in unplaced.unplaced(self.found(world))} == {"毕一", "毕二"}
        make.enrolment(world.sixth[0], world.nodes.junior, stage="jun", grade=1, since=DAY)
        Standing.objects.create(child=world.sixth[1], code="elsewhere", reason="02", since=DAY, source="entry")
        (row,) = unplaced.figures(self.found(world))
        assert (row["graduates"], row["placed_count"], row["explained_count"], row["unplaced_count"]) == (2, 1, 1, 0)

    def test_the_page_and_the_file(self, world, client):
        turned(world)
        client.force_login(world.principal)
        url = reverse("students:unplaced_list")
        assert "毕一" in client.get(url).content.decode()
        assert "毕一" not in client.get(f"{url}?township=某镇").content.decode()
        assert b"".join(client.post(reverse("students:unplaced_export")).streaming_content)[:2] == b"PK"
        client.force_login(world.other_principal)
        assert "毕一" not in client.get(url).content.decode()


def test_the_pages_of_the_turn(world, client):
    client.force_login(world.officer)
    page = client.get(reverse("students:year_turn_list"), {"year": "2026"}).content.decode()
    assert "四年级" in page
    made = turned(world)
    detail = reverse("students:year_turn_detail", args=[made.public_id])
    assert "东关小学" in client.get(detail).content.decode()
    assert client.post(reverse("students:year_turn_undo", args=[made.public_id]), {"reason": "学年选错了"}).status_code == 302
    assert YearTurn.objects.get().undone_by == world.officer


def test_the_page_of_the_work_leads_on_to_what_came_out(world, client):
    client.force_login(world.officer)
    run = file_runs.start("turn_school_year", "turn:once", by=world.officer, organization=world.nodes.county, parameters={"year": 2026})
    page = client.get(reverse("core:run_detail", args=[run.public_id])).content.decode()
    assert f'href="{reverse("students:year_turn_list")}"' in page
