"""Accounts and role grants; guardian's rows are derived here and nowhere else."""

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from core import audit, scope
from core.models import RoleGrant, User
from core.roles import ROLE


class GrantRefused(Exception):
    """A grant that may not be; the message says why."""


@transaction.atomic
def open_account(*, username, name, password, by, post="", must_change_password=True):
    user = User.objects.create_user(username, name, password, post=post, must_change_password=must_change_password)
    audit.record("account_opened", by=by, subject=user)
    return user


@transaction.atomic
def grant_role(*, user, role, organization, since, by, until=None):
    """Give `user` a role on a node from `since` to `until` (last day). GrantRefused where the role does not fit the node's kind."""
    if organization.kind not in ROLE[role].level:
        raise GrantRefused(f"“{ROLE[role].label}”不能设在“{organization.name}”({organization.get_kind_display()})上,请选相应层级的单位。")
    grant, made = RoleGrant.objects.get_or_create(
        user=user, role=role, organization=organization, until=until, defaults={"since": since, "granted_by": by}
    )
    scope.confirm_role(user, role, organization)
    if made:
        audit.record("role_granted", by=by, subject=user, organization=organization, role=role, since=str(since))
    return grant


@transaction.atomic
def end_grant(*, grant, on, by, reason=""):
    """End a grant with the day before `on`, and guardian's row with it where no other grant holds it."""
    grant = RoleGrant.objects.select_for_update().get(pk=grant.pk)
    grant.until = max(on - timezone.timedelta(days=1), grant.since)
    grant.save(update_fields=["until"])
    others = RoleGrant.objects.in_force(on).filter(user=grant.user, role=grant.role, organization=grant.organization).exclude(pk=grant.pk)
    if not others.exists():
        scope.withdraw_role(grant.user, grant.role, grant.organization)
    audit.record("role_ended", by=by, subject=grant.user, organization=grant.organization, role=grant.role, reason=reason)


@transaction.atomic
def disable_account(*, user, by, reason=""):
    """Close the account's door at once: sign-in refused, running sessions ended."""
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
