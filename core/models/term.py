"""School terms and days that differ from the state's calendar."""

from django.db import models


class Term(models.Model):
    """A term by its key, 2020S in spring and 2020A in autumn; `ends` is its last day."""

    key = models.CharField(max_length=5, unique=True)
    starts = models.DateField()
    ends = models.DateField()

    class Meta:
        ordering = ["starts"]
        constraints = [models.CheckConstraint(condition=models.Q(ends__gt=models.F("starts")), name="term_dates")]

    def __str__(self):
        year, season = self.key[:4], self.key[4:]
        return f"{year}年{'春' if season == 'S' else '秋'}季学期"


class DayOverride(models.Model):
    """A day the county declares to be a workday or not, over the published calendar."""

    on = models.DateField(unique=True)
    is_workday = models.BooleanField()
    note = models.CharField(max_length=100)
