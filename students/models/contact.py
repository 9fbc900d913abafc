"""Who looks after a child, how the family is reached, where it lives: dated, entered by people who went there."""

import uuid

from django.db import models
from django.db.models import F, Q

from core.crypto import SealedTextField


class ContactQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        """Through the child; what was entered for a household, through its village or a child registered there."""
        from core.scope import granted_nodes

        nodes = granted_nodes(user, permission)
        return self.filter(
            Q(child__scope_nodes__overlap=nodes)
            | Q(household__village__path__overlap=nodes)
            | Q(household__in=households_with_children(nodes))
        )

    def in_force(self, on):
        return self.filter(Q(until=None) | Q(until__gt=on), since__lte=on)

    def of_child(self, child):
        """The child's own, and those of the households where it is registered."""
        from students.models.household import Registration

        return self.filter(Q(child=child) | Q(household__in=Registration.objects.filter(child=child, until=None).values("household")))


def households_with_children(nodes):
    from students.models.household import Registration

    return Registration.objects.filter(child__scope_nodes__overlap=nodes, child__merged_into=None).values("household")


class Contact(models.Model):
    """A person or an address from a day on. Never changed: what is no longer so ends, and stays as history."""

    class Kind(models.TextChoices):
        CARER = "carer", "实际监护人（委托照护人）"
        GUARDIAN = "guardian", "监护人"
        PROXY = "proxy", "代理联系人"
        ADDRESS = "address", "现住址"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, null=True, blank=True, related_name="contacts")
    household = models.ForeignKey("students.Household", on_delete=models.PROTECT, null=True, blank=True, related_name="contacts")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=60, blank=True)
    relation = models.CharField(max_length=20, blank=True, help_text="to the child: 父, 祖母, 村干部 …")
    phone = SealedTextField(field="person.phone")
    address = SealedTextField(field="contact.address")
    note = models.CharField(max_length=200, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True, help_text="first day it no longer holds")
    by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    ended_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(child=None, household__isnull=False) | Q(child__isnull=False, household=None), name="contact_of_one"
            ),
            models.CheckConstraint(
                condition=Q(kind="address", address__isnull=False) | ~Q(kind="address") & ~Q(name=""), name="contact_says_something",
                violation_error_message="联系人要有姓名，现住址要有地址",
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="contact_dates"),
            models.CheckConstraint(
                condition=Q(until=None, ended_by=None, ended_at=None)
                | Q(until__isnull=False, ended_by__isnull=False, ended_at__isnull=False),
                name="contact_ended",
            ),
        ]  # fmt: skip

    @property
    def owner(self):
        return self.child or self.household
