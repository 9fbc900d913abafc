"""A list in the order of where its children learn, page by page: place by place as far as the page reaches, not child by child for all."""

from django.db.models import Exists, F, OuterRef, Q

from students.models import Child, Enrolment

FIELDS = {"school_name": "enrolments__school__code", "grade_number": "enrolments__grade"}


class ByPlace:
    """What `children.order_by(...)` gives in slices: first those with a place in its order, then those without one (or without a grade)."""

    def __init__(self, children, field, backwards, on):
        self.children, self.on = children, on
        self.told = Q(**{f"{FIELDS[field]}__isnull": False})
        first = F(FIELDS[field]).desc() if backwards else F(FIELDS[field]).asc()
        self.placed = children.filter(leading(on), self.told).order_by(first, "pk")

    def __getitem__(self, part):
        ids = list(self.placed.values_list("pk", flat=True)[part])
        wanting = part.stop - part.start - len(ids)
        if wanting:
            begin = max(part.start - self.placed.order_by().count(), 0)
            ids += self.unplaced().values_list("pk", flat=True)[begin : begin + wanting]
        found = Child.objects.in_bulk(ids)
        return [found[pk] for pk in ids]

    def unplaced(self):
        placed = Child.objects.filter(leading(self.on), self.told, pk=OuterRef("pk"))
        return self.children.filter(~Exists(placed)).order_by("pk")

    def count(self):
        return self.children.order_by().count()


def leading(on):
    """Condition on the enrolment of a child: the one by which it is shown (students.reports.children.place_of_learning): the classroom
    before the roll, the accepted before a second claim, the newest. For one filter(), so that all speaks of the same enrolment."""
    mine = {name: OuterRef(f"enrolments__{name}") for name in ("kind", "accepted", "pk")}
    same = Q(kind=mine["kind"])
    better = Q(kind__lt=mine["kind"]) | same & (Q(accepted__gt=mine["accepted"]) | Q(accepted=mine["accepted"], pk__gt=mine["pk"]))
    others = Enrolment.objects.in_force(on).counted().filter(better, child=OuterRef("pk"))
    in_force = Q(enrolments__until=None) | Q(enrolments__until__gt=on)
    return Q(in_force, ~Exists(others), enrolments__since__lte=on, enrolments__counts=True)
