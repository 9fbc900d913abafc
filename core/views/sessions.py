"""The door: signing in and out, one's own password, one's password once more."""

from axes.helpers import get_failure_limit
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core import audit
from core.actions import accounts
from core.forms import OwnPasswordForm, PasswordAgainForm, SignInForm
from core.middleware import SIGNED_IN_AT
from core.models import User

CONFIRMED_AT = "password_confirmed_at"
FRESH_SECONDS = 600


@sensitive_post_parameters()
@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def sign_in(request):
    if request.user.is_authenticated:
        return redirect("home")
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _let_in(request, form.get_user())
    if request.method == "POST":
        _note_failure(request, request.POST.get("username", ""))
    status = 422 if request.method == "POST" else 200
    return render(request, "core/sign_in.html", {"form": form, "next": _next(request)}, status=status)


def _let_in(request, user):
    login(request, user)
    request.session[SIGNED_IN_AT] = timezone.now().isoformat()
    audit.record("signed_in", by=user, subject=user)
    return redirect(_next(request) or "home")


def _note_failure(request, username):
    """The account that was tried, if there is one; what was typed into the field is not kept: people type passwords there."""
    user = User.objects.filter(username=username).first()
    audit.record("sign_in_failed", by=user, subject=user, outcome="refused", locked=bool(getattr(request, "axes_locked_out", False)))


def locked_out(request, _answer, credentials):
    """axes answers with this page once the limit is reached (settings.AXES_LOCKOUT_CALLABLE)."""
    sentence = f"连续输错 {get_failure_limit(request, credentials)} 次，这个账号在这台电脑上已锁定 15 分钟。"
    return render(request, "core/sign_in.html", {"form": SignInForm(request), "locked": sentence}, status=429)


@login_not_required
@require_POST
def sign_out(request):
    if request.user.is_authenticated:
        audit.record("signed_out", by=request.user, subject=request.user)
    logout(request)
    response = redirect("core:sign_in")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password_change(request):
    form = OwnPasswordForm(request.user, request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        accounts.change_password(user=request.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(request, request.user)
        messages.info(request, "密码已换成新的，其他设备上的登录已失效。")
        return redirect("home")
    context = {"form": form, "must_change": request.user.must_change_password, "back_url": reverse("home")}
    return render(request, "core/password_change.html", context, status=422 if form.is_bound else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def reauthenticate(request):
    form = PasswordAgainForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        request.session[CONFIRMED_AT] = timezone.now().timestamp()
        audit.record("identity_confirmed", by=request.user, subject=request.user)
        return redirect(_next(request) or "home")
    context = {"form": form, "next": _next(request), "back_url": reverse("home")}
    return render(request, "core/reauthenticate.html", context, status=422 if form.is_bound else 200)


def require_fresh_password(request):
    """None when the password was given again within ten minutes, else the redirect to the page that asks for it."""
    if timezone.now().timestamp() - request.session.get(CONFIRMED_AT, 0) <= FRESH_SECONDS:
        return None
    return redirect(f"{reverse('core:reauthenticate')}?next={request.path}")


def _next(request):
    """Where the person wanted to go, if it is a place of this house."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if safe else ""
