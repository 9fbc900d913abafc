"""A small tree, one child and the people around it, for the tests of the case work. All names and numbers are invented."""

from datetime import date, timedelta
from io import BytesIO
from types import SimpleNamespace

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core.actions import accounts, organizations
from core.models import User
from dropout import actions
from dropout.models import Case, CaseEvent
from students.models import Child, ChildPlace

DAY = date(2020, 3, 2)
ROLES = {
    "officer": ("township_officer", "township"), "head": ("township_head", "township"), "clerk": ("school_clerk", "school"),
    "principal": ("principal", "school"), "bureau": ("dropout_officer", "county"), "second": ("bureau_head", "county"),
    "liaison": ("village_liaison", "village"), "auditor": ("auditor", "county"), "foreign": ("township_officer", "other_township"),
    "foreign_clerk": ("school_clerk", "other_school"),
}  # fmt: skip


def make_world():
    """county → two townships with a village and a school each; people by ROLES; one child of the first village and school."""
    county = organizations.start_county(code="990101000000", name="示范县")
    nodes = SimpleNamespace(county=county)
    nodes.township, nodes.other_township = (
        organizations.add_node(kind="township", code=code, name=name, parent=county)
        for code, name in (("990101100", "西关镇"), ("990101101", "东岭乡"))
    )
    for prefix, township in (("", nodes.township), ("other_", nodes.other_township)):
        village = organizations.add_node(kind="village", code=f"{township.code}201", name=f"{township.name}一村", parent=township)
        school = organizations.add_node(kind="school", code=f"{township.code}S1", name=f"{township.name}学校", parent=township)
        setattr(nodes, f"{prefix}village", village)
        setattr(nodes, f"{prefix}school", school)
    world = SimpleNamespace(nodes=nodes, people=make_people(nodes))
    world.child = make_child("郝玥英", nodes.village, nodes.school)
    for name, user in vars(world.people).items():
        setattr(world, name, user)
    return world


def make_people(nodes):
    people = SimpleNamespace()
    for key, (role, place) in ROLES.items():
        user = User.objects.create_user(key, f"{key}的姓名", "not-one-less")
        accounts.grant_role(user=user, role=role, organization=getattr(nodes, place), since=date(2020, 1, 1), by=None)
        setattr(people, key, user)
    return people


def make_child(name, village, school=None, birth_on=date(2008, 5, 1)):
    nodes = sorted({*village.path, *(school.path if school else [])})
    child = Child.objects.create(name=name, name_key=name, pinyin="x", birth_on=birth_on, sex="2", scope_nodes=nodes)
    ChildPlace.objects.create(child=child, node=village, why="hukou", since=date(2020, 1, 1))
    if school:
        ChildPlace.objects.create(child=child, node=school, why="last_school", since=date(2020, 1, 1))
    return child


def photo(name="door.jpg", exif=False):
    """A small picture as uploaded; with `exif` it carries a place and a camera, as a telephone's does."""
    out, picture = BytesIO(), Image.new("RGB", (60, 40), "navy")
    if exif:
        tags = Image.Exif()
        tags[0x010F] = "SecretCamera"
        tags.get_ifd(0x8825)[2] = (34.0, 12.0, 5.0)
        picture.save(out, "JPEG", exif=tags)
    else:
        picture.save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def fresh(case):
    """The case anew, its people's grants asked anew."""
    return Case.objects.select_related("child", "school", "township").get(pk=case.pk)


def opened(world, child=None, by=None, on=DAY):
    return actions.open_case(child=child or world.child, why="户籍在册，学籍库查不到", source="comparison", on=on, by=by or world.officer)


def proposed(world, reason="02", **facts):
    case = opened(world)
    facts = {"evidence": [("school_letter", photo("letter.jpg"))], **facts}
    actions.propose_removal(case=case, reason=reason, on=DAY + timedelta(days=1), by=world.officer, **facts)
    return fresh(case)


def removed(world, **facts):
    case = proposed(world, **facts)
    actions.approve_removal(case=case, on=DAY + timedelta(days=2), by=world.bureau)
    return fresh(case)


def confirmed(world):
    case = opened(world)
    actions.confirm(case=case, cause="learning", on=DAY + timedelta(days=1), by=world.officer)
    return fresh(case)


PEOPLE = (
    {"line": "administration", "level": "village", "name": "孙一", "post": "村主任", "phone": "0990-1234567"},
    {"line": "education", "level": "school", "name": "钱二", "post": "校长", "phone": "0990-7654321"},
)


def proposed_from(world, origin):
    """A removal proposed for a child of one of the states from which it may be."""
    case = STAGES[origin](world)
    on = DAY + timedelta(days=4)
    actions.propose_removal(case=case, reason="06", on=on, by=world.officer, reply_number="公户〔2020〕3号", evidence=[("move_permit", photo())])
    return fresh(case)


def persuading(world):
    case = confirmed(world)
    actions.assign(case=case, rows=[dict(row) for row in PEOPLE], on=DAY + timedelta(days=2), by=world.officer)
    return fresh(case)


def returned(world):
    case = persuading(world)
    actions.record_return(case=case, on=DAY + timedelta(days=14), by=world.officer, school_name="西关镇学校", photos=[photo()])
    return fresh(case)


def consolidating(world, days=20):
    case = returned(world)
    on = DAY + timedelta(days=15)
    actions.consolidate(case=case, on=on, by=world.clerk, placement="same_grade", school_name="西关镇学校", support_teacher="李三")
    if days:
        actions.record_attendance(
            case=case, first_on=on, last_on=on + timedelta(days=29), school_days=22, present=days, by=world.clerk
        )
    return fresh(case)


def closing(world):
    case = consolidating(world)
    actions.propose_close(case=case, code="consolidated", statement="返校后稳定", on=DAY + timedelta(days=50), by=world.principal)
    return fresh(case)


def closed(world):
    case = closing(world)
    actions.approve_close(case=case, on=DAY + timedelta(days=51), by=world.second)
    return fresh(case)


STAGES = {
    "suspected": opened, "removal_proposed": proposed, "removed": removed, "confirmed": confirmed, "persuading": persuading,
    "removal_of_confirmed": lambda world: proposed_from(world, "confirmed"),
    "removal_of_persuading": lambda world: proposed_from(world, "persuading"),
    "returned": returned, "consolidating": consolidating, "closing": closing, "closed": closed,
}  # fmt: skip


def visit_facts(**facts):
    return {
        "happened_on": DAY + timedelta(days=3), "officers": "王四、赵五", "met": ["father"], "mode": "home", "reply": "hesitant",
        "notes": "想再想想",
        "next_on": DAY + timedelta(days=10), **facts,
    }  # fmt: skip


def log(case, *moves):
    """Events written straight into the log: (name, source, target, happened_on, recorded_at)."""
    for name, source, target, happened_on, recorded_at in moves:
        CaseEvent.objects.create(case=case, name=name, source=source, target=target, happened_on=happened_on, recorded_at=recorded_at)
