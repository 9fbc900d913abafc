"""A child stays away: the class teacher marks it, the clock runs, the report goes out, the township signs and verifies.

The days are the last three with school, declared by the school itself, so that the walk is the same on a Sunday and in July.
"""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from core.models import Term
from dropout.models import Absence, AbsenceReport, Case
from students.actions import school_days
from tests import make
from tests.students.school import pupils

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def county():
    """A township with a village and a school; the class of 12 is taught on the last three days and on no other."""
    today = timezone.localdate()
    root = make.county()
    township = make.node("township", "东关镇", root, "990101100000")
    village = make.node("village", "东一村", township, "990101100201")
    school = make.node("school", "东关小学", make.node("education_group", "东关中心校", root, "G01"), "S01")
    node = make.node("class", "2024级2班", school, "S01-pri2024-2班")
    Term.objects.create(key="2026A", starts=today - timedelta(days=40), ends=today + timedelta(days=40))
    children = pupils(node, 12, village=village)
    for child in children:
        child.enrolments.update(since=make.LONG_AGO)
    make.person("class_teacher", ("class_teacher", node), name="温如意")
    make.person("principal", ("principal", school), name="秦致和")
    make.person("township_officer", ("township_officer", township), name="韩春生")
    make.person("dropout_officer", ("dropout_officer", root), name="顾长青")
    clerk = make.person("school_clerk", ("school_clerk", school), name="孟晓燕")
    days = [today - timedelta(days=back) for back in range(15)]
    taught = {"morning": True, "afternoon": True, "kind": "make_up", "reason": "本校上课"}
    school_days.declare(node=school, days=days[:3], by=clerk, **taught)
    school_days.declare(node=school, days=days[3:], by=clerk, **(taught | {"morning": False, "afternoon": False, "kind": "closure"}))
    return node, children[4], sorted(days[:3])


def test_from_absence_to_the_township_s_receipt(walk, county):
    node, away, days = county
    mark_days(walk, node, away, days)
    out = StringIO()
    call_command("raise_alarms", "--at", f"{days[1]}T18:00", stdout=out)
    assert "开始计时 1" in out.getvalue()
    clock_runs(walk)
    call_command("raise_alarms", "--at", f"{days[2]}T08:00", stdout=out)
    assert "报告 1" in out.getvalue()
    case = Case.objects.get()
    assert (case.state, case.source) == ("suspected", "absence")
    township_signs(walk, away, case)
    bureau_signs(walk)
    slip_comes_late(walk, away, days)
    walk.sound()


def mark_days(walk, node, away, days):
    """班主任, on a phone: two days, each half, one child missing."""
    page = walk.as_person("class_teacher", phone=True)
    for on in days[:2]:
        for half in ("am", "pm"):
            page.goto(f"/attendance/classes/{node.public_id}/{on}/{half}/")
            page.locator(".pupil", has_text=away.name).first.locator("label.choice-absent").tap()
            with page.expect_navigation():
                page.get_by_role("button", name="保存，其余都到").tap()
            assert "已开始计时" in page.locator(".messages").inner_text()
    walk.photograph(page, "phone-marked")


def clock_runs(walk):
    """校长 sees that a clock runs and opens it."""
    page = walk.as_person("principal")
    with page.expect_navigation():
        page.get_by_role("link", name="无故缺勤正在计时，请联系家长").click()
    walk.photograph(page, "clock-runs")
    with page.expect_navigation():
        page.locator("tbody th a").first.click()
    walk.photograph(page, "clock-runs-one")
    assert Absence.objects.get().state == "running"


def township_signs(walk, away, case):
    """乡镇教育专干, on a phone: the inbox, the receipt, the paper, the suspected case."""
    page = walk.as_person("township_officer", phone=True)
    walk.photograph(page, "phone-township-home")
    with page.expect_navigation():
        page.get_by_role("link", name="48小时报告待签收").tap()
    walk.photograph(page, "phone-inbox")
    with page.expect_navigation():
        page.get_by_role("link", name=away.name).first.tap()
    walk.photograph(page, "phone-report")
    walk.press(page, "签收这份报告")
    assert "已代表乡镇签收" in page.locator(".messages").inner_text()
    walk.photograph(page, "phone-received")
    paper = page.request.get(page.get_by_role("link", name="打印报告").get_attribute("href"))
    assert paper.body().startswith(b"%PDF-")
    (walk.folder / "report.pdf").write_bytes(paper.body())
    with page.expect_navigation():
        page.get_by_role("link", name=case.number).first.tap()
    assert "疑似" in page.locator("main").inner_text()
    walk.photograph(page, "phone-case")


def bureau_signs(walk):
    page = walk.as_person("dropout_officer")
    with page.expect_navigation():
        page.get_by_role("link", name="48小时报告待签收").click()
    walk.photograph(page, "bureau-inbox")
    with page.expect_navigation():
        page.locator("tbody th a").first.click()
    walk.press(page, "签收这份报告")
    walk.photograph(page, "bureau-received")
    assert AbsenceReport.objects.get().receipts.count() == 2


def slip_comes_late(walk, away, days):
    """填报人 brings the slip afterwards: the record says so, and the township is asked to close the case."""
    page = walk.as_person("school_clerk")
    absence = Absence.objects.get()
    page.goto(f"/absences/{absence.public_id}/")
    walk.press(page, "补登假条")
    page.locator("label:has([name=kind][value=sick])").click()
    page.fill("[name=first_on]", days[0].isoformat())
    page.fill("[name=last_on]", days[2].isoformat())
    page.fill("[name=note]", "住院，家长今天送来诊断")
    walk.photograph(page, "slip")
    walk.press(page, "登记假条")
    call_command("raise_alarms", "--at", f"{days[2]}T12:00", stdout=StringIO())
    page.goto(f"/absences/{absence.public_id}/")
    assert "已说明" in page.locator("main").inner_text()
    walk.photograph(page, "explained")
    officer = walk.as_person("township_officer", phone=True)
    officer.goto("/")
    assert "已说明缺勤" in officer.locator("main").inner_text()
