"""T5: the rows that wait for a person's conclusion, one line a person; who it might be; what was concluded."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q

from core import crypto
from core.scope import granted_nodes
from core.spreadsheets import Column, SheetOut
from students.actions.concluding import PERMISSION, place_of
from students.models import Child, ListRow, Resolution
from students.reports.matches import unresolved as unresolved_children

YOUNG_DAYS = 22 * 365  # older people of a household's list are nobody's child here
COLUMNS = (("姓名", 12), ("出生日期", 12), ("证件号", 22), ("名单", 30), ("单位", 20), ("已问", 30))
NEAR = 12


def waiting(user, on):
    """One standing row for each person whom nothing ties to a child: without a record, or with one of its own that no number proves."""
    rows = ListRow.objects.filter(until=None, identity__isnull=False).exclude(kind__in=("divisions", "schools"))
    young = Q(birth_on=None) | Q(birth_on__gt=on - timedelta(days=YOUNG_DAYS))
    alone = rows.filter(young, child=None, snapshot__coverage__path__overlap=granted_nodes(user, PERMISSION))
    doubtful = rows.filter(child__in=unresolved_children(user).order_by().values("pk"), number_valid=False)
    said = Resolution.objects.standing().filter(identity=OuterRef("identity"))
    either = alone.values("pk").union(doubtful.values("pk"))  # each finds its few by an index of its own; "or" would look at every row
    rows = ListRow.objects.filter(pk__in=either).exclude(Exists(said.exclude(conclusion="asked")))
    first = rows.order_by("identity", "pk").distinct("identity").values("pk")
    found = ListRow.objects.filter(pk__in=first).annotate(is_asked=Exists(said.filter(conclusion="asked")))
    return found.select_related("snapshot__coverage", "node", "child").order_by("pinyin", "pk")


def asked_of(rows):
    """{identity: the question put to the supplier}."""
    said = Resolution.objects.standing().filter(identity__in=[bytes(row.identity) for row in rows]).select_related("by")
    return {bytes(one.identity): one for one in said}


def lines(rows):
    rows = list(rows)
    asked = asked_of(rows)
    return [
        {"row": row, "number": crypto.mask(row.number or ""), "told": place_of(row), "asked": asked.get(bytes(row.identity))}
        for row in rows
    ]


def concluded(user):
    found = Resolution.objects.visible_to(user, PERMISSION).standing().exclude(conclusion="asked")
    return found.select_related("child", "by", "coverage", "merge")


def near(row, user):
    """Children in scope who might be meant: same name or sound, or same birth date in the same place."""
    children = Child.objects.visible_to(user, PERMISSION).exclude(pk=row.child_id)
    alike = Q(name_key=row.name_key[:60])
    if row.birth_on:
        alike |= Q(birth_on=row.birth_on, pinyin=row.pinyin)
        if row.node_id:
            alike |= Q(birth_on=row.birth_on, scope_nodes__contains=[row.node_id])
    return children.filter(alike).order_by("name_key", "pk")[:NEAR]


def sheet(rows):
    body = (
        [line["row"].name, str(line["row"].birth_on or ""), line["number"], line["told"], line["row"].node.name if line["row"].node else "",
         f"{line['asked'].by.name}：{line['asked'].reason}" if line["asked"] else ""]
        for line in lines(rows)
    )  # fmt: skip
    return SheetOut("对不上的记录", [Column(label, width) for label, width in COLUMNS], body, titles=("名单里对不上的记录",))
