"""A list that lacks a column which the list before had changes nothing but what it says."""

import pytest

from students.actions import snapshots
from students.models import Enrolment, ListRow
from tests.students.lists import APRIL, load, pupil, resident, stage

A, B = "990101201008310014", "990101201101150027"
WHOLE = {
    "民族": "藏族",
    "就读方式": "住校",
    "入学年月": "201709",
    "现住址": "东关镇王家庄村",
    "联系电话": "13900000000",
    "成员1姓名": "王大",
    "是否孤儿": "是",
}


def without(row, *headings):
    return {heading: cell for heading, cell in row.items() if heading not in headings}


LOST = [
    ("民族",),
    ("就读方式", "入学年月"),
    ("现住址",),
    ("联系电话", "成员1姓名"),
    ("是否孤儿", "学籍状态"),
    ("年级", "班级"),
    ("出生日期",),
    ("全国学籍号",),
    tuple(WHOLE),
]


@pytest.mark.parametrize("lost", LOST, ids="-".join)
def test_an_absent_column_is_no_change(places, tmp_path, lost):
    rows = [pupil(A, **WHOLE), pupil(B, "李二", **WHOLE)]
    load(tmp_path, "roll", rows, **places)
    april = stage(tmp_path, "roll", [without(row, *lost) for row in rows], as_of=APRIL, **places)
    assert (april.new, april.changed, april.unchanged, april.vanished) == (0, 0, 2, 0)


def test_what_did_change_is_seen_and_the_rest_is_kept(places, tmp_path):
    load(tmp_path, "roll", [pupil(A, **WHOLE), pupil(B, "李二", **WHOLE)], **places)
    rows = [without(pupil(A, **WHOLE) | {"班级": "2班"}, *WHOLE), without(pupil(B, "李二", **WHOLE), *WHOLE)]
    april = stage(tmp_path, "roll", rows, as_of=APRIL, **places)
    assert (april.changed, april.unchanged) == (1, 1)
    ((_, differences),) = snapshots.preview_changes(april)
    assert differences == [("班级", "1班", "2班")]
    snapshots.approve(snapshot=april, by=places["by"])
    row = ListRow.objects.get(name="王一", until=None)
    assert (row.phone, row.address, row.facts["guardian"], row.facts["orphan"]) == ("13900000000", "东关镇王家庄村", "王大", True)
    assert Enrolment.objects.get(child__name="王一", until=None).boarding is True


def test_an_emptied_cell_is_a_change(places, tmp_path):
    load(tmp_path, "roll", [pupil(A, **WHOLE)], **places)
    april = stage(tmp_path, "roll", [pupil(A, **WHOLE) | {"成员1姓名": ""}], as_of=APRIL, **places)
    assert (april.changed, april.unchanged) == (1, 0)


@pytest.mark.parametrize("lost", [("户号",), ("与户主关系", "户主姓名"), ("人员状态",), ("村(居)委会代码",)], ids="-".join)
def test_the_police_register_too(places, tmp_path, lost):
    rows = [resident(A, 乡镇="东关镇"), resident(B, "李二", "H2", 人员状态="死亡", 乡镇="东关镇")]
    load(tmp_path, "hukou", rows, **places)
    april = stage(tmp_path, "hukou", [without(row, *lost) for row in rows], as_of=APRIL, **places)
    wanted = (0, 0, 2, 0) if lost != ("村(居)委会代码",) else (0, 2, 0, 0)  # the township alone is another place
    assert (april.new, april.changed, april.unchanged, april.vanished) == wanted
