"""Who owes which report: a table, so that nobody's silence is taken for a zero (issue 2, stage B)."""

from django.db import models
from django.db.models import Q

from archives.models.report import ReportKind, ReportMode


class ReportObligationQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(organization__path__overlap=granted_nodes(user, permission))

    def in_force(self, on):
        """Obligations that count on the day `on`; `until` is the first day they no longer do."""
        return self.filter(Q(until=None) | Q(until__gt=on), since__lte=on)

    def below(self, node):
        return self.filter(organization__path__contains=[node.pk])


class ReportObligation(models.Model):
    """A unit owes the reports of a kind from a day on, in the system or on paper. A teaching point is a line in its school's report."""

    kind = models.CharField(max_length=20, choices=ReportKind.choices)
    organization = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="report_obligations")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    mode = models.CharField(max_length=10, choices=ReportMode.choices, default=ReportMode.SYSTEM)

    objects = ReportObligationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "organization"], condition=Q(until=None), name="report_obligation_open_once"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=models.F("since")), name="report_obligation_dates"),
        ]
