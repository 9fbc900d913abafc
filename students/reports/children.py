"""The list of children: its columns, used alike by the page and by the workbook."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from django.db.models import F, OuterRef, Subquery

from core import crypto
from core.spreadsheets import Column, SheetOut, write_workbook
from students.actions import units
from students.models import Child, Enrolment
from students.reports.by_place import FIELDS, ByPlace
from students.reports.present import with_present_facts
from students.rules import codes, grades

CHUNK = 500


@dataclass(frozen=True)
class ListColumn:
    """`text(child, shown)` gives the cell; `shown` says whether numbers are printed in full. `sort` is a field, empty where none sorts."""

    key: str
    label: str
    text: Callable
    sort: str = ""
    width: float = 12
    usual: bool = True
    wraps: bool = False


def grade_text(stage, grade):
    """八年级 from the stored stage and year within it; "" where the list told none."""
    if not stage or grade is None:
        return ""
    return grades.grade_label(grades.Grade(stage, grade)) if 1 <= grade <= grades.MOST_YEARS[stage] else str(grade)


def number_text(child, shown):
    if not child.number:
        return "无"
    return child.number if shown else crypto.mask(child.number)


def of_kind(child, kind):
    """The enrolment of a kind that counts; the accepted one before a second claim."""
    held = [fact for fact in child.present_enrolments if fact.kind == kind and fact.counts]
    return min(held, key=lambda fact: (not fact.accepted, -fact.pk), default=None)


def place_of_learning(child):
    """Where the child sits, else where it is on the roll."""
    return of_kind(child, Enrolment.Kind.ATTENDING) or of_kind(child, Enrolment.Kind.ROLL)


def school_text(fact):
    return fact.school.name if fact else ""


def roll_of(child):
    """Where the child is on the roll, in one word where that is the school it sits in."""
    roll, place = of_kind(child, Enrolment.Kind.ROLL), of_kind(child, Enrolment.Kind.ATTENDING)
    if roll is None:
        return "无学籍"
    return "本校" if place and place.school.pk == roll.school.pk else roll.school.name


def grade_of(child):
    fact = place_of_learning(child)
    return grade_text(fact.stage, fact.grade) if fact else ""


def class_of(child):
    fact = place_of_learning(child)
    return fact.class_name if fact else ""


def village_of(child):
    held = [entry for entry in child.present_registrations if entry.counts]
    return held[0].household.village.name if held else ""


def township_of(child):
    held = [entry for entry in child.present_registrations if entry.counts]
    parent = held[0].household.village.parent if held else None
    return parent.name if parent else ""


def groups_of(child):
    return "、".join(
        sorted({codes.GROUPS[group.code].label if group.code in codes.GROUPS else group.label for group in child.present_groups})
    )


CHILD_COLUMNS = (
    ListColumn("name", "姓名", lambda child, shown: child.name, sort="pinyin", width=12),
    ListColumn("sex", "性别", lambda child, shown: child.get_sex_display() if child.sex else "", width=6),
    ListColumn("birth", "出生日期", lambda child, shown: child.birth_on.isoformat() if child.birth_on else "", sort="birth_on", width=12),
    ListColumn("number", "证件号", number_text, width=21),
    ListColumn("school", "就读学校", lambda child, shown: school_text(place_of_learning(child)), sort="school_name", width=26, wraps=True),
    ListColumn("grade", "年级", lambda child, shown: grade_of(child), sort="grade_number", width=10),
    ListColumn("class", "班级", lambda child, shown: class_of(child), width=8),
    ListColumn("roll", "学籍", lambda child, shown: roll_of(child), width=16, wraps=True),
    ListColumn("attending", "在校", lambda child, shown: "在校" if of_kind(child, Enrolment.Kind.ATTENDING) else "不在校", width=8),
    ListColumn("township", "户籍乡镇", lambda child, shown: township_of(child), width=14),
    ListColumn("village", "户籍村", lambda child, shown: village_of(child), width=14),
    ListColumn("groups", "特殊群体", lambda child, shown: groups_of(child), width=24, wraps=True),
    ListColumn("ethnic", "民族", lambda child, shown: codes.ETHNIC_GROUPS.get(child.ethnic, ""), width=8, usual=False),
    ListColumn("number_state", "证件号状态", lambda child, shown: child.get_number_state_display(), width=12, usual=False),
)
COLUMN = {column.key: column for column in CHILD_COLUMNS}
USUAL = [column.key for column in CHILD_COLUMNS if column.usual]


def chosen_columns(keys):
    """The columns that `keys` names, in the list's own order; the usual ones where it names none."""
    wanted = set(keys) & set(COLUMN) or set(USUAL)
    return [column for column in CHILD_COLUMNS if column.key in wanted or column.key == "name"]


def as_of(children, on):
    """The children (a list, with their present facts), whose schools, villages and townships bear the names of the day."""
    schools = [fact.school for child in children for fact in child.present_enrolments]
    villages = [entry.household.village for child in children for entry in child.present_registrations]
    units.call_as_on([*schools, *villages, *(village.parent for village in villages if village.parent)], on)
    return children


def order_of(sort):
    """(field, backwards) of a column's key, a leading minus turns it round; unknown keys mean the name."""
    key = sort.removeprefix("-")
    return COLUMN[key].sort if key in COLUMN and COLUMN[key].sort else "pinyin", sort.startswith("-")


def in_pages(children, sort, on):
    """What `ordered` gives, to be taken in slices."""
    field, backwards = order_of(sort)
    return ByPlace(children.order_by(), field, backwards, on) if field in FIELDS else ordered(children, sort, on)


def ordered(children, sort, on):
    """`children` in the order of a column's key (`order_of`)."""
    field, backwards = order_of(sort)
    if field in FIELDS:
        facts = Enrolment.objects.in_force(on).counted().filter(child=OuterRef("pk")).order_by("kind", "-accepted", "-pk")
        source = "school__code" if field == "school_name" else "grade"
        children = children.annotate(**{field: Subquery(facts.values(source)[:1])})
    first = F(field).desc(nulls_last=True) if backwards else F(field).asc(nulls_last=True)
    return children.order_by(first, "pk")


def cells_of(child, columns, shown=False):
    return [column.text(child, shown) or "—" for column in columns]


def drawn_cells(child, columns, shown=False):
    """The cells of a page's row after the name, with whether each may wrap."""
    return [{"text": text, "wraps": column.wraps} for column, text in zip(columns[1:], cells_of(child, columns[1:], shown), strict=True)]


def write_children(target, *, children, columns, on, shown, note, titles=("学生台账",)):
    """The list as a workbook, row by row; the numbers stay masked unless `shown`."""
    rows = (cells_of(child, columns, shown) for chunk in in_chunks(children) for child in with_present_facts(chunk, on))
    head = [Column(column.label, column.width) for column in columns]
    sheet = SheetOut("学生台账", head, rows, titles=titles, unit_line=f"截至 {on.isoformat()}", frozen_columns=1)
    write_workbook(target, [sheet], note=note)


def in_chunks(children):
    found = children.iterator(chunk_size=CHUNK)
    while chunk := list(islice(found, CHUNK)):
        yield chunk


def children_of(user, permission):
    """Every list begins here: the children within a person's scope."""
    return Child.objects.visible_to(user, permission)
