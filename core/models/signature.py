"""A person's name under a content, bound to the content's sha256."""

import pgtrigger
from django.conf import settings
from django.db import models


class Signature(models.Model):
    """Who signed what, in which role, for which unit. `method` password: asked again at signing; paper: a stamped scan is attached."""

    class Method(models.TextChoices):
        PASSWORD = "password", "系统签名"
        PAPER = "paper", "纸质签章"

    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="signatures")
    signer_name = models.CharField(max_length=60)
    role = models.CharField(max_length=30)
    organization = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    meaning = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=40, db_index=True)
    sha256 = models.CharField(max_length=64)
    method = models.CharField(max_length=10, choices=Method.choices)
    scan = models.ForeignKey("core.Attachment", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(method="paper") | models.Q(scan__isnull=False), name="signature_paper_has_scan",
                violation_error_message="纸质签章要上传盖章扫描件",
            ),
        ]
