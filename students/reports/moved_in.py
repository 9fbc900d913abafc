"""迁入: who moved in by a list of moves, and what the police register said of them since."""

from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

from core.spreadsheets import Column, SheetOut
from students.models import Registration, SourceSnapshot

WAITING, MISSING, CONFIRMED, OVER = "waiting", "missing", "confirmed", "over"
STATES = {WAITING: "等公安名单", MISSING: "公安名单里没有", CONFIRMED: "公安名单已有", OVER: "已迁出"}
TONES = {WAITING: "amber", MISSING: "suspected", CONFIRMED: "good", OVER: "removed"}
WHAT = {
    WAITING: "迁入以后还没有收到这个地方的公安户籍名单", MISSING: "之后的公安户籍名单里没有这个孩子：请与派出所核对是没有迁入，还是名单漏了",
    CONFIRMED: "之后的公安户籍名单里有，已按公安名单登记", OVER: "之后又迁出、死亡，或按更新的名单登记",
}  # fmt: skip
COLUMNS = (
    ("姓名", 12), ("出生日期", 12), ("乡镇", 12), ("村（社区）", 16), ("户号", 18), ("迁入日期", 12), ("户籍登记到", 12), ("公安名单", 14), ("来源名单", 26), ("位置", 20),
)  # fmt: skip


def of_user(user, permission="see_children"):
    """Entries made by a list of moves, of the children in scope, each with its `told`."""
    entries = Registration.objects.filter(row__kind="movements", child__merged_into=None)
    entries = entries.exclude(until=F("since")).filter(child__in=_children(user, permission))
    police = Registration.objects.filter(child=OuterRef("child"), row__kind="hukou", since=OuterRef("until"))
    told = Case(
        When(Exists(police), then=Value(CONFIRMED)), When(until__isnull=False, then=Value(OVER)), When(_passed_over(), then=Value(MISSING)),
        default=Value(WAITING),
    )  # fmt: skip
    return entries.annotate(told=told).select_related("child", "household__village__parent", "row__snapshot").order_by("-since", "pk")


def _children(user, permission):
    from students.models import Child

    return Child.objects.visible_to(user, permission).values("pk")


def _passed_over():
    """Whether a police register of the day of the move or later covers the village: an open entry is then one it does not know."""
    newest = {}
    for coverage, as_of in SourceSnapshot.objects.filter(kind="hukou", state="applied").values_list("coverage", "as_of"):
        newest[coverage] = max(as_of, newest.get(coverage, as_of))
    passed = Q(pk=None)
    for coverage, as_of in newest.items():
        passed |= Q(household__village__path__contains=[coverage], since__lte=as_of)
    return passed


def counts(entries):
    """[(state, word, how many)]."""
    told = list(entries.order_by().values_list("told", flat=True))
    return [(state, word, told.count(state)) for state, word in STATES.items()]


def line(entry):
    village, snapshot = entry.household.village, entry.row.snapshot
    return [
        entry.child.name, str(entry.child.birth_on or ""), village.parent.name if village.parent else "", village.name,
        entry.household.number, str(entry.since), str(entry.until or ""), STATES[entry.told],
        f"{snapshot.get_kind_display()} {snapshot.as_of}", f"{entry.row.sheet} 第 {entry.row.row_number} 行",
    ]  # fmt: skip


def sheet(entries):
    return SheetOut("迁入登记", [Column(label, width) for label, width in COLUMNS], map(line, entries), titles=("迁入登记",))
