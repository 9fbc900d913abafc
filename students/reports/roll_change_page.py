"""The page and the paper of one roll change."""

from urllib.parse import quote

from django.template.loader import render_to_string
from django.urls import reverse

from core import crypto, documents
from students import workflow
from students.actions import units
from students.reports.children import grade_text
from students.reports.roll_changes import _to

TONES = {
    "proposed": "suspected", "other_school": "persuading", "bureau": "persuading", "returned": "amber", "done": "good",
    "withdrawn": "removed", "undone": "removed",
}  # fmt: skip


def facts(change):
    child = change.child
    lines = [
        ("学生", child.name), ("性别", child.get_sex_display() if child.sex else ""),
        ("出生日期", child.birth_on.isoformat() if child.birth_on else ""),
        ("证件号", crypto.mask(child.number) if child.number else "无"),
        ("类型", change.get_kind_display()), ("学籍系统中的类型", change.spec.cems),
        ("原学校", f"{change.school.name} {grade_text(change.stage, change.grade)}" if change.school else change.place),
        ("去向", target_text(change)), ("生效日期", change.effective_on.isoformat()),
    ]  # fmt: skip
    if change.ends_on:
        resumed = f"，已于 {change.resumed_on} 复学" if change.resumed_on else ""
        lines.append(("休学至", f"{change.ends_on.isoformat()}{resumed}"))
    lines += [("原因", change.reason), ("申请", f"{change.started_on.isoformat()} {change.started_by.name}")]
    if change.due_on:
        lines.append(("办理期限", change.due_on.isoformat()))
    return [{"label": label, "text": text} for label, text in lines]


def target_text(change):
    where = _to(change)
    grade = grade_text(change.target_stage, change.target_grade) if change.target_grade else ""
    return " ".join(part for part in (where, grade, change.target_class.name if change.target_class else "") if part)


def steps(change):
    """The road of the change with the day each state was last entered."""
    road = list(workflow.ROAD_STATES[change.spec.road])
    if change.state == "returned":
        road.insert(1, "returned")
    if change.state in ("withdrawn", "undone"):
        road.append(change.state)
    entered = {event.target: event.happened_on for event in change.events.all()}
    here = road.index(change.state)
    return [
        {
            "label": workflow.ChangeState(state).label, "state": "past" if number < here else "now" if number == here else "",
            "note": entered[state].isoformat() if state in entered and number <= here else "",
        }
        for number, state in enumerate(road)
    ]  # fmt: skip


def acts(change, user):
    """The steps that lead on, those `user` may take first."""
    found = []
    for name in workflow.FORWARD[change.state]:
        if not workflow.fits(change, name):
            continue
        transition = workflow.ROLL_CHANGE.table[name]
        found.append({
            "name": name, "label": transition.label, "url": reverse("students:roll_change_step", args=[change.public_id, name]),
            "why_not": workflow.why_not(change, name, user), "basis": transition.basis,
        })  # fmt: skip
    return sorted(found, key=lambda act: act["why_not"] is not None)


def timeline(change):
    labels = {"start": "提出申请"} | {name: transition.label for name, transition in workflow.ROLL_CHANGE.table.items()}
    return [
        {"what": labels[event.name], "when": event.happened_on, "by": event.by.name, "text": event.note, "tone": TONES[event.target]}
        for event in change.events.select_related("by").order_by("-id")
    ]


def page(change, user, on):
    return {
        "change": change, "facts": facts(change), "steps": steps(change), "acts": acts(change, user), "events": timeline(change),
        "proofs": change.proofs.select_related("attachment"), "tone": TONES[change.state], "overdue": change.is_overdue(on),
        "calls": change.calls.select_related("called_by"), "no_call": workflow.why_no_call(change, user), "on": on,
    }  # fmt: skip


TITLES = {
    "transfer": "转学申请表",
    "transfer_out": "转学申请表",
    "transfer_in": "转学申请表",
    "suspension": "休学申请表",
    "resumption": "复学申请表",
}


def paper(change, *, stamp, whole):
    """(title, PDF bytes): the application with room for both schools' and the bureau's word and seal."""
    title = f"中小学生{TITLES.get(change.kind, f'学籍异动（{change.get_kind_display()}）申请表')}"
    child = change.child
    places = [change.school, change.target_school, workflow.first_school(change), workflow.second_school(change)]
    units.call_as_on([node for node in places if node], change.started_on)
    context = {
        "title": title, "change": change, "child": child, "code": change.number, "printed": stamp, "facts": facts(change),
        "number": crypto.mask(child.number) if child.number and not whole else child.number or "",
        "phone": child.phone if whole else crypto.mask_phone(child.phone) if child.phone else "",
        "proofs": change.proofs.all(), "events": list(reversed(timeline(change))), "draft": change.state != "done",
        "unit": workflow.first_school(change).name, "grade": grade_text(change.stage, change.grade), "to": target_text(change),
        "first": workflow.first_school(change), "second": workflow.second_school(change),
    }  # fmt: skip
    html = render_to_string("students/print/roll_change.html", context)
    return title, documents.render_pdf(html, title=f"{title} {change.number}", stylesheets=[])


def file_name(title, change):
    return quote(f"{title}_{change.number}.pdf")
