"""Units renamed, merged and closed: everything that belongs to them follows, old days keep the old name, undo brings all of it back."""

from datetime import date
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from core.models import Organization, OrganizationSuccession, RoleGrant
from core.workflow import Refused
from students.actions import units
from students.models import Catchment, Child, Enrolment, Household, Section, UnitChange
from students.reports import ledger_lines, roll_change_page
from students.statuses import Ask
from tests import make
from tests.students.lists import in_class, load
from tests.students.lists import pupil as listed
from tests.students.rolls import make_rolls, pupil, started

TODAY = date(2026, 11, 20)
ON = date(2026, 11, 2)


@pytest.fixture
def world(db, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    return make_rolls()


def merged(world, node=None, successor=None, **more):
    facts = {"on": ON, "reason": "县政府批复", "by": world.officer, "today": TODAY} | more
    return units.apply(kind="merge", node=node or world.nodes.school, successor=successor or world.nodes.other, **facts)


def state():
    """All that a merger may touch, for comparing before and after."""
    return {
        "nodes": list(Organization.objects.order_by("pk").values("pk", "parent", "path", "until", "name")),
        "enrolments": list(Enrolment.objects.order_by("pk").values()),
        "households": list(Household.objects.order_by("pk").values("pk", "village")),
        "scopes": list(Child.objects.order_by("pk").values_list("pk", "scope_nodes")),
        "sections": list(Section.objects.order_by("pk").values()), "catchments": list(Catchment.objects.order_by("pk").values()),
    }  # fmt: skip


def test_a_school_goes_on_as_another_with_its_children_and_classes(world):
    merged(world)
    now = Enrolment.objects.filter(child=world.child, until=None)
    assert {row.school for row in now} == {world.nodes.other}
    assert Enrolment.objects.filter(child=world.child, school=world.nodes.school, until=ON).count() == 2
    class_ = Organization.objects.get(pk=world.nodes.class_.pk)
    assert class_.path == [*world.nodes.other.path, class_.pk]
    scope = Child.objects.get(pk=world.child.pk).scope_nodes
    assert world.nodes.other.pk in scope
    assert world.nodes.school.pk not in scope
    assert Organization.objects.get(pk=world.nodes.school.pk).until == ON
    assert OrganizationSuccession.objects.get().successor == world.nodes.other


def test_the_people_follow_and_the_head_does_not(world):
    merged(world)
    held = RoleGrant.objects.in_force(TODAY).filter(organization=world.nodes.other)
    assert held.filter(user=world.clerk, role="school_clerk").exists()
    assert not held.filter(user=world.principal).exists()


def test_who_worked_at_both_schools_still_works_at_the_other_after_undoing(world):
    both = make.person("both", ("school_clerk", world.nodes.school), ("school_clerk", world.nodes.other))
    change = merged(world)
    units.undo(change=change, by=world.officer)
    held = RoleGrant.objects.in_force(timezone.localdate()).filter(user=both).values_list("organization__name", flat=True)
    assert sorted(held) == ["东关小学", "西关小学"]


def test_catchments_and_sections_follow(world):
    village = make.node("village", "东一村", world.nodes.county)
    catchment = Catchment.objects.create(section=world.nodes.junior.sections.get(), stage="jun", place=village, school_year=2026)
    merged(world, world.nodes.junior, world.nodes.school)
    catchment.refresh_from_db()
    assert catchment.section.school == world.nodes.school
    assert world.nodes.school.sections.filter(stage="jun", since=ON).exists()


def test_undo_brings_all_of_it_back(world):
    village = make.node("village", "东一村", world.nodes.county)
    Catchment.objects.create(section=world.nodes.school.sections.get(), stage="pri", place=village, school_year=2026)
    before = state()
    change = merged(world)
    assert state() != before
    units.undo(change=change, by=world.officer)
    assert state() == before
    assert RoleGrant.objects.in_force(TODAY).filter(user=world.principal, organization=world.nodes.school).exists()
    with pytest.raises(Refused, match="已经撤销"):
        units.undo(change=change, by=world.officer)


def test_villages_merge_with_their_households(world):
    old, new = (make.node("village", name, world.nodes.county) for name in ("东一村", "东二村"))
    group = make.node("group", "一组", old)
    home = make.household(old)
    child = make.child("户一", (old, "hukou"))
    make.registration(child, home)
    before = state()
    change = merged(world, old, new)
    home.refresh_from_db()
    assert home.village == new
    assert Organization.objects.get(pk=group.pk).parent == new
    assert new.pk in Child.objects.get(pk=child.pk).scope_nodes
    units.undo(change=change, by=world.officer)
    assert state() == before


def test_a_renamed_unit_keeps_its_old_name_for_old_days(world):
    change = units.apply(
        kind="rename", node=world.nodes.school, new_name="东关实验小学", on=ON, reason="县政府批复", by=world.officer, today=TODAY
    )
    node = Organization.objects.get(pk=world.nodes.school.pk)
    assert (node.name, units.name_on(node, date(2026, 9, 1)), units.name_on(node, ON)) == ("东关实验小学", "东关小学", "东关实验小学")
    units.undo(change=change, by=world.officer)
    assert Organization.objects.get(pk=world.nodes.school.pk).name == "东关小学"


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"kind": "close"}, "还有学生"), ({"kind": "rename", "new_name": "东关小学"}, "不同的新名称"), ({"kind": "merge"}, "请选择要并入的单位"),
        ({"kind": "rename", "new_name": "新名", "on": date(2027, 1, 1)}, "今天或以前"),
        ({"kind": "rename", "new_name": "新名", "reason": ""}, "批准文件"),
    ],
)  # fmt: skip
def test_what_speaks_against_it_is_said(world, facts, sentence):
    usual = {"node": world.nodes.school, "on": ON, "reason": "县政府批复", "by": world.officer, "today": TODAY}
    with pytest.raises(Refused, match=sentence):
        units.apply(**(usual | facts))
    assert not UnitChange.objects.exists()


def test_open_roll_changes_come_first(world):
    started(world)
    with pytest.raises(Refused, match="没有办结的学籍异动"):
        merged(world)


def test_an_empty_school_closes(world):
    units.apply(kind="close", node=world.nodes.junior, on=ON, reason="无学生停办", by=world.officer, today=TODAY)
    assert not Organization.objects.in_force(TODAY).filter(pk=world.nodes.junior.pk).exists()


def test_chains_of_mergers_lead_to_the_last(world):
    merged(world)
    merged(world, world.nodes.other, world.nodes.junior)
    assert units.successor_codes(TODAY) == {"S01": "S03", "S02": "S03"}


def test_the_number_of_queries_does_not_grow_with_the_children(world, django_assert_max_num_queries):
    for number in range(15):
        pupil(world.nodes.school, f"生{number}")
    with django_assert_max_num_queries(75):
        merged(world)


def test_open_cases_follow(world):
    from dropout import actions
    from dropout.models import Case

    case = actions.open_case(child=world.child, why="三天没有到校", source="absence", on=ON, by=world.caller)
    assert case.school == world.nodes.school
    change = merged(world)
    assert Case.objects.get().school == world.nodes.other
    units.undo(change=change, by=world.officer)
    assert Case.objects.get().school == world.nodes.school


def test_a_later_list_that_still_names_the_old_school_is_read_as_the_new_one(places, tmp_path):
    old, new = (Organization.objects.get(code=code) for code in ("2199000003", "2199000004"))
    number = "990101201008310014"
    load(tmp_path, "roll", [listed(number)], **places)
    load(tmp_path, "attending", [in_class(number)], **places)
    units.apply(kind="merge", node=old, successor=new, on=date(2020, 3, 20), reason="县政府批复", by=places["by"], today=date(2020, 3, 21))
    load(tmp_path, "roll", [listed(number, 班级="2班")], as_of=date(2020, 4, 1), **places)
    rows = Enrolment.objects.filter(kind="roll", until=None, counts=True)
    assert [(row.school, row.accepted) for row in rows] == [(new, True)]
    assert old.pk not in Child.objects.get().scope_nodes


def test_the_form_previews_before_it_acts(world, client):
    client.force_login(world.officer)
    url = reverse("students:unit_change_make")
    form = {"kind": "merge", "node": "东关小学", "successor": "S02", "on": ON.isoformat(), "reason": "县政府批复"}
    assert "并入 西关小学" in client.post(url, form).content.decode()
    assert not UnitChange.objects.exists()
    assert client.post(url, form | {"confirm": "1"}).status_code == 302
    change = UnitChange.objects.get()
    assert "西关小学" in client.get(reverse("students:unit_change_list")).content.decode()
    assert client.post(reverse("students:unit_change_undo", args=[change.public_id])).status_code == 302
    assert UnitChange.objects.get().undone_by == world.officer
    assert "没有找到" in client.post(url, form | {"node": "没有这所"}).content.decode()


def test_from_the_preview_back_to_what_was_entered_and_a_refusal_at_the_last_moment_is_said(world, client, monkeypatch):
    client.force_login(world.officer)
    url = reverse("students:unit_change_make")
    form = {"kind": "merge", "node": "东关小学", "successor": "S02", "on": ON.isoformat(), "reason": "县政府批复"}
    again = client.post(url, form | {"again": "1"}).content.decode()
    assert 'value="县政府批复"' in again
    assert "看预览" in again
    monkeypatch.setattr(units, "apply", refused)
    assert "刚刚撤并了" in client.post(url, form | {"confirm": "1"}).content.decode()
    assert not UnitChange.objects.exists()


def refused(**_facts):
    raise Refused("另一个人刚刚撤并了这所学校。")


def test_papers_and_ledgers_of_before_bear_the_name_of_then(world):
    change = started(world)
    units.apply(kind="rename", node=world.nodes.school, new_name="东关实验小学", on=date(2026, 11, 10), reason="县政府批复", by=world.officer,
                today=TODAY)  # fmt: skip
    units.apply(kind="rename", node=world.nodes.school, new_name="东关学校", on=date(2026, 11, 15), reason="县政府批复", by=world.officer,
                today=TODAY)  # fmt: skip
    school = world.nodes.school
    assert units.names_on([school.pk, world.nodes.other.pk], ON) == {school.pk: "东关小学"}
    assert units.names_on([school.pk], date(2026, 11, 12)) == {school.pk: "东关实验小学"}
    assert ledger_lines.names_of("school", [school.pk, None], ON) == {school.pk: "东关小学", None: "未落到学校"}
    assert ledger_lines.names_of("school", [school.pk], TODAY) == {school.pk: "东关学校"}
    make.registration(world.child, make.household(make.node("village", "东一村", world.nodes.county)))
    Child.objects.filter(pk=world.child.pk).update(birth_on=date(2016, 5, 1))
    assert [row.school for row in ledger_lines.lines_of(Ask(ON))] == ["东关小学"]
    title, content = roll_change_page.paper(change, stamp="", whole=False)
    text = PdfReader(BytesIO(content)).pages[0].extract_text().replace("\n", "")
    assert "东关小学" in text
    assert "东关学校" not in text
