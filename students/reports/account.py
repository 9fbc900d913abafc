"""The balanced account as page and workbook show it: parts in words, rows by place, each figure with the address of its names."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from core.models import Organization
from core.scope import granted_nodes, is_county_wide
from core.spreadsheets import Column, SheetOut, write_workbook
from students import detection
from students.models import Registration, SourceSnapshot
from students.rules.ages import MODES

PARTS = (
    ("on_roll_and_attending", "在籍在校", "in_school"),
    ("attending_not_on_roll", "在校不在籍", "returning"),
    ("on_roll_not_attending", "在籍不在校", "suspected"),
    ("neither", "无籍不在校", "suspected"),
)
BESIDE = (
    ("hukou_not_on_roll", "有户籍无学籍"),
    ("registered_elsewhere", "外县户籍在本县就读"),
)
WHOLE = (
    ("on_roll_not_attending", "whole_on_roll_not_attending", "在籍不在校"),
    ("attending_not_on_roll", "whole_attending_not_on_roll", "在校不在籍"),
    ("double_roll", "double_roll", "双重学籍"),
    ("bad_id_on_roll", "bad_id_on_roll", "学籍证件号错误"),
    ("double_hukou", "double_hukou", "双重户籍"),
)
LABELS = {
    "registered": "户籍适龄", "unconfirmed": "待人工确认的匹配", **{key: label for key, label, _ in PARTS}, **dict(BESIDE),
    **{bucket: f"{label}（不限年龄）" for _, bucket, label in WHOLE},
}  # fmt: skip
COLUMN_KEYS = ("registered", *(key for key, _, _ in PARTS))
PERMISSION = "see_account"
DRAWN_FROM = ("hukou", "roll", "attending")


@dataclass(frozen=True)
class Question:
    """Of which day, ages and rule; `node` a township or village to look into, None for all that the person may see."""

    on: object
    low: int
    high: int
    mode: str
    node: Organization | None = None

    @property
    def terms(self):
        return {"on": self.on, "low": self.low, "high": self.high, "mode": self.mode}

    def query(self, **more):
        given = {"on": self.on.isoformat(), "low": self.low, "high": self.high, "mode": self.mode}
        if self.node:
            given["node"] = self.node.public_id
        return urlencode(given | more)

    def names_url(self, bucket, **more):
        return f"{reverse('students:comparison_names')}?{self.query(bucket=bucket, **more)}"

    @property
    def sentence(self):
        """Of when, of whom, by which rule."""
        return f"{self.on.isoformat()} · {self.low}—{self.high} 周岁（{MODES[self.mode]}）"


def usual_day(today):
    """The day the account speaks of unless asked otherwise: the newest as-of date of the lists it is drawn from."""
    newest = SourceSnapshot.objects.filter(state="applied", kind__in=DRAWN_FROM).order_by("-as_of").values_list("as_of", flat=True).first()
    return min(newest, today) if newest else today


def lists_behind(user):
    """The newest applied batch of each list the account is drawn from; None where there is none."""
    found = {}
    for snapshot in SourceSnapshot.objects.filter(state="applied", kind__in=DRAWN_FROM).order_by("as_of", "pk"):
        found[snapshot.kind] = snapshot
    return [{"label": label, "snapshot": found.get(kind)} for kind, label in (("hukou", "公安户籍"), ("roll", "学籍库"), ("attending", "在校花名册"))]


def read(question, user):
    """(figures, rows) of all that the person may see, or of the one township or village asked about.

    figures  {key: figure}, beside figures None where they are not counted
    rows     one for each township, or for each village of the township asked about
    """
    asked = question.terms | {"nodes": None if is_county_wide(user, PERMISSION) else granted_nodes(user, PERMISSION)}
    if question.node is None:
        account, places = detection.read("township", **asked)
        names = (*COLUMN_KEYS, "hukou_not_on_roll", "registered_elsewhere", "unconfirmed", "whole_lists")
        return {name: getattr(account, name) for name in names}, _rows(places, question)
    inside = set(Organization.objects.below(question.node).values_list("pk", flat=True))
    own = [place for place in detection.account_by(question.node.kind, **asked) if place["id"] == question.node.pk]
    return _within(own), _rows([place for place in detection.account_by("village", **asked) if place["id"] in inside], question)


def _rows(places, question):
    for row in places:
        row["suspected"] = row["neither"] + row["on_roll_not_attending"]
        row["cells"] = [{"key": key, "figure": row[key], "url": question.names_url(key, node=row["public_id"])} for key in COLUMN_KEYS]
    return places


def _within(own):
    """The figures of one place, whose children may live there without a village; nothing beside the equation is counted."""
    figures = own[0] if own else dict.fromkeys(COLUMN_KEYS, 0)
    beside = dict.fromkeys(("registered_elsewhere", "unconfirmed", "whole_lists"))
    return figures | beside | {"hukou_not_on_roll": figures["attending_not_on_roll"] + figures["neither"]}


def shows(node, user):
    """Whether the account of `user` may name the place: it lies in scope, or a child in scope is registered there."""
    granted = granted_nodes(user, PERMISSION)
    if set(granted) & set(node.path):
        return True
    return Registration.objects.filter(household__village__path__contains=[node.pk], child__scope_nodes__overlap=granted).exists()


def equation_parts(question, figures):
    return [{"label": label, "figure": figures[key], "tone": tone, "url": question.names_url(key)} for key, label, tone in PARTS]


def beside(question, figures):
    """Figures that lie beside the equation, each with its names."""
    return [{"label": label, "figure": figures[key], "url": question.names_url(key)} for key, label in BESIDE if figures[key] is not None]


def whole_lists(question, figures):
    counted = figures["whole_lists"] or {}
    return [{"label": label, "figure": counted[key], "url": question.names_url(bucket)} for key, bucket, label in WHOLE if key in counted]


def names(question, bucket, user):
    """The children behind a figure, within the person's scope and below the node asked about. KeyError for an unknown figure."""
    if bucket not in LABELS:
        raise KeyError(bucket)
    children = detection.bucket(bucket, **question.terms).visible_to(user, PERMISSION)
    if question.node is None:
        return children
    homes = Registration.objects.in_force(question.on).filter(child=OuterRef("pk"), counts=True).order_by("pk")
    return children.annotate(home_path=Subquery(homes.values("household__village__path")[:1])).filter(
        home_path__contains=[question.node.pk]
    )


def write_account(target, *, question, user, note, unit):
    """The table as a workbook, with its total row."""
    sums, lines = read(question, user)
    columns = [Column("村" if question.node else "乡镇", 18), *(Column(LABELS[key], 12, "integer") for key in COLUMN_KEYS)]
    body = ([row["name"], *(row[key] for key in COLUMN_KEYS)] for row in lines)
    sheet = SheetOut(
        "适龄儿童总账", columns, body, titles=("适龄儿童总账",), unit_line=f"{unit}　{question.sentence}　单位：人",
        total=["合计", *(sums[key] for key in COLUMN_KEYS)], frozen_columns=1,
    )  # fmt: skip
    write_workbook(target, [sheet], note=note)
