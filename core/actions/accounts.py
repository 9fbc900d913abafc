"""Accounts and role grants; guardian's rows are derived here and nowhere else."""

import secrets

from axes.utils import reset as forget_failures
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import audit, scope
from core.models import RoleGrant, User
from core.roles import ROLE

READABLE = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without signs that are misread on paper


class GrantRefused(scope.Forbidden):
    """A grant that may not be; the message says why."""


def one_time_password():
    """Sixteen readable signs in groups, 92 bits; to be changed at the first sign-in."""
    return "-".join("".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(4))


@transaction.atomic
def open_account(*, username, name, password, by, post="", must_change_password=True):
    user = User.objects.create_user(username, name, password, post=post, must_change_password=must_change_password)
    audit.record("account_opened", by=by, subject=user)
    return user


@transaction.atomic
def grant_role(*, user, role, organization, since, by, until=None):
    """Give `user` a role on a node from `since` to `until` (last day). GrantRefused where the role does not fit the node's kind."""
    if by is not None and by.pk == user.pk:
        raise GrantRefused("不能给自己授予角色，请另一位管理员办理。")
    if organization.kind not in ROLE[role].level:
        raise GrantRefused(f"“{ROLE[role].label}”不能设在“{organization.name}”（{organization.get_kind_display()}）上，请选相应层级的单位。")
    grant, made = RoleGrant.objects.get_or_create(
        user=user, role=role, organization=organization, until=until, defaults={"since": since, "granted_by": by}
    )
    scope.confirm_role(user, role, organization)
    if made:
        audit.record("role_granted", by=by, subject=user, organization=organization, role=role, since=str(since))
    return grant


@transaction.atomic
def end_grant(*, grant, on, by, reason=""):
    """End a grant with the day before `on`, and guardian's row with it where no other grant holds it and the last day is over. GrantRefused
    for one that has ended already: its last day is what old signatures stand on."""
    grant = RoleGrant.objects.select_for_update().get(pk=grant.pk)
    if grant.until is not None and grant.until < on:
        raise GrantRefused(f"这个角色在 {grant.until} 已经结束，不用再办理。")
    grant.until = max(on - timezone.timedelta(days=1), grant.since)
    grant.save(update_fields=["until"])
    later = Q(until=None) | Q(until__gte=on)  # in force today or still to begin: it needs guardian's row as well
    others = RoleGrant.objects.filter(later, user=grant.user, role=grant.role, organization=grant.organization).exclude(pk=grant.pk)
    if not others.exists() and on <= timezone.localdate():
        scope.withdraw_role(grant.user, grant.role, grant.organization)
    audit.record("role_ended", by=by, subject=grant.user, organization=grant.organization, role=grant.role, reason=reason)


@transaction.atomic
def disable_account(*, user, by, reason=""):
    """Close the account's door at once: sign-in refused, running sessions ended."""
    if by is not None and by.pk == user.pk:
        raise GrantRefused("不能停用自己的账号，请另一位管理员办理。")
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user)
    audit.record("account_disabled", by=by, subject=user, reason=reason)


def end_sessions(user):
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()


@transaction.atomic
def change_password(*, user, password):
    user.set_password(password)
    user.must_change_password = False
    user.password_changed_at = timezone.now()
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])
    audit.record("password_changed", by=user, subject=user)


@transaction.atomic
def enable_account(*, user, by, reason=""):
    """Open the account's door again; roles that were ended stay ended."""
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.record("account_enabled", by=by, subject=user, reason=reason)


@transaction.atomic
def reset_password(*, user, by):
    """A new one-time password, returned once and kept nowhere; a lock-out is lifted and running sessions end."""
    password = one_time_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    forget_failures(username=user.username)
    end_sessions(user)
    audit.record("password_reset", by=by, subject=user)
    return password


@transaction.atomic
def hand_over(*, predecessor, successor, on, by, within, reason="交接"):
    """交接: the roles of `predecessor` in force on the day `on`, on the units of `within` (a query set), go to `successor` in one act.

    Returns the new grants. GrantRefused when there is nothing to hand over or it would be oneself who receives it.
    """
    grants = list(RoleGrant.objects.in_force(on).filter(user=predecessor, organization__in=within).select_related("organization"))
    if not grants:
        raise GrantRefused(f"{predecessor.name}在 {on} 没有可以交接的角色。")
    received = []
    for grant in grants:
        received.append(grant_role(user=successor, role=grant.role, organization=grant.organization, since=on, until=grant.until, by=by))
        end_grant(grant=grant, on=on, by=by, reason=reason)
    audit.record("roles_handed_over", by=by, subject=predecessor, to=str(successor.public_id), roles=len(received))
    return received
