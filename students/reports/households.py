"""What a household's page, its sheet of paper and its workbook show."""

from django.db.models import Count
from django.template.loader import render_to_string

from core import crypto, documents
from core.spreadsheets import Column, SheetOut, write_workbook
from students.models import Child, Registration
from students.reports import children as report
from students.reports import household_sections, statuses
from students.rules.codes import RELATION_LABELS
from students.statuses import Ask


def with_children(households, on):
    """The households of one page, each with the number of children registered there on the day `on`."""
    shown = list(households)
    registered = Registration.objects.in_force(on).filter(counts=True, household__in=shown).values_list("household")
    counted = dict(registered.annotate(children=Count("child", distinct=True)))
    for household in shown:
        household.children_now = counted.get(household.pk, 0)
    return shown


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
    entries = list(
        Registration.objects.filter(household=household, child__merged_into=None)
        .select_related("child").order_by("-since", "pk")
    )  # fmt: skip
    visible = Child.objects.visible_to(user, "see_children").filter(pk__in={entry.child_id for entry in entries})
    children = {child.pk: child for child in report.with_present_facts(visible, on)}
    told = {row["child"].pk: row for row in statuses.told(list(children.values()), Ask(on=on))}
    seen = [entry for entry in entries if entry.child_id in children]
    lines = [line(entry, children[entry.child_id], on) | {"status": told.get(entry.child_id)} for entry in seen]
    lines = sorted(lines, key=lambda row: (not row["present"], str(row["child"].birth_on)))
    foreign = {entry.child_id: entry for entry in entries if entry.child_id not in children}
    return lines + [foreign_line(entry, on) for entry in foreign.values()]


def sections(members, user, on):
    """What else is known of those of `members` whom `user` may see (students.reports.household_sections)."""
    return household_sections.sections([member["child"] for member in members if member["child"]], user, on)


def foreign_line(entry, on):
    """A child of the household who is outside the reader's scope: that there is one, and no more than the first character of the name."""
    name = entry.child.name
    return {
        "child": None, "masked": name[:1] + "*" * (len(name) - 1), "present": _present(entry, on), "since": entry.since,
        "until": entry.until, "relation": "", "state": "", "groups": "", "grade": "", "school": "不在您的管理范围内", "status": None,
    }  # fmt: skip


def _present(entry, on):
    return entry.counts and entry.since <= on and (entry.until is None or entry.until > on)


def line(entry, child, on):
    present_now = _present(entry, on)
    return {
        "child": child, "present": present_now, "relation": RELATION_LABELS.get(entry.relation, entry.relation),
        "state": entry.state or "正常",
        "since": entry.since, "until": entry.until, "groups": report.groups_of(child), "grade": report.grade_of(child),
        "school": report.school_text(report.place_of_learning(child)) or "不在校、无学籍",
    }  # fmt: skip


TITLE = "一户一档"
NO_STATUS = "不在适龄范围"
COLUMNS = (("姓名", 12), ("与户主关系", 10), ("出生日期", 12), ("去向", 16), ("户籍状态", 10), ("登记", 22), ("就读学校", 24), ("年级", 10), ("特殊群体", 20))


def cells(member):
    """The columns of a member, the same on paper and in the workbook."""
    child, status = member["child"], member["status"]
    until = f" 至 {member['until']}" if member["until"] else ""
    return [
        child.name if child else member["masked"], member["relation"] or "—", str(child.birth_on or "—") if child else "—",
        status["status"] if status else NO_STATUS if child else "—", (member["state"] or "—") if member["present"] else "已不在册",
        f"{member['since']} 起{until}",
        member["school"], member["grade"] or "—", member["groups"] or "—",
    ]  # fmt: skip


def paper(household, members, contacts, sections, *, stamp, on):
    """PDF bytes of the household's sheet."""
    context = {
        "title": TITLE, "household": household, "facts": facts(household), "columns": [label for label, _ in COLUMNS],
        "rows": [cells(member) for member in members], "contacts": contacts, "sections": sections, "dated": f"截至 {on.isoformat()}",
        "printed": stamp,
        "unit": household.village.name, "paper": "landscape", "seal_of": household.village.name,
    }  # fmt: skip
    html = render_to_string("students/print/household.html", context)
    return documents.render_pdf(html, title=f"{TITLE} {household.number}", stylesheets=[])


def workbook(target, household, members, sections, *, note, on):
    unit_line = f"户号 {household.number}　{household.village.name}　截至 {on.isoformat()}"
    sheet = SheetOut(
        TITLE, [Column(label, width) for label, width in COLUMNS], [cells(member) for member in members],
        titles=(f"{household.head_name}户 {TITLE}",), unit_line=unit_line,
    )  # fmt: skip
    further = [
        SheetOut(row.title, [Column(*column) for column in row.columns], row.rows, titles=(f"{household.head_name}户 {row.title}",),
                 unit_line=unit_line, foot=() if row.rows else (row.empty,))
        for row in sections
    ]  # fmt: skip
    write_workbook(target, [sheet, *further], note=note)
