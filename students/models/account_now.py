"""The account kept up to date for one day: what every known child's status is, and whose has to be looked at again.

Derived and disposable (students.actions.keeping makes it anew from the facts); references are soft, so that an import pays no check for it.
"""

import pgtrigger
from django.db import models

# `execute` plans anew each time: a plan kept from a statement about one row would walk a county in nested loops (students.planning)
# a statement about more children than are looked at one by one (students.kept.FEW) is noted as one about everybody
EVERYBODY = 0
NOTED = """
execute $note$ with spoken as (select {child} as child from {rows}), many as (select count(*) > 20000 as too_many from spoken)
insert into students_accountstale (child_number) select s.child from spoken s, many m where not m.too_many
union all select 0 from many m where m.too_many $note$;
return null;
"""
EVENTS = {
    "insert": (pgtrigger.Insert, {"new": "fresh"}, "fresh n"),
    "update": (pgtrigger.Update, {"old": "former", "new": "fresh"}, "(select * from former union all select * from fresh) n"),
    "delete": (pgtrigger.Delete, {"old": "former"}, "former n"),
}


def stale_marks(child="child_id", events=tuple(EVENTS), rows="{rows}"):
    """Triggers of a table: the children its statements speak of have to be looked at again. `rows`: where `child` is read from;
    {rows} in it are the rows as n."""
    return [
        pgtrigger.Trigger(
            name=f"account_stale_{event}", level=pgtrigger.Statement, when=pgtrigger.After, operation=EVENTS[event][0],
            referencing=pgtrigger.Referencing(**EVENTS[event][1]), func=NOTED.format(child=child, rows=rows.format(rows=EVENTS[event][2])),
        )
        for event in events
    ]  # fmt: skip


class AccountNow(models.Model):
    """One child of any list, as of the day of AccountDay; registered where `registered_since` is stated."""

    child_number = models.BigIntegerField(primary_key=True)
    home = models.BigIntegerField(null=True)
    registered_since = models.DateField(null=True)
    listed_since = models.DateField(null=True)
    on_roll = models.BooleanField()
    attending = models.BooleanField()
    school = models.BigIntegerField(null=True)
    class_node = models.BigIntegerField(null=True)
    stage = models.CharField(max_length=3)
    grade = models.SmallIntegerField(null=True)
    status = models.CharField(max_length=20)
    reason = models.CharField(max_length=3)
    by_standing = models.BigIntegerField(null=True)

    class Meta:
        indexes = [  # those whom the account does not find in order (students.detection.FEW_OF_KEPT)
            models.Index(
                fields=["on_roll", "attending"], name="account_now_few",
                condition=models.Q(home=None) | models.Q(on_roll=False) | models.Q(attending=False),
            ),
        ]  # fmt: skip


class AccountDay(models.Model):
    """The one row that says of which day AccountNow is."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    on = models.DateField()
    rule_version = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="account_day_one")]


class AccountStale(models.Model):
    """A child whose facts changed since AccountNow was written, or EVERYBODY; the same one may stand here many times."""

    child_number = models.BigIntegerField()
