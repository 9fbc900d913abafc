"""One record, several names (domain.md §3.4, bucket M6): the lists agree on the number and not on the name. Most are spellings; where the
birth dates or the sexes differ too, two children may have been joined, and a person parts them on the record's page."""

from itertools import groupby

from django.db.models import Case, F, Max, Min, Q, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import NullIf

from core.spreadsheets import Column, SheetOut
from students.models import KINDS, Child, ListRow
from students.rules.codes import SEXES

KIND_LABELS = dict(KINDS)
COLUMNS = (("姓名", 14), ("出生日期", 12), ("名单上的写法", 60), ("说明", 24))
APART, SPELLING = "出生日期或性别也不同", "只有姓名不同"


def of_user(user):
    """Children of whom standing rows give more than one name, those with several birth dates or sexes first; one aggregate."""
    rows = ListRow.objects.filter(until=None, child__isnull=False).values("child")
    sex = NullIf(KeyTextTransform("sex", "facts"), Value("", TextField()))
    told = rows.annotate(first=Min("name_key"), last=Max("name_key")).filter(first__lt=F("last")).values("child")
    facts = rows.annotate(born=Min("birth_on"), late=Max("birth_on"), one=Min(sex), other=Max(sex))
    apart = facts.filter(Q(born__lt=F("late")) | Q(one__lt=F("other")), child__in=told).values("child")
    found = Child.objects.visible_to(user, "decide_match").filter(pk__in=told, merged_into=None)
    return found.annotate(doubt=Case(When(pk__in=apart, then=Value(1)), default=Value(0))).order_by("-doubt", "pinyin", "pk")


def lines(children):
    """What the page and the workbook show of each child: its names, each with its birth dates, sexes and lists."""
    found = {child.pk: child for child in children}
    rows = ListRow.objects.filter(child__in=found, until=None).order_by("child", "name_key", "kind", "pk")
    told = {}
    for key, of in groupby(rows.only("child_id", "name", "name_key", "birth_on", "kind", "facts"), key=lambda row: row.child_id):
        told[key] = [_name(list(same)) for _, same in groupby(of, key=lambda row: row.name_key)]
    return [{"child": child, "names": told.get(child.pk, []), "why": APART if child.doubt else SPELLING} for child in children]


def _name(rows):
    born = "、".join(sorted({row.birth_on.isoformat() for row in rows if row.birth_on}))
    sexes = "、".join(sorted({SEXES[sex] for row in rows if (sex := row.facts.get("sex")) in SEXES}))
    lists = "、".join(dict.fromkeys(KIND_LABELS[row.kind] for row in rows))
    return {"name": rows[0].name, "about": " ".join(filter(None, (born, sexes))), "lists": lists}


def sheet(children):
    body = (
        [line["child"].name, str(line["child"].birth_on or ""),
         "；".join(f"{one['name']}（{' '.join(filter(None, (one['about'], one['lists'])))}）" for one in line["names"]), line["why"]]
        for line in lines(children)
    )  # fmt: skip
    return SheetOut("姓名不一致", [Column(label, width) for label, width in COLUMNS], body, titles=("同一人在各名单上姓名不一致",))
