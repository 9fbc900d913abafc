"""What every request passes: its name, the door, the sentence of a refusal.

Order in settings: RequestIdentity and FormAnswers before everything that logs; SignedInOnly (Django's LoginRequiredMiddleware),
HistoryNames, SessionLimits and Refusals after AuthenticationMiddleware.
"""

import ipaddress
import uuid
from datetime import timedelta

import pghistory
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme

from core import audit
from core.crypto import SealError, blind_index
from core.documents import DocumentHeldBack
from core.files import FileLost
from core.models import User
from core.scope import Forbidden

SIGNED_IN_AT = "signed_in_at"
LONGEST_SESSION = timedelta(hours=12)
FORM_BYTES = 1024 * 1024  # of a form's other fields, beside its file
OPEN_WITHOUT_OWN_PASSWORD = {"core:password_change", "core:sign_out", "core:sign_in", "healthz", "favicon"}


def client_address(request):
    """Of the computer that asks. Behind settings.PROXIES proxies it is what the outermost of them wrote down, counted from the right: what
    stands further left came from the client and is not believed."""
    believed = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-settings.PROXIES :] if settings.PROXIES else []
    try:
        return str(ipaddress.ip_address(believed[0].strip()))
    except (IndexError, ValueError):
        return request.META.get("REMOTE_ADDR") or None


def attempted_name(request, credentials=None):
    """The account that was tried. What is no account's name is counted under a keyed mark: people type numbers and passwords there."""
    typed = (credentials or {}).get("username") or request.POST.get("username") or ""
    if not typed or User.objects.filter(username=typed).exists():
        return typed
    return f"?{blind_index(typed, 'sign_in.name').hex()[:32]}"


class RequestIdentity:
    """Gives the request an id of our own making (a client's header is not believed) and tells audit where it came from. Outermost, so that
    every answer, files of the house included, says that no other site may embed it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = uuid.uuid4().hex
        request.META["HTTP_X_REQUEST_ID"] = request.id
        token = audit.origin.set(audit.Origin(request_id=request.id, address=client_address(request) or ""))
        try:
            response = self.get_response(request)
        finally:
            audit.origin.reset(token)
        response["X-Request-ID"] = request.id
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response


class HistoryNames:
    """History rows say who changed the row and in which request: pghistory hands both to the triggers. Reading changes nothing."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method in ("GET", "HEAD"):
            return self.get_response(request)
        with pghistory.context(user=request.user.pk, request=request.id):
            return self.get_response(request)


class FormAnswers:
    """A form that comes back with its mistakes is a page like any other for a browser, which would report a 422 as an error in its
    console. htmx, which swaps by the status, is told 422, and so is the log, which stands further in."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code == 422 and "HX-Request" not in request.headers:
            response.status_code = 200
        return response


class PictureAlone:
    """A photograph or a scan opened by itself: the browser's own viewer lays it out with styles, which our pages' policy would refuse (the
    picture then stands beyond the edge of a telephone). Nothing else may run or be fetched there."""

    POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("image/"):
            response["Content-Security-Policy"] = self.POLICY
        return response


class SessionLimits:
    """Twelve hours and no longer; nobody works with a password another person chose; nothing of a signed-in page stays in a cache."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response["Cache-Control"] = "no-store, private"
        return response

    def process_view(self, request, view, arguments, named):
        if not request.user.is_authenticated:
            return None
        if too_old(request.session.setdefault(SIGNED_IN_AT, timezone.now().isoformat()), timezone.now()):
            logout(request)
            messages.warning(request, "登录已满 12 小时，为安全起见已自动退出，请重新登录。")
            return redirect("core:sign_in")
        if request.user.must_change_password and request.resolver_match.view_name not in OPEN_WITHOUT_OWN_PASSWORD:
            return redirect("core:password_change")
        return None


def too_old(signed_in_at, now):
    """Whether a session that began at `signed_in_at` (ISO text) has to end."""
    return now - parse_datetime(signed_in_at) > LONGEST_SESSION


def too_large(request):
    """Whether a request says of itself that it is larger than any upload may be; what is sent beyond its word is never read."""
    size = request.META.get("CONTENT_LENGTH") or "0"
    return not size.isdecimal() or int(size) > settings.FILE_UPLOAD_MAX_BYTES + FORM_BYTES


def has_nul(fields):
    return any("\0" in value for _, values in fields.lists() for value in values)


class Refusals:
    """A refused act becomes the 403 page with its sentence, and a row in the audit; a paper that is held back a 409 page with its own; what
    cannot be decrypted or is lost from the disk a 500 page that says which key or file. A
    request with a zero byte, which no browser sends and PostgreSQL does not take, is answered before any view.

    Django calls this after ATOMIC_REQUESTS rolled the view's transaction back, so that the row of the refusal stands alone.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if too_large(request):  # nothing of it is read: a body of gigabytes would fill the disk first and our memory then
            return render(request, "413.html", {"most": settings.FILE_UPLOAD_MAX_BYTES // 1024 // 1024}, status=413)
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET":  # a sent form's address opened again, such as after signing in anew
            page = render(request, "405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_view(self, request, view, arguments, named):
        return render(request, "400.html", status=400) if has_nul(request.GET) or has_nul(request.POST) else None

    def process_exception(self, request, exception):
        if isinstance(exception, DocumentHeldBack):  # the print's audit row went with the transaction: nothing was given out
            return render(request, "held_back.html", {"exception": exception}, status=409)
        if isinstance(exception, SealError | FileLost):  # the sentence names the field and the key, or the file, and no value
            return render(request, "sealed.html", {"exception": exception}, status=500)
        if not isinstance(exception, Forbidden):
            return None
        with transaction.atomic():
            audit.record(
                "rule_kept" if exception.is_rule else "refused",
                by=request.user,
                outcome="refused",
                reason=str(exception)[:200],
                view=request.resolver_match.view_name,
                method=request.method,
            )
        return render(request, "403.html", {"exception": exception, "rule": exception.is_rule, "back_url": came_from(request)}, status=403)


def came_from(request):
    """The page of ours on which the refused button stood; "" where that is not known."""
    page = request.META.get("HTTP_REFERER", "")
    ours = url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return page if ours and page != request.build_absolute_uri() else ""
