"""What hangs on a child's record, over all apps, and how it follows when two records become one.

Every foreign key to Child is declared here or by the app that owns it (`declare`, from its AppConfig.ready); a test walks the models and
fails for one that is not. An undeclared one follows all the same, so that nothing is left behind.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.apps import apps
from django.db import models
from pghistory.models import Event

from students.models import Child, ChildNumber, ListRow, RollChange


@dataclass(frozen=True)
class Follow:
    """One foreign key; `words` name its rows on the screen. `moves` False: the rows stay with the record they were written for,
    `why`. `images`: columns that a merge or what
    follows from it may change besides, kept before. `unless`: SQL over t (the row) and p (source, target) for rows that cannot go along.
    `fits` and `unfit`: SQL that makes the chosen rows fit before they go, and before they are restored; `restores`: a further condition
    over t and r (the row as it was) under which it is restored. `clashes(pairs)`: {source id:
    sentence} for pairs that may not be merged as they are. `ignores`: triggers that hold the reference fast otherwise."""

    label: str
    column: str = "child"
    words: str = "其他记录"
    moves: bool = True
    why: str = ""
    images: tuple[str, ...] = ()
    unless: str = "false"
    fits: str = ""
    unfit: str = ""
    restores: str = ""
    clashes: Callable | None = None
    ignores: tuple[str, ...] = field(default=())

    @property
    def key(self):
        return f"{self.label}.{self.column}"


FOLLOWS: dict[str, Follow] = {}


def declare(*follows):
    for follow in follows:
        FOLLOWS[follow.key] = follow


def references():
    """[(model, field)] of every foreign key to Child in any app; history rows, which speak of the past, are no such."""
    return [
        (model, field)
        for model in apps.get_models(include_auto_created=True)
        if not issubclass(model, Event) and model._meta.managed
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.remote_field.model is Child
    ]


def follow_of(model, field):
    return FOLLOWS.get(f"{model._meta.label}.{field.name}") or Follow(model._meta.label, field.name)


def moving():
    """[(model, field, follow)] of those that go along, list rows last: the facts find their rows by them."""
    found = [(model, field, follow_of(model, field)) for model, field in references()]
    return sorted((entry for entry in found if entry[2].moves), key=lambda entry: (entry[0] is ListRow, entry[0] is ChildNumber))


def chosen(model, field):
    """SQL over t and p: whether the row goes along: all of the source's, or only those of one number."""
    whole = f"(p.whole and t.{field.column} = p.source)"
    if model is ListRow:
        return f"({whole} or not p.whole and t.identity = p.identity and t.child_id = p.source)"
    if model is ChildNumber:
        return f"({whole} or not p.whole and t.id = p.number)"
    row = row_column(model)
    if row is None:
        return whole
    of_number = f"t.{row} in (select l.id from students_listrow l where l.identity = p.identity)"
    return f"({whole} or not p.whole and t.{field.column} = p.source and {of_number})"


def row_column(model):
    """The column by which a fact names the list row it follows from; None where people enter it."""
    rows = (f for f in model._meta.get_fields() if isinstance(f, models.ForeignKey) and f.remote_field.model is ListRow)
    return next((field.column for field in rows), None)


PARTICULARS = (
    "name", "name_key", "pinyin", "sex", "birth_on", "ethnic", "number", "number_index", "last_four_index", "number_state",
    "merged_into_id",
)  # fmt: skip
OVERLAPS = """exists (select 1 from students_enrolment o where o.child_id = {child} and o.kind = t.kind and o.accepted and o.id <> t.id
               and daterange(o.since, o.until, '[)') && daterange(t.since, t.until, '[)'))"""



def two_open_changes(pairs):
    """{source id: sentence} where both records have a roll change under way: a child has one at a time."""
    children = {pk for pair in pairs for pk in pair}
    unclosed = dict(RollChange.objects.open().filter(child__in=children).values_list("child", "number"))
    return {
        source: f"两条记录各有一项没有办结的学籍异动（{unclosed[source]}、{unclosed[target]}），不能直接合并。请先把其中一项办结或撤回。"
        for source, target in pairs
        if source in unclosed and target in unclosed
    }


declare(
    Follow(
        "students.Absentee", words="未报到",
        unless="exists (select 1 from students_absentee o where o.child_id = p.target and o.sheet_id = t.sheet_id)",
    ),
    Follow(
        "students.Boarding", words="住校", images=("until",),
        unless="t.until is null and t.row_id is null and exists "
        "(select 1 from students_boarding o where o.child_id = p.target and o.until is null and o.row_id is null)",
    ),
    Follow(
        "students.RollChange", words="学籍异动", clashes=two_open_changes, ignores=("students.RollChange:roll_change_identity",)
    ),
    Follow("students.ListRow", words="名单行"),
    Follow("students.ChildNumber", words="号码"),
    Follow("students.Registration", words="户籍登记", images=("until",)),
    Follow("students.SpecialGroup", words="特殊群体", images=("until",)),
    Follow(
        "students.Enrolment", words="学籍与在校", images=("accepted", "since", "until", "ended_by", "ended_on"),
        fits=f"update students_enrolment t set accepted = false from merging_pair p"
             f" where {{chosen}} and t.accepted and {OVERLAPS.format(child='p.target')}",
        unfit="update students_enrolment t set accepted = false where t.accepted and t.id = any(%(ids)s)",
        restores=f"and not (r.accepted and {OVERLAPS.format(child='t.child_id').replace('t.since, t.until', 'r.since, r.until')})",
    ),
    Follow(
        "students.Standing", words="去向",
        unless="t.ended_at is null and exists (select 1 from students_standing o where o.child_id = p.target and o.source = t.source"
               " and o.reference = t.reference and o.code = t.code and o.ended_at is null)",
    ),
    Follow(
        "students.ChildPlace", words="归属单位", images=("until",),
        unless="t.until is null and exists (select 1 from students_childplace o where o.child_id = p.target and o.node_id = t.node_id"
               " and o.why = t.why and o.until is null)",
    ),
    Follow(
        "students.AttendanceMark", words="考勤",
        unless="exists (select 1 from students_attendancemark o where o.child_id = p.target and o.class_mark_id = t.class_mark_id)",
    ),
    Follow("students.FoundChild", words="摸排上报"),
    Follow("students.Resolution", words="对不上的结论"),
    Follow("students.LeaveSlip", words="请假条", ignores=("students.LeaveSlip:slip_stands",)),
    Follow(
        "students.StandingProposalLine", words="登记的去向", ignores=("students.StandingProposalLine:append_only",),
        unless="exists (select 1 from students_standingproposalline o where o.child_id = p.target and o.proposal_id = t.proposal_id)",
    ),
    Follow("students.Contact", words="联系方式"),
    Follow(
        "students.Correction", words="更正",
        unless="t.superseded_at is null and exists (select 1 from students_correction o where o.child_id = p.target and o.field = t.field"
               " and o.superseded_at is null)",
    ),
    Follow("students.Child", "merged_into", moves=False, why="a record merged earlier stays merged into the record it was merged into"),
    Follow("students.MergeEvent", "source", moves=False, why="the event names the records it was about"),
    Follow("students.MergeEvent", "target", moves=False, why="the event names the records it was about"),
)  # fmt: skip
