"""Schools with sections, their people and a pupil each: for the tests of roll changes, the turn of the year and mergers."""

from datetime import date
from io import BytesIO
from types import SimpleNamespace

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from students.actions import roll_changes
from students.models import RollChange, Section
from tests import make

DAY = date(2026, 10, 12)  # a Monday
EARLIER = date(2026, 9, 20)


def paper(name="证明.jpg"):
    out = BytesIO()
    Image.new("RGB", (60, 40), "navy").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def papers(*codes):
    return [(code, paper()) for code in codes]


def make_rolls():
    """county: 东关小学 (with 一班, 二班), 西关小学, 东关中学; a clerk and a principal each; the bureau's roll officer and head."""
    county = make.county()
    groups = [make.node("education_group", name, county) for name in ("东关教育组", "西关教育组")]
    nodes = SimpleNamespace(county=county, group=groups[0], other_group=groups[1])
    nodes.school = make.node("school", "东关小学", groups[0], "S01")
    nodes.other = make.node("school", "西关小学", groups[1], "S02")
    nodes.junior = make.node("school", "东关中学", groups[0], "S03")
    for school, stage in ((nodes.school, "pri"), (nodes.other, "pri"), (nodes.junior, "jun")):
        Section.objects.create(school=school, stage=stage)
    nodes.class_ = make.node("class", "2023级一班", nodes.school, "S01-pri2023-一班")
    nodes.other_class = make.node("class", "2023级二班", nodes.other, "S02-pri2023-二班")
    people = {
        name: make.person(name, (role, node), name=name)
        for name, role, node in (
            ("clerk", "school_clerk", nodes.school), ("principal", "principal", nodes.school), ("other_clerk", "school_clerk", nodes.other),
            ("other_principal", "principal", nodes.other), ("other_deputy", "principal", nodes.other),
            ("junior_clerk", "school_clerk", nodes.junior), ("junior_principal", "principal", nodes.junior),
            ("officer", "roll_officer", county), ("head", "bureau_head", county), ("caller", "dropout_officer", county),
        )
    }  # fmt: skip
    world = SimpleNamespace(nodes=nodes, **people)
    world.child = pupil(nodes.school, "郝一", nodes.class_)
    return world


def pupil(school, name="郝一", class_node=None, grade=4, stage="pri", since=date(2026, 9, 5)):
    child = make.child(name, (class_node or school, "on_roll"))
    for kind in ("roll", "attending"):
        make.enrolment(child, school, kind, stage=stage, grade=grade, class_node=class_node, since=since)
    return child


def started(world, kind="transfer", **facts):
    """An application of the first school's clerk, with all papers."""
    usual = {
        "transfer": {"target_school": world.nodes.other, "evidence": papers("statement")},
        "transfer_out": {"place": "邻县第一小学", "evidence": papers("statement", "admission")},
        "suspension": {"ends_on": date(2027, 2, 28), "evidence": papers("statement", "hospital")},
        "death": {"evidence": papers("death")}, "abroad": {"place": "某国", "evidence": papers("statement", "passport")},
        "skip": {"target_stage": "pri", "target_grade": 5, "evidence": papers("statement", "school_opinion")},
        "resumption": {"target_stage": "pri", "target_grade": 4, "evidence": papers("recovery")},
    }[kind]  # fmt: skip
    wanted = {"child": world.child, "school": world.nodes.school, "by": world.clerk, "on": DAY, "effective_on": DAY, "reason": "随父母搬家"}
    return roll_changes.start(kind=kind, **(wanted | usual | facts))


def fresh(change):
    return RollChange.objects.select_related("child", "school", "target_school").get(pk=change.pk)


def at_bureau(world, kind="transfer", **facts):
    change = started(world, kind, **facts)
    roll_changes.agree(change=change, on=DAY, by=world.principal)
    if kind == "transfer":
        roll_changes.accept(change=change, on=DAY, by=world.other_principal)
    return fresh(change)


def done(world, kind="transfer", on=DAY, **facts):
    change = at_bureau(world, kind, **facts)
    roll_changes.approve(change=change, on=on, by=world.officer)
    return fresh(change)
