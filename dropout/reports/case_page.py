"""The page of one case: its facts, where it stands, what is missing for the next step, and all that happened."""

from django.urls import reverse
from django.utils import timezone

from core import crypto
from dropout import workflow
from dropout.codes import CaseState, Line, reason_label
from dropout.reports.absences import of_child
from dropout.reports.cases import grade_text

ROAD = ("suspected", "confirmed", "persuading", "returned", "consolidating", "closed")
REMOVAL_END = ("removal_proposed", "removed")
DRAWN = {"open": "列为疑似"}


def facts(case):
    return [
        {"label": "个案号", "text": case.number},
        {"label": "次数", "text": f"第 {case.episode} 次" + (f"，本次内再次辍学 {case.relapses} 回" if case.relapses else "")},
        {"label": "负责学校", "text": case.school.name if case.school else "没有学校记录，由乡镇负责"},
        {"label": "学段年级", "text": grade_text(case)},
        {"label": "乡镇、村", "text": " ".join(node.name for node in (case.township, case.village) if node)},
        {"label": "监护人", "text": case.child.guardian_name},
        {"label": "联系电话", "text": crypto.mask_phone(case.child.phone) if case.child.phone else ""},
        {"label": "来源", "text": case.get_source_display()},
        {"label": "列为疑似的理由", "text": case.why},
        {"label": "办理期限", "text": case.due_on.isoformat() if case.due_on else ""},
        *later_facts(case),
    ]


def later_facts(case):
    """Only those that the state has brought."""
    rows = []
    if case.cause:
        left = f"，{case.left_on.isoformat()} 起未到校" if case.left_on else ""
        rows.append({"label": "辍学原因", "text": f"{case.get_cause_display()}{left}"})
    if case.removal_reason:
        until = f"有效至 {case.removal_expires_on.isoformat()}" if case.removal_expires_on else "长期有效"
        rows.append({"label": "核减原因", "text": f"{reason_label(case.removal_reason)}（{until}）"})
    if case.returned_on:
        rows.append({"label": "返校日期", "text": case.returned_on.isoformat()})
    if case.placement:
        rows.append({"label": "安置方式", "text": case.get_placement_display()})
    if case.closed_on:
        rows.append({"label": "销号", "text": f"{case.closed_on.isoformat()} {case.get_close_code_display()}"})
    return rows


def steps(case):
    """The road of the case with the day each state was last entered."""
    road = (*ROAD[: ROAD.index(case.removal_from) + 1], *REMOVAL_END) if case.removal_from else ROAD
    entered = {event.target: event.happened_on for event in case.events.all() if event.source != event.target}
    here = road.index(case.state)
    return [
        {
            "label": CaseState(state).label, "state": "past" if number < here else "now" if number == here else "",
            "note": entered[state].isoformat() if state in entered and number <= here else "",
        }
        for number, state in enumerate(road)
    ]  # fmt: skip


def acts(case, user):
    """The steps that lead on from here, those `user` may take first: label, address, the sentence why not, basis."""
    found = []
    for name in workflow.FORWARD[case.state]:
        transition = workflow.CASE.table[name]
        found.append({
            "name": name, "label": transition.label, "url": reverse("dropout:case_transition", args=[case.public_id, name]),
            "why_not": workflow.why_not(case, name, user), "basis": transition.basis,
        })  # fmt: skip
    return sorted(found, key=lambda act: act["why_not"] is not None)


def tone_of(event):
    return event.target if event.name != "drop_again" else "confirmed"


def timeline(case):
    """Events and visits in one line, newest first."""
    labels = DRAWN | {name: transition.label for name, transition in workflow.CASE.table.items()}
    rows = [
        {"what": labels[event.name], "when": event.happened_on, "by": event.by.name if event.by else "系统", "text": event.note,
         "tone": tone_of(event), "at": event.recorded_at}
        for event in case.events.select_related("by")
    ]  # fmt: skip
    rows += [
        {"what": f"第 {visit.attempt} 次走访" + ("（已更正）" if visit.corrects_id else ""), "when": visit.happened_on, "by": visit.officers,
         "text": f"{visit.met_labels} · {visit.get_mode_display()} · {visit.get_reply_display()}", "tone": "persuading",
         "at": visit.recorded_at}
        for visit in case.visits.standing()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["when"], row["at"]), reverse=True)


def visits(case):
    return [
        {"visit": visit, "evidence": list(visit.evidence.all())}
        for visit in case.visits.standing().prefetch_related("evidence__attachment")
    ]


def people(case):
    """The two lines with their people, telephones masked."""
    held = list(case.assignments.in_force())
    return [
        {
            "line": line.label,
            "people": [{"row": row, "phone": crypto.mask_phone(row.phone) if row.phone else ""} for row in held if row.line == line],
        }
        for line in Line
    ]


def attendance(case):
    """Entered days since the return, and what is wanted for closing; None before the return."""
    if case.returned_on is None:
        return None
    rows = list(workflow.attendance_since_return(case).select_related("recorded_by"))
    return {"rows": rows, "present": sum(row.present for row in rows), "wanted": workflow.days_wanted(case)}


def promise(case, on):
    """The line the officer must know first: what was promised, and how near or late it is. ("" without a promise.)"""
    last = case.visits.standing().filter(promised_on__isnull=False).first()
    if last is None or case.state not in ("suspected", "confirmed", "persuading"):
        return {"text": "", "late": False}
    days = (last.promised_on - on).days
    words = {0: "今天是承诺返校日", 1: "今天是承诺返校日的前一天"}.get(days)
    text = words or (
        f"承诺 {last.promised_on.isoformat()} 返校，还有 {days} 天"
        if days > 0
        else f"承诺 {last.promised_on.isoformat()} 返校，已过 {-days} 天"
    )
    return {"text": text, "late": days < 0}


def page(case, user):
    """The whole context of the case's page."""
    on = timezone.localdate()
    return {
        "case": case, "facts": facts(case), "steps": steps(case), "acts": acts(case, user), "events": timeline(case),
        "visits": visits(case),
        "removals": case.removals.select_related("proposed_by", "reviewed_by").prefetch_related("evidence__attachment"),
        "closings": case.closings.select_related("proposed_by", "reviewed_by", "attendance_by"), "people": people(case),
        "returns": case.returns.prefetch_related("evidence__attachment"), "attendance": attendance(case), "promise": promise(case, on),
        "overdue": case.is_overdue(on), "no_visit": workflow.why_no_visit(case, user),
        "no_attendance": workflow.why_no_attendance(case, user),
        "absences": of_child(case.child, user)[:5],
        "no_people": workflow.why_no_people(case, user), "no_proof": workflow.why_no_proof(case, user),
    }  # fmt: skip


def review(case):
    """What the second person has side by side: the proposal with its evidence, and what the system knows of the child."""
    removal, closing = workflow.pending(case.removals), workflow.pending(case.closings)
    return {
        "removal": removal, "closing": closing,
        "evidence": (removal or closing).evidence.select_related("attachment") if removal or closing else [],
        "events": timeline(case), "attendance": attendance(case), "returns": case.returns.prefetch_related("evidence__attachment"),
    }  # fmt: skip
