"""How open cases follow a unit that went on as another (students.actions.units)."""

from dropout.models import Case

FIELDS = ("school", "village", "township")


def move(old, new, on, children=None):
    """[(case id, field)] of the cases that are not closed and belonged to the old unit; they belong to the new one. `children`: ids, where
    only theirs go."""
    moved = []
    for field in FIELDS:
        cases = Case.objects.exclude(state="closed").filter(**{field: old})
        cases = cases if children is None else cases.filter(child__in=children)
        ids = list(cases.values_list("pk", flat=True))
        Case.objects.filter(pk__in=ids).update(**{field: new})
        moved += [(pk, field) for pk in ids]
    return moved


def move_back(moved, old, new):
    for pk, field in moved:
        Case.objects.filter(pk=pk, **{field: new}).update(**{field: old})
