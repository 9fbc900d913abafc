"""A class of 45 on a telephone: at most five acts, counted by the page itself, whether all are there or some are not."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from core.models import Term
from students.actions import school_days
from students.models import AttendanceMark, ClassMark, Enrolment, LeaveSlip
from tests import make
from tests.students.school import pupils, seat

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
COUNT_ACTS = """() => { if (window.__counting) return; window.__counting = true;
    document.addEventListener("click", (event) => {
        if (event.isTrusted && event.detail) sessionStorage.acts = Number(sessionStorage.acts || 0) + 1; }, true); }"""


def acts(page):
    return int(page.evaluate("sessionStorage.acts || 0"))


def begin_counting(page):
    """From now on every tap of a person is counted, over all pages of the tab; typing would be counted by the tap into its field."""
    page.add_init_script(f"({COUNT_ACTS})()")
    page.goto("/")
    page.evaluate("sessionStorage.acts = 0")


@pytest.fixture
def class_of_45():
    """A class with a teacher, in a term of now, taught today and yesterday whatever the weekday."""
    today = timezone.localdate()
    root = make.county()
    school = make.node("school", "东关小学", make.node("education_group", "东关中心校", root, "G01"), "S01")
    node = make.node("class", "2024级2班", school, "S01-pri2024-2班")
    Term.objects.create(key="2026A", starts=today - timedelta(days=40), ends=today + timedelta(days=40))
    clerk = make.person("school_clerk", ("school_clerk", school), name="孟晓燕")
    days = [today - timedelta(days=back) for back in range(15)]
    taught = {"morning": True, "afternoon": True, "kind": "make_up", "reason": "本校上课"}
    school_days.declare(node=school, days=days[:2], by=clerk, **taught)
    school_days.declare(node=school, days=days[2:], by=clerk, **(taught | {"morning": False, "afternoon": False, "kind": "closure"}))
    children = pupils(node, 44)
    children.append(make.child("欧阳娜吾", (node, "attending")))
    seat(children[-1], node)
    Enrolment.objects.filter(since__gt=today - timedelta(days=20)).update(since=date(2020, 9, 1))
    make.person("class_teacher", ("class_teacher", node), name="温如意")
    return node, children, today


def test_a_class_of_45_in_five_acts(walk, class_of_45):
    node, children, today = class_of_45
    page = walk.as_person("class_teacher", phone=True)
    begin_counting(page)
    walk.photograph(page, "phone-home")
    with page.expect_navigation():
        page.get_by_role("link", name="今天的考勤待登记").or_(page.get_by_role("link", name="以前的考勤没有登记")).first.tap()
    walk.photograph(page, "phone-class")
    assert page.locator(".pupil").count() == 45
    for child in (children[3], children[44]):
        page.locator(".pupil", has_text=child.name).first.locator("label.choice-absent").tap()
    walk.photograph(page, "phone-class-two-missing")
    with page.expect_navigation():
        page.get_by_role("button", name="保存，其余都到").tap()
    assert "缺勤 2 人" in page.locator(".messages").inner_text()
    assert acts(page) <= 5, acts(page)
    assert acts(page) == 4, "the counter itself counts"
    assert ClassMark.objects.get().absent == 2
    walk.photograph(page, "phone-saved")
    full_class(walk, page)
    on_leave(walk, page, children)
    walk.sound()


def full_class(walk, page):
    """Everybody there: the line of work, and one tap."""
    begin_counting(page)
    with page.expect_navigation():
        page.get_by_role("link", name="考勤", exact=False).locator("visible=true").first.tap()
    with page.expect_navigation():
        page.get_by_role("button", name="全到（45 人）").tap()
    assert acts(page) <= 5
    assert ClassMark.objects.count() == 2
    assert AttendanceMark.objects.count() == 2


def on_leave(walk, page, children):
    """Somebody on leave for the half-day: choose 假, choose 病假, save."""
    begin_counting(page)
    with page.expect_navigation():
        page.get_by_role("link", name="考勤", exact=False).locator("visible=true").first.tap()
    row = page.locator(".pupil", has_text=children[10].name).first
    row.locator("label.choice-leave").tap()
    row.locator(".slip label.choice", has_text="病假").tap()
    walk.photograph(page, "phone-leave")
    with page.expect_navigation():
        page.get_by_role("button", name="保存，其余都到").tap()
    assert acts(page) <= 5
    assert LeaveSlip.objects.get().kind == "sick"


def test_the_network_goes_while_saving(walk, class_of_45):
    """Nothing that was tapped is lost: the page says that it is not saved, keeps what stands on it, and saves when the network is back."""
    node, children, today = class_of_45
    page = walk.as_person("class_teacher", phone=True)
    page.set_default_timeout(60_000)
    page.goto(f"/attendance/classes/{node.public_id}/{today}/am/")
    page.locator(".pupil", has_text=children[3].name).first.locator("label.choice-absent").tap()
    page.context.set_offline(True)
    page.get_by_role("button", name="保存，其余都到").tap()
    page.locator("#told", has_text="还没有保存").wait_for()
    walk.photograph(page, "phone-no-network")
    assert page.locator(".pupil", has_text=children[3].name).first.locator("input[value=absent]").is_checked()
    assert not ClassMark.objects.exists()
    page.context.set_offline(False)
    with page.expect_navigation():
        page.get_by_role("button", name="保存，其余都到").tap()
    assert ClassMark.objects.get().absent == 1
    walk.faults = [fault for fault in walk.faults if "ERR_INTERNET_DISCONNECTED" not in fault]
    walk.sound()


def test_the_whole_school_on_one_page(walk, class_of_45):
    node, children, today = class_of_45
    page = walk.as_person("school_clerk")
    walk.photograph(page, "desk-home")
    page.goto("/attendance/")
    walk.photograph(page, "desk-school")
    walk.press(page, "全校上午一页登记")
    page.locator("input[name$=absent]").first.fill(children[44].name)
    walk.photograph(page, "desk-whole-school")
    walk.press(page, "保存填了的班")
    assert ClassMark.objects.get().absent == 1
    page.goto(f"/school-calendar/{node.parent.public_id}/")
    walk.photograph(page, "desk-calendar")
    page.goto(f"/attendance/slips/{children[44].public_id}/")
    walk.photograph(page, "desk-slips")
    page.set_viewport_size({"width": 360, "height": 740})
    school = node.parent.public_id
    for name, address in (
        ("calendar", f"/school-calendar/{school}/"),
        ("school", f"/attendance/schools/{school}/"),
        ("whole", f"/attendance/schools/{school}/{today}/pm/"),
    ):
        page.goto(address)
        walk.photograph(page, f"narrow-{name}")
    walk.sound()
