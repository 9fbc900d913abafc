"""The suspected list: whom the account leaves outside school, and what has been decided about each so far."""

from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from dropout.codes import CaseState, reason_label
from dropout.detection import RULE_VERSION
from dropout.models import Case
from students import detection as account
from students.models import Standing
from students.reports import children as listing
from students.rules.ages import MODES
from students.rules.standings import full_label

BUCKETS = {"neither": "无学籍、不在校", "on_roll_not_attending": "有学籍、不在校"}
SHOWS = {"open": "待判断", "cased": "已列个案", "removed": "核减在有效期内", "explained": "去向已登记"}
NO_ANSWER = ("suspected", "dropout")  # standings that say where a child is not
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

    def conditions(self):
        """{show: condition on Child}: the whole list in four parts that add up to it. A case closed after the day of the lists has
        answered them; so has an approved reason that holds on that day or today."""
        unclosed = Exists(Case.objects.filter(child=OuterRef("pk")).filter(~Q(state=CaseState.CLOSED) | Q(closed_on__gte=self.on)))
        removed = Exists(Case.objects.filter(child=OuterRef("pk")).removed_in_force(self.today))
        explained = Exists(answers(self.on, self.today).filter(child=OuterRef("pk")))
        return {
            "open": Q(~unclosed, ~explained), "cased": Q(unclosed, ~removed), "removed": Q(removed), "explained": Q(~unclosed, explained),
        }  # fmt: skip

    def parts(self, children):
        return {show: children.filter(condition) for show, condition in self.conditions().items()}

    def ids(self, children):
        """{show: ids in the order of the list}, every child looked at once."""
        told = children.annotate(**{show: ExpressionWrapper(condition, BooleanField()) for show, condition in self.conditions().items()})
        found = {show: [] for show in SHOWS}
        for pk, *held in told.order_by("name_key", "pk").values_list("pk", *SHOWS):
            for show, holds in zip(SHOWS, held, strict=True):
                if holds:
                    found[show].append(pk)
        return found


def answers(on, today):
    """Standings that say where a child is on either day."""
    return (Standing.objects.in_force(on) | Standing.objects.in_force(today)).exclude(code__in=NO_ANSWER)


def rows_of(children, question):
    """The lines of one page of children: their facts, the cases they have or had, and what has been entered of where they are."""
    found = listing.with_present_facts(children, question.on)
    said = {}
    for fact in answers(question.on, question.today).filter(child__in=[child.pk for child in found]).order_by("since", "pk"):
        said[fact.child_id] = f"{full_label(fact.code, fact.reason)}（{fact.since.isoformat()} 起）"
    cases = {}
    for case in Case.objects.filter(child__in=[child.pk for child in found]).prefetch_related("removals").order_by("episode"):
        cases.setdefault(case.child_id, []).append(case)
    return [
        {
            "child": child,
            "cells": listing.cells_of(child, CHILD_COLUMNS)[1:],
            "said": said.get(child.pk, ""),
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
