"""A school year's paper work in one county: the turn of the year, 报到, a transfer between two schools with the call to the family, a school
that gives a class to a new one and takes it back, and the account frozen twice and compared.

One world and one sign-in for each person, so that the whole walk is cheap.
"""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import Organization
from students.actions import calling
from students.models import AccountVersion, Enrolment, RollChange, Standing, UnitChange, YearTurn
from students.rules.ages import school_year, school_year_bounds
from tests import make
from tests.students.rolls import make_rolls, paper, pupil

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(settings, tmp_path, monkeypatch):
    """Three pupils of last spring at 东关小学, registered in a village; every transfer is drawn for the call."""
    settings.FILES_ROOT = tmp_path
    monkeypatch.setattr(calling.chance, "random", lambda: 0.0)
    made = make_rolls()
    today = timezone.localdate()
    spring = school_year_bounds(school_year(today))[0] - timedelta(days=150)
    made.others = [pupil(made.nodes.school, name, made.nodes.class_) for name in ("白二", "黄三")]
    Enrolment.objects.update(since=spring)
    house = make.household(make.node("village", "东一村", make.node("township", "东关镇", made.nodes.county)))
    for child in (made.child, *made.others):
        child.birth_on = today.replace(year=today.year - 10, day=1)
        child.save(update_fields=["birth_on"])
        make.registration(child, house)
    made.teacher = make.person("teacher", ("class_teacher", made.nodes.class_), name="温如意")
    return made


def test_term(walk, world):
    turn_the_year(walk)
    register(walk, world)
    freeze(walk)
    transfer(walk, world)
    part(walk)
    compare(walk, world)
    walk.sound()


def turn_the_year(walk):
    page = walk.as_person("officer")
    page.goto("/year-turns/")
    walk.photograph(page, "year-turn-preview")
    walk.confirm(page, "办理升级")
    walk.photograph(page, "year-turned")
    assert YearTurn.objects.get().counts["moves"] == 3


def register(walk, world):
    """班主任, on a phone: only who has not come is marked."""
    page = walk.as_person("teacher", phone=True)
    page.goto("/arrivals/")
    walk.photograph(page, "phone-arrivals")
    walk.press(page, "登记报到")
    page.get_by_role("combobox", name="黄三").select_option(index=1)
    walk.photograph(page, "phone-arrival-count")
    with page.expect_navigation():
        page.get_by_role("button", name="登记报到").first.tap()
    walk.photograph(page, "phone-arrived")
    page.goto("/arrivals/missing/")
    assert "黄三" in page.locator("main").inner_text()
    walk.photograph(page, "phone-absentees")


def transfer(walk, world):
    """填报人 asks, both heads agree, the bureau calls the family and enters it."""
    page = walk.as_person("clerk")
    page.goto(f"/roll-changes/of/{world.child.public_id}/?kind=transfer")
    page.select_option("[name=target_school]", str(world.nodes.other.public_id))
    page.fill("[name=reason]", "随父母搬到西关居住")
    proof = paper()
    page.set_input_files("[name=files_0]", {"name": proof.name, "mimeType": "image/jpeg", "buffer": proof.read()})
    walk.photograph(page, "transfer-form")
    walk.press(page, "提交县内转学申请")
    change = RollChange.objects.get()
    step(walk, "principal", change, "审核同意，送对方学校")
    step(walk, "other_principal", change, "对方学校同意")
    caller = walk.as_person("caller")
    caller.goto(f"/roll-changes/{change.public_id}/call/")
    caller.locator("label:has([name=answer][value=agrees])").click()
    caller.fill("[name=spoke_with]", "父亲")
    walk.photograph(caller, "guardian-call")
    walk.press(caller, "记下通话结果")
    step(walk, "officer", change, "核办办结")
    assert RollChange.objects.get().state == "done"
    assert Enrolment.objects.filter(child=world.child, kind="roll", until=None).get().school == world.nodes.other


def step(walk, who, change, title):
    page = walk.as_person(who)
    page.goto(f"/roll-changes/{change.public_id}/")
    walk.photograph(page, f"change-{who}")
    walk.press(page, title)
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()
    walk.photograph(page, f"change-after-{who}")


def part(walk):
    """东关小学 gives its class to a new school; the preview, the act, the undoing."""
    page = walk.as_person("officer")
    page.goto("/unit-changes/make/")
    page.locator("label:has([name=kind][value=split])").click()
    for name, text in (("node", "东关小学"), ("new_name", "东关第二小学"), ("new_code", "S09"), ("reason", "县政府批复〔2026〕9号")):
        page.fill(f"[name={name}]", text)
    walk.press(page, "看预览")
    walk.photograph(page, "split-asks-for-parts")
    page.locator("label.choice", has_text="2023级一班").click()
    walk.press(page, "看预览")
    assert "分出 东关第二小学" in page.locator("main").inner_text()
    walk.photograph(page, "split-preview")
    walk.press(page, "确认办理")
    assert Organization.objects.get(code="S09").name == "东关第二小学"
    walk.photograph(page, "split-done")
    walk.confirm(page, "撤销")
    walk.photograph(page, "split-undone")
    assert UnitChange.objects.get().undone_at is not None


def freeze(walk):
    page = walk.as_person("caller")
    page.goto(f"/account/statuses/?on={timezone.localdate()}&low=6&high=15&mode=point")
    walk.photograph(page, "account")
    walk.press(page, "固定这一天的总账")


def compare(walk, world):
    """A child leaves for another county with proof: the second version names who moved."""
    on = timezone.localdate()
    Enrolment.objects.filter(child=world.others[1], until=None).update(until=on)
    Standing.objects.create(child=world.others[1], code="elsewhere", place="邻县一小", since=on, source="entry")
    freeze(walk)
    page = walk.as_person("caller")
    page.goto("/account/versions/")
    walk.photograph(page, "versions")
    walk.press(page, re.compile("第 2 版"), exact=False)
    assert "黄三" in page.locator("main").inner_text()
    walk.photograph(page, "versions-compared")
    assert AccountVersion.objects.count() == 2
