"""What was done with a report, act by act."""

import pgtrigger
from django.conf import settings
from django.db import models

from archives.models.report import Report


class ReportEvent(models.Model):
    """One move of a report: append-only, with the fingerprint of the content it was made on."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="events")
    name = models.CharField(max_length=30, help_text="the transition's name, or made, corrected, scan_joined")
    source = models.CharField(max_length=20, blank=True)
    target = models.CharField(max_length=20)
    happened_on = models.DateField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=60)
    reason = models.CharField(max_length=500, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["report"], name="report_event_report")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
