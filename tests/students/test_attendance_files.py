"""考勤表 from a workbook: what is wrong is said by its address, a half-day with a refused row stays "not marked", twice is once."""

import csv
import io
import json
from datetime import date
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from core import crypto
from core.workflow import Refused
from students.imports import attendance_files
from students.imports.attendance import labelled
from students.models import AttendanceFile, ClassMark, LeaveSlip
from tests import make
from tests.students.school import MONDAY, TODAY, autumn, kinds_of, pupils, seat

HEAD = ("学校", "班级", "日期", "时段", "姓名", "证件号", "考勤")


@pytest.fixture
def school(house, settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"
    autumn()
    house.pupils = pupils(house.nodes.class_, 4)
    house.clerk = house.people["school_clerk"]
    return house


def line(name="", mark="缺勤", *, on="2026-09-21", half="上午", class_name="三年级2班", school="东关小学", number=""):
    return (school, class_name, on, half, name, number, mark)


def book(*lines):
    target = io.StringIO()
    csv.writer(target).writerows([HEAD, *lines])
    return target.getvalue().encode("utf-8-sig")


def receive(school, *lines, by=None):
    return attendance_files.receive(content=book(*lines), name="考勤.csv", by=by or school.clerk, today=TODAY)[0]


def apply(school, file):
    return attendance_files.apply(file=file, by=school.clerk, today=TODAY)


def reasons(file):
    return [(row, column, reason) for _, row, column, _, reason in file.issues]


class TestTakingIn:
    def test_exceptions_and_full_classes(self, school):
        first, second = school.pupils[:2]
        file = receive(school, line(first.name), line(second.name, "病假"), line(mark="全到", half="下午"))
        assert (file.state, file.rows, file.half_days, file.held_back, file.issues) == ("staged", 3, 2, 0, [])
        assert not ClassMark.objects.exists()
        _, outcome = apply(school, file)
        assert outcome.new == 2
        assert kinds_of(school.nodes.class_) == {first.name: "absent", second.name: "leave"}
        assert ClassMark.objects.get(half="pm").present == 4
        assert LeaveSlip.objects.get().kind == "sick"
        assert set(ClassMark.objects.values_list("source", flat=True)) == {"file"}

    def test_the_whole_day_is_both_halves(self, school):
        apply(school, receive(school, line(school.pupils[0].name, half="全天")))
        assert list(ClassMark.objects.order_by("half").values_list("half", "absent")) == [("am", 1), ("pm", 1)]

    def test_the_same_file_twice_is_one(self, school):
        lines = (line(school.pupils[0].name),)
        file = receive(school, *lines)
        apply(school, file)
        assert receive(school, *lines) == file
        with pytest.raises(Refused, match="已经入库"):
            apply(school, file)
        assert AttendanceFile.objects.count() == 1

    def test_what_was_marked_before_is_corrected_with_the_file_as_reason(self, school):
        apply(school, receive(school, line(mark="全到")))
        file = receive(school, line(school.pupils[0].name))
        assert file.already == 1
        assert apply(school, file)[1].changed == 1
        assert "考勤.csv" in ClassMark.objects.get().note

    def test_a_number_tells_two_of_one_name_apart(self, school):
        number = "990101201003021117"
        twin = make.child(school.pupils[0].name, (school.nodes.class_, "attending"), number=number)
        seat(twin, school.nodes.class_)
        file = receive(school, line(twin.name, number=number))
        apply(school, file)
        assert ClassMark.objects.get().marks.get().child == twin
        assert "有 2 名" in reasons(receive(school, line(twin.name)))[0][2]


class TestRefusals:
    @pytest.mark.parametrize(
        ("wrong", "column", "sentence"),
        [
            ({"name": "无此人"}, "E 姓名", "没有“无此人”"),
            ({"name": "赵一一", "number": "990101201003019999"}, "F 证件号", "没有这个证件号"),
            ({"name": "赵一一", "mark": "不清楚"}, "G 考勤", "不认识"),
            ({"name": "赵一一", "half": "早读"}, "D 时段", "请写上午、下午或全天"),
            ({"name": "赵一一", "on": "2026-09-31"}, "C 日期", "不存在"),
            ({"name": "赵一一", "on": "2026-10-08"}, "C 日期", "还没有到"),
            ({"name": "赵一一", "on": "2026-09-26"}, "C 日期", "不是上课时间"),
            ({"name": "赵一一", "class_name": "九年级8班"}, "B 班级", "没有“九年级8班”"),
            ({"name": "赵一一", "school": "西关学校"}, "A 学校", "不是您可以登记考勤的学校"),
        ],
    )
    def test_each_by_its_address_with_the_remedy(self, school, wrong, column, sentence):
        file = receive(school, line(**wrong))
        assert [(row, where) for row, where, _ in reasons(file)] == [(2, column)]
        assert sentence in reasons(file)[0][2]

    def test_a_half_day_with_a_refused_row_is_held_back_whole(self, school):
        """Else the refused child would be taken for present."""
        file = receive(school, line(school.pupils[0].name), line("无此人"), line(school.pupils[0].name, half="下午"))
        assert (file.half_days, file.held_back) == (1, 1)
        apply(school, file)
        assert list(ClassMark.objects.values_list("half", flat=True)) == ["pm"]

    def test_full_and_missing_contradict(self, school):
        file = receive(school, line(mark="全到"), line(school.pupils[0].name))
        assert "既有“全到”又有没到" in reasons(file)[0][2]
        assert file.half_days == 0
        with pytest.raises(Refused, match="没有可以入库"):
            apply(school, file)

    def test_the_number_is_kept_masked(self, school):
        file = receive(school, line("赵一一", number="990101201003019999"))
        assert file.issues[0][3] == crypto.mask("990101201003019999")

    def test_what_is_no_such_table_is_refused_with_the_headings(self, school):
        content = "甲,乙,丙\n1,2,3\n".encode()
        file, _ = attendance_files.receive(content=content, name="别的.csv", by=school.clerk, today=TODAY)
        assert file.state == "refused"
        assert "没有找到考勤表" in file.message


@pytest.mark.parametrize(
    ("grade", "name"),
    [("", "三年级2班"), ("", "三年级二班"), ("", "三年级（2）班"), ("", "三(2)班"), ("三年级", "2班"), ("三年级", "二班"), ("三", "(2)班")],
)
def test_a_class_in_every_spelling(grade, name):
    assert labelled(grade, name) == "三年级2班"


class TestPagesAndCommand:
    def test_upload_look_take_in(self, client, school, monkeypatch):
        monkeypatch.setattr(timezone, "localdate", lambda *_: date(2026, 9, 22))
        client.force_login(school.clerk)
        upload = SimpleUploadedFile("考勤.csv", book(line(school.pupils[0].name), line("无此人", half="下午")))
        page = client.post(reverse("students:attendance_import"), {"file": upload}, follow=True).content.decode()
        assert "没有“无此人”" in page
        file = AttendanceFile.objects.get()
        answer = client.post(reverse("students:attendance_file_apply", args=[file.public_id]), follow=True).content.decode()
        assert "新登记 1 个班级半天" in answer
        assert "仍是“未登记”" in answer
        book_back = client.post(reverse("students:attendance_file_annotated", args=[file.public_id]))
        assert b"".join(book_back.streaming_content).startswith(b"PK")
        assert kinds_of(school.nodes.class_, MONDAY) == {school.pupils[0].name: "absent"}

    def test_the_command(self, school, tmp_path, monkeypatch):
        monkeypatch.setattr(timezone, "localdate", lambda *_: date(2026, 9, 22))
        path, out = tmp_path / "考勤.csv", StringIO()
        path.write_bytes(book(line(school.pupils[0].name), line("无此人", half="下午")))
        call_command("import_attendance", str(path), "--by", "school_clerk", "--apply", "--json", stdout=out)
        answer = json.loads(out.getvalue())
        assert (answer["applied"], answer["half_days"], answer["repeated"]) == (True, 1, False)
        assert answer["refused"][0] | {"reason": ""} == {"sheet": "考勤", "row": 3, "column": "E 姓名", "value": "无此人", "reason": ""}
        with pytest.raises(CommandError, match="没有账号"):
            call_command("import_attendance", str(path), "--by", "nobody")
