"""What every request passes: its name, the door, the sentence of a refusal.

Order in settings: RequestIdentity before everything that logs; SignedInOnly (Django's LoginRequiredMiddleware), SessionLimits and
Refusals after AuthenticationMiddleware.
"""

import uuid
from datetime import timedelta

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from core import audit
from core.scope import Forbidden

SIGNED_IN_AT = "signed_in_at"
LONGEST_SESSION = timedelta(hours=12)
OPEN_WITHOUT_OWN_PASSWORD = {"core:password_change", "core:sign_out", "core:sign_in", "healthz"}


class RequestIdentity:
    """Gives the request an id of our own making (a client's header is not believed) and tells audit where it came from."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = uuid.uuid4().hex
        request.META["HTTP_X_REQUEST_ID"] = request.id
        token = audit.origin.set(audit.Origin(request_id=request.id, address=get_client_ip_address(request) or ""))
        try:
            response = self.get_response(request)
        finally:
            audit.origin.reset(token)
        response["X-Request-ID"] = request.id
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


class Refusals:
    """A refused act becomes the 403 page with its sentence, and a row in the audit.

    Django calls this after ATOMIC_REQUESTS rolled the view's transaction back, so that the row of the refusal stands alone.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, Forbidden):
            return None
        with transaction.atomic():
            audit.record(
                "refused", by=request.user, outcome="refused", reason=str(exception)[:200],
                view=request.resolver_match.view_name, method=request.method,
            )
        return render(request, "403.html", {"exception": exception}, status=403)
