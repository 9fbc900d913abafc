"""What every request passes: twelve hours, no caches, an id, a 403 with its sentence, a 503 instead of a crash."""

import errno
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from core.middleware import LONGEST_SESSION, PictureAlone, Refusals, too_old
from core.models import AuditEntry, ChangeRequest
from core.models.change_request import CHANGE
from core.views.errors import server_error
from core.workflow import NoRight, Refused
from tests import make


def test_a_session_ends_after_twelve_hours_to_the_second():
    began = timezone.now()
    assert not too_old(began.isoformat(), began + LONGEST_SESSION)
    assert too_old(began.isoformat(), began + LONGEST_SESSION + timedelta(seconds=1))


class TestSession:
    def test_even_an_active_session_ends(self, client, house):
        client.force_login(house.people["principal"])
        start = timezone.now()
        for minutes in range(0, 12 * 60 + 1, 24):  # a page every 24 minutes: never idle for 30
            with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
                assert client.get("/").status_code == 200, minutes
        with time_machine.travel(start + timedelta(hours=12, minutes=20), tick=False):
            response = client.get("/", follow=True)
        assert "登录已满 12 小时" in response.content.decode()

    def test_an_idle_session_ends(self, client, house):
        client.force_login(house.people["principal"])
        client.get("/")
        with time_machine.travel(timezone.now() + timedelta(minutes=31)):
            assert client.get("/").status_code == 302


class TestAnswers:
    def test_signed_in_pages_stay_in_no_cache(self, client, house):
        client.force_login(house.people["principal"])
        assert client.get("/").headers["Cache-Control"] == "no-store, private"

    def test_a_picture_by_itself_may_be_laid_out_and_nothing_more(self, client, house):
        """The browser's viewer of pictures works with styles; under our pages' policy it complained and overflowed a telephone."""
        answer = PictureAlone(lambda request: HttpResponse(b"", content_type="image/jpeg"))(None)
        assert "style-src 'unsafe-inline'" in answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        client.force_login(house.people["principal"])
        assert "unsafe-inline" not in client.get("/").headers["Content-Security-Policy"]

    @pytest.mark.django_db
    def test_the_icon_a_browser_asks_for_by_itself(self, client):
        assert client.get("/favicon.ico").headers["Location"].startswith("/static/css/icon")

    def test_every_answer_has_an_id_of_our_own(self, client, house):
        client.force_login(house.people["system_admin"])
        answers = [client.get("/", headers={"X-Request-ID": "chosen-by-the-client"}).headers["X-Request-ID"] for _ in range(2)]
        assert len(set(answers)) == 2
        assert "chosen-by-the-client" not in answers

    def test_a_form_with_mistakes_is_a_page_and_for_htmx_a_422(self, client, house):
        client.force_login(house.people["system_admin"])
        page, fragment = (client.post("/accounts/open/", {"name": ""}, headers=headers) for headers in ({}, {"HX-Request": "true"}))
        assert (page.status_code, fragment.status_code) == (200, 422)
        assert 'class="errorlist"' in page.content.decode()

    def test_the_address_of_a_sent_form_opened_again_is_no_blank_page(self, client, house):
        """Whoever signs in anew after a form was sent, or loads its answer again, comes there by GET."""
        client.force_login(house.people["principal"])
        answer = client.get(reverse("students:reason_new"))
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
        assert "这个地址只在提交表单时用" in answer.content.decode()

    def test_audit_rows_carry_it(self, client, house):
        client.force_login(house.people["principal"])
        answer = client.get("/accounts/", REMOTE_ADDR="10.1.2.3")
        entry = AuditEntry.objects.get(act="refused")
        assert (entry.request_id, entry.address) == (answer.headers["X-Request-ID"], "10.1.2.3")

    def test_a_refusal_is_a_page_with_the_sentence_and_a_row(self, client, house):
        client.force_login(house.people["principal"])
        answer = client.get("/accounts/")
        assert answer.status_code == 403
        assert "管理账号" in answer.content.decode()
        entry = AuditEntry.objects.get(act="refused")
        assert entry.actor_id == house.people["principal"].pk
        assert entry.detail == {"view": "core:account_list", "method": "GET"}
        assert entry.outcome == "refused"

    @pytest.mark.parametrize(
        ("sentence", "title", "act"),
        [
            ("这一批现在是“已撤销”，没有可撤销的内容。", "这一步现在办不了", "rule_kept"),
            (NoRight("您的角色不能撤销批次。"), "您不能办理这一步", "refused"),
        ],
    )
    def test_what_stands_in_everybody_s_way_is_not_told_as_a_missing_right(self, client, house, rf, sentence, title, act):
        request = rf.post("/x/", HTTP_REFERER="http://testserver/lists/")
        request.user, request.resolver_match = house.people["principal"], SimpleNamespace(view_name="x")
        page = Refusals(None).process_exception(request, Refused(sentence)).content.decode()
        assert title in page
        assert sentence in page
        assert ("授予相应角色" in page) == (title == "您不能办理这一步")
        assert 'href="http://testserver/lists/"' in page
        assert AuditEntry.objects.latest("pk").act == act

    def test_the_workflow_says_which_it_is(self, house):
        change = ChangeRequest(state="withdrawn", nodes=[], requested_by=house.people["principal"])
        assert not isinstance(CHANGE.why_not(change, "approve", house.people["principal"]), NoRight)
        change.state = "submitted"
        assert isinstance(CHANGE.why_not(change, "approve", house.people["auditor"]), NoRight)

    def test_the_security_policy_forbids_inline_script(self, client, house):
        policy = client.get("/sign-in/").headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy


POLICY = {
    "default-src": "'self'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data: blob:", "font-src": "'self'",
    "object-src": "'none'", "base-uri": "'self'", "frame-ancestors": "'none'", "form-action": "'self'",
}  # fmt: skip


class TestHeaders:
    """What stands on every answer, whoever asks and however it ends."""

    ANSWERS = (("/sign-in/", 200), ("/healthz", 200), ("/", 200), ("/accounts/", 403), ("/nowhere/", 404), ("/sign-out/", 405))

    @pytest.mark.parametrize(("address", "status"), ANSWERS)
    def test_nothing_from_elsewhere_no_frame_no_guessing_of_types(self, client, house, address, status):
        if address != "/sign-in/":
            client.force_login(house.people["principal"])
        answer = client.get(address)
        assert answer.status_code == status
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy == POLICY
        assert {name: answer.headers[name] for name in ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy")} == {
            "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
        }  # fmt: skip
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"

    def test_the_cookies_of_a_session(self, client, house, settings):
        client.post("/sign-in/", {"username": "principal", "password": make.PASSWORD})
        session, csrf = client.cookies[settings.SESSION_COOKIE_NAME], client.get("/password/").cookies[settings.CSRF_COOKIE_NAME]
        assert (session["httponly"], session["samesite"], session["path"], session["domain"]) == (True, "Lax", "/", "")
        assert (csrf["samesite"], csrf["path"], csrf["domain"]) == ("Lax", "/", "")
        assert session["max-age"] == ""  # ends with the browser; the server ends it sooner
        assert settings.SESSION_COOKIE_AGE == 1800


class TestWithoutDatabase:
    def answer(self, error):
        try:
            raise error
        except type(error):
            return server_error(RequestFactory().get("/"))

    def test_the_browser_is_asked_to_come_again(self):
        response = self.answer(OperationalError("the server closed the connection"))
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
        assert "暂时不能使用" in response.content.decode()

    def test_a_full_disk_says_so(self):
        response = self.answer(OSError(errno.ENOSPC, "No space left on device"))
        assert response.status_code == 507
        assert "磁盘写满了" in response.content.decode()

    def test_other_errors_stay_errors(self):
        assert self.answer(OSError(errno.EACCES, "Permission denied")).status_code == 500
        assert self.answer(ZeroDivisionError()).status_code == 500

    @pytest.mark.expects_errors
    def test_through_the_whole_house(self, client, house, monkeypatch):
        def away(_user, _on):
            raise OperationalError("connection refused")

        monkeypatch.setattr("config.work.remember_summary", away)
        client.force_login(house.people["principal"])
        client.raise_request_exception = False
        assert client.get("/").status_code == 503
