"""The platform's list answered row by row, under its own serial."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest

from core import crypto
from core.models import Organization
from dropout import actions
from dropout.reports import platform as report
from students.actions import standings
from students.models import Child
from tests import make
from tests.students import lists
from tests.students.lists import APRIL, MARCH, in_class, load, resident

A, B, C, D = "990101201008310014", "990101201101150027", "990101201602290044", "990101200905020039"


@pytest.fixture
def places(db, tmp_path):
    """Divisions and schools are in, by the officer for dropouts."""
    by = make.person("控辍专干", ("dropout_officer", make.county()))
    about = {"by": by, "coverage": make.county()}
    lists.load(tmp_path, "divisions", lists.DIVISIONS, **about)
    lists.load(tmp_path, "schools", lists.SCHOOLS, **about)
    return about


def sent(serial, name, number):
    return {"平台序号": serial, "姓名": name, "身份证号": number, "疑似类型": "有学籍不在校", "下发批次": "2020-1"}


@pytest.fixture
def answered(places, tmp_path):
    """In school, explained, with a case, not explained; and one nobody can be tied to."""
    load(tmp_path, "hukou", [resident(A), resident(B, "李二", "H2"), resident(C, "张三", "H3"), resident(D, "赵四", "H4")], **places)
    load(tmp_path, "attending", [in_class(A)], **places)
    rows = [
        sent("9000000000000000017", "王一", A),
        sent("2", "李二", B),
        sent("10", "张三", C),
        sent("3", "赵四", D),
        sent("4", "钱无号", ""),
    ]
    load(tmp_path, "platform", rows, **places)
    fact = {"child": Child.objects.get(name="李二"), "code": "elsewhere", "since": MARCH, "source": "entry", "place": "省城小学"}
    standings.record(rows=[fact], by=places["by"])
    actions.open_case(child=Child.objects.get(name="张三"), why="平台下发", source="platform", on=MARCH, by=places["by"])
    return places


def told(places, on=APRIL):
    return [(one.serial, one.row.name, one.became) for one in report.answers(places["by"], "see_cases", MARCH, on)]


def test_each_number_says_what_became_of_it(answered):
    assert told(answered) == [
        ("2", "李二", "explained"), ("3", "赵四", "open"), ("4", "钱无号", "open"), ("10", "张三", "suspected"),
        ("9000000000000000017", "王一", "in_school"),
    ]  # fmt: skip
    found = report.answers(answered["by"], "see_cases", MARCH, APRIL)
    assert sum(count for _, _, count in report.counts(found)) == 5
    assert "省城小学" in found[0].text


def test_the_answer_goes_back_under_the_platforms_serial_as_text(client, answered):
    client.force_login(answered["by"])
    page = client.get("/platform/?became=in_school").content.decode()
    assert "9000000000000000017" in page
    assert "在东关第1小学就读" in page
    assert "李二" not in page
    answer = client.post("/platform/export/")
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    rows = {row[0].value: row for row in sheet.iter_rows() if row[0].value}
    serial = rows["9000000000000000017"][0]
    assert (serial.data_type, serial.number_format) == ("s", "@")
    assert A not in {cell.value for row in sheet.iter_rows() for cell in row}
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


def test_a_list_of_an_earlier_day_can_still_be_answered(answered, tmp_path):
    load(tmp_path, "platform", [sent("71", "赵四", D)], as_of=APRIL, **answered)
    assert report.lists(answered["by"]) == [APRIL, MARCH]
    assert [one.serial for one in report.answers(answered["by"], "see_cases", APRIL, APRIL)] == ["71"]
    assert len(told(answered)) == 5


def test_a_township_answers_its_own_children(answered):
    other = make.node("township", "西关镇", make.county(), "990101300000")
    stranger, own = make.person("外镇", ("township_officer", other)), Organization.objects.get(code="990101100000")
    assert report.answers(stranger, "see_cases", MARCH, APRIL) == []
    officer = make.person("本镇", ("township_officer", own))
    assert {one.row.name for one in report.answers(officer, "see_cases", MARCH, APRIL)} == {"王一", "李二", "张三", "赵四"}


def test_queries_do_not_grow_with_the_list(places, tmp_path, django_assert_max_num_queries):
    load(tmp_path, "platform", [sent(str(at), f"甲{at}", f"99010120100301{at:03d}X") for at in range(60)], **places)
    with django_assert_max_num_queries(12):
        assert len(report.answers(places["by"], "see_cases", MARCH, date(2020, 4, 1))) == 60


def test_numbers_are_unsealed_for_the_sheet_alone_a_piece_at_a_time(places, tmp_path, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(report, "CHUNK", 25)
    load(tmp_path, "platform", [sent(str(at), f"甲{at}", f"99010120100301{at:03d}X") for at in range(60)], **places)
    answered = report.answers(places["by"], "see_cases", MARCH, date(2020, 4, 1))
    assert {"number", "sealed"} <= answered[0].row.get_deferred_fields()
    with django_assert_max_num_queries(3):
        told = list(report.sheet(answered, MARCH).rows)
    assert [line[0] for line in told] == [str(at) for at in range(60)]
    assert {line[3] for line in told} == {crypto.mask("99010120100301000X")}
