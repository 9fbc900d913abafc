"""The report of an absence: the list with its rate, one absence, the printable form."""

from io import BytesIO
from urllib.parse import quote

from django.db.models import Count, Exists, F, OuterRef, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from core import crypto, documents
from core.roles import roles_with
from core.scope import grants_of, has_permission
from core.spreadsheets import Column, SheetOut, write_workbook
from core.templatetags.look import cn_date
from dropout.actions.absence_reports import why_not_receive
from dropout.models import Absence, AbsenceReceipt
from dropout.rules.absence_clock import half_words
from students.actions import slips
from students.attendance import alert_hours
from students.rules.school_days import ALERT_HOURS

BASIS = "学生未办理请假手续缺课 {hours} 小时的，学校应当立即书面报告学生居住地乡镇政府和教育主管部门（辍学报告制度）。"
TAKEN_BY = (("township", "乡镇签收"), ("bureau", "教育局签收"))
TONES = {"running": "amber", "reported": "red", "explained": "plain", "returned": "good"}
COLUMNS = (
    ("姓名", 12, lambda row: row.child.name),
    ("报告编号", 18, lambda row: number_of(row)),
    ("状态", 10, lambda row: row.get_state_display()),
    ("学校", 22, lambda row: row.school.name),
    ("班级", 12, lambda row: row.class_label),
    ("缺勤起", 16, lambda row: row.first_words),
    ("缺勤半天数", 10, lambda row: row.missed),
    ("满时限", 17, lambda row: clock_words(row.threshold_at)),
    ("送达", 17, lambda row: clock_words(report_of(row).delivered_at) if report_of(row) else ""),
    ("及时", 8, lambda row: on_time_words(row)),
    ("送往乡镇", 14, lambda row: report_of(row).township_name if report_of(row) else ""),
    ("乡镇签收", 20, lambda row: receipt_words(row, "township")),
    ("教育局签收", 20, lambda row: receipt_words(row, "bureau")),
    ("个案号", 16, lambda row: report_of(row).case.number if report_of(row) and report_of(row).case else ""),
)


def title(hours):
    """What the report is called: by the county's threshold, as it was when the absence began."""
    return f"义务教育学生缺勤 {hours} 小时报告"


def hours_of(absence):
    return absence.rule.get("inputs", {}).get("alert_hours", ALERT_HOURS)


def report_of(absence):
    return getattr(absence, "report", None)


def number_of(absence):
    return absence.report.number if report_of(absence) else ""


def clock_words(moment):
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


def on_time_words(absence):
    if absence.threshold_at is None:
        return ""
    report = report_of(absence)
    return "及时" if report and report.delivered_at <= absence.due_at else "未及时"


def receipt_words(absence, side):
    report = report_of(absence)
    held = next((row for row in report.receipts.all() if row.side == side), None) if report else None
    return f"{held.name} {clock_words(held.received_at)}" if held else ""


def listed(absences):
    """With all a row shows, in a fixed number of queries."""
    return absences.with_places().prefetch_related("report__receipts").order_by("-first_on", "-pk")


def rows(absences):
    return [
        {
            "absence": row, "tone": TONES[row.state], "report": report_of(row), "on_time": on_time_words(row),
            "township": receipt_words(row, "township"), "bureau": receipt_words(row, "bureau"),
            "late": row.state == "reported" and not receipt_words(row, "bureau"),
        }
        for row in absences
    ]  # fmt: skip


def timeliness(absences):
    """(on time, due) of the absences: 48h 报告及时率 (domain.md §3.13)."""
    in_time = Q(threshold_at__isnull=False, report__delivered_at__lte=F("due_at"))
    found = absences.order_by().aggregate(due=Count("pk", filter=Q(threshold_at__isnull=False)), on_time=Count("pk", filter=in_time))
    return found["on_time"], found["due"]


def waits_for(user):
    """Condition on Absence: its report waits for this person's receipt; None for who receives no reports."""
    carrying = set(roles_with("receive_absence_report"))
    held = [grant.organization for grant in grants_of(user) if grant.role in carrying]
    if not held:
        return None
    side = "bureau" if any(node.parent_id is None for node in held) else "township"
    taken = Exists(AbsenceReceipt.objects.filter(report__absence=OuterRef("pk"), side=side))
    sent = Q(report__isnull=False) if side == "bureau" else Q(report__township__path__overlap=[node.pk for node in held])
    return Q(~taken, sent)


def workbook(absences, *, unit, on, note):
    """The list as .xlsx, every column."""
    sheet = SheetOut(
        name="缺勤报告", columns=[Column(label, width) for label, width, _ in COLUMNS],
        rows=([text(row) for _, _, text in COLUMNS] for row in listed(absences)), titles=(f"缺勤 {alert_hours(on)} 小时报告台账",),
        unit_line=f"单位：{unit}　截至 {on.isoformat()}", frozen_columns=1,
    )  # fmt: skip
    target = BytesIO()
    write_workbook(target, [sheet], note=note)
    target.seek(0)
    return target


def facts(absence):
    report = report_of(absence)
    made = [
        {"label": "学校、班级", "text": f"{absence.school.name} {absence.class_label}"},
        {"label": "缺勤自", "text": half_words(absence.first)},
        {"label": "已登记缺勤", "text": f"{absence.missed} 个半天"},
        {"label": "发现时间", "text": clock_words(absence.discovered_at)},
        {"label": "满时限", "text": clock_words(absence.threshold_at) or ("还没有到" if absence.ended is None else "")},
        {"label": "应在此前报告", "text": clock_words(absence.due_at)},
        {"label": "监护人", "text": absence.child.guardian_name},
        {"label": "联系电话", "text": crypto.mask_phone(absence.child.phone) if absence.child.phone else ""},
    ]
    if absence.ended:
        made.insert(3, {"label": "截止", "text": f"{half_words(absence.ended)} {absence.get_state_display()}"})
    return made + (report_facts(report) if report else [])


def report_facts(report):
    to = f"{report.township_name} {report.village_name}（{report.get_lives_display()}）" if report.township_id else report.fallback
    case = report.case
    return [
        {"label": "报告编号", "text": report.number},
        {"label": "送往乡镇", "text": to},
        {"label": "送达时间", "text": f"{clock_words(report.delivered_at)}（{'及时' if report.is_on_time else '未及时'}）"},
        {"label": "个案", "text": case.number if case else "", "url": reverse("dropout:case_detail", args=[case.public_id]) if case else ""},
    ]


def timeline(absence):
    tones = {"reported": "red", "case_opened": "suspected", "explained": "good", "returned": "good", "missed_report": "red", "weeks": "red"}
    return [
        {
            "what": event.get_name_display(), "when": clock_words(event.happened_at), "by": event.by.name if event.by else "系统",
            "text": event.note, "tone": tones.get(event.name, "act"),
        }
        for event in absence.events.select_related("by").order_by("-id")
    ]  # fmt: skip


def page(absence, user):
    report = report_of(absence)
    return {
        "absence": absence, "folded": absence.folded.select_related("report").order_by("pk"), "report": report, "facts": facts(absence),
        "events": timeline(absence), "tone": TONES[absence.state],
        "why_not": why_not_receive(report, user) if report else "", "takes_reports": has_permission(user, "receive_absence_report"),
        "receipts": report.receipts.all() if report else [],
        "on_time": on_time_words(absence), "may_give_slip": slips.why_not(absence.child, user) is None,
    }  # fmt: skip


def paper(absence, *, stamp, whole):
    """PDF bytes of the report: the child, the times of discovery and delivery, the receipts or room to sign by hand."""
    report, child, hours = absence.report, absence.child, hours_of(absence)
    held = {row.side: row for row in report.receipts.all()}
    context = {
        "title": title(hours), "hours": hours, "unit": report.school_name, "dated": cn_date(report.delivered_at), "code": report.number,
        "printed": stamp,
        "absence": absence, "report": report, "child": child, "number": crypto.mask(child.number) if child.number else "",
        "phone": child.phone if whole else crypto.mask_phone(child.phone),
        "lives_at": lives_at(report, child.address if whole else crypto.mask_address(child.address)), "first": half_words(absence.first),
        "times": [clock_words(moment) for moment in (report.discovered_at, report.threshold_at, report.delivered_at)],
        "basis": BASIS.format(hours=hours), "seal_of": report.school_name,
        "signers": [{"duty": "报告人"}, {"duty": "校长"}, *(_signer(duty, held.get(side)) for side, duty in TAKEN_BY)],
    }  # fmt: skip
    html = render_to_string("dropout/print/absence_report.html", context)
    return documents.render_pdf(html, title=f"{title(hours)} {report.number}", stylesheets=[])


def lives_at(report, address):
    """Township, village and the address below it; an address that names them itself says them once."""
    known = " ".join(filter(None, (report.township_name, report.village_name)))
    rest = address or ""
    for name in (report.township_name, report.village_name):
        rest = rest.removeprefix(name or "").strip()
    return f"{known} {rest}".strip()


def _signer(duty, receipt):
    return {"duty": duty, "name": receipt.name, "on": receipt.received_at} if receipt else {"duty": duty}


def file_name(report):
    """The report's number, never the child's name."""
    return quote(f"缺勤报告_{report.number}.pdf")


def of_child(child, user):
    """The absences of one child as `user` may see them, for other pages."""
    return listed(Absence.objects.counted().visible_to(user, "see_cases").filter(child=child))
