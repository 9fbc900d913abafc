"""Households as the police register keeps them, and who is registered in which."""

import uuid

from django.db import models

from core.crypto import SealedTextField
from students.models.account_now import stale_marks
from students.models.references import NODE, kept_references
from students.models.tally import Tally, tallied

MOVED = """students_registration r join fresh n on n.id = r.household_id
    join former o on o.id = n.id and o.village_id <> n.village_id"""


class HouseholdQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes, is_county_wide

        if is_county_wide(user, permission):
            return self.all()
        return self.filter(village__path__overlap=granted_nodes(user, permission))

    def reached_by(self, user, permission):
        """Those whose village is in scope, and those where a child in scope is registered."""
        from core.scope import granted_nodes
        from students.models.contact import households_with_children

        nodes = granted_nodes(user, permission)
        return self.filter(models.Q(village__path__overlap=nodes) | models.Q(pk__in=households_with_children(nodes)))


class Household(models.Model):
    """A household by its police number (户号). The poverty system's 户编号 stays on the membership."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=40, unique=True)
    head_name = models.CharField(max_length=60)
    village = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    address = SealedTextField(field="household.address", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["village", "number"], name="household_village")]
        triggers = [
            *stale_marks("r.child_id", ["update"], rows=MOVED), *kept_references(village_id=NODE),
            *tallied(Tally.HOUSEHOLDS, events=("insert", "delete")),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.head_name}户"


class RegistrationQuerySet(models.QuerySet):
    def in_force(self, on):
        return self.filter(models.Q(until=None) | models.Q(until__gt=on), since__lte=on)


class Registration(models.Model):
    """A child's entry in the police register: from the list's as-of date until the day it is gone. Two at once are double registration."""

    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, related_name="registrations", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="registrations")
    relation = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=20, blank=True, help_text="as the register words it; empty or 正常 is registered")
    counts = models.BooleanField(default=True, help_text="whether the state means registered here")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    row = models.ForeignKey("students.ListRow", on_delete=models.PROTECT, null=True, related_name="registrations", db_index=False)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["child", "since"], name="registration_child")]
        constraints = [
            models.UniqueConstraint(fields=["row"], name="registration_once_a_row"),
            models.CheckConstraint(condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name="registration_dates"),
        ]
        triggers = stale_marks()
