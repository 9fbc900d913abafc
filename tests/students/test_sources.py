"""Sources as they come: households to the right, columns a person names, the wrong list, unreadable files (domain.md §5.4, §14)."""

import itertools

import pytest
from django.core.management import CommandError

from core.models import AuditEntry
from students.county.headings import VARIANT_B
from students.imports import recognising
from students.models import ColumnMapping, ListRow
from students.rules.kinds import KINDS
from tests.students import lists
from tests.students.test_variants import NAMES, NUMBERS, PUPILS, WANTED, as_told, bring, standing, two_schools, workbook

pytestmark = pytest.mark.django_db
TELL = lists.SAMPLES / "tiny"


@pytest.fixture
def county():
    return two_schools()


SIDEWAYS = (
    (["户主姓名", "身份证号", "救助类别", "成员1姓名", "成员1身份证号", "成员2姓名", "成员2身份证号"], None),
    (["申请人", "身份证号", "保障类别", "家庭成员姓名", "身份证号", "家庭成员姓名", "身份证号"], None),
    (["申请人姓名", "身份证号码", "类别", "家庭成员1", "身份证号码", "家庭成员2", "身份证号码"], None),
    (["户主", "户主身份证号", "救助类型", "家庭成员", "", "", ""], ["", "", "", "姓名", "身份证号", "姓名", "身份证号"]),
    (["姓名", "身份证号", "保障类别", "共同生活的家庭成员一", "", "共同生活的家庭成员二", ""], ["", "", "", "姓名", "证件号码", "姓名", "证件号码"]),
)  # fmt: skip


@pytest.mark.parametrize("heads", SIDEWAYS, ids=range(len(SIDEWAYS)))
def test_a_household_in_one_row_is_several_persons(county, tmp_path, heads):
    rows = [["农村低保备案表"], *(row for row in heads if row)]
    rows += [
        ["张三", "990101198001010014", "农村低保", NAMES[0], NUMBERS[0], NAMES[1], NUMBERS[1]],
        ["李四", "990101198101010022", "农村低保", NAMES[2], NUMBERS[2], "", ""],
    ]
    answer = bring("civil_affairs", workbook(tmp_path / "a.xlsx", [["填表说明"]], rows))
    assert (answer["rows"], answer["new"]) == (5, 5)
    assert {row.name for row in standing("civil_affairs")} == {"张三", "李四", *NAMES}
    assert {row.facts["head"] for row in standing("civil_affairs") if row.name in NAMES[:2]} == {"张三"}


def test_what_is_wrong_in_a_household_names_the_very_cell(county, tmp_path):
    rows = [["户主姓名", "身份证号", "救助类别", "成员1姓名", "成员1身份证号", "成员2姓名", "成员2身份证号"]]
    rows += [["张三", "990101198001010014", "低保", NAMES[0], NUMBERS[0], NAMES[1], 9.9010120090502e17]]
    answer = bring("civil_affairs", workbook(tmp_path / "a.xlsx", rows))
    assert [(row["row"], row["column"]) for row in answer["refused"]] == [(2, "G 成员2身份证号")]
    assert (answer["rows"], answer["new"]) == (3, 2)


def test_the_police_register_may_lie_sideways_too(county, tmp_path):
    rows = [["户号", "户主姓名", "户主身份证号", "村代码", "成员1姓名", "成员1公民身份号码", "成员2姓名", "成员2公民身份号码"]]
    rows += [["H1", "张三", "990101198001010014", "990101100200", NAMES[0], NUMBERS[0], NAMES[1], NUMBERS[1]]]
    assert bring("hukou", workbook(tmp_path / "a.xlsx", rows))["new"] == 3
    assert {(row.name, row.facts["household"]) for row in standing("hukou")} == {("张三", "H1"), (NAMES[0], "H1"), (NAMES[1], "H1")}


def test_guardians_beside_the_pupil_are_no_persons_of_the_list(county, tmp_path):
    rows = [["户号", "姓名", "公民身份号码", "监护人一姓名", "监护人一身份号码", "监护人二姓名", "监护人二身份号码"]]
    rows += [["H1", NAMES[0], NUMBERS[0], "张三", "990101198001010014", "李四", "990101198101010022"]]
    assert bring("hukou", workbook(tmp_path / "a.xlsx", rows))["new"] == 1


def test_a_class_list_printed_in_two_columns(county, tmp_path):
    head = ["序号", "姓名", "身份证号", "班级"]
    rows = [[*head, *head, "学校"], ["1", NAMES[0], NUMBERS[0], "1班", "2", NAMES[1], NUMBERS[1], "2班", "东关第1小学"]]
    rows += [["3", NAMES[2], NUMBERS[2], "3班", "", "", "", "", "东关第1小学"]]
    assert bring("attending", workbook(tmp_path / "a.xlsx", rows))["new"] == 3
    assert {row.name: row.facts["class"] for row in standing("attending")} == dict(zip(NAMES, ("1班", "2班", "3班"), strict=True))


VARIANTS = {kind: (head, list(head.fields.values())) for kind, head in VARIANT_B.items()}


@pytest.mark.parametrize("given", VARIANT_B)
@pytest.mark.parametrize("kind", VARIANT_B)
def test_another_countys_headings_are_told_apart_too(kind, given):
    head, headings = VARIANTS[given]
    about = " ".join([f"{head.file}{head.suffix}", head.sheet, *head.titles])
    told = recognising.mistaken(kind, headings, about) or recognising.likeliest(kind, headings, about)
    assert (KINDS[given].label in told) == (kind != given)
    if kind == given:
        assert recognising.mistaken(kind, headings, about) == ""


ODD = [["娃娃", "号码一栏", "念书的地方"], *([name, number, "东关第1小学"] for name, number, _ in PUPILS)]
WORDS = ("--map", "娃娃=name", "--map", "号码一栏=身份证号", "--map", "念书的地方=school")


def test_columns_are_named_once_and_remembered(county, tmp_path):
    with pytest.raises(CommandError, match="娃娃、号码一栏、念书的地方"):
        bring("attending", workbook(tmp_path / "a.xlsx", ODD))
    answer = bring("attending", workbook(tmp_path / "b.xlsx", ODD), *WORDS)
    assert (answer["new"], answer["columns"]) == (3, {"娃娃": "name", "号码一栏": "number", "念书的地方": "school"})
    assert as_told("attending") == WANTED
    assert AuditEntry.objects.filter(act="columns_mapped").count() == 1
    later = [ODD[0], *ODD[2:]]
    assert bring("attending", workbook(tmp_path / "c.xlsx", later), as_of="2020-04-01")["unchanged"] == 2


def test_what_one_supplier_says_is_not_what_another_says(county, tmp_path):
    bring("attending", workbook(tmp_path / "a.xlsx", ODD), *WORDS, "--supplier", "甲校")
    with pytest.raises(CommandError, match="认不出的列"):
        bring("attending", workbook(tmp_path / "b.xlsx", ODD[:3]), "--supplier", "乙校")
    assert ColumnMapping.objects.get().supplier == "甲校"


def test_a_persons_word_stands_above_the_alias_table(county, tmp_path):
    rows = [["姓名", "身份证号", "学校", "真正的姓名"], ["甲班", NUMBERS[0], "东关第1小学", NAMES[0]]]
    bring("roll", workbook(tmp_path / "a.xlsx", rows), "--map", "真正的姓名=name")
    assert as_told("roll") == WANTED[:1]


WRONG_WORDS = (("娃娃=nobody", "字段可以是：.*name\\(姓名\\)"), ("娃娃", "看不懂"), ("没有的列=name", "没有列“没有的列”.*娃娃"))


@pytest.mark.parametrize(("word", "sentence"), WRONG_WORDS)
def test_a_wrong_word_is_told_what_there_is(county, tmp_path, word, sentence):
    with pytest.raises(CommandError, match=sentence):
        bring("attending", workbook(tmp_path / "a.xlsx", ODD), "--map", word)


@pytest.mark.skipif(not TELL.is_dir(), reason="the samples lie beside the repository and are not here")
@pytest.mark.parametrize(("kind", "given"), list(itertools.permutations(lists.FILES, 2)))
def test_every_list_given_as_another_is_refused_by_its_name(county, kind, given):
    with pytest.raises(CommandError, match=f"看起来是“{KINDS[given].label}”.*请改选名单种类"):
        bring(kind, TELL / lists.FILES[given])
    assert not ListRow.objects.exists()


DENIED = [["户编号", "姓名", "证件号码", "户类型"], ["61", NAMES[0], NUMBERS[0], "脱贫户"]]


def test_a_no_list_is_not_taken_for_its_yes_list(county, tmp_path):
    with pytest.raises(CommandError, match="脱贫不享受政策"):
        bring("poverty", workbook(tmp_path / "脱贫户-脱贫不享受政策.xlsx", DENIED))
    assert bring("poverty", workbook(tmp_path / "脱贫户-继续享受政策.xlsx", DENIED))["new"] == 1


@pytest.mark.parametrize(
    "head",
    [
        ["姓名", "学籍号", "身份证", "学校", "年级", "班级"],
        ["学生姓名", "身份证件号", "学校名称", "年级", "班级", "入学年月", "全国学籍号"],
    ],
)
@pytest.mark.parametrize("kind", ["roll", "attending"])
def test_a_list_that_tells_nothing_is_what_it_is_said_to_be(county, tmp_path, kind, head):
    row = {
        "姓名": NAMES[0],
        "学生姓名": NAMES[0],
        "身份证": NUMBERS[0],
        "身份证件号": NUMBERS[0],
        "学校": "东关第1小学",
        "学校名称": "东关第1小学",
    }
    assert bring(kind, workbook(tmp_path / "a.xlsx", [head, [row.get(heading, "") for heading in head]]))["new"] == 1


def test_a_wps_table_is_told_what_to_do(county, tmp_path):
    path = tmp_path / "名单.et"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    with pytest.raises(CommandError, match="另存为"):
        bring("roll", path)


def test_a_locked_workbook_is_told_what_to_do(county, tmp_path):
    path = tmp_path / "名单.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(CommandError, match="密码"):
        bring("roll", path)
