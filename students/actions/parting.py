"""A school or village becomes two (拆分): a new unit takes some of its classes or groups, with all that belongs to them; previewed, undone
as one. The people who serve stay with the old unit; the new one's are granted by hand.
"""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q

from core import audit
from core.actions.organizations import add_node
from core.models import Organization, OrganizationSuccession, RoleGrant
from core.scope import require
from core.workflow import Refused
from students.actions import enrolling, placing, units
from students.models import Catchment, Enrolment, Household, RollChange, Section, UnitChange
from students.planning import WHOLE_LISTS
from students.rules.ages import school_year

PART = "and class_node_id = any(%(parts)s)"
NAMED_ALREADY = "已有叫“{}”的单位，请换一个名称，或改用“并入另一单位”。"


def parts_of(node):
    """What may go to the new unit: classes and teaching points of a school, groups of a village."""
    return Organization.objects.filter(parent=node, until=None).order_by("code")


def preview(*, node, parts, households=()):
    """What would go, in figures: [(words, number)]; nothing is written."""
    below = Organization.objects.filter(path__overlap=[part.pk for part in parts])
    seats = Enrolment.objects.filter(class_node__in=below, until=None, counts=True, school=node)
    in_parts = Household.objects.filter(village__in=below).count()
    return [
        ("学籍", seats.filter(kind="roll").count()), ("在校", seats.filter(kind="attending").count()),
        ("下属单位（班级、教学点、组）", below.count()), ("户", in_parts + len(households)),
    ]  # fmt: skip


def why_not(*, node, parts, households, new_name, new_code, on, today):
    """None, or the first sentence of what speaks against it."""
    if sentence := units.why_not(kind=UnitChange.Kind.SPLIT, node=node, successor=None, new_name=new_name, on=on, today=today):
        return sentence
    if not new_code.strip():
        return "请填写新单位的代码：以后的名单按它认出新单位。"
    if held := Organization.objects.filter(code=new_code.strip()).first():
        return f"代码 {new_code} 已是“{held.name}”的，请核对。"
    if Organization.objects.filter(parent=node.parent, name=new_name.strip(), until=None).exists():
        return NAMED_ALREADY.format(new_name.strip())
    seats = Enrolment.objects.filter(class_node__in=[part.pk for part in parts], until=None)
    if waiting := RollChange.objects.open().filter(child__in=seats.values("child")).first():
        return f"分出去的班里还有没有办结的学籍异动（{waiting.number}），请先办结或撤回。"
    if not parts and not households:
        return "请勾选分到新单位的班级、教学点或组" + ("，或者填写户号。" if node.kind in units.VILLAGES else "。")
    return None


@transaction.atomic
def apply(*, node, parts, on, reason, by, today, new_name, new_code, households=()):
    """`parts` (nodes under `node`) and `households` go to a new unit beside it from the day `on`. Refused with the sentence."""
    node = Organization.objects.select_for_update(of=("self",)).select_related("parent").get(pk=node.pk)
    require(by, "change_units", node)
    if len(reason.strip()) < 4:
        raise Refused("请写明批准文件或原因（至少 4 个字）。")
    asked = {"node": node, "parts": parts, "households": households, "new_name": new_name, "new_code": new_code}
    if sentence := why_not(**asked, on=on, today=today):
        raise Refused(sentence)
    own = add_node(kind=node.kind, code=new_code.strip(), name=new_name.strip()[:80], parent=node.parent, since=on)
    change = UnitChange.objects.create(
        kind=UnitChange.Kind.SPLIT, node=node, successor=own, old_name=node.name, new_name=own.name, happened_on=on,
        reason=reason.strip()[:200], applied_by=by, counts=dict(preview(node=node, parts=parts, households=households)),
    )  # fmt: skip
    _part(change, parts, households)
    change.save(update_fields=["before"])
    audit.record("unit_split", by=by, organization=node, successor=own.code, on=str(on), reason=reason)
    return change


def _part(change, parts, households):
    node, own, on, act = change.node, change.successor, change.happened_on, str(change.public_id)
    moved = list(Organization.objects.filter(path__overlap=[part.pk for part in parts]).values_list("pk", flat=True))
    names = {"old": node.pk, "new": own.pk, "on": on, "act": act, "nodes": moved, "parts": moved}
    with connection.cursor() as cursor:
        for statement in (WHOLE_LISTS, *enrolling.TOUCHED, units.TOUCH, units.CUT + PART, units.JOIN, units.MOVE_NODES):
            cursor.execute(statement, names)
    OrganizationSuccession.objects.create(predecessor=node, successor=own, happened_on=on, reason=change.reason[:200])
    children = _children(act, moved, households)
    change.before = {
        "nodes": moved, "households": [house.pk for house in households], "sections": _sections(node, own, act, on),
        "catchments": _catchments(node, own, on),
        "followers": [list(move(node, own, on, children)) for move, _ in units.FOLLOWERS],
    }  # fmt: skip
    Household.objects.filter(pk__in=change.before["households"]).update(village=own)
    placing.place()


def _children(act, nodes, households):
    """Ids of the children who go to the new unit."""
    seated = Enrolment.objects.filter(made_by=act).values_list("child", flat=True)
    living = Household.objects.filter(Q(village__in=nodes) | Q(pk__in=[house.pk for house in households]))
    return {*seated, *living.filter(registrations__until=None).values_list("registrations__child", flat=True)} - {None}


def _sections(node, own, act, on):
    """The stages that are taught at the new school; their ids."""
    taught = Enrolment.objects.filter(made_by=act).values_list("stage", flat=True)
    wanted = node.sections.filter(until=None, stage__in=set(taught))
    return [Section.objects.create(school=own, stage=row.stage, boarding=row.boarding, since=on).pk for row in wanted]


def _catchments(node, own, on):
    """A new village goes to the schools of the old one; ids of the rows."""
    rows = Catchment.objects.filter(place=node, until=None, school_year__gte=school_year(on))
    made = [Catchment(section_id=row.section_id, stage=row.stage, place=own, school_year=row.school_year) for row in rows]
    return [row.pk for row in Catchment.objects.bulk_create(made)]


def why_not_undo(change):
    """None, or what has come to the new unit since and would be lost."""
    own = change.successor
    named = RoleGrant.objects.filter(organization__path__contains=[own.pk], until=None)
    if named.exclude(organization__in=change.before["nodes"]).exists():  # those of a class came with it and go with it
        return f"{own.name}已经任命了人员，请先结束他们的任职再撤销。"
    later = Enrolment.objects.filter(school=own, until=None, counts=True).exclude(made_by=change.public_id)
    if later.exists():
        return f"{own.name}在这之后又有 {later.count()} 条学籍或在校记录，不能撤销；要合回去请办“并入另一单位”。"
    nodes = Organization.objects.filter(parent=own, until=None).exclude(pk__in=change.before["nodes"])
    return f"{own.name}在这之后又有了下属单位，不能撤销；要合回去请办“并入另一单位”。" if nodes.exists() else None


@transaction.atomic
def undo(*, change, by):
    """One unit again; what stood at the new one goes back. Refused with the sentence where something came since."""
    change = units.undoable(change, by)
    if sentence := why_not_undo(change):
        raise Refused(sentence)
    node, own, before = change.node, change.successor, change.before
    names = {"old": own.pk, "new": node.pk, "nodes": before["nodes"]}
    with connection.cursor() as cursor:
        for statement in (WHOLE_LISTS, *enrolling.TOUCHED, units.TOUCH, units.MOVE_NODES):
            cursor.execute(statement, names)
    enrolling.take_back(acts=[change.public_id])
    Household.objects.filter(village=own).update(village=node)
    Catchment.objects.filter(Q(pk__in=before["catchments"]) | Q(place=own)).delete()
    Catchment.objects.filter(section__in=before["sections"]).delete()
    Section.objects.filter(pk__in=before["sections"]).delete()
    for (_, back), ids in zip(units.FOLLOWERS, before["followers"], strict=True):
        back(ids, node, own)
    OrganizationSuccession.objects.filter(predecessor=node, successor=own).delete()
    gone = change.happened_on + timedelta(days=1)
    Organization.objects.filter(pk=own.pk).update(until=gone, code=f"{own.code[:30]}-{change.pk}")  # the code may be given again
    placing.place()
    return units.undone(change, by)
