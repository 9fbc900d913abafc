"""County settings: a new value from a day on; what counted before stays, so that an old term is computed as it was."""

from django.db import transaction

from core import audit
from core.models import Parameter


@transaction.atomic
def set_parameter(*, name, since, value, reason, by):
    """The value of `name` from `since` on. The same day again is a correction, and the audit row keeps both values."""
    former = Parameter.objects.filter(name=name, since=since).values_list("value", flat=True).first()
    row, _ = Parameter.objects.update_or_create(name=name, since=since, defaults={"value": value, "reason": reason, "set_by": by})
    audit.record("parameter_set", by=by, reason=reason, name=name, since=since.isoformat(), value=value, former=former)
    return row
