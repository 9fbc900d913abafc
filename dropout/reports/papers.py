"""Paper of a case: 劝返记录 (domain.md §3.11) and 辍学(失学)情况登记表 (domain.md §11.7)."""

from urllib.parse import quote

from django.template.loader import render_to_string

from core import crypto, documents
from dropout.codes import Line
from dropout.reports.absences import clock_words
from dropout.reports.case_page import people, timeline
from dropout.reports.cases import grade_text

RECORD = "义务教育阶段学生劝返记录"
REGISTER = "义务教育适龄儿童少年辍学（失学）情况登记表"


def persuasion_record(case, *, stamp, whole=True):
    """(title, PDF bytes): the child, the cause, the helping people, one row for each attempt, room for signatures."""
    return rendered(
        case,
        RECORD,
        "dropout/print/persuasion_record.html",
        stamp,
        whole,
        visits=attempts(case),
        measures=measures(case),
        signers=signers("家长（监护人）", "劝返人员"),
    )


def register_form(case, *, stamp, whole=True):
    """(title, PDF bytes): the whole case on paper, its three signatures at the foot."""
    more = {"events": list(reversed(timeline(case))), "signers": signers("学校（销号）", "乡镇（销号）", "教育局（销号）")}
    more["absence_reports"] = [absence_words(report) for report in case.absence_reports.order_by("id").prefetch_related("receipts")]
    return rendered(case, REGISTER, "dropout/print/register_form.html", stamp, whole, **more)


def absence_words(report):
    """When the absence was found, when it was reported, who took it (domain.md §11.7)."""
    moments = f"发现 {clock_words(report.discovered_at)}，报告 {clock_words(report.delivered_at)}（{report.number}）"
    held = {receipt.side: f"{receipt.name} {clock_words(receipt.received_at)}" for receipt in report.receipts.all()}
    township = f"乡镇：{report.township_name}，签收：{held.get('township', '　　　　')}" if report.township_id else report.fallback
    return f"{moments}；{township}；教育局签收：{held.get('bureau', '　　　　')}"


def measures(case):
    """已采取的帮扶措施: what the placements planned; room to write by hand before there is one."""
    return "；".join(record.plan for record in case.placements.order_by("id") if record.plan)


def attempts(case):
    return case.visits.standing().order_by("attempt")


def signers(*duties):
    """Lines to sign on by hand."""
    return [{"duty": duty} for duty in duties]


def contact(case, whole):
    """Telephones and the address, masked as on the page unless `whole`."""
    lines, child = people(case), case.child
    if not whole:
        return {"whole": False, "lines": lines, "phone": crypto.mask_phone(child.phone), "address": crypto.mask_address(child.address)}
    for line in lines:
        line["people"] = [person | {"phone": person["row"].phone or ""} for person in line["people"]]
    return {"whole": True, "lines": lines, "phone": child.phone, "address": child.address}


def rendered(case, title, template, stamp, whole, **more):
    context = {
        "title": title, "case": case, "child": case.child, "unit": unit_of(case), "seal_of": unit_of(case), "code": case.number,
        "printed": stamp, "grade": grade_text(case),
        "number": crypto.mask(case.child.number) if case.child.number else "", **contact(case, whole),
        "line_labels": dict(Line.choices), "placement": case.placements.first(), "returned": case.returns.first(),
        **more,
    }  # fmt: skip
    return title, documents.render_pdf(render_to_string(template, context), title=f"{title} {case.number}", stylesheets=[])


def unit_of(case):
    node = case.school or case.township
    return node.name if node else ""


def file_name(title, case):
    """For the Content-Disposition header; the case's number, never the child's name."""
    return quote(f"{title}_{case.number}.pdf")


PAPERS = {"persuasion-record": persuasion_record, "register": register_form}
