"""The suspected list: whom the account leaves outside school, and what has been decided about each so far."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from dropout.codes import CaseState, reason_label
from dropout.detection import RULE_VERSION
from dropout.models import Case
from students import detection as account
from students.reports import children as listing
from students.rules.ages import MODES

BUCKETS = {"neither": "无学籍、不在校", "on_roll_not_attending": "有学籍、不在校"}
SHOWS = {"open": "待判断", "cased": "已列个案", "removed": "核减在有效期内"}
CHILD_COLUMNS = listing.chosen_columns(["sex", "birth", "school", "grade", "township", "village"])


@dataclass(frozen=True)
class Question:
    """Of which day, ages and rule the account is asked, and which of its figures; `today` decides whether a removal still holds."""

    on: date
    low: int
    high: int
    mode: str
    bucket: str
    today: date

    @property
    def rule(self):
        """What is stored with each case opened from this list, so that the decision can be replayed."""
        return {
            "rule": "account", "version": RULE_VERSION, "bucket": self.bucket, "on": self.on.isoformat(), "low": self.low,
            "high": self.high,
            "mode": self.mode,
        }  # fmt: skip

    @property
    def sentence(self):
        return f"{self.on.isoformat()} · {self.low}—{self.high} 周岁（{MODES[self.mode]}）· {BUCKETS[self.bucket]}"

    def children(self, user, permission):
        found = account.bucket(self.bucket, on=self.on, low=self.low, high=self.high, mode=self.mode)
        return found.visible_to(user, permission)

    def parts(self, children):
        """{show: children}: the whole list in three parts that add up to it. A case closed after the day of the lists has answered them."""
        unclosed = Case.objects.filter(child=OuterRef("pk")).filter(~Q(state=CaseState.CLOSED) | Q(closed_on__gte=self.on))
        removed = Case.objects.filter(child=OuterRef("pk")).removed_in_force(self.today)
        return {
            "open": children.exclude(Exists(unclosed)), "cased": children.filter(Exists(unclosed)).exclude(Exists(removed)),
            "removed": children.filter(Exists(removed)),
        }  # fmt: skip


def rows_of(children, on):
    """The lines of one page of children: their facts, and the cases they have or had."""
    found = listing.with_present_facts(children, on)
    cases = {}
    for case in Case.objects.filter(child__in=[child.pk for child in found]).prefetch_related("removals").order_by("episode"):
        cases.setdefault(case.child_id, []).append(case)
    return [
        {
            "child": child,
            "cells": listing.cells_of(child, CHILD_COLUMNS)[1:],
            "cases": [(case, story(case)) for case in cases.get(child.pk, [])],
        }
        for child in found
    ]


def story(case):
    """What was decided in a case, in a few words."""
    if case.state == CaseState.REMOVED:
        until = f"有效至 {case.removal_expires_on.isoformat()}" if case.removal_expires_on else "长期有效"
        return f"已核减（{reason_label(case.removal_reason)}，{until}）"
    removal = next((row for row in case.removals.all() if row.decision == "approved"), None)
    before = f"，曾核减({removal.label}" + (f"，有效至 {removal.expires_on.isoformat()})" if removal.expires_on else ")") if removal else ""
    when = f" {case.closed_on.isoformat()}" if case.closed_on else ""
    return f"{case.get_state_display()}{when}{before}"
