"""What a person said of a supplier's headings, used by itself when the same headings come again."""

from django.db import models

from students.models.source import KINDS


class ColumnMapping(models.Model):
    """One heading set of one supplier and kind. A newer word replaces the older one; the audit keeps both."""

    supplier = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=20, choices=KINDS)
    fingerprint = models.CharField(max_length=64, help_text="students.imports.columns.fingerprint of the headings")
    columns = models.JSONField(default=dict, help_text="heading → field; an empty field means the column is not used")
    by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["supplier", "kind", "fingerprint"], name="column_mapping_once")]
