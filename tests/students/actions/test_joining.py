"""Two records become one and are two again: nothing is left behind, nothing is lost, and the lists keep to what was said."""

import pytest
from django.apps import apps
from django.db import models
from pghistory.models import Event

from core.models import AuditEntry
from core.workflow import Refused
from students.actions import following, joining, matching, standings, undoing
from students.models import Child, ChildNumber, ChildPlace, Enrolment, ListRow, Match, MergeEvent, SourceSnapshot, Tally
from tests import make
from tests.students.lists import APRIL, in_class, load, pupil, resident

OLD, NEW = "990101201302070023", "990101201302071237"  # a number, and the one the police gave instead
ODD = "990101201302079993"
FORGIVEN = {"version", "message", "scope_nodes"}  # counts writes; told anew from places
BOOKS = {  # what keeps the word itself
    "students.AccountStale", "students.MergeEvent", "students.Match", "core.AuditEntry", "core.FileRun", "students.Tally",
}  # fmt: skip


def everything():
    """{model: {pk: row}} of every table of ours that could have been touched."""
    found = {}
    for model in apps.get_models():
        ours = model._meta.app_label in ("students", "dropout", "archives", "core") and not issubclass(model, Event)
        if ours and model._meta.label not in BOOKS:
            names = [f.attname for f in model._meta.concrete_fields if f.attname not in FORGIVEN]
            rows = {row["pk"]: row for row in model._base_manager.values("pk", *names)}
            found[model._meta.label] = {pk: _plain(row) for pk, row in rows.items()}
    found["totals"] = {Tally.CHILDREN: Tally.of(Tally.CHILDREN), Tally.HOUSEHOLDS: Tally.of(Tally.HOUSEHOLDS)}
    return found


def _plain(row):
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}


def differences(before, after):
    return {
        label: [(before[label].get(pk), after[label].get(pk)) for pk in before[label].keys() | after[label].keys()
                if before[label].get(pk) != after[label].get(pk)]
        for label in before if before[label] != after[label]
    }  # fmt: skip


@pytest.fixture
def two(places, tmp_path):
    """One girl twice: the register knows her new number, roll and classroom the old one."""
    load(tmp_path, "hukou", [resident(NEW)], **places)
    load(tmp_path, "roll", [pupil(OLD), pupil(OLD, school="2199000004")], **places)
    load(tmp_path, "attending", [in_class(OLD)], **places)
    registered, at_school = Child.objects.here().order_by("pk")
    standings.record(rows=[{"child": at_school, "code": "suspended", "since": APRIL, "source": "entry"}], by=places["by"])
    return registered, at_school


class TestMerge:
    def test_everything_goes_along(self, two, places):
        registered, at_school = two
        held = {
            (model, field.name): model._base_manager.filter(**{field.name: at_school}).count() for model, field in following.references()
        }
        event = joining.merge(source=at_school, target=registered, reason="户口簿核对过", by=places["by"])
        at_school.refresh_from_db()
        assert at_school.merged_into == registered
        assert at_school.scope_nodes == []
        for model, field, follow in following.moving():
            left = model._base_manager.filter(**{field.name: at_school}).exclude(until__isnull=False) if model is ChildPlace else None
            if left is None:
                assert not model._base_manager.filter(**{field.name: at_school}).exists(), follow.key
                assert event.counts.get(follow.key, 0) == held[model, field.name]
        assert {(e.kind, e.accepted) for e in Enrolment.objects.filter(child=registered)} == {
            ("roll", True), ("roll", False), ("attending", True)
        }  # fmt: skip
        nodes = {above for place in registered.places.filter(until=None) for above in place.node.path}
        assert set(Child.objects.get(pk=registered.pk).scope_nodes) == nodes
        assert AuditEntry.objects.get(act="children_merged").reason == "户口簿核对过"

    def test_undo_restores_every_table(self, two, places):
        before = everything()
        event = joining.merge(source=two[1], target=two[0], reason="看错了的合并", by=places["by"])
        assert differences(before, everything())
        joining.undo(event=event, reason="是堂兄弟", by=places["by"])
        assert differences(before, everything()) == {}
        assert {match.state for match in Match.objects.all()} == {"rejected"}

    def test_the_other_way_round(self, two, places):
        before = everything()
        event = joining.merge(source=two[0], target=two[1], reason="户口簿核对过", by=places["by"])
        assert Child.objects.here().get() == two[1]
        joining.undo(event=event, reason="是堂兄弟", by=places["by"])
        assert differences(before, everything()) == {}

    def test_lists_keep_to_it(self, two, places, tmp_path):
        joining.merge(source=two[1], target=two[0], reason="户口簿核对过", by=places["by"])
        load(tmp_path, "roll", [pupil(OLD, 班级="2班"), pupil(OLD, school="2199000004")], as_of=APRIL, **places)
        load(tmp_path, "hukou", [resident(NEW, 与户主关系="女")], as_of=APRIL, **places)
        assert Child.objects.here().get().pk == two[0].pk

    def test_what_comes_after_the_merge_stays(self, two, places, tmp_path):
        event = joining.merge(source=two[1], target=two[0], reason="户口簿核对过", by=places["by"])
        load(tmp_path, "roll", [pupil(NEW, 全国学籍号="", 班级="2班")], as_of=APRIL, **places)
        joining.undo(event=event, reason="是堂兄弟", by=places["by"])
        assert Enrolment.objects.get(child=two[0]).row.child_id == two[0].pk
        assert Enrolment.objects.filter(child=two[1]).count() == 3

    def test_an_odd_number_that_a_person_joined_stays_joined(self, places, tmp_path):
        """No rule explains the number; without the remembered word the next list would part it again."""
        load(tmp_path, "hukou", [resident(NEW)], **places)
        load(tmp_path, "attending", [in_class(ODD)], **places)
        registered, typed = Child.objects.here().order_by("pk")
        joining.merge(source=registered, target=typed, reason="家访核对过", by=places["by"])
        load(tmp_path, "attending", [in_class(ODD, 班级="2班")], as_of=APRIL, **places)
        child = Child.objects.here().get()
        assert (child.pk, child.number) == (typed.pk, NEW)

    def test_who_may(self, two, places):
        stranger = make.person("校长", ("principal", Enrolment.objects.first().school))
        with pytest.raises(Refused, match="不能合并"):
            joining.merge(source=two[1], target=two[0], reason="户口簿核对过", by=stranger)
        with pytest.raises(Refused, match="同一条"):
            joining.merge(source=two[0], target=two[0], reason="户口簿核对过", by=places["by"])

    def test_later_words_are_taken_back_first(self, two, places, tmp_path):
        load(tmp_path, "hukou", [resident(NEW), resident("990101201302075555", 公民身份号码="")], as_of=APRIL, **places)
        third = Child.objects.here().exclude(pk__in=[child.pk for child in two]).get()
        first = joining.merge(source=two[1], target=two[0], reason="户口簿核对过", by=places["by"])
        second = joining.merge(source=two[0], target=third, reason="户口簿核对过", by=places["by"])
        with pytest.raises(Refused, match="请先撤销它"):
            joining.undo(event=first, reason="是堂兄弟", by=places["by"])
        joining.undo(event=second, reason="是堂兄弟", by=places["by"])
        joining.undo(event=first, reason="是堂兄弟", by=places["by"])
        assert Child.objects.here().count() == 3
        with pytest.raises(Refused, match="已由"):
            joining.undo(event=first, reason="是堂兄弟", by=places["by"])


class TestSplit:
    def test_one_number_goes_and_comes_back(self, two, places):
        joining.merge(source=two[1], target=two[0], reason="户口簿核对过", by=places["by"])
        before = everything()
        old = ChildNumber.objects.get(identity=bytes(ListRow.objects.filter(kind="roll").earliest("pk").identity))
        (event,) = joining.split(child=Child.objects.get(pk=two[0].pk), numbers=[old], reason="是两个孩子", by=places["by"])
        own = event.target
        assert set(Enrolment.objects.values_list("child", flat=True)) == {own.pk}
        assert set(ListRow.objects.filter(kind="hukou").values_list("child", flat=True)) == {two[0].pk}
        own.refresh_from_db()
        assert (own.number, own.name) == (OLD, "王一")
        joining.undo(event=event, reason="还是一个", by=places["by"])
        after = everything()
        del after["students.Child"][own.pk]
        after["students.ChildPlace"] = {pk: row for pk, row in after["students.ChildPlace"].items() if row["child_id"] != own.pk}
        assert differences(before, after) == {}

    def test_a_part_and_not_all(self, two, places):
        numbers = list(two[1].numbers.all())
        with pytest.raises(Refused, match="只有一个号码"):
            joining.split(child=two[1], numbers=numbers, reason="是两个孩子", by=places["by"])
        joining.merge(source=two[1], target=two[0], reason="户口簿核对过", by=places["by"])
        child = Child.objects.get(pk=two[0].pk)
        with pytest.raises(Refused, match="至少留一个"):
            joining.split(child=child, numbers=list(child.numbers.all()), reason="是两个孩子", by=places["by"])
        with pytest.raises(Refused, match="请选出"):
            joining.split(child=child, numbers=[], reason="是两个孩子", by=places["by"])


class TestWhatListsJoin:
    TYPED = "990101201302070026"

    def test_a_list_that_joins_records_leaves_an_event(self, places, tmp_path):
        load(tmp_path, "roll", [pupil(self.TYPED, 全国学籍号="", 出生日期="2013-02-07")], **places)
        roll = SourceSnapshot.objects.get(kind="roll")
        load(tmp_path, "hukou", [resident(OLD)], **places)
        event = MergeEvent.objects.get()
        assert (event.kind, event.origin, event.by) == ("merge", "list", None)
        assert event.snapshot.kind == "hukou"
        assert event.source.first_snapshot == roll

    def test_a_rejected_match_gives_the_record_back_whole(self, places, tmp_path):
        load(tmp_path, "roll", [pupil(self.TYPED, 全国学籍号="", 出生日期="2013-02-07")], **places)
        typed = Child.objects.here().get()
        load(tmp_path, "hukou", [resident(OLD)], **places)
        matching.decide(match=Match.objects.get(), same=False, reason="户口簿核对过", by=places["by"])
        typed.refresh_from_db()
        assert (typed.merged_into, typed.number) == (None, self.TYPED)
        assert Child.objects.here().count() == 2
        load(tmp_path, "roll", [pupil(self.TYPED, 全国学籍号="", 出生日期="2013-02-07", 班级="2班")], as_of=APRIL, **places)
        assert Child.objects.here().count() == 2

    def test_undoing_the_batch_parts_what_it_joined(self, places, tmp_path):
        load(tmp_path, "roll", [pupil(self.TYPED, 全国学籍号="", 出生日期="2013-02-07")], **places)
        typed = Child.objects.here().get()
        hukou = load(tmp_path, "hukou", [resident(OLD)], **places)
        undoing.undo(snapshot=hukou, by=places["by"])
        assert Child.objects.get() == typed
        assert not MergeEvent.objects.exists()
        assert Child.objects.get().number == self.TYPED


def test_uniqueness_over_the_child_is_thought_of():
    """Where two records' rows may collide, the declaration says what gives way."""
    for model, field, follow in following.moving():
        unique = [c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint) and field.name in c.fields]
        exclusive = [
            c
            for c in model._meta.constraints
            if type(c).__name__ == "ExclusionConstraint" and any(e == field.name for e, _ in c.expressions)
        ]
        answered = follow.fits or follow.clashes or follow.unless != "false"
        assert not (unique or exclusive or field.unique) or answered, follow.key


def test_an_undeclared_reference_is_seen_and_follows_all_the_same(monkeypatch):
    monkeypatch.delitem(following.FOLLOWS, "students.Registration.child")
    assert "students.Registration.child" in {follow.key for _, _, follow in following.moving()}
    assert "students.Registration.child" not in following.FOLLOWS
