"""Marking by exception: who was not there, slips, corrections with their reason, nobody of another class."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, InternalError, transaction

from core.models import AuditEntry
from core.workflow import Refused
from students import attendance
from students.actions import attendance as actions
from students.actions import school_days, slips
from students.models import AttendanceMark, ClassMark, LeaveSlip
from tests import make
from tests.students.school import MONDAY, TODAY, autumn, kinds_of, pupils, seat

ABSENT, LEAVE, LATE, PRESENT = "absent", "leave", "late", "present"


@pytest.fixture
def school(house):
    autumn()
    house.pupils = pupils(house.nodes.class_, 5)
    house.teacher = house.people["class_teacher"]
    return house


def mark(school, kinds=None, on=MONDAY, half="am", by=None, **more):
    wanted = {child.pk: kind for child, kind in (kinds or {}).items()}
    return actions.mark_class(class_node=school.nodes.class_, on=on, half=half, kinds=wanted, by=by or school.teacher, today=TODAY, **more)


def slip(child, by, first=MONDAY, last=MONDAY, **facts):
    span = {"first_on": first, "first_half": "am", "last_on": last, "last_half": "pm"}
    return slips.give(child=child, kind="sick", by=by, **span, **facts)


class TestMarking:
    def test_everybody_there_is_one_row(self, school):
        assert mark(school) == actions.Outcome(1, 0, 0)
        row = ClassMark.objects.get()
        assert (row.pupils, row.present, row.absent, row.marked_by) == (5, 5, 0, school.teacher)
        assert not AttendanceMark.objects.exists()
        assert AuditEntry.objects.get(act="attendance_marked").organization_id == school.nodes.school.pk

    def test_only_who_was_not_simply_there_is_a_row(self, school):
        first, second, third = school.pupils[:3]
        slip(third, school.teacher)
        mark(school, {first: ABSENT, second: LATE, third: LEAVE})
        row = ClassMark.objects.get()
        assert (row.present, row.absent, row.on_leave, row.late) == (3, 1, 1, 1)
        assert kinds_of(school.nodes.class_) == {first.name: ABSENT, second.name: LATE, third.name: LEAVE}

    def test_the_same_again_changes_nothing(self, school):
        mark(school, {school.pupils[0]: ABSENT})
        before = AuditEntry.objects.count()
        assert mark(school, {school.pupils[0]: ABSENT}) == actions.Outcome(0, 0, 1)
        assert (AuditEntry.objects.count(), ClassMark.objects.get().version) == (before, 1)

    def test_the_audit_row_names_no_child(self, school):
        mark(school, {school.pupils[0]: ABSENT})
        assert school.pupils[0].name not in str(AuditEntry.objects.get(act="attendance_marked").detail)

    def test_a_whole_school_costs_as_many_queries_as_two_classes(self, school, django_assert_max_num_queries):
        seat(school.children.second, school.nodes.junior_class)
        nodes = [school.nodes.class_]
        rows = [{"class_node": node, "on": MONDAY, "half": half, "kinds": {}} for node in nodes for half in ("am", "pm")]
        with django_assert_max_num_queries(22):
            actions.mark(rows=rows, by=school.people["principal"], source="school", today=TODAY)
        assert ClassMark.objects.count() == 2


class TestCorrecting:
    def test_an_earlier_day_wants_a_reason_and_keeps_the_former_row(self, school):
        child = school.pupils[0]
        mark(school, {child: ABSENT})
        with pytest.raises(Refused, match="更正以前的考勤要写明原因"):
            mark(school)
        assert mark(school, note="家长来电，当天在校，漏看了") == actions.Outcome(0, 1, 0)
        row = ClassMark.objects.get()
        assert (row.absent, row.note, row.version) == (0, "家长来电，当天在校，漏看了", 2)
        assert kinds_of(school.nodes.class_) == {child.name: PRESENT}
        assert [event.kind for event in apps.get_model("students", "AttendanceMarkEvent").objects.all()] == [ABSENT]

    def test_today_s_own_slip_of_the_finger_needs_none(self, school):
        mark(school, {school.pupils[0]: ABSENT}, on=TODAY)
        assert mark(school, on=TODAY).changed == 1

    def test_a_page_drawn_before_somebody_else_marked_is_refused(self, school):
        mark(school)
        with pytest.raises(actions.MarkChanged, match="已被另一个人登记"):
            mark(school, {school.pupils[0]: ABSENT}, seen=0, by=school.people["school_clerk"])
        mark(school, {school.pupils[0]: ABSENT}, seen=1, note="补记")
        assert ClassMark.objects.get().absent == 1


class TestRefusals:
    @pytest.mark.parametrize(
        ("on", "sentence"),
        [
            (TODAY + timedelta(days=1), "还没有到"),
            (date(2026, 9, 25), "不是上课时间"),
            (date(2026, 9, 26), "不是上课时间"),
            (date(2026, 8, 20), "不是上课时间|没有学生"),
        ],
    )
    def test_only_taught_half_days_that_have_come(self, school, on, sentence):
        with pytest.raises(Refused, match=sentence):
            mark(school, on=on)
        assert not ClassMark.objects.exists()

    def test_a_half_day_that_the_school_does_not_teach(self, school):
        school_days.declare(
            node=school.nodes.school,
            days=[MONDAY],
            morning=True,
            afternoon=False,
            kind="half_day",
            reason="教研",
            by=school.people["principal"],
        )
        mark(school)
        with pytest.raises(Refused, match="不是上课时间"):
            mark(school, half="pm")

    def test_a_child_of_another_class(self, school):
        with pytest.raises(Refused, match="不在这个班"):
            mark(school, {school.children.foreign: ABSENT})

    def test_another_school_s_class(self, school):
        for who in ("foreign_class_teacher", "village_liaison", "auditor"):
            with pytest.raises(Exception, match="没有这项权限"):
                mark(school, by=school.people[who])

    def test_leave_without_a_slip_is_an_absence(self, school):
        with pytest.raises(Refused, match="登记请假要有假条"):
            mark(school, {school.pupils[0]: LEAVE})
        slip(school.pupils[0], school.teacher, last=MONDAY)
        mark(school, {school.pupils[0]: LEAVE}, half="pm")
        with pytest.raises(Refused, match="登记请假要有假条"):
            mark(school, {school.pupils[0]: LEAVE}, on=MONDAY + timedelta(days=1))


class TestSlips:
    def test_a_slip_comes_with_the_marking_and_goes_with_its_refusal(self, school):
        child = school.pupils[0]
        facts = {"child": child, "kind": "sick", "first_on": MONDAY, "first_half": "am", "last_on": MONDAY, "last_half": "pm"}
        with pytest.raises(Refused):
            mark(school, {school.children.foreign: ABSENT}, slips=[facts])
        assert not LeaveSlip.objects.exists()
        mark(school, {child: LEAVE}, slips=[facts])
        assert LeaveSlip.objects.get().words == "病假 09-21上午 至 09-21下午"

    def test_the_photo_loses_its_metadata_and_is_kept(self, school, settings, tmp_path):
        settings.FILES_ROOT = tmp_path
        paper = SimpleUploadedFile("假条.pdf", make.PAPER, content_type="application/pdf")
        assert slip(school.pupils[0], school.teacher, upload=paper).photo.media_type == "application/pdf"

    def test_withdrawing_wants_a_reason_and_happens_once(self, school):
        given = slip(school.pupils[0], school.teacher)
        with pytest.raises(Refused, match="写明原因"):
            slips.withdraw(slip=given, why=" ", by=school.teacher)
        slips.withdraw(slip=given, why="登记错了人", by=school.teacher)
        with pytest.raises(Refused, match="取消过"):
            slips.withdraw(slip=given, why="再一次", by=school.teacher)
        assert not LeaveSlip.objects.covering(MONDAY, "am").exists()

    def test_nobody_outside_keeps_slips(self, school):
        with pytest.raises(Refused, match="登记考勤"):
            slip(school.pupils[0], school.people["foreign_class_teacher"])

    def test_a_slip_that_ends_before_it_begins(self, school):
        with pytest.raises(Refused, match="早于起始"):
            slip(school.pupils[0], school.teacher, last=MONDAY - timedelta(days=1))


class TestDatabase:
    def test_one_row_a_class_and_half_day(self, school):
        mark(school)
        again = {"class_node": school.nodes.class_, "on": MONDAY, "half": "am", "pupils": 5, "source": "class", "marked_by": school.teacher}
        with pytest.raises(IntegrityError), transaction.atomic():
            ClassMark.objects.create(**again, marked_at="2026-09-21T08:00Z", changed_at="2026-09-21T08:00Z")

    def test_nothing_is_deleted(self, school):
        mark(school, {school.pupils[0]: ABSENT})
        mark(school, half="pm")
        for rows in (AttendanceMark.objects.all(), ClassMark.objects.filter(half="pm")):
            with pytest.raises(InternalError), transaction.atomic():
                rows.delete()


class TestUnmarked:
    def test_what_is_not_marked_is_asked_for_and_nothing_else(self, school):
        classes = report_classes(school)
        mark(school, on=date(2026, 9, 29))
        waiting = attendance.unmarked(classes, TODAY, until_half="am")
        assert (school.nodes.class_.pk, TODAY, "am") in waiting
        assert (school.nodes.class_.pk, TODAY, "pm") not in waiting
        days = {day for _, day, _ in waiting}
        assert date(2026, 9, 25) not in days
        assert date(2026, 9, 20) in days
        assert (school.nodes.class_.pk, date(2026, 9, 29), "am") not in waiting
        assert (school.nodes.class_.pk, date(2026, 9, 29), "pm") in waiting

    def test_a_class_without_pupils_waits_for_nothing(self, school):
        assert {pk for pk, _, _ in attendance.unmarked(report_classes(school), TODAY)} == {school.nodes.class_.pk}

    def test_outside_a_known_term_nothing_is_asked(self, school):
        from core.models import Term

        Term.objects.all().delete()
        assert attendance.unmarked(report_classes(school), TODAY) == []


def report_classes(school):
    from students.reports.attendance import classes_below

    return classes_below(school.nodes.root)
