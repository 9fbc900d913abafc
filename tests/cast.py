"""The cast: a fixed set of people with roles on a small tree, and a few children in own and in foreign scope.

    示范县 ─┬─ 东关镇 (own) ──── 东一村 ── 一组;  东二村
            ├─ 西关镇 (foreign) ─ 西一村
            ├─ 东关中心校 (own) ─┬─ 东关小学 ─┬─ 二班 (own class)
            │                    │            └─ 东二教学点
            │                    └─ 东关中学 ─── 一班
            └─ 西关教育组 (foreign) ── 西关学校 ── 三班

One person per role of core/roles.py, named after it and seated on the own side; beside them people whose right is foreign, over or
taken. `ANONYMOUS` stands for nobody at all.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from core.models import User
from core.roles import ROLES
from tests import make

ANONYMOUS = "anonymous"
SEATS = {  # role → where on the own side; every other role sits at the bureau
    "township_officer": "township",
    "township_head": "township",
    "group_head": "group",
    "village_liaison": "village",
    "principal": "school",
    "school_aid_admin": "school",
    "school_clerk": "school",
    "class_teacher": "class_",
    "support_teacher": "school",
}
FOREIGN_SEATS = {
    "township_officer": "other_township",
    "group_head": "other_group",
    "principal": "other_school",
    "class_teacher": "other_class",
}


@dataclass
class House:
    """nodes.school …, people["principal"] …, children.own …"""

    nodes: SimpleNamespace
    people: dict[str, User]
    children: SimpleNamespace
    households: SimpleNamespace


def build():
    nodes = _tree()
    children = _children(nodes)
    households = SimpleNamespace(own=make.household(nodes.village, "0101-1"), foreign=make.household(nodes.other_village, "0201-1"))
    make.registration(children.own, households.own)
    make.registration(children.foreign, households.foreign)
    return House(nodes, _people(nodes), children, households)


def _tree():
    root = make.county()
    nodes = SimpleNamespace(root=root)
    nodes.township = make.node("township", "东关镇", root, "990101100000")
    nodes.other_township = make.node("township", "西关镇", root, "990101200000")
    nodes.village = make.node("village", "东一村", nodes.township, "990101100201")
    nodes.village_group = make.node("group", "一组", nodes.village, "990101100201-1")
    nodes.second_village = make.node("village", "东二村", nodes.township, "990101100202")
    nodes.other_village = make.node("village", "西一村", nodes.other_township, "990101200201")
    nodes.group = make.node("education_group", "东关中心校", root, "G01")
    nodes.other_group = make.node("education_group", "西关教育组", root, "G02")
    nodes.school = make.node("school", "东关小学", nodes.group, "S01")
    nodes.junior_school = make.node("school", "东关中学", nodes.group, "S02")
    nodes.other_school = make.node("school", "西关学校", nodes.other_group, "S03")
    nodes.point = make.node("teaching_point", "东二教学点", nodes.school, "S01-1")
    nodes.class_ = make.node("class", "二班", nodes.school, "S01-2016-2")
    nodes.junior_class = make.node("class", "一班", nodes.junior_school, "S02-2019-1")
    nodes.other_class = make.node("class", "三班", nodes.other_school, "S03-2016-3")
    return nodes


def _people(nodes):
    yesterday = timezone.localdate() - timedelta(days=1)
    people = {
        role.code: make.person(role.code, (role.code, getattr(nodes, SEATS.get(role.code, "root"))), name=role.label) for role in ROLES
    }
    for role, seat in FOREIGN_SEATS.items():
        people[f"foreign_{role}"] = make.person(f"foreign_{role}", (role, getattr(nodes, seat)), name=f"西关{role}")
    people["expired"] = make.person("expired", ("principal", nodes.school, make.LONG_AGO, yesterday), name="前任校长")
    people["future"] = make.person("future", ("principal", nodes.school, date(2999, 1, 1), None), name="候任校长")
    people["disabled"] = make.person("disabled", ("school_clerk", nodes.school), name="停用的人", is_active=False)
    people["without_role"] = make.person("without_role", name="没有角色的人")
    return people


def _children(nodes):
    """own: class and village of the own side; second: same group, another school; foreign: nothing in common but the county."""
    number = "99010120100301123{}".format
    return SimpleNamespace(
        own=make.child("东小明", (nodes.class_, "attending"), (nodes.school, "on_roll"), (nodes.village, "hukou"), number=number("4")),
        second=make.child("东二妹", (nodes.junior_class, "attending"), (nodes.second_village, "hukou"), number=number("5"), sex="2"),
        foreign=make.child("西小红", (nodes.other_class, "attending"), (nodes.other_village, "hukou"), number=number("6"), sex="2"),
    )


@pytest.fixture
def house(db):
    return build()
