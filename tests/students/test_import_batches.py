"""One batch after another: unchanged, changed, vanished, older, repeated, too large, taken back."""

import pytest

from core.models import AuditEntry
from core.workflow import Refused
from students.actions import changes, snapshots, undoing
from students.models import Child, Enrolment, ListRow, SourceSnapshot, SpecialGroup
from tests import make
from tests.students.lists import APRIL, MARCH, in_class, load, pupil, receive, resident, stage

A, B, C = "990101201008310014", "990101201101150027", "990101201602290044"


def counts(snapshot):
    parts = (snapshot.new, snapshot.changed, snapshot.unchanged, snapshot.conflicts, snapshot.refused_rows)
    assert snapshot.rows == sum(parts)
    return (*parts, snapshot.vanished)


def test_the_same_file_again_is_known_by_its_content(places, tmp_path):
    first = load(tmp_path, "roll", [pupil(A)], **places)
    with pytest.raises(snapshots.AlreadyReceived) as again:
        receive(tmp_path, "roll", [pupil(A)], name="另一个名字.csv", **places)
    assert again.value.snapshot == first
    assert SourceSnapshot.objects.filter(kind="roll").count() == 1


def test_a_change_is_told_in_words(places, tmp_path):
    """The preview said 民族：01 → 04 and the school by its number."""
    old = ListRow(name="王一", facts={"ethnic": "01", "sex": "1", "school": "S1"})
    new = ListRow(name="王一", facts={"ethnic": "04", "sex": "2", "school": "S2"})
    told = changes.differences(old, new, {"S1": "东关小学"})
    assert told == [("学校", "东关小学", "S2"), ("性别", "男", "女"), ("民族", "汉族", "藏族")]


def test_staging_touches_nothing_that_stands(places, tmp_path):
    stage(tmp_path, "roll", [pupil(A)], **places)
    assert not Child.objects.exists()
    assert not ListRow.objects.filter(kind="roll").exists()


def test_next_month_tells_new_changed_unchanged_and_vanished(places, tmp_path):
    load(tmp_path, "roll", [pupil(A), pupil(B, "李二")], **places)
    april = stage(tmp_path, "roll", [pupil(A, 班级="2班"), pupil(C, "张三")], as_of=APRIL, **places)
    assert counts(april) == (1, 1, 0, 0, 0, 1)
    (_, differences), = snapshots.preview_changes(april)
    assert differences == [("班级", "1班", "2班")]
    snapshots.approve(snapshot=april, by=places["by"])
    gone = Child.objects.get(name="李二")
    assert Enrolment.objects.get(child=gone).until == APRIL
    assert gone.places.get(until=None).why == "last_school"
    assert [row.since for row in Enrolment.objects.filter(child__name="王一").order_by("since")] == [MARCH, APRIL]


def test_the_same_facts_in_another_file_are_unchanged(places, tmp_path):
    load(tmp_path, "roll", [pupil(A), pupil(B, "李二")], **places)
    before = list(Enrolment.objects.values_list("pk", "since", "until"))
    again = load(tmp_path, "roll", [pupil(B, "李二"), pupil(A)], as_of=APRIL, **places)
    assert counts(again) == (0, 0, 2, 0, 0, 0)
    assert list(Enrolment.objects.values_list("pk", "since", "until")) == before


def test_a_pupil_who_changes_school_is_one_change(places, tmp_path):
    load(tmp_path, "roll", [pupil(A)], **places)
    moved = stage(tmp_path, "roll", [pupil(A, school="2199000004")], as_of=APRIL, **places)
    assert counts(moved) == (0, 1, 0, 0, 0, 0)


def test_an_older_list_never_replaces_a_newer_fact(places, tmp_path):
    load(tmp_path, "roll", [pupil(A, 班级="2班")], as_of=APRIL, **places)
    older = load(tmp_path, "roll", [pupil(A, 班级="1班"), pupil(B, "李二")], as_of=MARCH, **places)
    assert counts(older) == (0, 0, 0, 2, 0, 0)
    assert Enrolment.objects.get().class_name == "2班"
    assert {row.outcome for row in older.staged_rows.all()} == {"conflict"}


def test_a_repeated_row_is_a_conflict_with_its_address(places, tmp_path):
    twice = stage(tmp_path, "roll", [pupil(A), pupil(A), pupil(A, 班级="3班")], **places)
    assert counts(twice) == (1, 0, 0, 2, 0, 0)
    assert list(twice.staged_rows.filter(outcome="conflict").order_by("id").values_list("why", flat=True)) == [
        "与第 2 行重复", "与第 2 行同一人同一单位，内容不同"
    ]  # fmt: skip


def test_a_row_refused_now_has_not_vanished(places, tmp_path):
    load(tmp_path, "roll", [pupil(A), pupil(B, "李二")], **places)
    broken = stage(tmp_path, "roll", [pupil(A), pupil(B, "李二", 出生日期="2011-02-30")], as_of=APRIL, **places)
    assert counts(broken) == (0, 0, 1, 0, 1, 0)


def test_a_list_of_one_school_says_nothing_of_the_other(places, tmp_path):
    load(tmp_path, "roll", [pupil(A)], **places)
    school = make.county().__class__.objects.get(code="2199000004")
    partial = stage(tmp_path, "roll", [pupil(B, "李二", school="2199000004")], by=places["by"], coverage=school, as_of=APRIL)
    assert counts(partial) == (1, 0, 0, 0, 0, 0)


def many(first, count):
    return [
        pupil(f"9901012011{month:02d}{day:02d}{first:03d}0", f"学生{month}之{day}")
        for month in range(1, 13)
        for day in range(1, 1 + count // 12)
    ]


def test_a_large_change_waits_for_a_second_person_and_a_first_load_does_not(places, tmp_path):
    load(tmp_path, "roll", many(1, 60), **places)
    large = stage(tmp_path, "roll", [pupil(A)], as_of=APRIL, **places)
    assert large.needs_second_person
    with pytest.raises(Refused, match="另一个人"):
        snapshots.approve(snapshot=large, by=places["by"])
    other = make.person("业务", ("bureau_admin", make.county()))
    assert snapshots.approve(snapshot=large, by=other).state == "applied"


def test_a_batch_that_came_between_is_compared_again(places, tmp_path):
    waiting = stage(tmp_path, "roll", [pupil(A)], name="一.csv", **places)
    load(tmp_path, "roll", [pupil(A, 班级="2班")], name="二.csv", **places)
    waiting = snapshots.approve(snapshot=waiting, by=places["by"])
    assert (waiting.state, counts(waiting)[:2]) == ("staged", (0, 1))
    assert "重新比对" in waiting.message


def test_a_principal_can_neither_bring_nor_approve(places, tmp_path):
    principal = make.person("校长", ("principal", places["coverage"].__class__.objects.get(code="2199000003")))
    with pytest.raises(Exception, match="导入名单"):
        receive(tmp_path, "roll", [pupil(A)], by=principal, coverage=places["coverage"])
    staged = stage(tmp_path, "roll", [pupil(A)], **places)
    with pytest.raises(Refused, match="不能批准入库"):
        snapshots.approve(snapshot=staged, by=principal)


def test_the_apply_leaves_one_audit_row_with_counts_and_no_number(places, tmp_path):
    snapshot = load(tmp_path, "roll", [pupil(A)], **places)
    entry = AuditEntry.objects.get(act="list_applied", subject_id=str(snapshot.public_id))
    assert entry.detail["new"] == 1
    assert A not in str(vars(entry))


def test_undo_brings_the_old_state_back(places, tmp_path):
    load(tmp_path, "roll", [pupil(A), pupil(B, "李二")], **places)
    load(tmp_path, "hukou", [resident(A)], **places)
    before = list(Enrolment.objects.order_by("pk").values("pk", "child", "class_name", "until", "accepted"))
    scopes = dict(Child.objects.values_list("name", "scope_nodes"))
    april = load(tmp_path, "roll", [pupil(A, 班级="2班"), pupil(C, "张三")], as_of=APRIL, **places)
    assert Child.objects.filter(name="张三").exists()
    undoing.undo(snapshot=april, by=places["by"])
    assert list(Enrolment.objects.order_by("pk").values("pk", "child", "class_name", "until", "accepted")) == before
    assert dict(Child.objects.values_list("name", "scope_nodes")) == scopes
    assert SourceSnapshot.objects.get(pk=april.pk).state == "undone"


def test_only_the_last_batch_can_be_undone(places, tmp_path):
    first = load(tmp_path, "roll", [pupil(A)], **places)
    load(tmp_path, "roll", [pupil(A), pupil(B, "李二")], as_of=APRIL, **places)
    with pytest.raises(Refused, match="最后一批"):
        undoing.undo(snapshot=first, by=places["by"])


def test_undo_stops_where_something_depends_on_a_child(places, tmp_path):
    first = load(tmp_path, "roll", [pupil(A)], **places)
    child = Child.objects.get()
    SpecialGroup.objects.create(child=child, code="Z9", label="其他", since=MARCH)
    with pytest.raises(Refused, match="王一"):
        undoing.undo(snapshot=first, by=places["by"])
    assert ListRow.objects.filter(kind="roll", until=None).count() == 1


def test_the_undone_file_can_come_again(places, tmp_path):
    undoing.undo(snapshot=load(tmp_path, "roll", [pupil(A)], **places), by=places["by"])
    assert not Child.objects.exists()
    assert load(tmp_path, "roll", [pupil(A)], **places).new == 1


def test_a_membership_lasts_until_its_list_ends_it(places, tmp_path):
    load(tmp_path, "attending", [in_class(A)], **places)
    person = {"姓名": "王一", "证件号码": A, "户编号": "61", "户类型": "脱贫户", "脱贫年度": "2017"}
    load(tmp_path, "poverty", [person], **places)
    assert SpecialGroup.objects.get().until is None
    load(tmp_path, "poverty", [person | {"证件号码": B}], as_of=APRIL, **places)
    assert SpecialGroup.objects.get().until == APRIL
