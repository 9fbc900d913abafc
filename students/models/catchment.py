"""Catchments (学区): which section takes the children of which village or group in a school year (design.md §2)."""

import pghistory
from django.db import models


class CatchmentQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(section__school__path__overlap=granted_nodes(user, permission))

    def in_force(self, on):
        """Those that hold on the day `on`, of any school year."""
        return self.filter(models.Q(until=None) | models.Q(until__gt=on))


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old, level=pghistory.Statement))
class Catchment(models.Model):
    """A section takes the children registered in `place` (a village or one of its groups) in the school year beginning in September of
    `school_year`. A group's own row wins over its village's. One section of each stage takes a place.

    `until`: the first day it no longer does, where it ended within the year; nothing is deleted."""

    section = models.ForeignKey("students.Section", on_delete=models.PROTECT, related_name="catchments")
    stage = models.CharField(max_length=3, help_text="the section's stage, so that a place has one section of each")
    place = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    school_year = models.PositiveSmallIntegerField()
    until = models.DateField(null=True, blank=True)
    ended_why = models.CharField(max_length=200, blank=True)

    objects = CatchmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place", "school_year", "stage"], condition=models.Q(until=None), name="catchment_one_section_a_stage"
            ),
            models.CheckConstraint(
                condition=models.Q(until=None) | ~models.Q(ended_why=""), name="catchment_end_with_reason",
                violation_error_message="停用学区要写明原因",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["school_year", "place"], name="catchment_year_place")]
