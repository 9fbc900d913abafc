"""考勤 on its pages: one tap for a full class, the few who are missing, the whole school on one page, slips and their pictures."""

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEntry
from students import worklist
from students.actions import slips
from students.actions.attendance import mark_class
from students.models import ClassMark, LeaveSlip
from tests import make
from tests.students.school import MONDAY, autumn, kinds_of, pupils, seat


@pytest.fixture
def school(house, monkeypatch):
    autumn()
    house.pupils = pupils(house.nodes.class_, 4)
    monkeypatch.setattr(timezone, "localdate", lambda *_: date(2026, 9, 22))
    return house


@pytest.fixture
def teacher(client, school):
    client.force_login(school.people["class_teacher"])
    return client


@pytest.fixture
def clerk(client, school):
    client.force_login(school.people["school_clerk"])
    return client


def class_page(school, on=MONDAY, half="am"):
    return reverse("students:class_mark", args=[school.nodes.class_.public_id, on.isoformat(), half])


def school_page(school, on=MONDAY, half="am"):
    return reverse("students:school_mark", args=[school.nodes.school.public_id, on.isoformat(), half])


def field(child, name):
    return f"p{child.public_id.hex}-{name}"


def entered(school, seen=0, **kinds):
    """The form as sent: everybody there but `kinds` {number of the pupil as p0, p1 …: kind}."""
    marks = {field(child, "mark"): "present" for child in school.pupils} | {"seen": str(seen)}
    return marks | {field(school.pupils[int(key[1:])], "mark"): kind for key, kind in kinds.items()}


class TestOneClass:
    def test_all_there_is_one_tap(self, teacher, school):
        answer = teacher.post(class_page(school), {"all": "1", "seen": "0"}, follow=True)
        assert "应到 4 人，全到" in answer.content.decode()
        assert ClassMark.objects.get().present == 4

    def test_the_missing_ones(self, teacher, school):
        answer = teacher.post(class_page(school), entered(school, p1="absent", p2="late"), follow=True)
        assert "缺勤 1 人" in answer.content.decode()
        assert "满 48 小时自动报告" in answer.content.decode()
        assert kinds_of(school.nodes.class_) == {school.pupils[1].name: "absent", school.pupils[2].name: "late"}

    def test_leave_brings_its_slip(self, teacher, school):
        child = school.pupils[0]
        slip = {field(child, "slip_kind"): "sick", field(child, "until"): "2026-09-23", field(child, "until_half"): "am"}
        teacher.post(class_page(school), entered(school, p0="leave") | slip)
        given = LeaveSlip.objects.get()
        assert (given.child, given.words) == (child, "病假 09-21上午 至 09-23上午")
        page = teacher.get(class_page(school, half="pm")).content.decode()
        assert "除请假 1 人外，全到" in page
        teacher.post(class_page(school, half="pm"), {"all": "1", "seen": "0"})
        assert kinds_of(school.nodes.class_, half="pm") == {child.name: "leave"}

    def test_leave_without_its_kind_is_asked_for(self, teacher, school):
        page = teacher.post(class_page(school), entered(school, p0="leave")).content.decode()
        assert "请选病假或事假" in page
        assert "没有保存，还有 1 人要改" in page, "the mistake may stand below the fold of a class of 45"
        assert f'<a href="#p{school.pupils[0].public_id.hex}">' in page
        assert not ClassMark.objects.exists()

    def test_two_people_one_half_day(self, teacher, school):
        teacher.post(class_page(school), {"all": "1", "seen": "0"})
        page = teacher.post(class_page(school), entered(school, p0="absent")).content.decode()
        assert "已被另一个人登记" in page
        assert ClassMark.objects.get().absent == 0

    def test_the_page_of_the_second_one_shows_what_the_first_one_marked(self, teacher, school):
        """Else the second save, now of the newest version, would take the first one's marks back."""
        first, second = school.pupils[:2]
        teacher.post(class_page(school), entered(school, p0="late"))
        page = teacher.post(class_page(school), entered(school, p1="absent")).content.decode()
        assert f"您这次标的是：{second.name}（缺勤），其余到" in page
        assert re.search(rf'name="{field(first, "mark")}" value="late"[^>]*checked', page)
        assert not re.search(rf'name="{field(second, "mark")}" value="absent"[^>]*checked', page)
        assert kinds_of(school.nodes.class_) == {first.name: "late"}

    def test_enter_never_means_that_all_are_there(self, teacher, school):
        """A browser's Enter presses the first button of the form."""
        page = teacher.get(class_page(school)).content.decode()
        buttons = re.findall(r"<button[^>]*>", page[page.index("data-draft") :])
        assert 'name="all"' not in buttons[0]
        assert 'type="submit"' in buttons[0]
        assert any('name="all"' in button for button in buttons)

    def test_a_correction_of_yesterday_says_why(self, teacher, school):
        teacher.post(class_page(school), {"all": "1", "seen": "0"})
        assert "要写明原因" in teacher.post(class_page(school), entered(school, seen=1, p0="absent")).content.decode()
        teacher.post(class_page(school), entered(school, seen=1, p0="absent") | {"note": "昨天漏看了"})
        assert ClassMark.objects.get().note == "昨天漏看了"

    def test_a_day_without_school_says_so(self, teacher, school):
        assert "这个半天不上课" in teacher.get(class_page(school, on=date(2026, 9, 19))).content.decode()

    @pytest.mark.parametrize("address", ["2026-09-31/am", "heute/am", "2026-09-21/night"])
    def test_what_is_no_half_day_is_not_there(self, teacher, school, address):
        assert teacher.get(f"/attendance/classes/{school.nodes.class_.public_id}/{address}/").status_code == 404

    def test_the_page_asks_no_query_a_pupil(self, teacher, school, django_assert_max_num_queries):
        pupils(school.nodes.class_, 20)
        with django_assert_max_num_queries(22):
            teacher.get(class_page(school))


class TestOverview:
    def test_the_teacher_sees_the_own_class(self, teacher, school):
        page = teacher.get(reverse("students:attendance_day")).content.decode()
        assert page.count("未登记") >= 2
        assert class_page(school, on=date(2026, 9, 22)) in page
        assert "三年级2班" in page

    def test_the_bureau_sees_schools_and_opens_names(self, client, school):
        client.force_login(school.people["dropout_officer"])
        page = client.get(f"{reverse('students:attendance_day')}?on=2026-09-21").content.decode()
        assert "东关小学" in page
        assert "未登记 1 班" in page
        inner = client.get(f"{reverse('students:attendance_school', args=[school.nodes.school.public_id])}?on=2026-09-21").content.decode()
        assert "未登记" in inner
        assert class_page(school) not in inner  # may not mark

    def test_who_was_missing_lately(self, teacher, school):
        teacher.post(class_page(school), entered(school, p3="absent"))
        page = teacher.get(f"{reverse('students:attendance_class', args=[school.nodes.class_.public_id])}?on=2026-09-21").content.decode()
        assert school.pupils[3].name in page
        assert school.pupils[2].name not in page


class TestWholeSchool:
    def line(self, school, **values):
        return {f"c{school.nodes.class_.public_id.hex}-{name}": value for name, value in values.items()}

    def test_names_of_a_line(self, clerk, school):
        first, second, third = (child.name for child in school.pupils[:3])
        clerk.post(school_page(school), self.line(school, absent=f"{first}、 {second}", sick=third))
        assert kinds_of(school.nodes.class_) == {first: "absent", second: "absent", third: "leave"}
        assert LeaveSlip.objects.get().kind == "sick"
        assert ClassMark.objects.get().source == "school"

    def test_what_is_entered_for_a_class_that_somebody_marked_meanwhile_is_said(self, clerk, school):
        prefix = f"c{school.nodes.class_.public_id.hex}"
        other = make.node("class", "2023级1班", school.nodes.school, "S01-pri2023-1班")
        seat(make.child("白一", (other, "attending")), other, grade=4, class_name="1班")
        mark_class(class_node=school.nodes.class_, on=MONDAY, half="am", kinds={}, by=school.people["class_teacher"], today=MONDAY)
        sent = {f"{prefix}-absent": school.pupils[0].name, f"c{other.public_id.hex}-full": "on"}
        page = clerk.post(school_page(school), sent, follow=True).content.decode()
        assert "三年级2班在您打开页面之后已由别人登记" in page
        assert kinds_of(school.nodes.class_) == {}

    def test_one_class_is_written_and_the_others_are_all_there(self, clerk, school):
        other = make.node("class", "2023级1班", school.nodes.school, "S01-pri2023-1班")
        seat(make.child("白一", (other, "attending")), other, grade=4, class_name="1班")
        sent = {f"c{school.nodes.class_.public_id.hex}-absent": school.pupils[0].name, "rest": "1"}
        page = clerk.post(school_page(school), sent, follow=True).content.decode()
        assert "登记了 2 个班。" in page
        assert kinds_of(school.nodes.class_) == {school.pupils[0].name: "absent"}
        assert kinds_of(other) == {}

    def test_a_full_class_with_a_slip_keeps_the_leave(self, clerk, school):
        span = {"first_on": MONDAY, "first_half": "am", "last_on": MONDAY, "last_half": "pm"}
        slips.give(child=school.pupils[0], kind="sick", by=school.people["school_clerk"], **span)
        clerk.post(school_page(school), self.line(school, full="on"))
        assert kinds_of(school.nodes.class_) == {school.pupils[0].name: "leave"}

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"absent": "无此人"}, "没有“无此人”"),
            ({"full": "on", "late": "赵一一"}, "又写了名字"),
            ({"absent": "赵一一", "sick": "赵一一"}, "写了两次"),
            ({}, "一个班也没有填"),
        ],
    )
    def test_nothing_is_guessed(self, clerk, school, values, sentence):
        assert sentence in clerk.post(school_page(school), self.line(school, **values)).content.decode()
        assert not ClassMark.objects.exists()

    def test_two_of_one_name_are_not_told_apart_here(self, clerk, school):
        from tests.students.school import seat

        seat(make.child("赵一一", (school.nodes.class_, "attending")), school.nodes.class_)
        assert "有 2 名“赵一一”" in clerk.post(school_page(school), self.line(school, absent="赵一一")).content.decode()

    def test_a_marked_class_leads_to_its_page(self, clerk, school):
        clerk.post(school_page(school), self.line(school, full="on"))
        assert class_page(school) in clerk.get(school_page(school)).content.decode()


class TestSlipPage:
    def test_a_slip_that_comes_later(self, clerk, school, settings, tmp_path):
        settings.FILES_ROOT = tmp_path
        child = school.pupils[0]
        url = reverse("students:slip_give", args=[child.public_id])
        span = {"first_on": "2026-09-18", "first_half": "am", "last_on": "2026-09-21", "last_half": "pm"}
        page = clerk.post(url, {"kind": "personal", "note": "外婆住院", **span}, follow=True).content.decode()
        assert "外婆住院" in page
        given = LeaveSlip.objects.get()
        clerk.post(reverse("students:slip_withdraw", args=[given.public_id]), {"why": "日期写错"})
        given.refresh_from_db()
        assert given.withdrawn_why == "日期写错"
        assert {"leave_slip_given", "leave_slips_viewed", "leave_slip_withdrawn"} <= set(AuditEntry.objects.values_list("act", flat=True))


class TestWorklist:
    def test_not_marked_is_work_for_teacher_clerk_and_principal(self, school):
        on = date(2026, 9, 22)
        for who in ("class_teacher", "school_clerk", "principal"):
            today, before = worklist.attendance_to_mark(school.people[who], on)
            assert today.count == 2
            assert before.tone == "red"
            assert before.count > 2
        assert worklist.attendance_to_mark(school.people["dropout_officer"], on) == []

    def test_one_class_leads_to_its_own_page(self, school):
        today, _ = worklist.attendance_to_mark(school.people["class_teacher"], date(2026, 9, 22))
        assert today.url == class_page(school, on=date(2026, 9, 22))

    def test_the_days_that_wait_are_named_and_lead_to_their_page(self, teacher, school):
        page = teacher.get(reverse("students:attendance_day")).content.decode()
        assert 'aria-label="没有登记考勤的日子"' in page
        assert f'href="?on={MONDAY}"' in page
        for half in ("am", "pm"):
            teacher.post(class_page(school, half=half), {"all": "1", "seen": "0"})
        page = teacher.get(reverse("students:attendance_day")).content.decode()
        assert f'href="?on={MONDAY}">9月21日' not in page

    def test_who_marks_nothing_is_not_asked(self, client, school):
        client.force_login(school.people["auditor"])
        assert "没有登记考勤的日子" not in client.get(reverse("students:attendance_day")).content.decode()

    def test_what_is_marked_is_gone(self, teacher, school):
        _, before = worklist.attendance_to_mark(school.people["class_teacher"], date(2026, 9, 22))
        teacher.post(class_page(school), {"all": "1", "seen": "0"})
        _, after = worklist.attendance_to_mark(school.people["class_teacher"], date(2026, 9, 22))
        assert before.count - after.count == 1
