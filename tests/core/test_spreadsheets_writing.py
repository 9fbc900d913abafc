import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest

from core import spreadsheets
from core.spreadsheets import Column, SheetOut, writing

ACCOUNT = "6222021234567890123"
COLUMNS = [
    Column("姓名", 10),
    Column("银行账号", 24, parent="发放"),
    Column("金额（元）", 12, "money", parent="发放"),
    Column("日期", 12, "date"),
    Column("巩固率", 10, "percent"),
    Column("人数", 8, "integer"),
]
ROW = ["王小", ACCOUNT, 31250, date(2020, 3, 1), (995, 1000), 3]


def written(sheets, **options):
    buffer = io.BytesIO()
    spreadsheets.write_workbook(buffer, sheets, **options)
    return openpyxl.load_workbook(buffer), buffer


@pytest.fixture
def report():
    sheet = SheetOut(
        "资助发放", COLUMNS, iter([ROW, ["=1+1", "", None, None, (0, 0), "—"]]), titles=["示范县资助发放名册", "2020年春季学期"],
        unit_line="填报单位：第1小学    单位：元", total=["合计", "", 31250, "", "", 3],
        foot=["填报人：        审核人："], frozen_columns=1,
    )  # fmt: skip
    return written([sheet], note="张三 & 李四 2020-03-01 09:00 导出 E-000017")


def test_its_own_two_row_header_reads_back(tmp_path):
    path = tmp_path / "ours.xlsx"
    spreadsheets.write_workbook(path, [SheetOut("资助发放", COLUMNS, [ROW], titles=["名册"])])
    rows = spreadsheets.read_workbook(path, path.name)[0].rows
    header = spreadsheets.find_header(rows, {"name": ["姓名"], "account": ["发放/银行账号"], "amount": ["发放/金额（元）"], "on": ["日期"]})
    assert (header.first_row, header.last_row) == (1, 2)
    assert header.columns == {"name": 0, "account": 1, "amount": 2, "on": 3}


def test_layout_from_title_to_note(report):
    paper = report[0]["资助发放"]
    assert [paper.cell(row, 1).value for row in (1, 2, 3, 4, 6, 8, 9, 10)] == [
        "示范县资助发放名册", "2020年春季学期", "填报单位：第1小学    单位：元", "姓名", "王小", "合计", "填报人：        审核人：",
        "导出信息：张三 & 李四 2020-03-01 09:00 导出 E-000017",
    ]  # fmt: skip
    assert [paper.cell(5, column).value for column in (2, 3)] == ["银行账号", "金额（元）"]
    merged = {str(area) for area in paper.merged_cells.ranges}
    assert {"A1:F1", "A3:F3", "A4:A5", "B4:C4", "D4:D5", "A9:F9", "A10:F10"} <= merged
    assert paper["B4"].value == "发放"


def test_values_have_the_type_their_column_means(report):
    paper = report[0]["资助发放"]
    cells = [paper.cell(6, column) for column in range(1, 7)]
    assert [cell.value for cell in cells] == ["王小", ACCOUNT, 312.5, datetime(2020, 3, 1), 0.995, 3]
    assert [cell.number_format for cell in cells] == ["@", "@", "#,##0.00", "yyyy-mm-dd", "0.00%", "#,##0"]
    assert [paper.cell(7, column).value for column in (5, 6)] == ["—", "—"]
    assert paper["C8"].value == 312.5
    assert paper["A8"].font.bold


def test_page_is_a4_landscape_one_page_wide_with_repeated_header(report):
    paper = report[0]["资助发放"]
    assert (paper.page_setup.paperSize, paper.page_setup.orientation) == (9, "landscape")
    assert (paper.page_setup.fitToWidth, paper.page_setup.fitToHeight, paper.sheet_properties.pageSetUpPr.fitToPage) == (1, 0, True)
    assert paper.freeze_panes == "B6"
    assert paper.print_title_rows == "$4:$5"
    assert paper.column_dimensions["B"].width == 24
    assert paper.oddFooter.left.text == "张三 && 李四 2020-03-01 09:00 导出 E-000017"
    assert paper.oddFooter.right.text == "第 &P 页 共 &N 页"


@pytest.mark.parametrize("text", ["=1+1", "+86 139", "-", "@SUM(A1)", "＝1", "\t=1", "#N/A", "0012", "TRUE", "2020-03-01", ACCOUNT])
def test_text_stays_text(text):
    book, buffer = written([SheetOut("a", [Column(text)], [[text]], titles=[text], foot=[text])])
    paper = book["a"]
    for place in ("A1", "A2", "A3", "A4"):
        assert (paper[place].value, paper[place].data_type) == (text, "s")
        assert paper[place].quotePrefix == text.startswith(("=", "+", "-", "@", "＝", "\t"))
    with zipfile.ZipFile(buffer) as package:
        assert b"<f>" not in package.read("xl/worksheets/sheet1.xml")


def test_control_characters_and_overlong_text_do_not_stop_an_export():
    book, _buffer = written([SheetOut("a", [Column("x")], [["a\x00b\x0b\ud800c\nd"], ["长" * 40000]])])
    assert book["a"]["A2"].value == "abc\nd"
    assert len(book["a"]["A3"].value) == 32767


def test_sheet_names_are_made_acceptable_and_unique():
    sheets = [SheetOut(name, [Column("x")], []) for name in ("2020/春:[一]", "2020_春__一_", "", "长" * 40, "长" * 40)]
    assert written(sheets)[0].sheetnames == ["2020_春__一_", "2020_春__一_(2)", "Sheet", "长" * 31, "长" * 28 + "(2)"]


def test_a_row_of_the_wrong_length_is_an_error():
    with pytest.raises(ValueError, match="zip"):
        written([SheetOut("a", [Column("x"), Column("y")], [["1"]])])


def test_money_is_exact_and_truth_is_chinese():
    columns = [Column("a", format="money"), Column("b"), Column("c", format="percent"), Column("d", format="integer")]
    book, _buffer = written([SheetOut("a", columns, [[1, True, Decimal("0.5"), 0], [10**15 + 1, False, None, None]])])
    assert [cell.value for cell in book["a"][2]] == [0.01, "是", 0.5, 0]
    assert [cell.value for cell in book["a"][3]] == [10000000000000.01, "否", None, None]


@pytest.fixture
def source(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "学籍"
    people = [["王小", "990101201001020065", 3.5], ["李大", "=A1", None], ["赵二", "0012", 5]]
    for row in [["示范县名单"], ["姓名", "身份证号", "金额"], *people]:
        sheet.append(row)
    sheet["B4"].data_type = "s"
    sheet["B6"] = int(ACCOUNT)
    hidden = book.create_sheet("附表")
    hidden["C3"], hidden.sheet_state = "说明", "hidden"
    book.save(tmp_path / "source.xlsx")
    return tmp_path / "source.xlsx"


def test_the_senders_workbook_comes_back_with_reasons(tmp_path, source):
    out = tmp_path / "out.xlsx"
    issues = [("学籍", 4, "没有身份证号。"), ("学籍", 4, "=坏公式"), ("学籍", 6, "账号位数丢失，请设为文本后重填。")]
    assert spreadsheets.annotate_workbook(source, "学籍.xlsx", issues, out) == 2
    paper = openpyxl.load_workbook(out)["学籍"]
    reasons = [paper.cell(row, 4).value for row in range(1, 7)]
    assert reasons == [None, "处理结果", None, "没有身份证号；=坏公式", None, "账号位数丢失，请设为文本后重填"]
    assert [paper.cell(3, column).value for column in (1, 2, 3)] == ["王小", "990101201001020065", 3.5]
    assert (paper["B4"].value, paper["B4"].data_type) == ("=A1", "s")
    assert paper["B5"].value == "0012"
    assert paper["B6"].value == float(ACCOUNT)


def test_other_sheets_come_back_unchanged_and_hidden_ones_hidden(tmp_path, source):
    out = tmp_path / "out.xlsx"
    spreadsheets.annotate_workbook(source, "学籍.xlsx", [("学籍", 4, "x")], out)
    paper = openpyxl.load_workbook(out)["附表"]
    assert (paper["C3"].value, paper.sheet_state, paper.max_column) == ("说明", "hidden", 3)


def test_a_reason_for_a_sheet_that_is_not_there_is_not_lost(tmp_path, source):
    with pytest.raises(ValueError, match="没有名为“别的”"):
        spreadsheets.annotate_workbook(source, "学籍.xlsx", [("别的", 1, "x")], tmp_path / "out.xlsx")


def test_a_list_to_be_filled_in_ends_with_its_rows():
    """An empty form had its 导出信息 in merged cells where the first child is to be written."""
    sheet = SheetOut("摸排", [Column("姓名", 10, choices=("男", "女")), Column("村", 10)], [], titles=["摸排儿童"], filled_in=True)
    paper = written([sheet], note="柳大山 A00000654")[0]["摸排"]
    assert [paper.cell(row, 1).value for row in (1, 2, 3, 4)] == ["摸排儿童", "导出信息：柳大山 A00000654", "姓名", None]
    assert paper.freeze_panes == "A4"
    assert not any(cell.value for row in paper.iter_rows(min_row=4) for cell in row)
    assert str(paper.data_validations.dataValidation[0].sqref).startswith("A4:")


def test_rows_are_as_high_as_their_longest_text():
    """A program that does not fit rows to wrapped text (LibreOffice, or any with merged cells) would print one line over the next."""
    columns = [Column("序号", 6, "integer"), Column("01 本县就读", 6, parent="核减原因"), Column("说明", 20), Column("行", 1, hidden=True)]
    rows = [[1, "是", "没有", "x" * 90], [2, "是", "资助发放还没有在系统里登记，需要各学期受助学生花名册", ""], [3, "", "a" * 19, ""]]
    foot = ["填报人：", "失联不是核减，计入未核清；未核清是疑似、确认辍学和去向未说明的"]
    paper = written([SheetOut("核减", columns, rows, titles=["核减汇总表"], total=["", "合计" * 9, "", ""], foot=foot)])[0]["核减"]
    heights = [paper.row_dimensions[row].height for row in range(1, 10)]
    assert heights[0] == 28
    assert [heights[row] for row in (1, 3, 5, 7)] == [None] * 4
    assert all(heights[row] > 2 * 13 for row in (2, 4, 6, 8)), heights
    assert heights[4] == 3 * 13.5 + 4.5, "26 characters of two widths each in a column of 20: three lines"


@pytest.mark.parametrize(
    ("widths", "landscape", "expected"),
    [
        ([12] * 13, True, (9, 1)), ([12] * 13, False, (8, 1)), ([12] * 20, True, (8, 1)), ([10, 12] * 16, True, (8, 2)),
        ([30] * 20, True, (8, 3)),
    ],
)
def test_the_paper_is_large_enough_for_type_of_eight_points(widths, landscape, expected):
    """Several pages side by side each begin with the frozen column."""
    sheet = SheetOut("宽表", [Column("栏", width) for width in widths], [], landscape=landscape, frozen_columns=1)
    assert writing.paper_for(sheet) == expected
    target = io.BytesIO()
    spreadsheets.write_workbook(target, [sheet])
    paper = openpyxl.load_workbook(target)["宽表"]
    assert (paper.page_setup.paperSize, paper.page_setup.fitToWidth) == expected
    assert paper.print_title_cols == ("$A:$A" if expected[1] > 1 else None)
    points, frozen = sum(width * 5.25 + 3.75 for width in widths), widths[0] * 5.25 + 3.75
    room = {(9, True): 770, (8, True): 1119, (8, False): 1119}[expected[0], landscape]
    assert 10 * room * expected[1] / (points + (expected[1] - 1) * frozen) >= 8
