"""One child on one page: every section of what the student lists know, each fact with the list and the row that say so."""

from itertools import pairwise

from django.db.models import Q

from core import crypto
from core.models import ChangeRequest
from core.scope import granted_nodes
from students.actions.corrections import FIELDS, KIND
from students.models import (
    KINDS,
    Child,
    Enrolment,
    Household,
    ListRow,
    Match,
    MergeEvent,
    Registration,
    RollChange,
    SpecialGroup,
    UnitChange,
    YearTurn,
)
from students.reports import boarding
from students.reports.children import grade_text
from students.rules import codes
from students.rules.ages import age
from students.rules.standings import full_label

KIND_LABELS = dict(KINDS)
LABELS = {field.name: field.label for field in FIELDS}


def portrait(child, on, *, shown, user):
    """The sections of the child's page as of the day `on`; numbers in full only where `shown`, links only to what `user` may open."""
    enrolments = list(of_child(Enrolment, child).select_related("school", "class_node"))
    registrations = list(of_child(Registration, child).select_related("household__village__parent"))
    return {
        "facts": facts(child, on, shown),
        "roll": enrolment_lines(enrolments, Enrolment.Kind.ROLL, on),
        "attending": enrolment_lines(enrolments, Enrolment.Kind.ATTENDING, on),
        "boarding": boarding.of_child(child, on),
        "registrations": registration_lines(registrations, on, user),
        "standings": standing_lines(child, on),
        "groups": [group_line(group, on) for group in of_child(SpecialGroup, child)],
        "places": child.places.select_related("node__parent").order_by("until", "why", "-since"),
        "numbers": [number_line(number, shown) for number in child.numbers.order_by("pk")],
        "matches": matches(child),
        "merges": MergeEvent.objects.about([child.pk]).select_related("source", "target", "by"),
        "evidence": evidence(child),
        "history": history(child),
        "changes": child.roll_changes.with_places(),
        "may_change": bool(set(granted_nodes(user, "start_roll_change")) & set(child.scope_nodes)),
        "corrections": corrections_of(child),
        "warnings": warnings(child, enrolments, registrations, on),
    }


def of_child(model, child):
    return model.objects.filter(child=child).select_related("row__snapshot").order_by("-since", "-pk")


def shown_number(text, shown):
    return (text if shown else crypto.mask(text)) if text else "无"


def facts(child, on, shown):
    return [
        {"label": "证件号", "text": shown_number(child.number, shown)},
        {"label": "证件号状态", "text": child.get_number_state_display(), "chip": "red" if child.number_state == "invalid" else ""},
        {"label": "性别", "text": child.get_sex_display() if child.sex else ""},
        {"label": "出生日期", "text": f"{child.birth_on.isoformat()}（{age(child.birth_on, on)} 周岁）" if child.birth_on else ""},
        {"label": "民族", "text": codes.ETHNIC_GROUPS.get(child.ethnic, "")},
        {"label": "监护人", "text": child.guardian_name},
        {"label": "联系电话", "text": (child.phone if shown else crypto.mask_phone(child.phone)) if child.phone else ""},
        {"label": "住址", "text": child.address if shown or not child.address else f"{child.address[:6]}……（查看完整证件号后显示）"},
    ]


def in_force(fact, on):
    return fact.since <= on and (fact.until is None or fact.until > on)


def source_of(row):
    """Which list says it: kind, as-of date, sheet and row."""
    if row is None:
        return None
    return {
        "text": f"{KIND_LABELS.get(row.kind, row.kind)} {row.snapshot.as_of.isoformat()}",
        "where": f"{row.sheet} 第 {row.row_number} 行",
        "snapshot": row.snapshot,
    }


def enrolment_lines(enrolments, kind, on):
    acts = acts_behind(enrolments)
    return [enrolment_line(fact, on, acts) for fact in enrolments if fact.kind == kind]


def enrolment_line(fact, on, acts):
    return {
        "fact": fact, "present": in_force(fact, on), "grade": grade_text(fact.stage, fact.grade),
        "source": source_of(fact.row) or acts.get(fact.made_by), "ended": acts.get(fact.ended_by),
        "boarding": {True: "住校", False: "走读", None: ""}[fact.boarding], "doubled": not fact.accepted,
    }  # fmt: skip


def acts_behind(enrolments):
    """{id of an act: what it was}: of the acts that made or ended these enrolments where no list did."""
    wanted = {act for fact in enrolments for act in (fact.made_by, fact.ended_by) if act}
    if not wanted:
        return {}
    changes = {change.public_id: {"text": f"学籍异动 {change.number}", "where": change.get_kind_display()}
               for change in RollChange.objects.filter(public_id__in=wanted)}  # fmt: skip
    turns = {turn.public_id: {"text": "学年升级", "where": str(turn)} for turn in YearTurn.objects.filter(public_id__in=wanted)}
    units = UnitChange.objects.filter(public_id__in=wanted)
    return changes | turns | {unit.public_id: {"text": unit.get_kind_display(), "where": unit.old_name} for unit in units}


def registration_lines(registrations, on, user):
    households = Household.objects.visible_to(user, "see_children").filter(pk__in=[entry.household_id for entry in registrations])
    openable = set(households.values_list("pk", flat=True))
    return [registration_line(entry, on) | {"openable": entry.household_id in openable} for entry in registrations]


def registration_line(entry, on):
    relation = codes.RELATION_LABELS.get(entry.relation, entry.relation)
    return {"entry": entry, "present": in_force(entry, on), "relation": relation, "source": source_of(entry.row)}


def standing_lines(child, on):
    """What cases, roll changes, lists and entered reasons say of where the child is, the present ones first."""
    held = child.standings.select_related("by").order_by("-since", "-pk")
    lines = [{"row": row, "label": full_label(row.code, row.reason), "present": in_force(row, on)} for row in held]
    return sorted(lines, key=lambda line: not line["present"])


def group_line(group, on):
    label = codes.GROUPS[group.code].label if group.code in codes.GROUPS else group.label
    return {
        "group": group,
        "label": label,
        "present": in_force(group, on),
        "details": group_details(group.details),
        "source": source_of(group.row),
    }


def group_details(details):
    """Details of a membership in words; what has no word here is left to the list row."""
    words = []
    if details.get("category"):
        words.append(codes.DISABILITY_CATEGORY_WORDS.get(str(details["category"]), (str(details["category"]),))[0] + "残疾")
    if details.get("level"):
        words.append(codes.DISABILITY_LEVEL_WORDS.get(str(details["level"]), (str(details["level"]),))[0])
    if details.get("lifted"):
        words.append(f"{details['lifted']} 年脱贫")
    return " ".join(words)


def number_line(number, shown):
    return {"text": shown_number(number.number, shown), "source": number.get_source_display(), "valid": number.valid}


def corrections_of(child):
    """What was asked to be corrected, newest first."""
    asked = ChangeRequest.objects.filter(subject_kind=KIND, subject_id=str(child.public_id)).select_related("requested_by")
    return [{"change": change, "label": LABELS[change.field]} for change in asked]


def matches(child):
    return (
        Match.objects.filter(Q(odd__child=child) | Q(meant__child=child))
        .select_related("odd", "meant", "decided_by")
        .order_by("state", "pk")
    )


def evidence(child):
    """Every row that any list ever held of the child, newest first."""
    rows = ListRow.objects.filter(child=child).select_related("snapshot__coverage", "node").order_by("kind", "-since", "-pk")
    return [{"row": row, "kind": KIND_LABELS.get(row.kind, row.kind), "stands": row.until is None} for row in rows]


HISTORY_WORDS = {
    "name": "姓名", "sex": "性别", "birth_on": "出生日期", "ethnic": "民族", "number_state": "证件号状态",
    "merged_into_id": "合并到",
}  # fmt: skip


def history(child):
    """What changed in the child's own record, newest first; sealed fields are named, never shown. An event keeps the row as it was
    before, so that what it became stands in the next event, at last in the child itself."""
    changes = [change(old, new) for old, new in pairwise([*child.events.order_by("pgh_id"), child])]
    return [*reversed([found for found in changes if found]), *beginning(child)]


def change(old, new):
    """One line of the history; None where only the machine's fields differ."""
    words = [word for field, word in (HISTORY_WORDS | SEALED_WORDS).items() if getattr(old, field) != getattr(new, field)]
    if not words:
        return None
    pairs = ((word, getattr(old, field), getattr(new, field)) for field, word in HISTORY_WORDS.items())
    text = "；".join(f"{word} {was or '空'} → {now or '空'}" for word, was, now in pairs if was != now)
    return {"when": old.pgh_created_at, "what": f"{'、'.join(words)}有变化", "text": text}


def beginning(child):
    """The batch that first named the child."""
    first = child.first_snapshot
    return [{"when": first.applied_at or first.received_at, "what": "建档", "text": f"来自{first}"}] if first else []


SEALED_WORDS = {"number": "证件号"}


def warnings(child, enrolments, registrations, on):
    """What a person should know before anything else."""
    found = []
    rolls = [fact for fact in enrolments if fact.kind == Enrolment.Kind.ROLL and fact.counts and in_force(fact, on)]
    if len({fact.school_id for fact in rolls}) > 1:
        found.append(f"双重学籍：{'、'.join(sorted({fact.school.name for fact in rolls}))} 的学籍名单里都有这名儿童。")
    homes = [entry for entry in registrations if entry.counts and in_force(entry, on)]
    if len({entry.household_id for entry in homes}) > 1:
        found.append(f"双重户籍：同时登记在 {len({entry.household_id for entry in homes})} 个户里。")
    if child.number_state == Child.NumberState.INVALID:
        found.append("证件号校验位不符，请与户口簿核对。")
    if child.number_state == Child.NumberState.DISPUTED:
        found.append("号码争议：名单给的证件号是另一个孩子的，请核对户口簿后申请更正证件号。")
    return found

