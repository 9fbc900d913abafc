"""考勤表 that goes out filled in: untouched is nothing, what was marked meanwhile is shown, who is empty in a filled half was there."""

import io
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEntry
from students.actions import slips
from students.actions.attendance import mark_class
from students.imports import attendance_files
from students.models import AttendanceFile, ClassMark, LeaveSlip
from students.reports.attendance_sheets import WHOLE_CLASS
from students.rules import mark_keys
from tests import make
from tests.students.school import MONDAY, TODAY, autumn, kinds_of, pupils, seat

TUESDAY = date(2026, 9, 22)
HALF_WORDS = {"am": "上午", "pm": "下午"}
NAME, MARK, KEY = 4, 7, 8


@pytest.fixture
def school(house, settings, tmp_path, monkeypatch):
    settings.FILES_ROOT = tmp_path / "files"
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    autumn()
    house.pupils = pupils(house.nodes.class_, 4)
    house.clerk = house.people["school_clerk"]
    return house


def fetch(client, school, *, unit=None, first=MONDAY, last=TUESDAY, by=None):
    client.force_login(by or school.clerk)
    fields = {"unit": (unit or school.nodes.school).public_id, "first": first.isoformat(), "last": last.isoformat()}
    return client.post(reverse("students:attendance_sheet_fetch"), fields)


def opened(answer):
    return openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))


def lines(book, on=MONDAY, half="am"):
    """The rows of one half-day: {name: the row's cells}."""
    rows = [row for paper in book for row in paper.iter_rows() if row[2].value == on.isoformat() and row[3].value == HALF_WORDS[half]]
    return {row[NAME].value: row for row in rows}


def fill(book, name, word, on=MONDAY, half="am"):
    lines(book, on, half)[name][MARK].value = word


def back(school, book, *, by=None):
    target = io.BytesIO()
    book.save(target)
    return attendance_files.receive(content=target.getvalue(), name="考勤表.xlsx", by=by or school.clerk, today=TODAY)[0]


def take_in(school, file):
    return attendance_files.apply(file=file, by=school.clerk, today=TODAY)


def mark(school, kinds, on=MONDAY, note=""):
    facts = {"class_node": school.nodes.class_, "on": on, "half": "am", "by": school.clerk, "today": TODAY, "note": note}
    return mark_class(kinds={child.pk: kind for child, kind in kinds.items()}, **facts)


class TestGoingOut:
    def test_each_taught_half_day_has_its_class_and_its_pupils(self, client, school):
        book = opened(fetch(client, school))
        assert [paper.title for paper in book] == ["三年级2班"]
        assert sorted(lines(book)) == sorted([WHOLE_CLASS, *[child.name for child in school.pupils]])
        assert {row[MARK].value for row in lines(book).values()} == {""} or {row[MARK].value for row in lines(book).values()} == {None}
        assert all(lines(book, on, half) for on in (MONDAY, TUESDAY) for half in HALF_WORDS)

    def test_words_are_offered_numbers_are_text_and_the_key_is_hidden(self, client, school):
        paper = opened(fetch(client, school)).active
        assert "全到,缺勤,病假,事假,迟到,到校" in paper.data_validations.dataValidation[0].formula1
        assert paper.column_dimensions["I"].hidden
        assert paper.column_dimensions["F"].number_format == "@"

    def test_only_namesakes_show_their_number_and_the_audit_counts_them(self, client, school):
        number = "990101201003021117"
        seat(make.child(school.pupils[0].name, (school.nodes.class_, "attending"), number=number), school.nodes.class_)
        book = opened(fetch(client, school, last=MONDAY))
        shown = [row[5].value for paper in book for row in paper.iter_rows(min_row=5) if row[5].value]
        assert set(shown) == {number, school.pupils[0].number} - {None, ""}
        entry = AuditEntry.objects.get(act="attendance_sheet_fetched")
        assert (entry.detail["full_numbers"], entry.detail["rows"]) == (2, 12)

    def test_what_is_marked_is_filled_in(self, client, school):
        slips.give(child=school.pupils[1], kind="sick", first_on=MONDAY, first_half="am", last_on=MONDAY, last_half="pm", by=school.clerk)
        mark(school, {school.pupils[0]: "absent", school.pupils[1]: "leave"})
        said = {name: row[MARK].value for name, row in lines(opened(fetch(client, school))).items() if row[MARK].value}
        assert said == {WHOLE_CLASS: "已登记", school.pupils[0].name: "缺勤", school.pupils[1].name: "病假"}

    @pytest.mark.parametrize(
        ("days", "sentence"),
        [
            ((date(2026, 9, 26), date(2026, 9, 27)), "没有要登记的半天"), ((TUESDAY, MONDAY), "早于"),
            ((date(2026, 9, 1), date(2026, 10, 2)), "超过 31 天"),
        ],
    )  # fmt: skip
    def test_days_that_cannot_be_fetched_are_said(self, client, school, days, sentence):
        answer = fetch(client, school, first=days[0], last=days[1])
        assert sentence in answer.content.decode()

    def test_a_class_is_offered_by_its_year(self, client, school):
        client.force_login(school.clerk)
        page = client.get(reverse("students:attendance_import")).content.decode()
        assert f"三年级2班（{school.nodes.class_.name}）" in page

    def test_a_foreign_school_is_no_choice(self, client, school):
        fetch(client, school, unit=school.nodes.other_school)
        assert not AuditEntry.objects.filter(act="attendance_sheet_fetched").exists()

    def test_a_class_teacher_fetches_and_brings_back_the_own_class(self, client, school):
        teacher = school.people["class_teacher"]
        book = opened(fetch(client, school, unit=school.nodes.class_, by=teacher))
        fill(book, school.pupils[0].name, "缺勤")
        file = back(school, book, by=teacher)
        assert (file.half_days, file.issues) == (1, [])


class TestComingBack:
    def test_untouched_is_nothing(self, client, school):
        mark(school, {school.pupils[0]: "absent"})
        file = back(school, opened(fetch(client, school)))
        assert (file.state, file.half_days, file.held_back, file.issues) == ("staged", 0, 0, [])

    def test_only_the_missing_are_written_and_full_classes_say_so(self, client, school):
        book = opened(fetch(client, school))
        fill(book, school.pupils[0].name, "缺勤")
        fill(book, WHOLE_CLASS, "全到", half="pm")
        file = back(school, book)
        assert (file.half_days, file.issues) == (2, [])
        take_in(school, file)
        assert kinds_of(school.nodes.class_) == {school.pupils[0].name: "absent"}
        assert kinds_of(school.nodes.class_, half="pm") == {}
        assert not ClassMark.objects.filter(on=TUESDAY).exists()

    def test_who_has_a_slip_is_on_leave_without_a_word(self, client, school):
        slips.give(child=school.pupils[1], kind="sick", first_on=MONDAY, first_half="am", last_on=MONDAY, last_half="pm", by=school.clerk)
        book = opened(fetch(client, school))
        fill(book, WHOLE_CLASS, "全到")
        take_in(school, back(school, book))
        assert kinds_of(school.nodes.class_) == {school.pupils[1].name: "leave"}
        assert LeaveSlip.objects.count() == 1

    def test_a_cleared_absence_is_a_correction_with_the_file_as_its_reason(self, client, school):
        mark(school, {school.pupils[0]: "absent"})
        book = opened(fetch(client, school))
        fill(book, school.pupils[0].name, None)
        _, outcome = take_in(school, back(school, book))
        assert outcome.changed == 1
        assert kinds_of(school.nodes.class_) == {school.pupils[0].name: "present"}
        assert "考勤表.xlsx" in ClassMark.objects.get().note

    def test_what_somebody_marked_meanwhile_is_shown_and_never_overwritten(self, client, school):
        book = opened(fetch(client, school))
        mark(school, {school.pupils[1]: "absent"})
        fill(book, school.pupils[0].name, "缺勤")
        file = back(school, book)
        assert (file.half_days, file.held_back) == (0, 1)
        assert f"已由{school.clerk.name}登记" in file.issues[0][4]
        assert kinds_of(school.nodes.class_) == {school.pupils[1].name: "absent"}

    def test_marked_between_preview_and_taking_in_is_held_back_too(self, client, school):
        book = opened(fetch(client, school))
        fill(book, school.pupils[0].name, "缺勤")
        fill(book, WHOLE_CLASS, "全到", on=TUESDAY)
        file = back(school, book)
        mark(school, {school.pupils[1]: "absent"})
        take_in(school, file)
        file = AttendanceFile.objects.get(pk=file.pk)
        assert (file.half_days, file.held_back) == (1, 1)
        assert kinds_of(school.nodes.class_) == {school.pupils[1].name: "absent"}

    def test_the_key_tells_namesakes_apart_and_a_copied_row_is_read_by_its_cells(self, client, school):
        twin = make.child(school.pupils[0].name, (school.nodes.class_, "attending"))
        seat(twin, school.nodes.class_)
        book = opened(fetch(client, school, last=MONDAY))
        paper = book.active
        row = next(row for row in paper.iter_rows() if row[NAME].value == twin.name and f"-{twin.pk}-" in str(row[KEY].value))
        row[MARK].value = "缺勤"
        copied = [cell.value for cell in lines(book)[school.pupils[2].name]]
        copied[2] = TUESDAY.isoformat()
        paper.append([*copied[:MARK], "缺勤", copied[KEY]])
        take_in(school, back(school, book))
        assert kinds_of(school.nodes.class_) == {twin.name: "absent"}
        assert kinds_of(school.nodes.class_, TUESDAY) == {school.pupils[2].name: "absent"}

    def test_a_forged_key_is_no_key(self, client, school):
        other = make.child(school.pupils[0].name, (school.nodes.class_, "attending"))
        seat(other, school.nodes.class_)
        book = opened(fetch(client, school, last=MONDAY))
        row = lines(book)[other.name]
        row[KEY].value, row[MARK].value = row[KEY].value[:-1] + ("0" if row[KEY].value[-1] != "0" else "1"), "缺勤"
        row[5].value = None
        assert "有 2 名" in back(school, book).issues[0][4]

    def test_the_page_says_that_nothing_changed(self, client, school):
        book = opened(fetch(client, school))
        target = io.BytesIO()
        book.save(target)
        upload = SimpleUploadedFile("考勤表.xlsx", target.getvalue())
        page = client.post(reverse("students:attendance_import"), {"file": upload}, follow=True).content.decode()
        assert "没有要入库的" in page


@pytest.mark.parametrize("text", ["", "1-20260921am-0-0-0", "1-20261321am-0-0-0-0123456789ab", "1-20260921xx-0-0-0-0123456789ab"])
def test_what_is_no_key_is_none(text):
    assert mark_keys.parse(text) is None


def test_a_key_says_what_it_was_made_of():
    part = mark_keys.sealed_part(7, MONDAY, "am", 12, 3, "缺勤")
    key = mark_keys.parse(f"{part}-0123456789ab")
    assert (key.half_day, key.child, key.version, key.said) == ((7, MONDAY, "am"), 12, 3, "缺勤")
