"""A list goes out filled in and comes back: untouched rows are nothing, touched ones changes, stale ones are shown."""

from io import BytesIO

import openpyxl
import pytest

from core.models import AuditEntry, Organization
from students import imports
from students.actions import snapshots
from students.models import Enrolment, ListRow, SourceSnapshot
from students.reports import prefilled
from tests import make
from tests.students.lists import APRIL, MARCH, in_class, load, pupil, resident

A, B, C = "990101201008310014", "990101201101150027", "990101201602290044"
PERSON = {"姓名": "王一", "身份证号": A}
KINDS = {
    "roll": pupil(A, 就读方式="住校", 联系电话="13900000000"), "hukou": resident(A), "attending": in_class(A),
    "poverty": PERSON | {"户编号": "61", "户类型": "脱贫户", "脱贫年度": "2017"}, "civil_affairs": PERSON | {"救助类别": "低保", "享受起始日期": "2019-01-01"},
    "low_income": PERSON | {"类别": "低保边缘"}, "elsewhere": PERSON | {"就读学校": "外校", "证明编号": "1"},
    "movements": PERSON | {"变动类型": "死亡", "变动日期": "2020-02-02"}, "platform": PERSON | {"平台序号": "7"},
}  # fmt: skip


def download(kind, node=None, **how):
    target = BytesIO()
    prefilled.write(target, kind=kind, node=node or make.county(), note="测试", **how)
    return openpyxl.load_workbook(BytesIO(target.getvalue()))


def cell(book, name, heading):
    """The cell of the person so named below the heading."""
    for sheet in book:
        rows = list(sheet.iter_rows())
        head = next(row for row in rows if any(c.value == "姓名" for c in row))
        at = {c.value: index for index, c in enumerate(head)}
        for row in rows:
            if row[at["姓名"]].value == name:
                return row[at[heading]]
    raise AssertionError(name)


def back(folder, book, kind, places, as_of=APRIL, coverage=None):
    path = folder / f"back-{SourceSnapshot.objects.count()}.xlsx"
    book.save(path)
    snapshot = snapshots.receive(
        kind=kind, path=path, name=path.name, as_of=as_of, coverage=coverage or places["coverage"], by=places["by"]
    )
    imports.stage(snapshot)
    return SourceSnapshot.objects.get(pk=snapshot.pk)


def counts(snapshot):
    return snapshot.new, snapshot.changed, snapshot.unchanged, snapshot.conflicts, snapshot.refused_rows, snapshot.vanished


@pytest.mark.parametrize("kind", KINDS)
def test_untouched_it_says_nothing(places, tmp_path, kind):
    load(tmp_path, kind, [KINDS[kind]], **places)
    assert counts(back(tmp_path, download(kind), kind, places)) == (0, 0, 1, 0, 0, 0)


def test_numbers_are_text_words_are_offered_and_the_key_is_hidden(places, tmp_path):
    load(tmp_path, "attending", [in_class(A)], **places)
    book = download("attending")
    sheet = book.worksheets[0]
    number = cell(book, "王一", "身份证号")
    assert (number.value, number.data_type, number.number_format) == (A, "s", "@")
    assert any("未到校" in offer.formula1 for offer in sheet.data_validations.dataValidation)
    key = cell(book, "王一", "行标识(勿改)")
    assert sheet.column_dimensions[key.column_letter].hidden


def test_touched_rows_are_changes_even_of_the_number(places, tmp_path):
    load(tmp_path, "attending", [in_class(A), in_class(B, "李二")], **places)
    book = download("attending")
    cell(book, "王一", "在校情况").value = "未到校"
    cell(book, "李二", "身份证号").value = C
    april = back(tmp_path, book, "attending", places)
    assert counts(april) == (0, 2, 0, 0, 0, 0)
    snapshots.approve(snapshot=april, by=places["by"])
    assert Enrolment.objects.get(child__name="王一", until=None).counts is False
    assert ListRow.objects.get(name="李二", until=None).number == C


def test_what_changed_here_meanwhile_is_shown_and_not_overwritten(places, tmp_path):
    load(tmp_path, "attending", [in_class(A), in_class(B, "李二")], **places)
    book = download("attending")
    load(tmp_path, "attending", [in_class(A, 班级="2班"), in_class(B, "李二", 班级="2班")], as_of=APRIL, name="四月.csv", **places)
    cell(book, "王一", "班级").value = "3班"
    returned = back(tmp_path, book, "attending", places)
    assert counts(returned) == (0, 0, 1, 1, 0, 0)
    assert "已有改动" in returned.staged_rows.get(outcome="conflict").why
    snapshots.approve(snapshot=returned, by=places["by"])
    assert {row.facts["class"] for row in ListRow.objects.filter(kind="attending", until=None)} == {"2班"}


def test_a_key_that_is_not_ours_decides_nothing(places, tmp_path):
    load(tmp_path, "attending", [in_class(A), in_class(B, "李二")], **places)
    book = download("attending")
    other = cell(book, "李二", "行标识(勿改)").value
    cell(book, "王一", "行标识(勿改)").value = f"{other.split('-')[0]}-{other.split('-')[1]}-000000000000"
    assert counts(back(tmp_path, book, "attending", places)) == (0, 0, 2, 0, 0, 0)


def test_a_school_fills_its_classes_and_nobody_elses(places, tmp_path):
    rows = [in_class(A), in_class(B, "李二", 班级="2班"), in_class(C, "张三", school="2199000004")]
    load(tmp_path, "attending", rows, **places)
    school = Organization.objects.get(code="2199000003")
    book = download("attending", school, by_class=True)
    assert [sheet.title for sheet in book] == ["东关第1小学三年级1班", "东关第1小学三年级2班"]
    cell(book, "李二", "在校情况").value = "离校"
    assert counts(back(tmp_path, book, "attending", places, coverage=school)) == (0, 1, 1, 0, 0, 0)


def test_the_page_hands_it_out_and_keeps_a_record(client, places, tmp_path):
    load(tmp_path, "attending", [in_class(A)], as_of=MARCH, **places)
    client.force_login(places["by"])
    assert "下载预填表" in client.get("/lists/prefilled/").content.decode()
    answer = client.post("/lists/prefilled/", {"kind": "attending", "coverage": make.county().public_id})
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    assert AuditEntry.objects.get(act="prefilled_list_fetched").detail["rows"] == 1


def row_of(book, name):
    return cell(book, name, "姓名").row


def copied(book, name, **other):
    """A row copied below the last with its hidden key, as Excel and WPS do, and overwritten."""
    sheet = cell(book, name, "姓名").parent
    sheet.append([one.value for one in sheet[row_of(book, name)]])
    head = next(row for row in sheet.iter_rows() if any(c.value == "姓名" for c in row))
    for one in head:
        if one.value in other:
            sheet.cell(sheet.max_row, one.column).value = other[one.value]


def standing(kind="attending"):
    return sorted(ListRow.objects.filter(kind=kind, until=None).values_list("name", "facts__class"))


class TestWhatPeopleDoWithRows:
    @pytest.fixture
    def book(self, places, tmp_path):
        load(tmp_path, "attending", [in_class(A), in_class(B, "李二")], **places)
        return download("attending")

    def applied(self, tmp_path, book, places):
        returned = back(tmp_path, book, "attending", places)
        snapshots.approve(snapshot=returned, by=places["by"])
        return returned

    def test_a_row_copied_and_overwritten_is_a_new_child_and_the_first_one_stays(self, book, places, tmp_path):
        copied(book, "王一", 姓名="赵四", 身份证号=C)
        assert counts(self.applied(tmp_path, book, places)) == (1, 0, 2, 0, 0, 0)
        assert standing() == [("李二", "1班"), ("王一", "1班"), ("赵四", "1班")]

    @pytest.mark.parametrize("keeps_key", [True, False])
    def test_a_child_told_twice_and_differently_is_shown(self, book, places, tmp_path, keeps_key):
        cell(book, "王一", "班级").value = "2班"
        copied(book, "王一", 班级="3班", **({} if keeps_key else {"行标识(勿改)": None}))
        returned = self.applied(tmp_path, book, places)
        assert counts(returned) == (0, 1, 1, 1, 0, 0)
        assert "重复" in returned.staged_rows.get().why
        assert standing() == [("李二", "1班"), ("王一", "2班")]

    def test_a_number_that_is_another_row_s_is_shown(self, book, places, tmp_path):
        cell(book, "王一", "身份证号").value = B
        returned = self.applied(tmp_path, book, places)
        assert counts(returned) == (0, 0, 1, 1, 0, 0)
        assert "重复" in returned.staged_rows.get().why
        assert standing() == [("李二", "1班"), ("王一", "1班")]

    def test_a_number_that_is_the_one_of_a_row_left_out_is_shown(self, book, places, tmp_path):
        cell(book, "王一", "身份证号").value = B
        book.worksheets[0].delete_rows(row_of(book, "李二"))
        returned = self.applied(tmp_path, book, places)
        assert counts(returned) == (0, 0, 0, 1, 0, 1)
        assert "另一行" in returned.staged_rows.get().why

    def test_two_numbers_that_were_swapped_are_put_right(self, book, places, tmp_path):
        cell(book, "王一", "身份证号").value, cell(book, "李二", "身份证号").value = B, A
        assert counts(self.applied(tmp_path, book, places)) == (0, 2, 0, 0, 0, 0)
        assert {row.name: row.number for row in ListRow.objects.filter(until=None, kind="attending")} == {"王一": B, "李二": A}

    def test_a_child_written_over_another_takes_its_row(self, book, places, tmp_path):
        cell(book, "王一", "身份证号").value, cell(book, "王一", "姓名").value = C, "赵四"
        assert counts(self.applied(tmp_path, book, places)) == (0, 1, 1, 0, 0, 0)
        assert standing() == [("李二", "1班"), ("赵四", "1班")]

    def test_sorted_moved_and_without_its_key_a_row_is_known_again(self, book, places, tmp_path):
        sheet = book.worksheets[0]
        first, second = row_of(book, "王一"), row_of(book, "李二")
        one, other = ([c.value for c in sheet[at]] for at in (first, second))
        for at, values in ((first, other), (second, [*one[:-1], None])):
            for column, value in enumerate(values, 1):
                sheet.cell(at, column).value = value
        sheet.insert_rows(second)
        cell(book, "王一", "班级").value = "2班"
        assert counts(self.applied(tmp_path, book, places)) == (0, 1, 1, 0, 0, 0)
        assert standing() == [("李二", "1班"), ("王一", "2班")]
