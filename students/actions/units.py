"""Mergers, closures and renamings of schools and villages: previewed, set-based, undone as one (splits: students.actions.parting).

The node of a merged unit stays with its code and name; its children, classes, catchments and grants go to the successor, and the lists
that still name the old code after that day are read as the successor (students.actions.reconciling).
"""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from core import audit
from core.actions.accounts import end_grant, grant_role
from core.models import Organization, OrganizationSuccession, RoleGrant
from core.scope import require
from core.workflow import Refused
from students.actions import enrolling, placing
from students.models import Catchment, Enrolment, Household, RollChange, Section, UnitChange
from students.planning import WHOLE_LISTS
from students.rules.ages import school_year

SCHOOLS, VILLAGES = ("school", "teaching_point"), ("village", "group")
HEADS = ("principal",)  # the successor has its own; these end
TOUCH = "insert into touched_child select id from students_child where scope_nodes && array[%(old)s::bigint] and merged_into_id is null"
CUT = """
update students_enrolment set until = greatest(%(on)s, since), ended_on = greatest(%(on)s, since), ended_by = %(act)s
where school_id = %(old)s and until is null and counts
"""
JOIN = """
insert into students_enrolment (child_id, kind, school_id, class_node_id, stage, grade, class_name, boarding, entered, state, counts,
                                accepted, since, made_by, roll_number_index)
select child_id, kind, %(new)s, class_node_id, stage, grade, class_name, boarding, entered, state, true, accepted, until, %(act)s,
       roll_number_index
from students_enrolment where ended_by = %(act)s
"""
MOVE_NODES = """
update core_organization o set path = p.path || o.path[array_position(o.path, %(old)s::bigint) + 1:],
       parent_id = case when o.parent_id = %(old)s then %(new)s else o.parent_id end
from core_organization p where p.id = %(new)s and o.path @> array[%(old)s::bigint] and o.id <> %(old)s and o.id = any(%(nodes)s)
"""
# what units that were renamed since were called on the day %(on)s, for statements over many rows; names_on is the same for a few
NAMES_ON = """select distinct on (node_id) node_id, old_name as name from students_unitchange
where kind = 'rename' and undone_at is null and happened_on > %(on)s order by node_id, happened_on, id"""
FOLLOWERS = []  # (move(old, new, on, children=None) -> ids, undo(ids, old, new)) of apps above; children: only of these (ids)


def followed_by(move, undo):
    """An app above tells how its own rows follow a merged unit; from its AppConfig.ready."""
    FOLLOWERS.append((move, undo))


def preview(*, kind, node, successor=None):
    """What would move, in figures: [(words, number)]; nothing is written."""
    children = Organization.objects.below(node).exclude(pk=node.pk)
    found = [("学籍", Enrolment.objects.filter(school=node, until=None, counts=True, kind="roll").count())]
    found += [("在校", Enrolment.objects.filter(school=node, until=None, counts=True, kind="attending").count())]
    found += [
        ("下属单位（班级、教学点、组）", children.count()),
        ("户", Household.objects.filter(village__path__contains=[node.pk]).count()),
    ]
    found += [("学区", Catchment.objects.filter(Q(section__school=node) | Q(place=node), until=None).count())]
    found += [("任职", RoleGrant.objects.in_force(timezone.localdate()).filter(organization__path__contains=[node.pk]).count())]
    return found


def why_not(*, kind, node, successor, new_name, on, today):
    """None, or the first sentence of what speaks against it."""
    if node.kind not in (*SCHOOLS, *VILLAGES):
        return "只有学校、教学点、村和组可以更名或撤并。"
    if not today - timedelta(days=1100) <= on <= today:
        return f"日期 {on} 不对：应在今天或以前、三年以内。"
    if node.until is not None:
        return f"{node.name}已于 {node.until} 撤并。"
    if kind in (UnitChange.Kind.RENAME, UnitChange.Kind.SPLIT):
        return None if new_name.strip() and new_name.strip() != node.name else "请填写与现在不同的新名称。"
    if RollChange.objects.open().filter(nodes__overlap=[node.pk]).exists():
        return f"{node.name}还有没有办结的学籍异动，请先办结或撤回。"
    if kind == UnitChange.Kind.CLOSE:
        held = sum(number for words, number in preview(kind=kind, node=node) if words in ("学籍", "在校", "户"))
        return f"{node.name}还有学生或户（{held}），不能直接停办，请选“并入另一单位”，或先办转学。" if held else None
    same = SCHOOLS if node.kind in SCHOOLS else VILLAGES
    if successor is None or successor.kind not in same or successor.until is not None or node.pk in successor.path:
        return "请选择要并入的单位：同类、没有撤并，也不是本单位的下属。"
    return None


@transaction.atomic
def apply(*, kind, node, on, reason, by, today, successor=None, new_name=""):
    """Rename, merge or close `node` from the day `on`. Refused with the sentence."""
    node = Organization.objects.select_for_update().get(pk=node.pk)
    require(by, "change_units", node)
    if len(reason.strip()) < 4:
        raise Refused("请写明批准文件或原因（至少 4 个字）。")
    if sentence := why_not(kind=kind, node=node, successor=successor, new_name=new_name, on=on, today=today):
        raise Refused(sentence)
    change = UnitChange.objects.create(
        kind=kind, node=node, successor=successor if kind == "merge" else None, old_name=node.name, new_name=new_name.strip()[:80],
        happened_on=on, reason=reason.strip()[:200], applied_by=by, counts=dict(preview(kind=kind, node=node)),
    )  # fmt: skip
    if kind == UnitChange.Kind.RENAME:
        Organization.objects.filter(pk=node.pk).update(name=change.new_name, version=node.version + 1)
    else:
        Organization.objects.filter(pk=node.pk).update(until=max(on, node.since + timedelta(days=1)) if node.since else on)
    if kind == UnitChange.Kind.MERGE:
        _merge(change, by)
    change.save(update_fields=["before"])
    audit.record(f"unit_{kind}", by=by, organization=node, successor=successor.code if successor else "", on=str(on), reason=reason)
    return change


def _merge(change, by):
    node, successor, on, act = change.node, change.successor, change.happened_on, str(change.public_id)
    moved = list(Organization.objects.below(node).exclude(pk=node.pk).values_list("pk", flat=True))
    direct = list(Organization.objects.filter(parent=node).values_list("pk", flat=True))
    names = {"old": node.pk, "new": successor.pk, "on": on, "act": act, "nodes": moved}
    with connection.cursor() as cursor:
        for statement in (WHOLE_LISTS, *enrolling.TOUCHED, TOUCH, CUT, JOIN, MOVE_NODES):
            cursor.execute(statement, names)
    OrganizationSuccession.objects.create(predecessor=node, successor=successor, happened_on=on, reason=change.reason[:200])
    households = Household.objects.filter(village=node)
    change.before = {
        "nodes": moved, "direct": direct, "households": list(households.values_list("pk", flat=True)),
        "sections": _sections(node, successor, on),
        "catchments": _catchments(node, successor, on), "grants": _grants(node, successor, on, by),
        "followers": [list(move(node, successor, on)) for move, _ in FOLLOWERS],
    }  # fmt: skip
    households.update(village=successor)
    placing.place()


def _sections(node, successor, on):
    """Stages that the successor did not teach before; their ids."""
    have = set(successor.sections.filter(until=None).values_list("stage", flat=True))
    wanted = node.sections.filter(until=None).exclude(stage__in=have)
    return [Section.objects.create(school=successor, stage=row.stage, boarding=row.boarding, since=on).pk for row in wanted]


def _catchments(node, successor, on):
    """[(id, field, former id)] of the catchments of this school year and later that go to the successor."""
    coming, moved = Catchment.objects.filter(until=None, school_year__gte=school_year(on)), []
    sections = {row.stage: row for row in successor.sections.filter(until=None)}
    for row in coming.filter(section__school=node):
        moved.append((row.pk, "section_id", row.section_id))
        Catchment.objects.filter(pk=row.pk).update(section=sections[row.stage])
    for row in coming.filter(place=node):
        if not coming.filter(place=successor, school_year=row.school_year, stage=row.stage).exists():
            moved.append((row.pk, "place_id", row.place_id))
            Catchment.objects.filter(pk=row.pk).update(place=successor)
    return moved


def _grants(node, successor, on, by):
    """The people of the unit itself go on at the successor; its head's office ends. [(ended id, its last day, begun id or None)]: what
    somebody held at the successor before is not begun by this, and undoing must not end it."""
    moved, before = [], set(RoleGrant.objects.filter(organization=successor).values_list("pk", flat=True))
    for grant in RoleGrant.objects.in_force(timezone.localdate()).filter(organization=node).select_related("user", "organization"):
        begun = None
        if grant.role not in HEADS and grant.user_id != by.pk:
            since = max(on, grant.since)
            begun = grant_role(user=grant.user, role=grant.role, organization=successor, since=since, until=grant.until, by=by)
        moved.append((grant.pk, grant.until.isoformat() if grant.until else None, begun.pk if begun and begun.pk not in before else None))
        end_grant(grant=grant, on=timezone.localdate(), by=by, reason="单位撤并")
    return moved


@transaction.atomic
def undo(*, change, by):
    """The units as they were; refused while a later change of either stands."""
    change = undoable(change, by)
    if change.kind == UnitChange.Kind.RENAME:
        Organization.objects.filter(pk=change.node_id).update(name=change.old_name)
    else:
        Organization.objects.filter(pk=change.node_id).update(until=None)
    if change.kind == UnitChange.Kind.MERGE:
        _part(change, by)
    return undone(change, by)


def undoable(change, by):
    """The change, locked; Refused where it may not be taken back now."""
    change = UnitChange.objects.select_for_update(of=("self",)).select_related("node", "successor").get(pk=change.pk)
    require(by, "change_units", change.node)
    if change.undone_at:
        raise Refused("这次变更已经撤销。")
    units = [pk for pk in (change.node_id, change.successor_id) if pk]
    later = UnitChange.objects.standing().filter(pk__gt=change.pk)
    if later.filter(node__in=units).exists() or later.filter(successor__in=units).exists():
        raise Refused("后来又有涉及这些单位的撤并或更名，请先撤销后来的。")
    return change


def undone(change, by):
    change.undone_by, change.undone_at = by, timezone.now()
    change.save(update_fields=["undone_by", "undone_at"])
    audit.record("unit_change_undone", by=by, organization=change.node, kind=change.kind)
    return change


def _part(change, by):
    node, successor, before = change.node, change.successor, change.before
    names = {"old": successor.pk, "new": node.pk, "nodes": before["nodes"]}
    with connection.cursor() as cursor:
        for statement in (WHOLE_LISTS, *enrolling.TOUCHED, TOUCH, MOVE_NODES):
            cursor.execute(statement, names)
    enrolling.take_back(acts=[change.public_id])
    Household.objects.filter(pk__in=before["households"]).update(village=node)
    for pk, field, former in before["catchments"]:
        Catchment.objects.filter(pk=pk).update(**{field: former})
    Section.objects.filter(pk__in=before["sections"]).delete()
    for ended, until, begun in before["grants"]:
        grant = RoleGrant.objects.select_related("user", "organization").get(pk=ended)
        grant_role(user=grant.user, role=grant.role, organization=node, since=timezone.localdate(), until=until, by=by)
        if begun:
            end_grant(grant=RoleGrant.objects.get(pk=begun), on=timezone.localdate(), by=by, reason="撤销单位撤并")
    for (_, back), ids in zip(FOLLOWERS, before["followers"], strict=True):
        back(ids, node, successor)
    OrganizationSuccession.objects.filter(predecessor=node, successor=successor).delete()
    placing.place()


def successor_codes(on):
    """{old code: code of the unit it went on as} on the day: for readers of lists that still name the old one."""
    rows = UnitChange.objects.standing().filter(kind="merge", happened_on__lte=on).order_by("happened_on", "pk")
    found = {}
    for old, new in rows.values_list("node__code", "successor__code"):
        found = {code: new if target == old else target for code, target in found.items()} | {old: new}
    return found


def name_on(node, on):
    """What the unit was called on the day: old terms print the old name."""
    return names_on([node.pk], on).get(node.pk, node.name)


def names_on(nodes, on):
    """{node id: what it was called on the day} of those (ids) that were renamed since; one query."""
    renamed = UnitChange.objects.standing().filter(node__in=nodes, kind="rename", happened_on__gt=on).order_by("-happened_on", "-pk")
    return dict(renamed.values_list("node", "old_name"))  # the earliest one after the day comes last and stands


def call_as_on(nodes, on):
    """The nodes, which are only to be printed, bear the names of the day."""
    names = names_on([node.pk for node in nodes], on)
    for node in nodes:
        node.name = names.get(node.pk, node.name)
