"""Merging and parting on the screen: side by side, a reason, and back; reachable from the child's page and the list of matches."""

import pytest

from core.crypto import blind_index
from core.models import AuditEntry
from students.actions import candidates
from students.models import Child, Match, MergeEvent
from tests.students.lists import load, pupil, resident

NEW, OLD = "990101201302070023", "990101201302071237"


@pytest.fixture
def two(places, tmp_path):
    load(tmp_path, "hukou", [resident(NEW)], **places)
    load(tmp_path, "roll", [pupil(OLD)], **places)
    return Child.objects.order_by("pk")


@pytest.fixture
def officer(client, places):
    client.force_login(places["by"])
    return client


def text(answer):
    return answer.content.decode()


def test_from_the_child_to_one_record_and_back(officer, two):
    first, second = two
    assert f"/records/{first.public_id}/join/" in text(officer.get(first.get_absolute_url()))
    found = text(officer.post(f"/records/{first.public_id}/join/", {"q": "王一"}))
    side_by_side = f"/records/{first.public_id}/join/{second.public_id}/"
    assert side_by_side in found
    page = text(officer.get(side_by_side))
    assert NEW not in page
    assert OLD not in page
    assert "东关第1小学" in page
    answer = officer.post(side_by_side, {"keep": "one", "reason": "户口簿核对过"}, follow=True)
    event = MergeEvent.objects.get()
    assert answer.redirect_chain == [(f"/merges/{event.public_id}/", 302)]
    assert (event.source, event.target) == (second, first)
    assert "户口簿核对过" in text(answer)
    assert "合并" in text(officer.get(first.get_absolute_url()))
    assert officer.get(second.get_absolute_url()).status_code == 404
    officer.post(f"/merges/{event.public_id}/undo/", {"reason": "是堂兄弟"})
    assert Child.objects.here().count() == 2
    assert "已撤销" in text(officer.get(f"/merges/{event.public_id}/"))
    assert AuditEntry.objects.filter(act="merge_page").count() >= 3


@pytest.mark.parametrize("given", [{}, {"keep": "one"}, {"reason": "户口簿核对过"}, {"keep": "one", "reason": "看"}])
def test_no_merge_without_choice_and_reason(officer, two, given):
    answer = officer.post(f"/records/{two[0].public_id}/join/{two[1].public_id}/", given)
    assert answer.status_code in (200, 422)
    assert not MergeEvent.objects.exists()


def test_a_record_is_not_joined_with_itself(officer, two):
    assert officer.get(f"/records/{two[0].public_id}/join/{two[0].public_id}/").status_code == 404


def test_split_on_the_screen(officer, two):
    officer.post(f"/records/{two[0].public_id}/join/{two[1].public_id}/", {"keep": "one", "reason": "户口簿核对过"})
    address = f"/records/{two[0].public_id}/split/"
    odd = two[0].numbers.get(identity=blind_index(OLD, "person.id_number"))
    assert "学籍库" in text(officer.get(address))
    assert "请写明理由" in text(officer.post(address, {"numbers": [odd.pk]}))
    everything = officer.post(address, {"numbers": [number.pk for number in two[0].numbers.all()], "reason": "两个孩子"})
    assert "至少留一个" in text(everything)
    officer.post(address, {"numbers": [odd.pk], "reason": "两个孩子"})
    assert Child.objects.here().count() == 2


def test_a_candidate_is_decided_in_the_list(officer, places, tmp_path):
    load(tmp_path, "hukou", [resident(NEW, 监护人姓名="王大山")], **places)
    load(tmp_path, "roll", [pupil(NEW, 身份证件号="", 全国学籍号="", 监护人姓名="王大山")], **places)
    assert "对不上 1" in text(officer.get("/matches/"))
    candidates.find()
    page = text(officer.get("/matches/"))
    assert "T4 姓名（或同音）、出生日期、监护人一致" in page
    match = Match.objects.get()
    assert "现在按两个孩子计算" in text(officer.get(f"/matches/{match.public_id}/"))
    assert "并排核对" in text(officer.post(f"/records/{match.odd.child.public_id}/join/"))
    officer.post(f"/matches/{match.public_id}/", {"same": "yes", "reason": "户口簿核对过"})
    assert Child.objects.here().count() == 1
    assert "没有对不上的" in text(officer.get("/matches/unresolved/"))


def test_reports_that_are_frozen_keep_their_names():
    """A frozen report holds its own text; nothing of it refers to a child's record, so that no merge can reach it."""
    from students.actions import following

    assert not [model for model, _ in following.references() if model._meta.app_label == "archives"]
