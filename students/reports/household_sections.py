"""What else a household's file tells of its children, section by section, the same on the page, on paper and in the workbook.

An app above adds its own sections by `told_by`; nothing here names it.
"""

from dataclasses import dataclass, field

from django.urls import reverse

from students.models import KINDS, RollChange, SpecialGroup, Standing
from students.reports.portrait import group_details
from students.rules import codes
from students.rules.standings import full_label

KIND_LABELS = dict(KINDS)
TELLERS = []  # (children, user, on) -> [Section] of apps above


@dataclass(frozen=True)
class Section:
    """Lines of several children. columns: [(label, width)]; rows: [[text]]; links: the address behind each row's second cell, or ""."""

    title: str
    columns: tuple
    empty: str
    rows: list = field(default_factory=list)
    links: list = field(default_factory=list)

    def add(self, *cells, link=""):
        self.rows.append([str(cell) if cell else "—" for cell in cells])
        self.links.append(link)

    @property
    def lines(self):
        return [
            {"name": cells[0], "what": cells[1], "rest": cells[2:], "link": link} for cells, link in zip(self.rows, self.links, strict=True)
        ]


def told_by(teller):
    """An app above tells what it knows of a household's children; from its AppConfig.ready."""
    TELLERS.append(teller)


def sections(children, user, on):
    """All sections for `children`, those whom `user` may see."""
    found = [_standings(children), _changes(children, user), _groups(children, on)]
    return found + [section for teller in TELLERS for section in teller(children, user, on)]


def span(since, until):
    return f"{since.isoformat()} 起" + (f"，至 {until.isoformat()}" if until else "")


def _standings(children):
    section = Section("去向登记", (("姓名", 12), ("去向", 18), ("去处", 20), ("起止", 24), ("来源", 18)), "没有登记过名单以外的去向。")
    for row in Standing.objects.filter(child__in=children).select_related("child", "by").order_by("child_id", "-since", "-pk"):
        source = " ".join(part for part in (row.get_source_display(), row.document) if part)
        section.add(row.child.name, full_label(row.code, row.reason), row.place, span(row.since, row.until), source)
    return section


def _changes(children, user):
    section = Section("学籍异动", (("姓名", 12), ("异动", 20), ("状态", 12), ("从、到", 28), ("生效", 24)), "没有学籍异动。")
    rows = RollChange.objects.visible_to(user, "see_children").filter(child__in=children).with_places()
    for row in rows.order_by("child_id", "-effective_on", "-pk"):
        way = " → ".join(
            part for part in (row.school.name if row.school else row.place, row.target_school.name if row.target_school else "") if part
        )
        until = f"，至 {row.ends_on}" if row.ends_on else ""
        link = reverse("students:roll_change_detail", args=[row.public_id])
        section.add(
            row.child.name, f"{row.get_kind_display()} {row.number}", row.get_state_display(), way, f"{row.effective_on}{until}", link=link
        )
    return section


def _groups(children, on):
    section = Section("享受政策的身份", (("姓名", 12), ("身份", 20), ("户编号", 16), ("起止", 24), ("名单", 24)), "各部门名单里都没有。")
    rows = SpecialGroup.objects.filter(child__in=children).select_related("child", "row__snapshot").order_by("child_id", "code", "-since")
    counts = set(SpecialGroup.objects.in_force(on).filter(child__in=children).values_list("pk", flat=True))
    for row in rows:
        label = codes.GROUPS[row.code].label if row.code in codes.GROUPS else row.label
        words = " ".join(part for part in (label, group_details(row.details), "" if row.pk in counts else "（现不享受）") if part)
        source = f"{KIND_LABELS.get(row.row.kind, row.row.kind)} {row.row.snapshot.as_of}" if row.row else ""
        section.add(row.child.name, words, row.household_number, span(row.since, row.until), source)
    return section
