"""An attendance workbook (school, class, day, half, name, number, mark) as half-days of classes; nothing is guessed.

The table is one of exceptions: a class and half-day that appears in it counts as marked, who is not listed was there; a class without
anybody missing has one row 全到. A half-day with a refused row is held back whole, for its other rows would make the refused child present.

Rows of a sheet that went out filled in (reports.attendance_sheets) bring a hidden key: who they are, what they said, and in which version.
A half-day with nothing changed in them is none of the file's; one that somebody else marked meanwhile is shown, never overwritten.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from django.utils import timezone

from core import crypto
from core.models import Organization
from core.spreadsheets import column_letter, find_header, is_foot, read_date
from students.attendance import classes_of
from students.imports.layouts import ROW_KEY
from students.models import AttendanceMark, ClassMark, LeaveSlip, SchoolDay
from students.rules import mark_keys
from students.rules.class_names import class_label
from students.rules.grades import COUNTED, grade_label, parse_grade
from students.rules.identity import normalise_number
from students.rules.names import name_key
from students.rules.naming import Places
from students.rules.school_days import HALVES

ALIASES = {
    "school": ["学校", "学校名称", "校名"], "school_code": ["学校标识码", "学校代码"], "grade": ["年级"], "class": ["班级", "班", "班级名称"],
    "on": ["日期", "考勤日期", "缺勤日期"], "half": ["时段", "上下午", "半天", "上午下午"], "name": ["姓名", "学生姓名"],
    "number": ["身份证号", "身份证件号", "证件号", "证件号码", "身份证号码"], "row_key": list(ROW_KEY), "mark": ["考勤", "考勤情况", "出勤情况", "出勤", "缺勤类别", "考勤结果"],
}  # fmt: skip
Kind = AttendanceMark.Kind
MARKS = {
    "缺勤": Kind.ABSENT, "缺": Kind.ABSENT, "旷课": Kind.ABSENT, "无故缺勤": Kind.ABSENT, "迟到": Kind.LATE, "病假": LeaveSlip.Kind.SICK,
    "事假": LeaveSlip.Kind.PERSONAL, "请假": LeaveSlip.Kind.OTHER, "到": Kind.PRESENT, "到校": Kind.PRESENT, "出勤": Kind.PRESENT,
    "在校": Kind.PRESENT, "√": Kind.PRESENT, "全到": "full", "全勤": "full", "已登记": "marked",
}  # fmt: skip
OF_ALL = ("full", "marked")  # what the row of a whole class says
HALF_WORDS = {"上午": ("am",), "下午": ("pm",), "全天": HALVES, "am": ("am",), "pm": ("pm",)}
SLIPS = tuple(LeaveSlip.Kind.values)
WHOLE_CLASS = re.compile(r"(.*?年级|初[一二三四]|高[一二三]|[一二三四五六七八九])[(]?(.+?)[)]?班")
NUMBER_FIELD = "person.id_number"


class RowRefused(Exception):
    """(field, reason): what of the row cannot be used."""


@dataclass
class Reading:
    """rows: half-days for actions.attendance.mark; slips: facts for slips.give; issues: [sheet, row, column, masked value, reason]."""

    total: int = 0
    kinds: dict = field(default_factory=dict)  # (class id, day, half) -> {child id: mark word}
    full: set = field(default_factory=set)
    held: set = field(default_factory=set)
    issues: list = field(default_factory=list)
    nodes: dict = field(default_factory=dict)
    seen: dict = field(default_factory=dict)  # half-day -> (version when its sheet went out, where its first row stands)
    touched: set = field(default_factory=set)
    children: dict = field(default_factory=dict)

    def half_days(self):
        return sorted(key for key in self.kinds if key not in self.held)

    def rows(self):
        return [
            {
                "class_node": self.nodes[pk], "on": on, "half": half, "kinds": self._stored(self.kinds[pk, on, half]),
                "seen": self.seen.get((pk, on, half), (None,))[0],
            }
            for pk, on, half in self.half_days()
        ]  # fmt: skip

    def _stored(self, words):
        return {child: Kind.LEAVE if word in SLIPS else word for child, word in words.items() if word != Kind.PRESENT}

    def slips(self):
        return [
            {
                "child": self.children[child], "kind": word, "first_on": on, "first_half": half, "last_on": on, "last_half": half,
            }
            for pk, on, half in self.half_days()
            for child, word in self.kinds[pk, on, half].items() if word in SLIPS
        ]  # fmt: skip


class Reader:
    """Reads the sheets of a workbook for the classes on which `by` may mark; one answer for the page and the command."""

    def __init__(self, nodes, today):
        self.classes = nodes.filter(kind=Organization.Kind.CLASS)
        schools = Organization.objects.filter(pk__in=self.classes.values("parent"))
        self.schools = {node.code: node for node in schools}
        self.places = Places([(node.kind, node.code, node.name) for node in self.schools.values()], "")
        self.today, self.reading, self.by_day, self.calendars = today, Reading(), {}, {}
        self.index = crypto.Indexer(mark_keys.SEAL)

    def read(self, sheets):
        """The Reading of all sheets that hold such a table; None where none does."""
        found = [(sheet, header) for sheet in sheets if (header := find_header(sheet.rows, ALIASES, minimum=4)) and self._is_table(header)]
        for sheet, header in found:
            for index in range(header.body_start, len(sheet.rows)):
                self._row(sheet, header, index)
        settle(self.reading, self.by_day)
        return self.reading if found else None

    def _is_table(self, header):
        return {"on", "half", "mark", "class"} <= set(header.columns)

    def _row(self, sheet, header, index):
        row = sheet.rows[index]
        if not any(cell.strip() for cell in row) or is_foot(row) or header.repeats(row):
            return
        self.reading.total += 1
        cells = {name: str(row[column]).strip() if column < len(row) else "" for name, column in header.columns.items()}
        place = {}
        where = [sheet.name, index + 1]
        try:
            self._take(cells, place, where)
        except RowRefused as refusal:
            name, reason = refusal.args
            column = header.columns.get(name)
            stands = f"{column_letter(column)} {header.headings[column]}" if column is not None else ""
            value = crypto.mask(cells.get(name, "")) if name == "number" else cells.get(name, "")[:60]
            self.reading.issues.append([*where, stands, value, reason])
            self._hold(place)

    def _take(self, cells, place, where):
        """`place` collects what is known of the row's half-day, so that a refusal holds back as little as it may."""
        key = self._key(cells.get("row_key", ""))
        if key:
            self.reading.seen.setdefault(key.half_day, (key.version, where))
        if not cells["mark"] and cells.get("row_key") and not (key and key.child and key.said):
            return  # a row of our own sheet that was empty and stayed so
        on = self._day(cells)
        school = self._school(cells)
        one = self._class(cells, school, on)
        place |= {"class": one.node.pk, "on": on}
        halves = self._halves(cells, one, on)
        place["halves"] = halves
        key = key if key and halves == (key.half,) and (one.node.pk, on) == (key.class_node, key.on) else None
        word = MARKS.get(unicodedata.normalize("NFKC", cells["mark"] or ("到校" if key else "")))
        if word is None:
            raise RowRefused("mark", f"考勤“{cells['mark']}”不认识，请写：全到、缺勤、病假、事假、迟到、到校。")
        child = None if word in OF_ALL else self._child(cells, one, key)
        for half in halves:
            self._note((one.node.pk, on, half), one, child, word, is_new=key is None or MARKS.get(key.said) != word)

    def _key(self, text):
        """The MarkKey of a row that we wrote; None for any other text."""
        key = mark_keys.parse(text)
        if key is None:
            return None
        part = mark_keys.sealed_part(*key[:-1])
        return key if key.seal == mark_keys.seal_of(self.index, part) else None

    def _note(self, key, one, child, word, is_new):
        kinds = self.reading.kinds.setdefault(key, {})
        self.reading.nodes[one.node.pk] = one.node
        if is_new:
            self.reading.touched.add(key)
        if word == "full":
            self.reading.full.add(key)
        elif child is not None and kinds.setdefault(child.pk, word) != word:
            raise RowRefused("mark", f"{child.name}在同一个半天写了两种考勤，请只留一种。")
        elif child is not None:
            self.reading.children[child.pk] = child
        if key in self.reading.full and any(kind not in (Kind.PRESENT, Kind.LATE) for kind in kinds.values()):
            raise RowRefused("mark", "同一个班、同一个半天既有“全到”又有没到的学生，请核对。")

    def _hold(self, place):
        if "class" in place:
            halves = place.get("halves") or HALVES
            self.reading.held |= {(place["class"], place["on"], half) for half in halves}

    def _day(self, cells):
        found = read_date(cells["on"])
        if found.date is None:
            raise RowRefused("on", found.sentence)
        if found.date > self.today:
            raise RowRefused("on", f"{found.date} 还没有到，不能登记考勤。")
        return found.date

    def _school(self, cells):
        code, name = cells.get("school_code", ""), cells.get("school", "")
        if not (code or name) and len(self.schools) == 1:
            return next(iter(self.schools.values()))
        found = self.schools.get(self.places.school(code, name))
        if found is None:
            raise RowRefused("school", f"“{name or code}”不是您可以登记考勤的学校，请核对校名。" if name or code else "没有写学校。")
        return found

    def _class(self, cells, school, on):
        if on not in self.by_day:
            self.by_day[on] = {(one.node.parent_id, one.label): one for one in classes_of(self.classes, on)}
        one = self.by_day[on].get((school.pk, labelled(cells.get("grade", ""), cells["class"])))
        if one is None:
            raise RowRefused("class", f"{school.name} {on} 没有“{cells.get('grade', '')}{cells['class']}”，请写成 三年级2班 这样。")
        return one

    def _halves(self, cells, one, on):
        wanted = HALF_WORDS.get(unicodedata.normalize("NFKC", cells["half"]).lower())
        if wanted is None:
            raise RowRefused("half", f"时段“{cells['half']}”不认识，请写上午、下午或全天。")
        if on not in self.calendars:
            self.calendars[on] = SchoolDay.objects.calendars_of(list(self.classes), on, on)
        taught = tuple(half for half in wanted if self.calendars[on][one.node.pk].is_school_half_day(on, half))
        if not taught:
            raise RowRefused("on", f"{on} {cells['half']}不是上课时间；要补课的请先在“校历”中登记。")
        return taught

    def _child(self, cells, one, sheet_key=None):
        """The pupil by the sheet's key or by number, else by a name that only one of the class has; number and name have to agree."""
        pupils, key = [pupil.child for pupil in one.pupils], name_key(cells.get("name", ""))
        if sheet_key and (own := next((child for child in pupils if child.pk == sheet_key.child and child.name_key == key), None)):
            return own
        if cells.get("number"):
            number = normalise_number(cells["number"])
            index = crypto.blind_index(number.text, NUMBER_FIELD) if number.usable else None
            found = [child for child in pupils if index and child.number_index and bytes(child.number_index) == index]
            if not found:
                raise RowRefused("number", f"{one.label}没有这个证件号的学生，请核对。")
            if key and found[0].name_key != key:
                raise RowRefused("name", f"证件号是{found[0].name}的，姓名写的是“{cells['name']}”，请核对。")
            return found[0]
        found = [child for child in pupils if key and child.name_key == key]
        if len(found) != 1:
            what = f"有 {len(found)} 名“{cells['name']}”，请加写证件号" if found else f"没有“{cells.get('name', '')}”，请核对姓名"
            raise RowRefused("name", f"{one.label}{what}。")
        return found[0]


def settle(reading, by_day):
    """What comes back unchanged is nothing; what somebody else marked meanwhile is shown and held back; whoever has a slip is on leave."""
    for key in (reading.seen.keys() & reading.kinds.keys()) - reading.touched:
        del reading.kinds[key]
    days = {on for _, on, _ in reading.kinds}
    marks = ClassMark.objects.filter(class_node__in=reading.nodes, on__in=days).select_related("marked_by")
    standing = {(mark.class_node_id, mark.on, mark.half): mark for mark in marks}
    for key in sorted(reading.seen.keys() & reading.kinds.keys()):
        (version, where), mark = reading.seen[key], standing.get(key)
        if version != (mark.version if mark else 0):
            reading.issues.append([*where, "", "", stale_words(mark)])
            reading.held.add(key)
    excuse(reading, {(one.node.pk, on): one for on, classes in by_day.items() for one in classes.values()})


def stale_words(mark):
    at = timezone.localtime(mark.changed_at)
    return f"这个半天在下载之后已由{mark.marked_by.name}登记（{at:%m-%d %H:%M}），没有覆盖；请重新下载这一天的表，对照后再填。"


def excuse(reading, classes):
    days = [on for _, on, _ in reading.half_days()]
    slips = LeaveSlip.objects.touching(min(days), max(days)) if days else LeaveSlip.objects.none()
    given = {}
    for slip in slips.filter(child__in={pupil.child_id for one in classes.values() for pupil in one.pupils}):
        given.setdefault(slip.child_id, []).append(slip)
    for pk, on, half in reading.half_days():
        for pupil in classes[pk, on].pupils:
            if any(slip.covers(on, half) for slip in given.get(pupil.child_id, ())):
                reading.kinds[pk, on, half].setdefault(pupil.child_id, Kind.LEAVE)


def labelled(grade, name):
    """三年级2班 of 三年级 and 二班, 三年级(2)班, 三(2)班; the text itself where it is no such label."""
    text = unicodedata.normalize("NFKC", re.sub(r"\s", "", f"{grade}{name}"))
    parts = WHOLE_CLASS.fullmatch(text)
    word = grade or (parts[1] if parts else text)
    read, _ = parse_grade(f"{word}年级" if word in COUNTED else word)
    if read is None:
        return text
    return f"{grade_label(read)}{class_label(name, read)}"
