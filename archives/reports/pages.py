"""What the report pages show, in the shapes of templates/components."""

from django.urls import reverse

from archives.actions.correcting import why_not_correct
from archives.assembly.cases import CASE_FIGURES
from archives.assembly.checks import checked
from archives.assembly.figures import FIGURES, is_zero
from archives.forms import TextsForm, TickForm
from archives.reports.columns import Heading, reasons_in_words
from archives.reports.paper import is_draft, part_b
from archives.reports.sheets import counting_words, late_words, zero_words
from archives.workflow import ACTS, MONTHLY_REPORT
from core.scope import may
from core.templatetags.look import cn_date

TONES = {"draft": "draft", "filed": "filed", "signed": "signed", "accepted_group": "signed", "accepted": "accepted"}
WAITING_FOR = {
    "draft": "待填报人填报", "filed": "待校长签字", "signed": "待教育组接收", "accepted_group": "待教育局接收", "accepted": "已归档",
}  # fmt: skip


def waiting_words(report):
    """Who is to act now."""
    if report.state == "filed" and report.mode == "paper":
        return "待交纸质月报"
    return "待教育局接收" if report.state == "signed" and report.group_id is None else WAITING_FOR[report.state]


MONTH_COLUMNS = tuple(Heading(label) for label in ("月份", "应报日期", "状态", "报出日期"))


def months(reports, user, on):
    """The months of a school or a few, newest first, with the act that waits for this person."""
    newest = list(reports.order_by("-period", "organization__code")[:36])
    several = len({report.organization_id for report in newest}) > 1
    return [_month(report, user, on, report.organization_name if several else "") for report in newest]


def _month(report, user, on, name):
    late = report.is_overdue(on)
    url = reverse("archives:report_detail", args=[report.public_id])
    mine = any(
        sentence is None and not transition.name.startswith("return") for transition, sentence in MONTHLY_REPORT.open_to(report, user)
    )
    return {
        "tone": "late" if late else "waiting" if mine else "",
        "cells": [
            {"text": report.title, "url": url, "hint": name}, {"text": cn_date(report.due_on)},
            {"text": report.get_state_display(), "chip": TONES[report.state], "hint": waiting_words(report)},
            {"text": cn_date(report.sent_on) if report.sent_on else "—", "tone": "red" if late else ""},
        ],
    }  # fmt: skip


def figure_cell(key, value, report):
    """A figure of cases leads to its names; a figure of which there is nobody leads nowhere."""
    url = reverse("archives:report_names", args=[report.public_id, key]) if report and value and key in CASE_FIGURES else ""
    return {"text": value, "numeric": True, "url": url}


def detail_context(report, figures, user, *, form=None):
    """One report with what may be done with it now; every act that is shown closed says why."""
    open_acts = dict(_open_acts(report, user))
    shown_form = form or (TextsForm.of(report, figures) if may(user, "file_report", report.organization) and not report.is_frozen else None)
    return {
        "report": report, "figures": figures, "lead": lead(report), "steps": steps(report), "lines": figures.get("lines", []),
        "rows": figure_rows(report, figures), "checks": checked(figures), "late": late_words(figures),
        "reasons": reasons_in_words(figures.get("reasons", {})), "is_zero": is_zero(figures),
        "zero": zero_words(report) if report.zero_report else "", "texts": part_b(report), "form": shown_form, "acts": open_acts,
        "shown": TextsForm.of(report, figures)["shown"].value(), "waiting": waiting_words(report), "draft": is_draft(report),
        "events": events(report), "may_export": may(user, "export_lists", report.organization),
        "tick_form": TickForm(initial={"sha256": report.content_sha256}), "why_not_correct": why_not_correct(report, user),
        "may_join_scan": any(may(user, permission, report.organization) for permission in ("file_report", "tick_paper_report")),
    }  # fmt: skip


def _open_acts(report, user):
    """(act family, {why_not, label}) for the acts whose permission this person holds here, in the state as it is."""
    held = {transition.name: (transition, sentence) for transition, sentence in MONTHLY_REPORT.open_to(report, user)}
    for act, names in {"sign": ("sign",), **ACTS}.items():
        found = sorted((held[name] for name in names if name in held), key=lambda pair: pair[1] is not None)
        if found:
            yield act, {"label": found[0][0].label, "why_not": found[0][1], "name": found[0][0].name}


def lead(report):
    """Of when, of whom, by which rule: the line under the title."""
    where = report.group.name if report.group else "直属教育局"
    return f"{counting_words(report)} · {cn_date(report.due_on)}前报送 · {where} · {report.get_mode_display()}"


def steps(report):
    """The way of the report as a picture; on paper signing and receipt are one."""
    order = ["draft", "filed", "signed", *(["accepted_group"] if report.group_id else []), "accepted"]
    labels = {"draft": "填报", "filed": "校长签字", "signed": "教育组接收" if report.group_id else "教育局接收", "accepted_group": "教育局接收"}
    here = order.index(report.state)
    made = [("draft", report.filed_by, report.filed_on), ("filed", report.signed_by, report.signed_on)]
    made.append(
        ("signed", *((report.group_accepted_by, report.group_accepted_on) if report.group_id else (report.accepted_by, report.accepted_on)))
    )
    made.append(("accepted_group", report.accepted_by, report.accepted_on))
    notes = {state: f"{person.name if person else '纸质'} {cn_date(on)}" for state, person, on in made if on}
    return [
        {"label": labels[state], "note": notes.get(state, ""), "state": "past" if number < here else "now" if number == here else ""}
        for number, state in enumerate(order[:-1])
    ]


def figure_rows(report, figures):
    """Part A upright: a row a figure, neighbours of one group together; a column the total, before it one for each line where there are
    several.
    """
    lines = figures.get("lines", [])
    linked = report if report.pk else None
    return [
        {
            "label": figure.group + figure.label if figure.group in ("其中", "另有") else figure.full_label,
            "group": figure.group, "short": figure.label,
            "cells": [
                *(({"text": line["values"].get(figure.key)} for line in lines) if len(lines) > 1 else ()),
                figure_cell(figure.key, figures["total"].get(figure.key), linked),
            ],
        }
        for figure in FIGURES
    ]  # fmt: skip


def events(report):
    """What was done with the report, newest first, for the timeline."""
    words = {"made": "生成", "corrected": "开更正版", "scan_joined": "附扫描件"}
    rows = reversed(report.events.all())
    return [
        {
            "what": words.get(event.name) or MONTHLY_REPORT.table[event.name].label, "when": event.happened_on, "by": event.by_name,
            "text": event.reason,
            "tone": "amber" if event.name.startswith("return") else TONES[event.target],
        }
        for event in rows
    ]  # fmt: skip


def sign_context(report, form, refusal):
    return {
        "report": report, "form": form, "refusal": refusal, "lead": lead(report), "checks": checked(report.figures),
        "late": late_words(report.figures),
        "rows": figure_rows(report, report.figures), "reasons": reasons_in_words(report.figures.get("reasons", {})),
        "lines": report.figures.get("lines", []), "texts": part_b(report),
        "zero": zero_words(report) if report.zero_report else "",
    }  # fmt: skip


def conflict_context(report, newer, yours):
    """Both values of part B, for 409.html."""
    conflicts = [
        {"label": f"{sign}{title}", "theirs": newer.get(str(number), ""), "yours": yours.get(str(number), "")}
        for number, (sign, title, _) in enumerate(part_b(report), start=1)
        if newer.get(str(number), "") != yours.get(str(number), "")
    ]
    return {"conflicts": conflicts, "back_url": reverse("archives:report_detail", args=[report.public_id])}
