"""Membership in the groups that other departments keep: poverty, civil affairs, disability."""

from django.db import models

from students.rules.codes import NO_BENEFIT, OVERRULED


class SpecialGroupQuerySet(models.QuerySet):
    def listed(self, on):
        """What the lists say on the day `on`, denials and the state's payroll included."""
        return self.filter(models.Q(until=None) | models.Q(until__gt=on), since__lte=on)

    def in_force(self, on):
        """The memberships that count on the day `on`: a list of those who no longer are overrules the lists that grant (domain.md §5.4)."""
        denied = models.Q(code__in=NO_BENEFIT)
        for denial, codes in OVERRULED.items():
            said = SpecialGroup.objects.listed(on).filter(child=models.OuterRef("child"), code=denial)
            denied |= models.Q(code__in=codes) & models.Q(models.Exists(said))
        return self.listed(on).exclude(denied)


class SpecialGroup(models.Model):
    """A child's membership of one group (codes of domain.md §5.3), with the list, batch and row that say so."""

    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, related_name="special_groups", db_index=False)
    code = models.CharField(max_length=3, help_text="P1 … Z9 of students.rules.codes")
    label = models.CharField(max_length=40, help_text="as the list words it")
    household_number = models.CharField(max_length=40, blank=True, help_text="户编号 of the poverty system")
    details = models.JSONField(default=dict, help_text="lifted year, disability category and level …")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    row = models.ForeignKey("students.ListRow", on_delete=models.PROTECT, null=True, related_name="special_groups", db_index=False)

    objects = SpecialGroupQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["child", "code"], name="special_group_child")]
        constraints = [
            models.UniqueConstraint(fields=["row"], name="special_group_once_a_row"),
            models.CheckConstraint(condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name="special_group_dates"),
        ]
