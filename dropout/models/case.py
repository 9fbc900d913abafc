"""A case: one child out of school (or suspected of it), one episode."""

import uuid
from datetime import timedelta

import pgtrigger
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now

from dropout import codes
from dropout.workflow import CASE

PROVEN = """
IF NEW.state = 'removed' AND OLD.state <> 'removed' AND NOT EXISTS (
    SELECT 1 FROM dropout_removal r WHERE r.case_id = NEW.id AND r.decision = 'approved' AND r.reviewed_by_id <> r.proposed_by_id
      AND r.id = (SELECT max(id) FROM dropout_removal WHERE case_id = NEW.id)
) THEN RAISE EXCEPTION 'pgtrigger: a removal needs a proposal that another person approved'; END IF;
IF NEW.state = 'closed' AND OLD.state <> 'closed' AND NOT EXISTS (
    SELECT 1 FROM dropout_closing c WHERE c.case_id = NEW.id AND c.decision = 'approved' AND c.reviewed_by_id <> c.proposed_by_id
      AND c.id = (SELECT max(id) FROM dropout_closing WHERE case_id = NEW.id)
      AND NOT EXISTS (SELECT 1 FROM dropout_attendancecount a WHERE a.case_id = NEW.id AND a.first_on >= NEW.returned_on
                      AND a.recorded_by_id IN (c.proposed_by_id, c.reviewed_by_id))
) THEN RAISE EXCEPTION 'pgtrigger: a close-out needs a proposal that another person approved, neither of whom entered attendance'; END IF;
IF NEW.state = 'removal_proposed' AND OLD.state <> 'removal_proposed' AND NEW.removal_from <> OLD.state THEN
    RAISE EXCEPTION 'pgtrigger: a proposed removal remembers the state it came from';
END IF;
IF OLD.state = 'removal_proposed' AND NEW.state NOT IN ('removal_proposed', 'removed') AND NEW.state <> OLD.removal_from THEN
    RAISE EXCEPTION 'pgtrigger: a removal that is sent back goes where it came from';
END IF;
RETURN NEW;
"""
WAS_CONFIRMED = Q(state__in=codes.AFTER_CONFIRMED) | Q(removal_from__in=codes.OF_DROPOUT)
EXPIRING = timedelta(days=14)


class CaseQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        """Cases of the children whom `user` may see with `permission`: everything about a child is seen through the child."""
        from core.scope import granted_nodes

        return self.filter(child__scope_nodes__overlap=granted_nodes(user, permission))

    def open(self):
        """On the ledger: neither removed nor closed."""
        return self.filter(state__in=codes.OPEN_STATES)

    def overdue(self, on):
        return self.open().filter(due_on__lt=on)

    def removed_in_force(self, on):
        """Removed, and the re-check day has not passed."""
        return self.filter(Q(removal_expires_on=None) | Q(removal_expires_on__gte=on), state="removed")

    def expired(self, on):
        return self.filter(state="removed", removal_expires_on__lt=on)

    def expiring(self, on):
        """Removals in force that end within EXPIRING days."""
        return self.removed_in_force(on).filter(removal_expires_on__lte=on + EXPIRING)

    def with_pending_closing(self):
        return self.filter(closings__decision="pending")

    def with_places(self):
        return self.select_related("child", "school", "township", "village")

    def with_counts(self):
        """`visit_count`: visits that stand, and `last_visit_on`. Subqueries, so that counting the rows does not pay for them."""
        from dropout.models.visit import Visit

        visits = Visit.objects.standing().filter(case=OuterRef("pk")).order_by().values("case")
        return self.annotate(
            visit_count=Coalesce(Subquery(visits.annotate(count=models.Count("pk")).values("count")), 0),
            last_visit_on=Subquery(visits.annotate(last=models.Max("happened_on")).values("last")),
        )


class Case(models.Model):
    """One episode of one child. A closed case stays closed; dropping out again later is episode n + 1 of the same child.

    `due_on` is the day by which the present state wants its next step (the workflow's days, or the next appointment of a visit)."""

    State, workflow = codes.CaseState, CASE

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("个案号", max_length=24, unique=True, help_text="疑〔2020〕0001")
    child = models.ForeignKey("students.Child", on_delete=models.PROTECT, related_name="cases")
    episode = models.PositiveSmallIntegerField(default=1)
    relapses = models.PositiveSmallIntegerField(default=0, help_text="times the child left again within this case")
    state = models.CharField("状态", max_length=20, choices=codes.CaseState.choices, default=codes.CaseState.SUSPECTED)
    source = models.CharField("来源", max_length=12, choices=codes.Source.choices)
    rule = models.JSONField(default=dict, help_text="rule, inputs and version that brought the child onto the list")
    why = models.CharField("列为疑似的理由", max_length=200)
    school = models.ForeignKey("core.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    stage = models.CharField(max_length=3, blank=True, choices=[("pri", "小学"), ("jun", "初中")])
    grade = models.PositiveSmallIntegerField(null=True, blank=True)
    township = models.ForeignKey("core.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    village = models.ForeignKey("core.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_on = models.DateField()
    opened_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+", help_text="null: the system")
    opened_at = models.DateTimeField(auto_now_add=True)
    due_on = models.DateField(null=True, blank=True)
    confirmed_on = models.DateField(null=True, blank=True)
    cause = models.CharField("辍学原因", max_length=12, blank=True, choices=codes.Cause.choices)
    left_on = models.DateField("辍学时间", null=True, blank=True)
    removal_from = models.CharField(
        max_length=20,
        blank=True,
        choices=codes.CaseState.choices,
        help_text="state in which a removal was proposed, while it waits or holds",
    )
    removal_reason = models.CharField(max_length=2, blank=True, choices=codes.REASON_CHOICES)
    removal_expires_on = models.DateField(null=True, blank=True, help_text="last day on which the removal holds; null: final")
    returned_on = models.DateField(null=True, blank=True)
    placement = models.CharField("安置方式", max_length=16, blank=True, choices=codes.Placement.choices)
    closed_on = models.DateField(null=True, blank=True)
    close_code = models.CharField(max_length=16, blank=True, choices=codes.CloseCode.choices)
    version = models.PositiveIntegerField(default=1)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_on", "-id"]
        indexes = [
            models.Index(fields=["school", "state"], name="case_school"),
            models.Index(fields=["township", "state"], name="case_township"),
            models.Index(fields=["state", "due_on"], name="case_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["child"], condition=~Q(state="closed"), name="case_open_once",
                violation_error_message="这名学生已有一个未销号的个案",
            ),
            models.UniqueConstraint(fields=["child", "episode"], name="case_episode"),
            models.CheckConstraint(
                condition=WAS_CONFIRMED & Q(confirmed_on__isnull=False) & ~Q(cause="") | ~WAS_CONFIRMED & Q(confirmed_on=None, cause=""),
                name="case_confirmed", violation_error_message="确认辍学的个案要有确认日期和辍学原因，未确认的不能有",
            ),
            models.CheckConstraint(
                condition=Q(state="removed") & ~Q(removal_reason="") | ~Q(state="removed") & Q(removal_reason="", removal_expires_on=None),
                name="case_removed", violation_error_message="已核减的个案要有核减原因，其他状态不能有核减原因和有效期",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["removal_proposed", "removed"], removal_from__in=codes.REMOVABLE)
                | ~Q(state__in=["removal_proposed", "removed"]) & Q(removal_from=""),
                name="case_removal_from", violation_error_message="拟核减、已核减的个案要记下从哪个状态提出，其他状态不能有",
            ),
            models.CheckConstraint(
                condition=Q(state__in=codes.AFTER_RETURN, returned_on__isnull=False)
                | ~Q(state__in=codes.AFTER_RETURN) & Q(returned_on=None),
                name="case_returned", violation_error_message="已返校的个案要有返校日期，未返校的不能有",
            ),
            models.CheckConstraint(
                condition=Q(state__in=codes.AFTER_PLACEMENT) & ~Q(placement="") | ~Q(state__in=codes.AFTER_PLACEMENT) & Q(placement=""),
                name="case_placed", violation_error_message="进入巩固期的个案要有安置方式，其他状态不能有",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_on__isnull=False) & ~Q(close_code="")
                | ~Q(state="closed") & Q(closed_on=None, close_code=""),
                name="case_closed", violation_error_message="已销号的个案要有销号日期和销号类型，未销号的不能有",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_on=None) | Q(confirmed_on__gte=F("opened_on")), name="case_confirmed_after_opening",
                violation_error_message="确认日期不能早于列为疑似的日期",
            ),
            models.CheckConstraint(
                condition=Q(returned_on=None) | Q(returned_on__gte=F("confirmed_on")), name="case_returned_after_confirmed",
                violation_error_message="返校日期不能早于确认辍学的日期",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("returned_on")), name="case_closed_after_return",
                violation_error_message="销号日期不能早于返校日期",
            ),
        ]
        triggers = [
            *CASE.triggers(),
            pgtrigger.Trigger(name="two_people", when=pgtrigger.Before, operation=pgtrigger.Update, func=PROVEN),
            pgtrigger.ReadOnly(name="case_identity", fields=["public_id", "number", "child", "episode", "opened_on", "opened_by"]),
        ]

    def __str__(self):
        return self.number

    @property
    def is_priority(self):
        """反复辍学: left again within the case or in an earlier episode (domain.md §3.12)."""
        return bool(self.relapses) or self.episode > 1

    def is_overdue(self, on):
        return self.state in codes.OPEN_STATES and self.due_on is not None and self.due_on < on


class CaseEvent(models.Model):
    """What happened to a case, never changed: `happened_on` is the fact's day, `recorded_at` when the system learned of it.

    Within a case both never go back; figures of a period are sums over these rows (design.md §5)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    name = models.CharField(max_length=30, help_text="open, or a transition of dropout.workflow")
    source = models.CharField(max_length=20, blank=True)
    target = models.CharField(max_length=20, choices=codes.CaseState.choices)
    happened_on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, related_name="+", help_text="null: the system")
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["case", "id"], name="case_event_case"), models.Index(fields=["happened_on"], name="case_event_day")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(condition=Q(name="open", source="") | ~Q(name="open") & ~Q(source=""), name="case_event_source"),
        ]
