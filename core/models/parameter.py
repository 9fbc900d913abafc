"""County settings that change with time."""

from django.conf import settings
from django.db import models


class ParameterQuerySet(models.QuerySet):
    def value_of(self, name, on, default):
        """The value of `name` that counts on the day `on`; `default` where the county has set none."""
        row = self.filter(name=name, since__lte=on).order_by("-since").first()
        return default if row is None else row.value


class Parameter(models.Model):
    """A setting's value from a day on. Earlier values stay, so that an old term is computed as it was."""

    name = models.CharField(max_length=60)
    since = models.DateField()
    value = models.JSONField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = ParameterQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "since"], name="parameter_once_a_day")]
