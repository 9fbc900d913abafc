"""One girl in two records becomes one and two again; two people correct her name; her grandmother's number is entered on a phone."""

import pytest

from core.models import Organization
from students.actions import candidates
from students.models import Child
from tests import make
from tests.students import lists
from tests.students.lists import load, pupil, resident

NEW, OLD = "990101201302070023", "990101201302071237"


@pytest.fixture
def two(transactional_db, tmp_path, settings):
    settings.FILES_ROOT = tmp_path / "files"
    county = make.county()
    about = {"by": make.person("roll", ("roll_officer", county), name="钟文慧"), "coverage": county}
    make.person("admin", ("bureau_admin", county), name="沈知远")
    load(tmp_path, "divisions", lists.DIVISIONS, **about)
    load(tmp_path, "schools", lists.SCHOOLS, **about)
    load(tmp_path, "hukou", [resident(NEW, 监护人姓名="王大山"), resident("990101201011110012", "王小", household="H1")], **about)
    load(tmp_path, "roll", [pupil(OLD, 监护人姓名="王大山")], **about)
    make.person("liaison", ("village_liaison", Organization.objects.get(code="990101100200")), name="村文书")
    candidates.find()
    return list(Child.objects.filter(name="王一").order_by("pk"))


def test_records(walk, two):
    first, second = two
    page = walk.as_person("roll")
    page.goto("/matches/")
    walk.photograph(page, "candidates")
    page.goto(first.get_absolute_url())
    walk.photograph(page, "child")
    page.goto(f"/records/{first.public_id}/join/{second.public_id}/")
    walk.photograph(page, "side-by-side")
    page.check("[name=keep][value=one]")
    page.fill("[name=reason]", "户口簿核对过")
    walk.press(page, "合并两条记录")
    walk.photograph(page, "merged")
    page.goto(f"/records/{first.public_id}/split/")
    walk.photograph(page, "split")
    page.goto(f"/records/{first.public_id}/correct/")
    page.check("[name=field][value=ethnic]")
    page.select_option("[name=ethnic]", "04")
    page.fill("[name=reason]", "户口簿如此")
    walk.photograph(page, "correction")
    walk.press(page, "提交更正申请")
    decider = walk.as_person("admin")
    decider.goto("/changes/")
    walk.press(decider, "王一")
    walk.photograph(decider, "decide")
    walk.press(decider, "同意更正")
    assert Child.objects.get(pk=first.pk).ethnic == "04"
    phone = walk.as_person("liaison", phone=True)
    phone.goto(f"/records/{first.public_id}/contacts/add/")
    phone.fill("[name=name]", "王奶奶")
    phone.fill("[name=relation]", "祖母")
    phone.fill("[name=phone]", "13912345678")
    walk.photograph(phone, "contact-form")
    walk.press(phone, "保存联系方式")
    walk.photograph(phone, "contacts")
    household = first.registrations.get().household
    phone.goto(f"/households/{household.public_id}/")
    walk.photograph(phone, "household-phone")
    page.goto(f"/households/{household.public_id}/")
    walk.photograph(page, "household")
    phone.goto(first.get_absolute_url())
    walk.photograph(phone, "child-phone")
    assert walk.faults == []
