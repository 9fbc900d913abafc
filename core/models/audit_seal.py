"""The seals over the audit: they lie beside the entries, which stay as they were written (design.md §3)."""

import pgtrigger
from django.db import models


class AuditHead(models.Model):
    """One run of the sealer over all chains. Its mac stands on that of the run before and on every seal of its own, so that no seal and no
    chain can be cut off behind it; printed on reports, it is an anchor outside the database."""

    number = models.BigIntegerField(unique=True)
    sealed_at = models.DateTimeField()
    entries = models.BigIntegerField(help_text="sealed so far, in all chains")
    last_entry = models.BigIntegerField(help_text="highest entry sealed so far")
    key = models.BinaryField(max_length=4, help_text="which key: the first bytes of a mac that tells nothing else")
    previous = models.BinaryField(max_length=32)
    mac = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["-number"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    @property
    def anchor(self):
        """What reports print: number and first half of the mac, to be given to `verify_audit --anchor`."""
        return f"{self.number}-{bytes(self.mac)[:16].hex()}"


class AuditSeal(models.Model):
    """The place of one entry in the chain of its unit (0: entries of no unit). References are soft, so that a loss can be told."""

    entry_id = models.BigIntegerField(unique=True)
    chain = models.BigIntegerField()
    sequence = models.BigIntegerField()
    day = models.DateField(help_text="of the entry, to name it when it is gone")
    head = models.BigIntegerField(db_index=True, help_text="AuditHead.number")
    previous = models.BinaryField(max_length=32)
    mac = models.BinaryField(max_length=32)

    class Meta:
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [models.UniqueConstraint(fields=["chain", "sequence"], name="audit_seal_place")]
