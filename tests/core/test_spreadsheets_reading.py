import io
import random
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest

from core import spreadsheets
from core.spreadsheets import Limits, WorkbookRefused, admission
from tests.hostile.bombs import shown_by_many

ACCOUNT = "6222021234567890123"


def saved(path, fill):
    book = openpyxl.Workbook()
    fill(book)
    book.save(path)
    return path


def repacked(path, target, **changes):
    """A copy of a workbook with parts replaced or added."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for entry in source.namelist():
            if entry not in changes:
                out.writestr(entry, source.read(entry))
        for entry, content in changes.items():
            out.writestr(entry, content)
    return target


@pytest.fixture
def offset_book(tmp_path):
    def fill(book):
        sheet = book.active
        sheet.title = "名单"
        sheet["C4"], sheet["D4"] = "姓名", "账号"
        sheet["C5"], sheet["D5"] = "𬭎\x7f小 ", ACCOUNT
        sheet["D6"], sheet["E6"] = int(ACCOUNT), 12
        sheet["C7"], sheet["D7"], sheet["E7"] = date(2014, 8, 31), datetime(2014, 8, 31, 9, 5), 312.5
        sheet["C8"], sheet["D8"], sheet["E8"] = True, time(9, 5), 110101199001011
        sheet["C20"] = ""
        hidden = book.create_sheet("旧表")
        hidden.sheet_state = "hidden"
        hidden["A1"] = "x"
        book.create_sheet("空表")

    return saved(tmp_path / "offset.xlsx", fill)


@pytest.mark.parametrize("read", [spreadsheets.read_workbook, spreadsheets.read_guarded])
def test_cells_keep_their_addresses_and_their_text(offset_book, read):
    first, hidden, empty = read(offset_book, "名单.xlsx")
    assert (first.name, first.hidden, hidden.name, hidden.hidden, empty.rows) == ("名单", False, "旧表", True, [])
    assert len(first.rows) == 8
    assert first.rows[:3] == [[""] * 5] * 3
    assert first.rows[3] == ["", "", "姓名", "账号", ""]
    assert first.rows[4] == ["", "", "𬭎小 ", ACCOUNT, ""]
    assert first.rows[6] == ["", "", "2014-08-31", "2014-08-31 09:05:00", "312.5"]
    assert first.rows[7] == ["", "", "TRUE", "09:05:00", "110101199001011"]
    assert first.rows[5][4] == "12"
    assert spreadsheets.address(5, 3) == "D6"


def test_a_number_of_more_than_fifteen_digits_has_lost_some(offset_book):
    rows = spreadsheets.read_guarded(offset_book, "名单.xlsx")[0].rows
    assert spreadsheets.lost_digits(rows[5][3])
    assert rows[5][3].value == float(ACCOUNT)
    assert not spreadsheets.lost_digits(rows[4][3])
    assert not spreadsheets.lost_digits(rows[7][4])
    assert spreadsheets.lost_digits("6.22202E+18")


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")])
def test_column_letters(index, letters):
    assert spreadsheets.column_letter(index) == letters


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_text_tables_in_the_encodings_and_delimiters_that_offices_use(tmp_path, encoding, mark):
    path = tmp_path / "表.csv"
    text = "\n".join(mark.join(row) for row in [["姓名", "证件号", "村"], ["䶮㛃𬭎", "990101200902300010", ""], ["", "", ""]])
    path.write_bytes(text.encode(encoding))
    (sheet,) = spreadsheets.read_guarded(path, "表.csv")
    assert sheet.name == "表"
    assert sheet.rows[0] == ["姓名", "证件号", "村"]
    assert sheet.rows[1:] == [["䶮㛃𬭎", "990101200902300010", ""]]


def test_private_use_code_points_of_the_old_codec_become_the_real_characters(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("姓名,村\n".encode("gb18030") + b"\xfe\x59\xfe\x51,\xfe\x90\n")
    assert spreadsheets.read_workbook(path, "a.csv")[0].rows[1] == ["\u9fb4\U00020087", "\u9fba"]


def test_a_text_table_in_no_known_encoding_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"abc,\xff\xff\xff\n")
    with pytest.raises(WorkbookRefused, match="编码认不出来"):
        spreadsheets.read_guarded(path, "a.csv")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("空.xlsx", b"", "空文件"),
        ("网页.xls", b"\r\n<html><table><tr><td>1</td></tr></table></html>", "其实是网页"),
        ("报表.xls", b'<?xml version="1.0"?><Workbook/>', "XML 文件"),
        ("表.et", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "WPS 表格自有的 .et"),
        ("表.pdf", b"%PDF-1.7 ...", "PDF"),
        ("表.jpg", b"\xff\xd8\xff\xe0" + bytes(9), "图片"),
        ("表.rar", b"Rar!\x1a\x07\x00", "压缩包"),
        ("表.bin", b"ab\x00cd", "不是 Excel 工作簿"),
        ("密.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "打开密码"),
        ("宏.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook_VBA_PROJECT_CUR".encode("utf-16-le"), "含有宏"),
        ("文.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "是 Word"),
        ("坏.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "已损坏"),
        ("坏.xlsx", b"PK\x03\x04" + bytes(100), "已损坏"),
    ],
)
def test_what_is_no_workbook_is_told_what_it_is(tmp_path, name, content, sentence):
    path = tmp_path / "upload"
    path.write_bytes(content)
    with pytest.raises(WorkbookRefused, match=sentence) as refusal:
        spreadsheets.read_guarded(path, name)
    assert name in str(refusal.value)


@pytest.mark.parametrize(
    ("part", "content", "sentence"),
    [
        ("xl/vbaProject.bin", b"x", "含有宏"),
        ("xl/externalLinks/externalLink1.xml", b"<x/>", "断开链接"),
        ("xl/workbook.bin", b"x", "二进制工作簿"),
        ("../evil.xml", b"<x/>", "结构不正常"),
        ("xl/styles.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', "文档类型声明"),
        ("xl/media/zeros.bin", bytes(12 * 1024 * 1024), "压缩炸弹"),
    ],
)
def test_dangerous_parts_are_refused_before_any_parser(tmp_path, offset_book, part, content, sentence):
    path = repacked(offset_book, tmp_path / "changed.xlsx", **{part: content})
    with pytest.raises(WorkbookRefused, match=sentence):
        spreadsheets.preflight(path, "a.xlsx")


def test_the_untouched_book_passes_the_same_checks(tmp_path, offset_book):
    path = repacked(offset_book, tmp_path / "same.xlsx")
    assert spreadsheets.preflight(path, "a.xlsx") == "xlsx"


def test_other_packages_are_named(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("学籍库.xlsx", b"x")
    with pytest.raises(WorkbookRefused, match="请解压后逐个上传"):
        spreadsheets.preflight(path, "a.zip")
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("[Content_Types].xml", b"<Types/>")
        package.writestr("word/document.xml", b"<x/>")
    with pytest.raises(WorkbookRefused, match="可能是 Word"):
        spreadsheets.preflight(path, "a.docx")


def test_overlapping_parts_are_refused(tmp_path, offset_book):
    content = bytearray(offset_book.read_bytes())
    with zipfile.ZipFile(offset_book) as package:
        target = package.infolist()[1].header_offset + 1
    place = content.rindex(b"PK\x01\x02")  # the last directory entry now points into the second part
    content[place + 42 : place + 46] = target.to_bytes(4, "little")
    path = tmp_path / "overlap.xlsx"
    path.write_bytes(content)
    with pytest.raises(WorkbookRefused, match=r"重叠|已损坏"):
        spreadsheets.preflight(path, "a.xlsx")


@pytest.mark.parametrize(
    ("bounds", "sentence"),
    [
        ({"file_bytes": 100}, "超过上限"),
        ({"unpacked_bytes": 100}, "压缩炸弹"),
        ({"entries": 3}, "个部件"),
        ({"rows": 5}, "8 行，超过上限 5 行"),
        ({"columns": 3}, "E8 一带"),
    ],
)
def test_limits_name_what_was_found(offset_book, bounds, sentence):
    with pytest.raises(WorkbookRefused, match=sentence):
        spreadsheets.read_guarded(offset_book, "a.xlsx", limits=Limits(**bounds))


def test_the_child_gets_memory_by_what_lies_in_the_file(tmp_path):
    """A real roll of 174,000 rows needs 420 MB; what unfolds out of little has little."""
    small, roll = tmp_path / "small.xlsx", tmp_path / "roll.xlsx"
    for path, packed, unpacked in ((small, 30_000, 3 << 20), (roll, 22 << 20, 24 << 20)):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("noise", random.Random(1).randbytes(packed))
            package.writestr("blanks", bytes(unpacked))
    assert Limits().memory_for(small, "xlsx") < 300 << 20
    assert 600 << 20 < Limits().memory_for(roll, "xlsx") < Limits().memory_bytes
    assert Limits(memory_bytes=5).memory_for(roll, "xlsx") == 5


def test_what_needs_more_memory_than_its_size_gives_ends_the_child(tmp_path, monkeypatch):
    """The negative control: with more memory the same book is read until its text is too much."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(shown_by_many(15_000, 30_000))
    with pytest.raises(WorkbookRefused, match="内存或时间超过上限"):
        spreadsheets.read_guarded(path, "a.xlsx")
    monkeypatch.setattr(admission, "MEMORY_OF_ANY", 1 << 30)
    with pytest.raises(WorkbookRefused, match="展开后超过"):
        spreadsheets.read_guarded(path, "a.xlsx")


def test_a_child_that_takes_too_long_is_ended(offset_book):
    with pytest.raises(WorkbookRefused, match="秒还没读完"):
        spreadsheets.read_guarded(offset_book, "a.xlsx", limits=Limits(wall_seconds=0))


def test_rows_of_a_text_table_are_of_one_width_and_end_with_the_last_that_says_something(tmp_path):
    path = tmp_path / "表.csv"
    path.write_text("a\n,,\nb,c\n,,,\n\n")
    assert spreadsheets.read_guarded(path, "表.csv")[0].rows == [["a", "", "", ""], ["", "", "", ""], ["b", "c", "", ""]]


def test_empty_rows_between_are_kept_and_those_at_the_end_are_not(tmp_path):
    def fill(book):
        book.active["A1"], book.active["B4"], book.active["A9"] = "a", "b", ""

    assert spreadsheets.read_guarded(saved(tmp_path / "a.xlsx", fill), "a.xlsx")[0].rows == [["a", ""], ["", ""], ["", ""], ["", "b"]]


def test_settings_may_widen_the_limits(settings):
    settings.SPREADSHEET_LIMITS = {"rows": 7}
    assert Limits.configured().rows == 7


def test_a_far_cell_that_asks_for_half_a_terabyte_ends_the_child_and_not_us(tmp_path):
    def fill(book):
        book.active["A1"], book.active["XFD1048576"] = "x", "y"

    path = saved(tmp_path / "far.xlsx", fill)
    with pytest.raises(WorkbookRefused, match="很远的单元格"):
        spreadsheets.read_guarded(path, "far.xlsx")


def test_the_child_does_not_see_our_environment(monkeypatch):
    from core.spreadsheets import reading

    monkeypatch.setenv("NOL_FIELD_KEYS", "secret")
    assert "NOL_FIELD_KEYS" not in reading._bare_environment()


def test_what_we_write_comes_back_as_it_was():
    buffer = io.BytesIO()
    spreadsheets.write_workbook(buffer, [spreadsheets.SheetOut("a", [spreadsheets.Column("账号")], [[ACCOUNT]])])
    assert openpyxl.load_workbook(buffer).active["A2"].value == ACCOUNT
