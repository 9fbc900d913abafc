"""报到: which class has counted its pupils at the start of a term, who did not come, and who went to look for them. Boarding by day."""

import uuid

import pghistory
from django.db import models
from django.db.models import F, Q


class ArrivalSheetQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(node__path__overlap=granted_nodes(user, permission))


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old, level=pghistory.Statement))
class ArrivalSheet(models.Model):
    """One class (or a school, for its pupils without a class) in one term: counted by exception. `due` pupils on the roll who are not on
    suspension, `arrived` of them on the day `counted_on`."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    term = models.CharField(max_length=5, help_text="2026A")
    node = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    counted_on = models.DateField()
    due = models.PositiveIntegerField()
    arrived = models.PositiveIntegerField()
    counted_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1)

    objects = ArrivalSheetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["term", "node"], name="arrival_sheet_once"),
            models.CheckConstraint(condition=Q(arrived__lte=F("due")), name="arrival_within_due"),
        ]


class AbsenteeQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(child__scope_nodes__overlap=granted_nodes(user, permission), child__merged_into=None)

    def missing(self):
        """Who has not come yet."""
        return self.filter(arrived_on=None)


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old, level=pghistory.Statement))
class Absentee(models.Model):
    """A pupil who did not come at the start of a term: to be visited in the first week. `arrived_on`: came later."""

    class Reason(models.TextChoices):
        UNKNOWN = "unknown", "原因不明"
        SICK = "sick", "生病"
        LEAVE = "leave", "请假"
        MOVING = "moving", "正在办转学"
        ELSEWHERE = "elsewhere", "说在外地就读"
        OTHER = "other", "其他"

    class Outcome(models.TextChoices):
        COMING = "coming", "约定到校日期"
        ELSEWHERE = "elsewhere", "在外地就读"
        SICK = "sick", "因病不能到校"
        REFUSES = "refuses", "不愿上学"
        AWAY = "away", "全家外出"
        NOBODY = "nobody", "没有见到人"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sheet = models.ForeignKey(ArrivalSheet, on_delete=models.PROTECT, related_name="absentees")
    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, related_name="absences_at_start")
    reason = models.CharField("原因", max_length=10, choices=Reason.choices, default=Reason.UNKNOWN)
    visit_by = models.DateField(help_text="end of the first week: the day by which somebody has been there")
    arrived_on = models.DateField(null=True, blank=True)
    visited_on = models.DateField("走访日期", null=True, blank=True)
    outcome = models.CharField("走访结果", max_length=10, choices=Outcome.choices, blank=True)
    promised_on = models.DateField("约定到校日期", null=True, blank=True)
    visit_note = models.CharField("走访情况", max_length=300, blank=True)
    visited_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = AbsenteeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "child"], name="absentee_once"),
            models.CheckConstraint(
                condition=Q(visited_on=None, outcome="", visited_by=None)
                | Q(visited_on__isnull=False, visited_by__isnull=False) & ~Q(outcome=""),
                name="absentee_visited", violation_error_message="走访要写明日期、结果和走访人",
            ),
        ]  # fmt: skip


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old, level=pghistory.Statement))
class Boarding(models.Model):
    """A child boards at a school from a day on; `until` is the first day the child no longer does. Entered by hand (`recorded_by`; of no
    length: does not board from that day on), or by a boarding list (`row`). Rolls and classroom lists say it in Enrolment.boarding."""

    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, related_name="boardings")
    school = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+")
    row = models.OneToOneField("students.ListRow", on_delete=models.PROTECT, null=True, related_name="boarding")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child"], condition=Q(until=None, row=None), name="boarding_open_once"),
            models.CheckConstraint(
                condition=Q(row=None, recorded_by__isnull=False) | Q(row__isnull=False, recorded_by=None), name="boarding_by_hand_or_list"
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="boarding_dates"),
        ]
