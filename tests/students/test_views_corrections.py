"""A correction on the screen: asked on the child's page, decided by another person, with both values when the ground has moved."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import ChangeRequest
from students import worklist
from students.models import Child
from tests import cast, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    built = cast.build()
    make.enrolment(built.children.own, built.nodes.school)
    return built


def as_(client, house, name):
    client.force_login(house.people[name])
    return client


def ask(client, child, **given):
    return client.post(f"/records/{child.public_id}/correct/", {"field": "sex", "sex": "2", "reason": "户口簿如此", **given}, follow=True)


def text(answer):
    return answer.content.decode()


def test_from_asking_to_the_changed_record(client, house):
    child = house.children.own
    clerk = as_(client, house, "school_clerk")
    assert "申请更正资料" in text(clerk.get(child.get_absolute_url()))
    page = text(ask(clerk, child))
    assert "已提交" in page
    assert "同意更正</button>" not in page
    change = ChangeRequest.objects.get()
    roll = house.people["roll_officer"]
    assert ("更正申请待审批", 1) in [(item.title, item.count) for item in worklist.summary(roll, change.requested_at.date())]
    officer = as_(client, house, "roll_officer")
    assert child.name in text(officer.get("/changes/"))
    officer.post(f"/changes/{change.public_id}/", {"step": "approve"})
    assert Child.objects.get(pk=child.pk).sex == "2"
    assert "已更正" in text(officer.get(child.get_absolute_url()))


def test_a_name_needs_its_proof_and_the_decider_opens_it(client, house):
    clerk = as_(client, house, "school_clerk")
    child = house.children.own
    assert "要附证明" in text(ask(clerk, child, field="name", text="东晓明"))
    ask(clerk, child, field="name", text="东晓明", proof=SimpleUploadedFile("户口簿.pdf", make.PAPER))
    change = ChangeRequest.objects.get()
    officer = as_(client, house, "roll_officer")
    assert b"".join(officer.get(f"/changes/{change.public_id}/proof/").streaming_content) == make.PAPER


def test_refused_with_a_reason_comes_back_to_the_asker(client, house):
    ask(as_(client, house, "school_clerk"), house.children.own)
    change = ChangeRequest.objects.get()
    officer = as_(client, house, "roll_officer")
    assert officer.post(f"/changes/{change.public_id}/", {"step": "refuse"}).status_code == 403
    officer.post(f"/changes/{change.public_id}/", {"step": "refuse", "reason": "与户籍不符"})
    change.refresh_from_db()
    clerk = house.people["school_clerk"]
    titles = [item.title for item in worklist.summary(clerk, change.decided_at.date())]
    assert "您申请的更正未获同意，看理由" in titles
    assert "与户籍不符" in text(as_(client, house, "school_clerk").get("/changes/?part=mine"))


def test_stale_says_both_values(client, house):
    ask(as_(client, house, "school_clerk"), house.children.own)
    Child.objects.filter(pk=house.children.own.pk).update(sex="")
    answer = as_(client, house, "roll_officer").post(f"/changes/{ChangeRequest.objects.get().public_id}/", {"step": "approve"})
    assert answer.status_code == 409
    assert "现在的值" in text(answer)
    assert "申请时的值" in text(answer)
    assert ChangeRequest.objects.get().state == "submitted"


@pytest.mark.parametrize("given", [{"reason": ""}, {"sex": ""}, {"field": "name", "text": ""}, {"field": "birth_on", "birth": "x"}])
def test_an_incomplete_form_asks_for_nothing(client, house, given):
    ask(as_(client, house, "school_clerk"), house.children.own, **given)
    assert not ChangeRequest.objects.exists()


def test_numbers_are_masked(client, house):
    clerk = as_(client, house, "school_clerk")
    new = "990101201302071237"
    page = text(ask(clerk, house.children.own, field="number", text=new, proof=SimpleUploadedFile("a.pdf", make.PAPER)))
    assert new not in page
    assert "9****************7" in page


def test_only_the_asker_is_offered_withdrawal(client, house):
    ask(as_(client, house, "school_clerk"), house.children.own)
    address = f"/changes/{ChangeRequest.objects.get().public_id}/"
    assert "撤回" in text(client.get(address))
    assert "撤回" not in text(as_(client, house, "principal").get(address))
    assert as_(client, house, "principal").post(address, {"step": "jump"}).status_code == 403
