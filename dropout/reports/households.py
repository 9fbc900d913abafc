"""What the case work knows of a household's children: cases and the visits made (students.reports.household_sections)."""

from django.urls import reverse

from core.scope import has_permission
from dropout.models import Case, Visit
from students.reports.household_sections import Section


def sections(children, user, on):
    """Cases and standing visits that `user` may see; none of both for who sees no cases."""
    return [_cases(children, user), _visits(children, user)] if has_permission(user, "see_cases") else []


def _cases(children, user):
    section = Section("控辍个案", (("姓名", 12), ("个案号", 20), ("状态", 12), ("列为疑似", 14), ("负责学校", 24)), "没有控辍个案。")
    for case in Case.objects.visible_to(user, "see_cases").filter(child__in=children).with_places().order_by("child_id", "-episode"):
        link = reverse("dropout:case_detail", args=[case.public_id])
        school = case.school.name if case.school else ""
        section.add(case.child.name, case.number, case.get_state_display(), case.opened_on.isoformat(), school, link=link)
    return section


def _visits(children, user):
    section = Section("家访、劝返记录", (("姓名", 12), ("走访", 20), ("走访人员", 20), ("见到、方式", 22), ("答复", 24)), "没有走访记录。")
    rows = Visit.objects.visible_to(user, "see_cases").standing().filter(case__child__in=children).select_related("case__child")
    for visit in rows.order_by("case__child_id", "-happened_on", "-pk"):
        reply = visit.get_reply_display() + (f"，承诺 {visit.promised_on} 返校" if visit.promised_on else "")
        met = f"{visit.met_labels}（{visit.get_mode_display()}）"
        link = reverse("dropout:case_detail", args=[visit.case.public_id])
        section.add(visit.case.child.name, f"{visit.happened_on} 第 {visit.attempt} 次", visit.officers, met, reply, link=link)
    return section
