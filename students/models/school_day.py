"""The school calendar: days on which a school does otherwise than the county's terms and workdays say."""

import uuid

import pgtrigger
from django.db import models

from core.models import DayOverride, Term
from students.rules.school_days import Calendar


class SchoolDayQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(node__path__overlap=granted_nodes(user, permission))

    def standing(self):
        return self.filter(withdrawn_at=None)

    def between(self, first, last):
        return self.filter(on__gte=first, on__lte=last)

    def calendars_of(self, nodes, first, last):
        """{node id: Calendar} for the days first … last, in three queries whatever the number of nodes; the nearest declaration wins."""
        terms = tuple(Term.objects.values_list("starts", "ends"))
        county = dict(DayOverride.objects.filter(on__gte=first, on__lte=last).values_list("on", "is_workday"))
        above = {pk for node in nodes for pk in node.path}
        own = {}
        for row in self.standing().between(first, last).filter(node__in=above):
            own.setdefault(row.node_id, {})[row.on] = (row.morning, row.afternoon)
        return {node.pk: Calendar(terms, county, _nearest(own, node.path)) for node in nodes}


def _nearest(own, path):
    days = {}
    for pk in path:  # from the county down: what is nearer overwrites
        days |= own.get(pk, {})
    return days


class SchoolDay(models.Model):
    """What a node declared for itself and all below it on one day: which half-days are taught, why, by whom. Never changed: a new
    declaration withdraws the former one, which stays."""

    class Kind(models.TextChoices):
        BIG_WEEK = "big_week", "大小周"
        MONTH_LEAVE = "month_leave", "月假"
        FARM_LEAVE = "farm_leave", "农忙假"
        CLOSURE = "closure", "停课"
        MAKE_UP = "make_up", "补课、调休上课"
        HALF_DAY = "half_day", "半天课"
        OTHER = "other", "其他"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    node = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    morning = models.BooleanField(help_text="whether the morning is taught")
    afternoon = models.BooleanField(help_text="whether the afternoon is taught")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reason = models.CharField(max_length=200)
    declared_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(auto_now_add=True)
    withdrawn_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = SchoolDayQuerySet.as_manager()

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["node", "on"], condition=models.Q(withdrawn_at=None), name="school_day_once"),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None, withdrawn_by=None) | models.Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="school_day_withdrawn",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="school_day_reason", violation_error_message="要写明原因"),
        ]
        triggers = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="declaration_stands", fields=["node", "on", "morning", "afternoon", "kind", "reason", "declared_by"]),
        ]

    @property
    def words(self):
        return {(True, True): "全天上课", (True, False): "只上上午", (False, True): "只上下午"}.get(
            (self.morning, self.afternoon), "不上课"
        )
