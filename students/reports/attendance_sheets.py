"""The attendance of a school or a class as a workbook: filled in offline, brought back through the same preview (issue 3 §1, §5).

A sheet a class, a row a pupil and half-day, with what is marked already; above them the row of the whole class, which says 全到 where nobody
was missing. Whoever is left empty in a half-day that was filled in was there; a half-day left empty altogether stays "not marked".
"""

from collections import Counter, defaultdict

from core.crypto import Indexer
from core.spreadsheets import Column, SheetOut, write_workbook
from students.attendance import classes_of, marked
from students.imports.layouts import ROW_KEY
from students.models import AttendanceMark, LeaveSlip, SchoolDay
from students.rules.mark_keys import MOST_ROWS, SEAL, seal_of, sealed_part
from students.rules.school_days import DAY, HALF_LABELS

Kind = AttendanceMark.Kind
WHOLE_CLASS = "（全班）"
HOW = "只填“考勤”一列：全到的在“（全班）”那行选“全到”；有人没到的只填没到的人，其余的人空着就是到校。整个半天都空着的仍是“未登记”。"
OFFERED = ("全到", "缺勤", "病假", "事假", "迟到", "到校")
COLUMNS = (
    Column("学校", 24), Column("班级", 14), Column("日期", 12), Column("时段", 8), Column("姓名", 14), Column("证件号", 22), Column("已有假条", 24),
    Column("考勤", 10, choices=OFFERED), Column(ROW_KEY[0], hidden=True),
)  # fmt: skip
SLIP_WORDS = {LeaveSlip.Kind.SICK: "病假", LeaveSlip.Kind.PERSONAL: "事假"}


class Sheets:
    """What stands of the classes `nodes` (a QuerySet of class nodes) in the days first … last, half-day by half-day."""

    def __init__(self, nodes, first, last):
        self.index, self.classes, self.half_days = Indexer(SEAL), {}, defaultdict(list)
        calendars = SchoolDay.objects.calendars_of(list(nodes), first, last)
        for number in range((last - first).days + 1):
            self._add_day(nodes, first + DAY * number, calendars)
        self.marks = marked(list(self.classes), first, last)
        rows = AttendanceMark.objects.filter(class_mark__in=[mark.pk for mark in self.marks.values()])
        self.kinds = {(row.class_mark_id, row.child_id): row.kind for row in rows}
        self.slips = defaultdict(list)
        for slip in LeaveSlip.objects.touching(first, last).filter(child__in=self._children()):
            self.slips[slip.child_id].append(slip)

    def _add_day(self, nodes, on, calendars):
        for one in classes_of(nodes, on):
            for half, taught in zip(HALF_LABELS, calendars[one.node.pk].halves(on), strict=True):
                if taught:
                    self.classes[one.node.pk] = one
                    self.half_days[one.node.pk].append((on, half, one))

    def _children(self):
        return {pupil.child_id for days in self.half_days.values() for _, _, one in days for pupil in one.pupils}

    def count(self):
        return sum(len(one.pupils) + 1 for days in self.half_days.values() for _, _, one in days)

    def why_not(self):
        """The sentence why there is nothing to fetch, or too much."""
        if not self.classes:
            return "这几天没有要登记的半天：不是上课时间，或者这个单位没有在校学生。请核对日期和校历。"
        count = self.count()
        return f"这份表有 {count} 行，一次最多 {MOST_ROWS} 行。请少选几天，或按班下载。" if count > MOST_ROWS else ""

    def numbers(self):
        """Persons whose full number is in the sheets: those who share their name with another of the class."""
        return len({child.pk for days in self.half_days.values() for _, _, one in days for child in namesakes(one)})

    def write(self, target, note):
        schools = {one.node.parent_id for one in self.classes.values()}
        write_workbook(target, [self._sheet(pk, len(schools) > 1) for pk in self.classes], note=note)

    def _sheet(self, pk, several):
        one = self.classes[pk]
        title = f"{one.node.parent.name}{one.label}" if several else one.label
        rows = (row for on, half, seated in self.half_days[pk] for row in self._rows(seated, on, half))
        return SheetOut(name=title, columns=COLUMNS, rows=rows, titles=(f"考勤表 {title}", HOW), filled_in=True)

    def _rows(self, one, on, half):
        mark = self.marks.get((one.node.pk, on, half))
        place = (one.node.parent.name, one.label, on.isoformat(), HALF_LABELS[half])
        told = namesakes(one)
        yield [*place, WHOLE_CLASS, "", "", "已登记" if mark else "", self._key(one, on, half, 0, mark, "已登记" if mark else "")]
        for pupil in one.pupils:
            child, slip = pupil.child, self._slip(pupil.child_id, on, half)
            said = self._said(mark, child, slip)
            number = child.number if child in told else ""
            yield [*place, child.name, number, slip.words if slip else "", said, self._key(one, on, half, child.pk, mark, said)]

    def _slip(self, child, on, half):
        return next((slip for slip in self.slips.get(child, ()) if slip.covers(on, half)), None)

    def _said(self, mark, child, slip):
        kind = self.kinds.get((mark.pk, child.pk)) if mark else None
        if kind == Kind.LEAVE:
            return SLIP_WORDS.get(slip.kind, "请假") if slip else "请假"
        return {Kind.ABSENT: "缺勤", Kind.LATE: "迟到"}.get(kind, "")

    def _key(self, one, on, half, child, mark, said):
        part = sealed_part(one.node.pk, on, half, child, mark.version if mark else 0, said)
        return f"{part}-{seal_of(self.index, part)}"


def namesakes(one):
    """The children of a class who share their name: only these need their number to be told apart."""
    names = Counter(pupil.child.name_key for pupil in one.pupils)
    return {pupil.child for pupil in one.pupils if names[pupil.child.name_key] > 1}
