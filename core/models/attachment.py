"""Files by their content: one stored copy for each sha256, sealed on disk."""

import uuid

from django.conf import settings
from django.db import models


class Attachment(models.Model):
    """A stored file. What it belongs to points at it; it is served by that thing's scoped view, never by its own address."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sha256 = models.CharField(max_length=64, db_index=True, help_text="of the plain content")
    size = models.BigIntegerField(help_text="bytes of the plain content")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    stored_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    stored_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return self.name
