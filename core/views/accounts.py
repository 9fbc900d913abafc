"""Accounts and the roles they hold: who may work where, from when to when."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_tables2 import RequestConfig

from core.actions import accounts as acts
from core.forms import AccountFilterForm, AccountForm, GrantForm, HandOverForm, ReasonForm
from core.models import Organization, RoleGrant, User
from core.scope import get_visible, require
from core.tables import AccountTable

PERMISSION = "manage_accounts"


def _account(request, public_id):
    return get_visible(User.objects, request.user, PERMISSION, public_id=public_id)


def _accounts(request):
    require(request.user, PERMISSION)
    return User.objects.visible_to(request.user, PERMISSION)


@require_GET
def account_list(request):
    today = timezone.localdate()
    form = AccountFilterForm(request.GET or None)
    found = form.apply(_accounts(request), today).with_grants(today)
    table = AccountTable(found, empty_text="没有符合条件的账号：放宽筛选条件再看，或开设新账号。")
    RequestConfig(request, paginate={"per_page": 50}).configure(table)
    return render(request, "core/account_list.html", {"table": table, "form": form, "today": today})


@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_variables("password")
def account_open(request):
    require(request.user, PERMISSION)
    form = AccountForm(request.POST or None, user=request.user, initial={"since": timezone.localdate()})
    if not (request.method == "POST" and form.is_valid()):
        return render(request, "core/account_open.html", {"form": form}, status=422 if form.is_bound else 200)
    fields = form.cleaned_data
    password = acts.one_time_password()
    person = {"username": fields["username"], "name": fields["name"], "post": fields["post"]}
    user = acts.open_account(**person, password=password, by=request.user)
    grant = {"role": fields["role"], "organization": fields["organization"], "since": fields["since"], "until": fields["until"]}
    acts.grant_role(user=user, by=request.user, **grant)
    return _show_password(request, user, password)


@require_GET
def account_detail(request, public_id):
    return _detail(request, _account(request, public_id))


def _detail(request, account, status=200, **forms):
    """The page of one account; a refused form comes in by its name and is shown open with its sentences."""
    today = timezone.localdate()
    grants = account.role_grants.select_related("organization", "granted_by").order_by("-since", "pk")
    context = {
        "account": account,
        "grants": [(grant, grant.since <= today and (grant.until is None or grant.until >= today)) for grant in grants],
        "grant_form": GrantForm(user=request.user, initial={"since": today}),
        "hand_over_form": HandOverForm(accounts=User.objects.none(), predecessor=account, initial={"on": today}),
        "reason_form": ReasonForm(),
        "own": account == request.user,
        "today": today,
        **forms,
    }
    return render(request, "core/account_detail.html", context, status=status)


@require_POST
def account_disable(request, public_id):
    account = _account(request, public_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _detail(request, account, 422, reason_form=form)
    acts.disable_account(user=account, by=request.user, reason=form.cleaned_data["reason"])
    messages.info(request, f"{account.name}的账号已停用，正在使用的登录已中断。他的角色没有变，可另办交接。")
    return redirect("core:account_detail", public_id)


@require_POST
def account_enable(request, public_id):
    account = _account(request, public_id)
    acts.enable_account(user=account, by=request.user)
    messages.info(request, f"{account.name}可以用原来的密码登录了；忘记密码的，请再重置。")
    return redirect("core:account_detail", public_id)


@never_cache
@require_POST
@sensitive_variables("password")
def password_reset(request, public_id):
    account = _account(request, public_id)
    return _show_password(request, account, acts.reset_password(user=account, by=request.user))


def _show_password(request, account, password):
    """Shown once, in the answer itself: never in a session, a message or an address."""
    return render(request, "core/account_password.html", {"account": account, "password": password})


@require_POST
def grant_give(request, public_id):
    account = _account(request, public_id)
    form = GrantForm(request.POST, user=request.user)
    if not form.is_valid():
        return _detail(request, account, 422, grant_form=form)
    grant = acts.grant_role(user=account, by=request.user, **form.cleaned_data)
    messages.info(request, f"自 {grant.since} 起，{account.name}在{grant.organization}担任{grant.get_role_display()}。")
    return redirect("core:account_detail", public_id)


@require_POST
def grants_hand_over(request, public_id):
    account = _account(request, public_id)
    form = HandOverForm(request.POST, accounts=_accounts(request), predecessor=account)
    if not form.is_valid():
        return _detail(request, account, 422, hand_over_form=form)
    successor, units = form.cleaned_data["successor"], Organization.objects.visible_to(request.user, PERMISSION)
    grants = acts.hand_over(predecessor=account, successor=successor, on=form.cleaned_data["on"], by=request.user, within=units)
    messages.info(request, f"自 {form.cleaned_data['on']} 起，{account.name}的 {len(grants)} 个角色由{successor.name}接手。")
    return redirect("core:account_detail", successor.public_id)


@require_POST
def grant_end(request, pk):
    grant = get_visible(RoleGrant.objects.select_related("user", "organization"), request.user, PERMISSION, pk=pk)
    acts.end_grant(grant=grant, on=timezone.localdate(), by=request.user, reason=request.POST.get("reason", "")[:200])
    messages.info(request, f"{grant.user.name}在{grant.organization}的“{grant.get_role_display()}”已结束。")
    return redirect("core:account_detail", grant.user.public_id)
