"""The tree of who is where: bureau, townships, education groups, schools, classes, villages (design.md §2)."""

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from guardian.models import UserObjectPermissionBase

from core.roles import ROLES


class OrganizationQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        """Nodes at or below those on which `user` holds a role with `permission` today."""
        from core.scope import granted_nodes, is_county_wide

        if is_county_wide(user, permission):
            return self.all()
        return self.filter(path__overlap=granted_nodes(user, permission))

    def below(self, node):
        """`node` and everything under it."""
        return self.filter(path__contains=[node.pk])

    def in_force(self, on):
        return self.filter(models.Q(since=None) | models.Q(since__lte=on), models.Q(until=None) | models.Q(until__gt=on))


class OfUnitsQuerySet(models.QuerySet):
    """Of rows with an `organization_id`, which may be empty."""

    def visible_to(self, user, permission):
        """What concerns units in scope; at the root also what concerns no unit, such as signing in or the nightly work."""
        from core.scope import granted_nodes, root

        nodes = granted_nodes(user, permission)
        county = root()
        if county is not None and county.pk in nodes:
            return self.all()
        return self.filter(organization_id__in=Organization.objects.filter(path__overlap=nodes).values("pk"))


class Organization(models.Model):
    """One node. `path` holds the ids from the root down to the node itself; a statistical code is a fact, not the key."""

    class Kind(models.TextChoices):
        BUREAU = "bureau", "教育局"
        TOWNSHIP = "township", "乡镇"
        EDUCATION_GROUP = "education_group", "教育组(中心校)"
        SCHOOL = "school", "学校"
        TEACHING_POINT = "teaching_point", "教学点"
        CLASS = "class", "班级"
        VILLAGE = "village", "村(社区)"
        GROUP = "group", "组"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    code = models.CharField(max_length=40, unique=True, help_text="code by which lists name the node")
    name = models.CharField(max_length=80)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    path = ArrayField(models.BigIntegerField(), default=list)
    stat_code = models.CharField(max_length=12, blank=True, help_text="statistical region code, empty for development zones")
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True, help_text="first day on which the node no longer exists")
    version = models.PositiveIntegerField(default=1)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["path"], name="organization_path"),
            models.Index(fields=["parent", "kind"], name="organization_parent_kind"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="bureau") | models.Q(parent__isnull=False),
                name="organization_has_parent",
                violation_error_message="除教育局外,每个单位都要有上级单位",
            ),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(since=None) | models.Q(until__gt=models.F("since")),
                name="organization_dates",
                violation_error_message="停用日期要晚于启用日期",
            ),
        ]
        triggers = [pgtrigger.Protect(name="organization_no_delete", operation=pgtrigger.Delete)]  # it ends by a date
        permissions = [(f"act_as_{role.code}", f"act as {role.code}") for role in ROLES]

    def __str__(self):
        return self.name

    @property
    def depth(self):
        return len(self.path)


class OrganizationSuccession(models.Model):
    """`predecessor` went on as `successor` from a day: merger, split or renaming; old terms keep the old name."""

    predecessor = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="origins")
    happened_on = models.DateField()
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_once")]


class OrganizationUserObjectPermission(UserObjectPermissionBase):
    """guardian's rows for nodes, by a direct foreign key; derived from role grants and never written by hand."""

    content_object = models.ForeignKey(Organization, on_delete=models.CASCADE)
