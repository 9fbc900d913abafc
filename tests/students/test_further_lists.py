"""The further lists: memberships with list, day, sheet and row; no-lists overrule; deaths, moves and schooling elsewhere explain."""

import pytest

from students.actions import undoing
from students.models import Child, ListRow, SpecialGroup, Standing
from students.rules import codes
from tests.students.lists import APRIL, MARCH, load, resident, stage

A, B = "990101201008310014", "990101201101150027"


@pytest.fixture
def children(places, tmp_path):
    load(tmp_path, "hukou", [resident(A), resident(B, "李二")], **places)
    return places


def member(number, name="王一", **more):
    return {"姓名": name, "身份证号": number} | more


def in_force(on=APRIL):
    return {(group.child.name, group.code) for group in SpecialGroup.objects.in_force(on).select_related("child")}


LISTS = (
    ("monitored", {"户编号": "61", "监测对象类别": "突发严重困难户"}, "P5"), ("monitored", {"户编号": "61"}, "P3"), ("low_income", {"类别": "低保边缘家庭"}, "D3"),
    ("low_income", {"类别": "低收入家庭"}, "D6"), ("low_income", {"住址": "东关镇"}, "D6"), ("martyrs", {"烈士姓名": "王大"}, "M1"),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "more", "code"), LISTS)
def test_a_membership_stands_with_its_source(children, tmp_path, kind, more, code):
    load(tmp_path, kind, [member(A, **more)], **children)
    group = SpecialGroup.objects.get()
    assert (group.child.name, group.code, group.since) == ("王一", code, MARCH)
    assert (group.row.kind, group.row.snapshot.as_of, group.row.sheet, group.row.row_number) == (kind, MARCH, kind, 2)
    assert in_force() == {("王一", code)}


def test_a_newer_list_ends_what_it_no_longer_holds(children, tmp_path):
    load(tmp_path, "low_income", [member(A), member(B, "李二")], **children)
    load(tmp_path, "low_income", [member(B, "李二")], as_of=APRIL, **children)
    assert in_force(MARCH) == {("王一", "D6"), ("李二", "D6")}
    assert in_force(APRIL) == {("李二", "D6")}


NO_LISTS = (
    ("policy_ended", "脱贫户", ["P2"]),
    ("risk_cleared", "边缘易致贫户", ["P4"]),
    ("risk_cleared", "脱贫户", []),
    ("policy_ended", "边缘易致贫户", []),
)


@pytest.mark.parametrize(("kind", "type_", "overruled"), NO_LISTS)
def test_a_no_list_overrules_the_list_that_grants(children, tmp_path, kind, type_, overruled):
    load(tmp_path, "poverty", [{"姓名": "王一", "证件号码": A, "户编号": "61", "户类型": type_}], **children)
    code = SpecialGroup.objects.get().code
    assert in_force() == {("王一", code)}
    denial = load(tmp_path, kind, [member(A, 户编号="61")], **children)
    assert in_force() == (set() if overruled else {("王一", code)})
    assert {group.code for group in SpecialGroup.objects.listed(APRIL)} == {code, codes.POLICY_ENDED if kind == "policy_ended" else "N2"}
    undoing.undo(snapshot=denial, by=children["by"])
    assert in_force() == {("王一", code)}


def test_a_row_that_says_the_contrary_of_its_list_is_refused(children, tmp_path):
    rows = [member(A, 风险是否已消除="否"), member(B, "李二", 风险是否已消除="是")]
    cleared = load(tmp_path, "risk_cleared", rows, **children)
    assert (cleared.new, cleared.refused_rows) == (1, 1)
    watched = load(tmp_path, "monitored", rows, **children)
    assert watched.new == 2
    assert in_force() == {("王一", "P3")}


def test_who_the_state_pays_is_known_and_no_beneficiary(children, tmp_path):
    load(tmp_path, "state_paid", [member(A, 单位="东关镇政府", 供养类型="全额")], **children)
    group = SpecialGroup.objects.listed(APRIL).get()
    assert (group.code, group.label, group.row.facts["unit"]) == ("F1", "全额", "东关镇政府")
    assert in_force() == set()


MOVES = (("死亡", "05"), ("户籍迁出", "06"), ("迁往外省", "06"))


@pytest.mark.parametrize(("word", "reason"), MOVES)
def test_deaths_and_moves_explain_a_child(children, tmp_path, word, reason):
    load(tmp_path, "movements", [member(A, 变动类型=word, 变动日期="2020-02-10")], **children)
    standing = Standing.objects.get()
    assert (standing.child.name, standing.code, standing.reason, str(standing.since)) == ("王一", "removed", reason, "2020-02-10")
    assert standing.row.kind == "movements"


def test_who_moves_in_is_kept_and_removes_nobody(children, tmp_path):
    assert load(tmp_path, "movements", [member(A, 变动类型="迁入", 迁入日期="2020-02-10")], **children).new == 1
    assert not Standing.objects.exists()


@pytest.mark.parametrize("more", [{"变动类型": "不详"}, {"备注": ""}, {"变动类型": "死亡", "变动日期": "2020-05-01"}])
def test_a_move_nobody_understands_is_refused(children, tmp_path, more):
    assert stage(tmp_path, "movements", [member(A, **more)], **children).refused_rows == 1


CERTIFICATE = {
    "就读学校": "市第九小学",
    "就读地": "邻省某市",
    "证明编号": "证2020-8",
    "就读开始日期": "2019-09-01",
    "证明有效期": "2020-07-15",
}


def test_schooling_elsewhere_is_a_standing_with_its_paper(children, tmp_path):
    first = load(tmp_path, "elsewhere", [member(A, **CERTIFICATE), member(B, "李二", **CERTIFICATE)], **children)
    standing = Standing.objects.get(child__name="王一")
    assert (standing.code, standing.place, standing.document, str(standing.until)) == (
        "elsewhere",
        "邻省某市，市第九小学",
        "证2020-8",
        "2020-07-15",
    )
    assert (standing.source, standing.row.snapshot) == ("list", first)
    april = load(tmp_path, "elsewhere", [member(A, **CERTIFICATE)], as_of=APRIL, **children)
    assert {row.child.name for row in Standing.objects.open()} == {"王一"}
    assert Standing.objects.get(child__name="李二").until == APRIL
    undoing.undo(snapshot=april, by=children["by"])
    assert {row.child.name for row in Standing.objects.open()} == {"王一", "李二"}


def test_a_certificate_that_came_before_its_child_waits_for_it(places, tmp_path):
    load(tmp_path, "elsewhere", [member(A, **CERTIFICATE)], **places)
    assert not Standing.objects.exists()
    load(tmp_path, "hukou", [resident(A)], **places)
    assert Standing.objects.get().child.name == "王一"


def test_a_child_that_only_the_platform_knows_is_a_child(places, tmp_path):
    load(tmp_path, "platform", [member(A, 平台序号="PT-0008")], **places)
    assert ListRow.objects.get(kind="platform").child == Child.objects.get(name="王一")


def test_the_platforms_list_keeps_its_serial(children, tmp_path):
    rows = [member(A, 平台序号="PT-0007", 疑似类型="有户籍无学籍", 最后就读学校="东关第1小学")]
    load(tmp_path, "platform", rows, **children)
    row = ListRow.objects.get(kind="platform")
    assert (row.child, row.facts["serial"], row.facts["suspicion"]) == (Child.objects.get(name="王一"), "PT-0007", "有户籍无学籍")


def test_an_undone_batch_gives_the_end_back_that_the_list_had_stated(children, tmp_path):
    limited = member(A, 救助类别="低保", 享受起始日期="2020-01-01", 享受终止日期="2020-05-31")
    load(tmp_path, "civil_affairs", [limited, member(B, "李二", 救助类别="低保")], **children)
    before = list(SpecialGroup.objects.order_by("pk").values("pk", "since", "until"))
    assert sorted(str(row["until"]) for row in before) == ["2020-06-01", "None"]
    later = load(tmp_path, "civil_affairs", [member("990101201203030059", "张三", 救助类别="低保")], as_of=APRIL, **children)
    assert SpecialGroup.objects.filter(until__lte=APRIL).count() == 2
    undoing.undo(snapshot=later, by=children["by"])
    assert list(SpecialGroup.objects.order_by("pk").values("pk", "since", "until")) == before
