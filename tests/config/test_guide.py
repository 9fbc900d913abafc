"""The help page: each role finds its acts, and no link leads to a refusal."""

import pytest
from django.test import Client
from django.urls import reverse

from config import guide, navigation
from core.roles import ROLES


def test_each_role_has_its_acts_and_each_act_a_page_of_the_menu():
    pages = {name for _, rows in navigation.MENU for _, name, _ in rows}
    assert set(guide.ACTS) == {role.code for role in ROLES}
    assert {name for acts in guide.ACTS.values() for _, name in acts} <= pages
    assert all(guide.ACTS.values())


@pytest.mark.parametrize("role", [role.code for role in ROLES])
def test_a_role_may_open_each_page_it_is_told_of(house, role):
    own, others = guide.chapters(house.people[role])
    assert [words for words, address in own[0]["acts"] if not address] == []
    assert len(own) + len(others) == len(ROLES)
    assert not any(address for chapter in others for _, address in chapter["acts"])


def test_the_page_names_the_role_and_leads_to_its_work(house):
    browser = Client()
    browser.force_login(house.people["school_clerk"])
    page = browser.get(reverse("help"), HTTP_HOST="localhost").content.decode()
    assert "填报人：您在这里办的事" in page
    assert f'<a href="{reverse("archives:report_list")}">每月填报月报' in page


def test_who_holds_no_role_is_told_whom_to_ask(house):
    browser = Client()
    browser.force_login(house.people["without_role"])
    page = browser.get(reverse("help"), HTTP_HOST="localhost").content.decode()
    assert "请业务管理员给您授予角色" in page
