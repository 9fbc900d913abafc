"""A unit becomes two: classes, groups and households go with all that belongs to them, the rest stays, and it can be made one again."""

from datetime import date

import pytest
from django.urls import reverse

from core.models import Organization, OrganizationSuccession
from core.workflow import Refused
from students.actions import parting
from students.models import Catchment, Child, Enrolment, Household, Section, UnitChange
from tests import make
from tests.students.actions.test_units import ON, TODAY, state
from tests.students.rolls import make_rolls, pupil, started

NEW = {"new_name": "东关第二小学", "new_code": "S09"}
WHY = "县政府批复〔2026〕9号"


@pytest.fixture
def world(db, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    made = make_rolls()
    made.stays = make.node("class", "2023级三班", made.nodes.school, "S01-pri2023-三班")
    made.left = pupil(made.nodes.school, "留一", made.stays)
    return made


def parted(world, **more):
    facts = {"node": world.nodes.school, "parts": [world.nodes.class_], "on": ON, "reason": WHY, "by": world.officer, "today": TODAY}
    return parting.apply(**facts | NEW | more)


def test_the_chosen_class_goes_and_the_other_stays(world):
    change = parted(world)
    own = Organization.objects.get(code="S09")
    assert (change.successor, own.parent, own.kind) == (own, world.nodes.group, "school")
    assert set(Enrolment.objects.filter(child=world.child, until=None).values_list("school", flat=True)) == {own.pk}
    assert set(Enrolment.objects.filter(child=world.left, until=None).values_list("school", flat=True)) == {world.nodes.school.pk}
    assert Organization.objects.get(pk=world.nodes.class_.pk).path == [*own.path, world.nodes.class_.pk]
    assert own.pk in Child.objects.get(pk=world.child.pk).scope_nodes
    assert list(Section.objects.filter(school=own).values_list("stage", flat=True)) == ["pri"]
    assert OrganizationSuccession.objects.get().successor == own
    assert change.counts["学籍"] == 1


def test_undo_brings_everything_back(world):
    before = state()
    change = parted(world)
    parting.undo(change=change, by=world.officer)
    after = state()
    kept = {row["pk"] for row in before["nodes"]}
    after["nodes"] = [row for row in after["nodes"] if row["pk"] in kept]
    assert after == before
    assert Organization.objects.get(name="东关第二小学").until is not None
    parted(world)  # the code is free again


def test_the_teacher_of_a_class_goes_with_it_and_an_appointed_head_holds_it(world):
    make.person("teacher", ("class_teacher", world.nodes.class_))
    parting.undo(change=parted(world), by=world.officer)
    change = parted(world)
    make.person("new_head", ("principal", change.successor))
    with pytest.raises(Refused, match="已经任命了人员"):
        parting.undo(change=change, by=world.officer)


def test_what_came_to_the_new_unit_since_holds_it(world):
    change = parted(world)
    pupil(change.successor, "新一")
    with pytest.raises(Refused, match="又有 2 条学籍或在校记录"):
        parting.undo(change=change, by=world.officer)


@pytest.mark.parametrize(
    ("more", "words"),
    [({"parts": []}, "请勾选"), ({"new_code": "S02"}, "已是“西关小学”的"), ({"new_name": "东关中学"}, "已有叫"), ({"new_code": " "}, "代码"),
     ({"reason": "无"}, "批准文件"), ({"on": date(2027, 1, 1)}, "日期")],
)  # fmt: skip
def test_it_is_refused_with_the_sentence(world, more, words):
    with pytest.raises(Refused, match=words):
        parted(world, **more)
    assert not UnitChange.objects.exists()


def test_a_roll_change_under_way_comes_first(world):
    started(world)
    with pytest.raises(Refused, match="没有办结的学籍异动"):
        parted(world)


def test_a_village_gives_groups_and_households(world):
    township = make.node("township", "东关镇", world.nodes.county, "990101100000")
    village = make.node("village", "东一村", township, "990101100201")
    group = make.node("group", "一组", village)
    by_group, by_number, stays = (make.household(node) for node in (group, village, village))
    for house in (by_group, by_number, stays):
        make.registration(make.child(f"户{house.pk}", (house.village, "hukou")), house)
    Catchment.objects.create(section=Section.objects.first(), stage="pri", place=village, school_year=2026)
    before = state()
    change = parted(world, node=village, parts=[group], households=[by_number], new_name="东二村", new_code="990101100202")
    own = change.successor
    assert Household.objects.filter(village__path__contains=[own.pk]).count() == 2
    assert Household.objects.get(pk=stays.pk).village == village
    assert own.pk in Child.objects.get(registrations__household=by_number).scope_nodes
    assert Catchment.objects.filter(place=own).count() == 1
    parting.undo(change=change, by=world.officer)
    assert {key: rows for key, rows in state().items() if key != "nodes"} == {key: rows for key, rows in before.items() if key != "nodes"}


def test_only_the_cases_of_those_who_go_follow(world):
    from dropout import actions
    from dropout.models import Case

    for child in (world.child, world.left):
        actions.open_case(child=child, why="三天没有到校", source="absence", on=ON, by=world.caller)
    change = parted(world)
    assert set(Case.objects.values_list("child", "school")) == {(world.child.pk, change.successor_id), (world.left.pk,
        world.nodes.school.pk)}
    parting.undo(change=change, by=world.officer)
    assert set(Case.objects.values_list("school", flat=True)) == {world.nodes.school.pk}


def test_the_page_asks_for_the_parts_then_previews(world, client):
    client.force_login(world.officer)
    url = reverse("students:unit_change_make")
    form = {"kind": "split", "node": "东关小学", "on": ON.isoformat(), "reason": WHY} | NEW
    asked = client.post(url, form)
    assert "请勾选分到新单位的班级" in asked.content.decode()
    assert "2023级一班" in asked.content.decode()
    assert "四年级（2023级一班）" in asked.content.decode()  # a nine-year school has a 2026级1班 twice
    form["parts"] = [str(world.nodes.class_.public_id)]
    assert "分到新单位：四年级（2023级一班）" in client.post(url, form).content.decode()
    assert "分出 东关第二小学" in client.post(url, form).content.decode()
    assert not UnitChange.objects.exists()
    assert client.post(url, form | {"confirm": "1"}).status_code == 302
    change = UnitChange.objects.get()
    assert "东关第二小学" in client.get(reverse("students:unit_change_list")).content.decode()
    assert client.post(reverse("students:unit_change_undo", args=[change.public_id])).status_code == 302
    assert UnitChange.objects.get().undone_by == world.officer


def test_the_number_of_queries_does_not_grow_with_the_children(world, django_assert_max_num_queries):
    for number in range(15):
        pupil(world.nodes.school, f"生{number}", world.nodes.class_)
    with django_assert_max_num_queries(75):
        parted(world)
