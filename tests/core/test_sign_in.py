"""The door: who comes in, who is kept out, and what is written about it."""

from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.actions import accounts
from core.models import AuditEntry, User
from tests import make

SIGN_IN = "/sign-in/"


@pytest.fixture
def principal(db):
    county = make.county()
    school = make.node("school", "东关小学", county)
    return make.person("principal", ("principal", school), name="陈丽")


def enter(client, username="principal", password=make.PASSWORD, **more):
    return client.post(SIGN_IN, {"username": username, "password": password, **more})


class TestComingIn:
    def test_the_right_password_opens(self, client, principal):
        response = enter(client)
        assert response.status_code == 302
        assert response.headers["Location"] == "/"
        assert AuditEntry.objects.filter(act="signed_in", actor_id=principal.pk, outcome="done").count() == 1

    def test_it_leads_to_the_page_that_was_wanted(self, client, principal):
        assert client.get("/audit/").headers["Location"] == "/sign-in/?next=/audit/"
        assert enter(client, next="/audit/").headers["Location"] == "/audit/"

    @pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com/x", "javascript:alert(1)"])
    def test_never_out_of_the_house(self, client, principal, elsewhere):
        assert enter(client, next=elsewhere).headers["Location"] == "/"

    def test_wrong_unknown_and_disabled_get_the_same_answer(self, client, principal):
        make.person("gone", is_active=False)
        pages = [enter(client, *who).content.decode() for who in [("principal", "x"), ("nobody", "x"), ("gone", make.PASSWORD)]]
        assert all("账号或密码不对，或者账号已停用" in page for page in pages)

    def test_a_failure_is_written_down_without_what_was_typed(self, client, principal):
        enter(client, "my secret password", "x")
        enter(client, "principal", "x")
        unknown, known = AuditEntry.objects.filter(act="sign_in_failed").order_by("pk")
        assert (unknown.actor_id, known.actor_id) == (None, principal.pk)
        assert "secret" not in str(vars(unknown))
        assert known.outcome == "refused"


class TestLockOut:
    def test_five_wrong_ones_close_the_door_for_a_while(self, client, principal):
        answers = [enter(client, password="wrong").status_code for _ in range(5)]
        assert answers == [200, 200, 200, 200, 429]
        locked = enter(client)
        assert locked.status_code == 429
        assert "已锁定 15 分钟" in locked.content.decode()
        assert "_auth_user_id" not in client.session
        with time_machine.travel(timezone.now() + timedelta(minutes=16)):
            assert enter(client).status_code == 302

    def test_another_computer_is_not_locked(self, client, principal):
        for _ in range(5):
            enter(client, password="wrong")
        assert client.post(SIGN_IN, {"username": "principal", "password": make.PASSWORD}, REMOTE_ADDR="10.9.8.7").status_code == 302

    def test_a_reset_lifts_it(self, client, principal):
        for _ in range(5):
            enter(client, password="wrong")
        password = accounts.reset_password(user=principal, by=None)
        assert not AccessAttempt.objects.filter(username="principal").exists()
        assert enter(client, password=password).headers["Location"] == "/"


class TestGoingOut:
    def test_signing_out_ends_the_session_and_clears_the_browser(self, client, principal):
        enter(client)
        response = client.post("/sign-out/")
        assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
        assert client.get("/").status_code == 302
        assert AuditEntry.objects.filter(act="signed_out", actor_id=principal.pk).exists()

    def test_a_link_cannot_sign_out(self, client, principal):
        enter(client)
        assert client.get("/sign-out/").status_code == 405

    def test_a_disabled_account_is_out_at_once(self, client, principal):
        enter(client)
        accounts.disable_account(user=principal, by=None)
        assert client.get("/").status_code == 302
        assert not Session.objects.exists()


class TestOwnPassword:
    def test_a_given_password_has_to_go_first(self, client, principal):
        User.objects.update(must_change_password=True)
        enter(client)
        assert client.get("/audit/").headers["Location"] == "/password/"
        new = "青山一道同云雨-明月何曾是两乡"
        fields = {"old_password": make.PASSWORD, "new_password1": new, "new_password2": new}
        assert client.post("/password/", fields).headers["Location"] == "/"
        assert client.get("/").status_code == 200

    @pytest.mark.parametrize(
        ("new", "sentence"),
        [(make.PASSWORD, "新密码和原密码相同"), ("not-one-less", "演示"), ("short", "12"), ("123456789012345", "数字")],
    )
    def test_weak_ones_are_refused_with_a_reason(self, client, principal, new, sentence):
        enter(client)
        response = client.post("/password/", {"old_password": make.PASSWORD, "new_password1": new, "new_password2": new})
        assert response.status_code == 200
        assert sentence in response.content.decode()

    def test_other_devices_are_signed_out(self, client, principal):
        other = Client()
        enter(client)
        enter(other)
        new = "青山一道同云雨-明月何曾是两乡"
        client.post("/password/", {"old_password": make.PASSWORD, "new_password1": new, "new_password2": new})
        assert client.get("/").status_code == 200
        assert other.get("/").status_code == 302


class TestOnceMore:
    def test_the_password_again(self, client, principal):
        enter(client)
        wrong = client.post(reverse("core:reauthenticate"), {"password": "x"})
        assert wrong.status_code == 200
        assert "密码不对" in wrong.content.decode()
        right = client.post(reverse("core:reauthenticate"), {"password": make.PASSWORD, "next": "/audit/"})
        assert right.headers["Location"] == "/audit/"
        assert client.session["password_confirmed_at"]

    def test_guessing_it_is_locked_out_too(self, client, principal):
        enter(client)
        answers = [client.post(reverse("core:reauthenticate"), {"password": "x"}).status_code for _ in range(5)]
        assert answers[-1] == 429
