"""How many children and households there are: counting a county's anew took longer than all the rest of a list's page.

Derived: triggers note in the same transaction how many came and went, and the sum of the notes is what a count of the rows would give.
"""

import pgtrigger
from django.db import models

NOTED = "insert into students_tally (what, amount) select '{what}', sum(x.one) from ({ones}) x having sum(x.one) <> 0; return null;"
CAME, WENT = "select 1 as one from fresh n where {counts}", "select -1 as one from former n where {counts}"
EVENTS = {
    "insert": (pgtrigger.Insert, {"new": "fresh"}, CAME),
    "update": (pgtrigger.Update, {"old": "former", "new": "fresh"}, f"{CAME} union all {WENT}"),
    "delete": (pgtrigger.Delete, {"old": "former"}, WENT),
}


def tallied(what, counts="true", events=tuple(EVENTS)):
    """Triggers of a table that keep how many of its rows (n) satisfy `counts`."""
    return [
        pgtrigger.Trigger(
            name=f"tally_{event}", level=pgtrigger.Statement, when=pgtrigger.After, operation=EVENTS[event][0],
            referencing=pgtrigger.Referencing(**EVENTS[event][1]),
            func=NOTED.format(what=what, ones=EVENTS[event][2].format(counts=counts)),
        )
        for event in events
    ]  # fmt: skip


class Tally(models.Model):
    """So many more (or fewer) of `what`. students.actions.keeping puts the notes together now and then."""

    CHILDREN, HOUSEHOLDS = "children", "households"

    what = models.CharField(max_length=10)
    amount = models.BigIntegerField()

    @classmethod
    def of(cls, what):
        return cls.objects.filter(what=what).aggregate(total=models.Sum("amount", default=0))["total"]
