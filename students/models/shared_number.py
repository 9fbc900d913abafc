"""One number under which lists name two children: which of the names is the other child's (domain.md §3.4, bucket M6)."""

import uuid

from django.db import models
from django.db.models import Q

OWN_IDENTITY = "sha256({number} || convert_to({name}, 'UTF8'))"  # SQL: what stands for the number in rows of that name
PERSON_KEY = "{key} || substring({own} from 1 for 8)"  # SQL: the row's key within its kind, so that both children may stand in one list
NUMBER_STATE = "disputed"


class SharedNumber(models.Model):
    """Rows that give the number `identity` and this name (where `birth_on` is stated: and that birth date) are about whom `own_identity`
    names; before anything else they are given it, so that no list joins both children again. Who that is, and whether it is the same
    child after all, says a Match between the two ChildNumbers: this row only keeps the claims apart and is never changed.

    `by`: the person who said so; None: a batch brought names and birth dates (or sexes) that cannot be one child's."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    identity = models.BinaryField(max_length=32)
    name_key = models.CharField(max_length=60)
    birth_on = models.DateField(null=True)
    own_identity = models.BinaryField(max_length=32)
    snapshot = models.ForeignKey("students.SourceSnapshot", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["own_identity"], name="shared_number_own")]
        constraints = [
            models.UniqueConstraint(fields=["identity", "name_key", "birth_on"], nulls_distinct=False, name="shared_number_once"),
            models.CheckConstraint(
                condition=Q(by=None, snapshot__isnull=False) | Q(by__isnull=False, snapshot=None) & ~Q(reason=""),
                name="shared_number_by_list_or_person",
            ),
        ]
