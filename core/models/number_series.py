"""Running numbers of documents, without gaps that come from races."""

from django.db import models, transaction


class NumberSeriesQuerySet(models.QuerySet):
    def next_of(self, series):
        """The next number of `series`, from 1; the row stays locked until the transaction ends."""
        with transaction.atomic():
            self.get_or_create(series=series)
            row = self.select_for_update().get(series=series)
            row.last += 1
            row.save(update_fields=["last"])
            return row.last


class NumberSeries(models.Model):
    series = models.CharField(max_length=80, unique=True)
    last = models.PositiveIntegerField(default=0)

    objects = NumberSeriesQuerySet.as_manager()
