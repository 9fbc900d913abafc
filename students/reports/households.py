"""What a household's page shows."""

from django.db.models import Q

from core import crypto
from students.models import Child, Registration
from students.reports import children as report
from students.rules.codes import RELATION_LABELS


def present(on):
    """Registrations that count on the day `on`, seen from the household."""
    return Q(registrations__counts=True, registrations__since__lte=on) & (Q(registrations__until=None) | Q(registrations__until__gt=on))


def facts(household):
    village = household.village
    return [
        {"label": "户号", "text": household.number},
        {"label": "户主", "text": household.head_name},
        {"label": "乡镇", "text": village.parent.name if village.parent else ""},
        {"label": "村", "text": village.name},
        {"label": "住址", "text": crypto.mask_address(household.address)},
    ]


def members(household, user, on):
    """The children ever registered in the household whom `user` may see, present ones first, with what they are at school and their
    groups.
    """
    entries = list(Registration.objects.filter(household=household, child__merged_into=None).order_by("-since", "pk"))
    visible = Child.objects.visible_to(user, "see_children").filter(pk__in={entry.child_id for entry in entries})
    children = {child.pk: child for child in report.with_present_facts(visible, on)}
    lines = [line(entry, children[entry.child_id], on) for entry in entries if entry.child_id in children]
    return sorted(lines, key=lambda row: (not row["present"], str(row["child"].birth_on)))


def line(entry, child, on):
    present_now = entry.counts and entry.since <= on and (entry.until is None or entry.until > on)
    return {
        "child": child, "present": present_now, "relation": RELATION_LABELS.get(entry.relation, entry.relation),
        "state": entry.state or "正常",
        "since": entry.since, "until": entry.until, "groups": report.groups_of(child), "grade": report.grade_of(child),
        "school": report.school_text(report.place_of_learning(child)) or "不在校、无学籍",
    }  # fmt: skip
