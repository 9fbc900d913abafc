"""A unit fetches its own lists filled in, sends them back, and somebody else decides; nothing of other units is met."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest

from core import file_runs
from core.models import AuditEntry, FileRun, Organization
from core.workflow import Refused
from students import imports
from students.actions import filling, snapshots, undoing
from students.models import Child, ChildPlace, FoundChild, ListRow, SourceSnapshot
from tests import make
from tests.students.lists import APRIL, DIVISIONS, in_class, load, pupil, resident
from tests.students.test_prefilled import A, B, C, cell, counts, download

PERSON = {"姓名": "王一", "身份证号": A}


@pytest.fixture
def units(places):
    """The clerk of one school, the officer of the township, the liaison of one village."""
    by_code = {node.code: node for node in Organization.objects.all()}
    school, township, village = by_code["2199000003"], by_code["990101100000"], by_code["990101100200"]
    return {
        "school": school, "township": township, "village": village, "clerk": make.person("填报", ("school_clerk", school)),
        "officer": make.person("专干", ("township_officer", township)), "liaison": make.person("联络员", ("village_liaison", village)),
    }  # fmt: skip


def send(folder, book, kind, coverage, by, as_of=APRIL):
    path = folder / f"sent-{SourceSnapshot.objects.count()}.xlsx"
    book.save(path)
    snapshot = snapshots.send_back(kind=kind, path=path, name=path.name, as_of=as_of, coverage=coverage, by=by)
    imports.stage(snapshot)
    return SourceSnapshot.objects.get(pk=snapshot.pk)


def fetched(client, kind, unit):
    answer = client.post("/lists/filled/fetch/", {"kind": kind, "coverage": unit.public_id})
    return openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))


def names_in(book):
    return {value for sheet in book for row in sheet.iter_rows(values_only=True) for value in row if value in ("王一", "李二", "张三")}


def test_a_clerk_fetches_fills_and_sends_and_the_bureau_decides(client, places, units, tmp_path):
    load(tmp_path, "attending", [in_class(A), in_class(B, "李二"), in_class(C, "张三", school="2199000004")], **places)
    client.force_login(units["clerk"])
    book = fetched(client, "attending", units["school"])
    assert names_in(book) == {"王一", "李二"}
    assert AuditEntry.objects.get(act="prefilled_list_fetched").actor_id == units["clerk"].pk
    cell(book, "李二", "在校情况").value = "离校"
    path = tmp_path / "填好.xlsx"
    book.save(path)
    with path.open("rb") as file:
        given = {"kind": "attending", "coverage": units["school"].public_id, "as_of": "2020-04-01", "file": file}
        page = client.post("/lists/filled/send/", given)
    file_runs.execute(FileRun.objects.get(kind="stage_snapshot").pk)
    snapshot = SourceSnapshot.objects.get(filled=True)
    assert counts(snapshot) == (0, 1, 1, 0, 0, 0)
    text = client.get(page.url).content.decode()
    assert "等教育局核对入库" in text
    assert "李二" in text
    assert "批准入库</button>" not in text
    with pytest.raises(Refused, match="不能批准"):
        snapshots.approve(snapshot=snapshot, by=units["clerk"])
    snapshots.approve(snapshot=snapshot, by=places["by"])
    assert ListRow.objects.get(name="李二", until=None).facts["state"] == "离校"
    assert "已入库" in client.get("/lists/filled/").content.decode()


def test_what_other_units_hold_is_neither_met_nor_shown(places, units, tmp_path):
    about = {"救助类别": "低保", "享受起始日期": "2019-01-01", "户主": "王大"}
    village = dict(DIVISIONS[1], 区划代码="990101200000", 名称="西关镇")
    load(
        tmp_path,
        "divisions",
        [*DIVISIONS, village, dict(DIVISIONS[2], 区划代码="990101200200", 名称="西村", 上级代码="990101200000")],
        as_of=APRIL,
        **places,
    )
    load(tmp_path, "hukou", [resident(A), resident(B, "李二", "H2", **{"村(居)委会代码": "990101200200"})], **places)
    load(tmp_path, "civil_affairs", [PERSON | about, {"姓名": "李二", "身份证号": B} | about], **places)
    own = download("civil_affairs", units["township"])
    assert names_in(own) == {"王一"}
    whole = download("civil_affairs")  # another unit's rows, with our own keys, in the hands of this township
    cell(whole, "李二", "户主").value = "李大"
    cell(whole, "王一", "户主").value = "王二"
    snapshot = send(tmp_path, whole, "civil_affairs", units["township"], units["officer"])
    assert counts(snapshot)[:5] == (0, 1, 0, 1, 0)
    conflict = snapshot.staged_rows.get(outcome="conflict")
    assert (conflict.standing_id, conflict.name) == (None, "李二")
    assert "不属于本单位" in conflict.why
    snapshots.approve(snapshot=snapshot, by=places["by"])
    assert {row.name: row.facts["head"] for row in ListRow.objects.filter(kind="civil_affairs", until=None)} == {
        "王一": "王二",
        "李二": "王大",
    }


def test_columns_left_out_are_not_filled_from_another_units_row(places, units, tmp_path):
    load(tmp_path, "attending", [in_class(C, "张三", school="2199000004", 联系电话="13900000000")], **places)
    book = openpyxl.Workbook()
    book.active.append(["姓名", "身份证号", "学校标识码"])
    book.active.append(["张三", C, "2199000003"])
    snapshot = send(tmp_path, book, "attending", units["school"], units["clerk"])
    row = snapshot.staged_rows.get()
    assert (row.outcome, row.phone, row.facts["grade"]) == ("new", "", None)


@pytest.mark.parametrize(
    ("kind", "unit", "who"),
    [("hukou", "school", "clerk"), ("attending", "township", "officer"), ("state_paid", "township", "officer"),
     ("roll", "village", "liaison")],
)  # fmt: skip
def test_each_unit_fills_its_own_kinds(client, units, kind, unit, who):
    client.force_login(units[who])
    answer = client.post("/lists/filled/fetch/", {"kind": kind, "coverage": units[unit].public_id})
    assert "不填报" in answer.content.decode() or "选择一个有效的选项" in answer.content.decode()
    with pytest.raises(filling.scope.Forbidden):
        filling.require(kind, units[unit], units[who])


def test_a_foreign_school_is_no_choice(client, places, units):
    client.force_login(units["clerk"])
    other = Organization.objects.get(code="2199000004")
    assert "PK" not in client.post("/lists/filled/fetch/", {"kind": "roll", "coverage": other.public_id}).content.decode()[:2]
    assert not AuditEntry.objects.filter(act="prefilled_list_fetched").exists()
    with pytest.raises(filling.scope.Forbidden):
        filling.require("roll", other, units["clerk"])


def test_it_can_be_called_back_until_it_is_in(client, places, units, tmp_path):
    load(tmp_path, "roll", [pupil(A)], **places)
    book = download("roll", units["school"])
    cell(book, "王一", "班级").value = "2班"
    snapshot = send(tmp_path, book, "roll", units["school"], units["clerk"])
    client.force_login(units["clerk"])
    client.post(f"/lists/filled/{snapshot.public_id}/withdraw/")
    snapshot.refresh_from_db()
    assert snapshot.state == "withdrawn"
    answer = client.post(f"/lists/filled/{snapshot.public_id}/annotated/")
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    answer.close()


def door(**more):
    told = {
        "姓名": "田小妮",
        "性别": "女",
        "出生日期": "",
        "周岁": "9",
        "身份证号": "",
        "村": "王家庄村",
        "监护人": "田大",
        "联系电话": "13900000000",
    }
    return told | {"现在哪里、做什么": "在家带弟弟", "发现日期": "2020-03-02"} | more


def book_of(rows):
    book = openpyxl.Workbook()
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append([value or None for value in row.values()])
    return book


class TestFoundOffline:
    def test_an_empty_form_goes_out_and_a_child_comes_in_with_its_number(self, client, places, units, tmp_path):
        client.force_login(units["liaison"])
        form = fetched(client, "found", units["village"]).worksheets[0]
        assert list(next(row for row in form.iter_rows(values_only=True) if "姓名" in row))[:4] == [
            "姓名",
            "性别",
            "出生日期",
            "周岁",
        ]
        snapshot = send(
            tmp_path,
            book_of([door(), door(姓名="田小弟", 性别="男", 出生日期="2012-05-01", 周岁="", 村="")]),
            "found",
            units["village"],
            units["liaison"],
        )
        assert counts(snapshot) == (2, 0, 0, 0, 0, 0)
        snapshots.approve(snapshot=snapshot, by=places["by"])
        girl, boy = FoundChild.objects.order_by("pk")
        assert (girl.number, girl.age_only, girl.child.birth_on, girl.village, girl.by) == (
            "摸〔2020〕0001",
            True,
            date(2010, 9, 2),
            units["village"],
            units["liaison"],
        )
        assert (boy.number, boy.age_only, boy.phone) == ("摸〔2020〕0002", False, "13900000000")
        assert set(girl.child.scope_nodes) == set(units["village"].path)
        assert set(ChildPlace.objects.filter(child=girl.child).values_list("why", flat=True)) == {"reported", "residence"}
        again = download("found", units["village"])
        cell(again, "田小妮", "现在哪里、做什么").value = "已回校"
        changed = send(tmp_path, again, "found", units["village"], units["liaison"], as_of=date(2020, 5, 1))
        assert counts(changed) == (0, 1, 1, 0, 0, 0)
        snapshots.approve(snapshot=changed, by=places["by"])
        girl.refresh_from_db()
        assert (girl.whereabouts, FoundChild.objects.count(), Child.objects.filter(name="田小妮").count()) == ("已回校", 2, 1)
        undoing.undo(snapshot=changed, by=places["by"])
        girl.refresh_from_db()
        assert girl.whereabouts == "在家带弟弟"
        undoing.undo(snapshot=snapshot, by=places["by"])
        assert not FoundChild.objects.exists()
        assert not Child.objects.filter(name__startswith="田").exists()

    def test_a_child_a_list_knows_is_that_child(self, places, units, tmp_path):
        load(tmp_path, "hukou", [resident(A, **{"村(居)委会代码": "990101100201"})], **places)
        snapshot = send(tmp_path, book_of([door(姓名="王一", 性别="男", 身份证号=A, 周岁="")]), "found", units["village"], units["liaison"])
        snapshots.approve(snapshot=snapshot, by=places["by"])
        child = FoundChild.objects.get().child
        assert Child.objects.filter(name="王一").get() == child
        assert units["village"].pk in child.scope_nodes
        undoing.undo(snapshot=snapshot, by=places["by"])
        child.refresh_from_db()
        assert units["village"].pk not in child.scope_nodes

    @pytest.mark.parametrize(
        ("more", "sentence"),
        [({"周岁": ""}, "至少要有一样"), ({"周岁": "九岁半"}, "填整数"), ({"发现日期": ""}, "哪天发现"), ({"发现日期": "2020-04-02"}, "之后"), ({"现在哪里、做什么": ""}, "现在哪里"),
         ({"村": "李家村"}, "不在这份名单的范围"), ({"姓名": ""}, "姓名为空")],
    )  # fmt: skip
    def test_what_cannot_be_used_is_told_by_its_place(self, places, units, tmp_path, more, sentence):
        snapshot = send(tmp_path, book_of([door(**more)]), "found", units["village"], units["liaison"])
        assert snapshot.refused_rows == 1
        assert sentence in snapshot.issues.get(severity="refused").reason
