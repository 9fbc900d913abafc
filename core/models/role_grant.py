"""Which role a person holds where, and from when to when."""

from django.conf import settings
from django.db import models

from core.roles import ROLE, ROLE_CHOICES


class RoleGrantQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(organization__path__overlap=granted_nodes(user, permission))

    def in_force(self, on):
        """Grants that count on the day `on`; `until` is the last day."""
        return self.filter(models.Q(until=None) | models.Q(until__gte=on), since__lte=on)


class RoleGrant(models.Model):
    """One role of one person on one node. Never deleted: ended by its date, so that old signatures keep their ground."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=30, choices=ROLE_CHOICES)
    organization = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="role_grants")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "organization"], condition=models.Q(until=None), name="role_grant_open_once",
                violation_error_message="此人在该单位已有这个角色",
            ),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name="role_grant_dates",
                violation_error_message="截止日期不能早于开始日期",
            ),
        ]

    def __str__(self):
        return f"{ROLE[self.role].label} · {self.organization}"
