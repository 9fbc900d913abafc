"""Catchments (学区): which section takes the children of which village or group in a school year (design.md §2)."""

import pghistory
from django.db import models


class CatchmentQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(section__school__path__overlap=granted_nodes(user, permission))


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old, level=pghistory.Statement))
class Catchment(models.Model):
    """A section takes the children registered in `place` (a village or one of its groups) in the school year beginning in September of
    `school_year`. A group's own row wins over its village's. One section of each stage takes a place."""

    section = models.ForeignKey("students.Section", on_delete=models.PROTECT, related_name="catchments")
    stage = models.CharField(max_length=3, help_text="the section's stage, so that a place has one section of each")
    place = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    school_year = models.PositiveSmallIntegerField()

    objects = CatchmentQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "school_year", "stage"], name="catchment_one_section_a_stage")]
        indexes = [models.Index(fields=["school_year", "place"], name="catchment_year_place")]
