"""On the roll, and in the classroom: two dated facts about a child."""

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Func, Q

from students.models.account_now import stale_marks
from students.models.references import NODE, kept_references
from students.models.school import Section


class DateRange(Func):
    """PostgreSQL daterange of two columns, end exclusive."""

    function = "daterange"


class EnrolmentQuerySet(models.QuerySet):
    def in_force(self, on):
        """Facts that hold on the day `on`; `until` is the first day they no longer do."""
        return self.filter(Q(until=None) | Q(until__gt=on), since__lte=on)

    def counted(self):
        """Those whose state means on the roll (or in the classroom), suspended ones included only on the roll."""
        return self.filter(counts=True)


# Two accepted facts of a kind never overlap. An exclusion constraint over all of them is by far the dearest index of an import, so it
# watches the ended ones, a unique index the open ones, and this the few children who have both. A fact that opens has to pass the
# unique index first, which waits for another transaction that ends the one before: what that one wrote is seen here.
NO_OVERLAP = """
execute $check$ select count(*) from fresh n join students_enrolment o on o.child_id = n.child_id and o.kind = n.kind and o.accepted
    and (o.until is null) <> (n.until is null) and daterange(o.since, o.until) && daterange(n.since, n.until)
    where n.accepted $check$ into strict overlapping;
if overlapping > 0 then
    raise exclusion_violation using message = 'accepted enrolments overlap', constraint = 'enrolment_open_and_ended', table = TG_TABLE_NAME;
end if;
return null;
"""


def _open_and_ended(name, operation):
    return pgtrigger.Trigger(
        name=name, level=pgtrigger.Statement, when=pgtrigger.After, operation=operation, referencing=pgtrigger.Referencing(new="fresh"),
        declare=[("overlapping", "bigint")], func=NO_OVERLAP,
    )  # fmt: skip


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old, level=pghistory.Statement))
class Enrolment(models.Model):
    """A child at a school. A second claim to the same time is kept with accepted=False and shown as 双重学籍; it blocks nothing."""

    class Kind(models.TextChoices):
        ROLL = "roll", "学籍"
        ATTENDING = "attending", "在校"

    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, related_name="enrolments", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    school = models.ForeignKey(
        "core.Organization", on_delete=models.PROTECT, related_name="enrolments", db_index=False, db_constraint=False
    )
    class_node = models.ForeignKey(
        "core.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, db_constraint=False
    )
    stage = models.CharField(max_length=3, choices=Section.Stage.choices, blank=True)
    grade = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="year within the stage: pre 1–3, pri 1–6, jun 1–4, sen 1–3, voc 1–3"
    )
    class_name = models.CharField(max_length=20, blank=True)
    boarding = models.BooleanField(null=True)
    entered = models.CharField(max_length=6, blank=True, help_text="入学年月 YYYYMM")
    state = models.CharField(max_length=20, blank=True, help_text="as the list words it")
    counts = models.BooleanField(default=True, help_text="whether the state means on the roll (attending)")
    accepted = models.BooleanField(default=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    row = models.ForeignKey("students.ListRow", on_delete=models.PROTECT, null=True, related_name="enrolments", db_index=False)
    roll_number_index = models.BinaryField(max_length=32, null=True, blank=True)
    made_by = models.UUIDField(null=True, help_text="public_id of the act (roll change, turn of the year, merger) that made it")
    ended_by = models.UUIDField(null=True, help_text="public_id of the act that ended it")
    ended_on = models.DateField(null=True, help_text="`until` as that act set it; students.actions.reconciling holds to it")

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["child", "kind"], name="enrolment_child"),
            models.Index(fields=["school", "child"], include=["kind", "counts", "since", "until"], name="enrolment_of_school"),
            models.Index(fields=["child"], condition=Q(accepted=False), name="enrolment_second_claim"),
            models.Index(fields=["made_by"], condition=~Q(made_by=None), name="enrolment_made_by"),
            models.Index(fields=["ended_by"], condition=~Q(ended_by=None), name="enrolment_ended_by"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["row"], name="enrolment_once_a_row"),
            models.CheckConstraint(condition=Q(made_by=None) | Q(row=None), name="enrolment_by_list_or_act"),
            models.CheckConstraint(
                condition=Q(ended_by=None, ended_on=None) | Q(ended_by__isnull=False, ended_on__isnull=False), name="enrolment_ended_by_act"
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=models.F("since")), name="enrolment_dates"),
            models.UniqueConstraint(fields=["child", "kind"], condition=Q(accepted=True, until=None), name="enrolment_one_open"),
            *(
                ExclusionConstraint(
                    name=f"enrolment_ended_{kind}",
                    expressions=[
                        (DateRange("since", "until", models.Value("[)")), RangeOperators.OVERLAPS),
                        ("child", RangeOperators.EQUAL),
                    ],
                    condition=Q(accepted=True, kind=kind, until__isnull=False),
                )
                for kind in ("roll", "attending")
            ),
        ]
        triggers = [
            _open_and_ended("enrolment_apart_on_insert", pgtrigger.Insert),
            _open_and_ended("enrolment_apart_on_update", pgtrigger.Update),
            *stale_marks(),
            *kept_references(school_id=NODE, class_node_id=NODE),
        ]
