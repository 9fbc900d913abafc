"""A visit to bring a child back (劝返记录, domain.md §3.11)."""

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.crypto import SealedTextField
from dropout.codes import Met, Mode, Reply


class VisitQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        from core.scope import granted_nodes

        return self.filter(case__child__scope_nodes__overlap=granted_nodes(user, permission))

    def standing(self):
        """Rows that no correction replaced."""
        return self.filter(correction=None)


class Visit(models.Model):
    """Who was there, when, whom they met, what was answered. Never changed: a correction is a new row that names the old one."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("dropout.Case", on_delete=models.PROTECT, related_name="visits")
    attempt = models.PositiveSmallIntegerField(help_text="1, 2, 3 … within the case; a correction keeps the number")
    corrects = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="correction")
    happened_on = models.DateField("走访日期")
    happened_at = models.TimeField("时间", null=True, blank=True)
    officers = models.CharField("走访人员", max_length=120)
    phone = SealedTextField("走访人员电话", field="person.phone", null=True, blank=True)
    met = ArrayField(models.CharField(max_length=12, choices=Met.choices), verbose_name="见到了谁")
    mode = models.CharField("方式", max_length=10, choices=Mode.choices)
    place = models.CharField("地点", max_length=100, blank=True)
    reply = models.CharField("对方答复", max_length=10, choices=Reply.choices)
    promised_on = models.DateField("承诺返校日期", null=True, blank=True)
    next_on = models.DateField("下次走访日期", null=True, blank=True)
    notes = models.CharField("谈了什么", max_length=1000)
    recorded_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["-attempt", "-id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.UniqueConstraint(fields=["case", "attempt"], condition=Q(corrects=None), name="visit_attempt"),
            models.CheckConstraint(
                condition=~Q(reply="agreed") | Q(promised_on__isnull=False), name="visit_agreed_with_day",
                violation_error_message="同意返校的要写明承诺返校日期",
            ),
            models.CheckConstraint(
                condition=(Q(promised_on=None) | Q(promised_on__gte=F("happened_on")))
                & (Q(next_on=None) | Q(next_on__gte=F("happened_on"))),
                name="visit_days", violation_error_message="承诺返校日期、下次走访日期不能早于走访日期",
            ),
            models.CheckConstraint(
                condition=~Q(met__contains=["nobody"]) | Q(met=["nobody"]), name="visit_nobody_alone",
                violation_error_message="选了“没见到人”就不能再选别人",
            ),
            models.CheckConstraint(condition=~Q(met=[]), name="visit_met", violation_error_message="请选择见到了谁"),
        ]

    @property
    def met_labels(self):
        return "、".join(Met(code).label for code in self.met)
