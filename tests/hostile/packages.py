"""Zips and OLE files that are not what they say: macros, links, other programs' files, broken and lying ones, names that climb."""

import random
import struct
import zipfile

from tests.hostile import EITHER, READ, Hostile
from tests.hostile.book import SHEET, changed, good, parts, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PLAIN, WITH_MACROS = b"spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled.main+xml"
TYPES = "[Content_Types].xml"


def wide(*words):
    return b"\x00\x00".join(word.encode("utf-16-le") for word in words)


def ole(*streams, size=4096):
    return (OLE + bytes(504) + wide(*streams)).ljust(size, b"\x00")


def ole_that_runs_in_a_circle():
    """A compound file whose directory's chain of sectors leads back to itself."""
    head = OLE + bytes(16) + struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    table = struct.pack("<128I", *([0xFFFFFFFD, 1] + [2] * 126))
    name = "Workbook".encode("utf-16-le")
    entry = name.ljust(64, b"\x00") + struct.pack("<HBB3I16xI16xIQ", len(name) + 2, 2, 1, *[0xFFFFFFFF] * 3, 0, 2, 1 << 40)[:64]
    return head.ljust(512, b"\xff") + table + entry.ljust(128, b"\x00") * 4


def ole_noise(seed):
    noise = bytearray(random.Random(seed).randbytes(8192))
    noise[:512] = (OLE + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)).ljust(512, b"\x01")
    return bytes(noise) + wide("Workbook")


def macro_book():
    return changed({TYPES: parts()[TYPES].replace(PLAIN, WITH_MACROS), "xl/vbaProject.bin": b"macro"})


def entry(name, flags=0, packing=zipfile.ZIP_DEFLATED):
    made = zipfile.ZipInfo(name)
    made.compress_type, made.flag_bits = packing, flags
    return made


def byte_name(old, new):
    """A zip whose entry name is these bytes, of the same length."""
    return changed({old: b"<x/>"}).replace(old.encode(), new)


def patched(content, place, value):
    out = bytearray(content)
    out[place : place + len(value)] = value
    return bytes(out)


def flag_set(bit):
    """The encryption or another flag on every entry, in header and directory."""
    content = bytearray(good())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(mark)
        while place >= 0:
            content[place + at] |= bit
            place = content.find(mark, place + 4)
    return bytes(content)


def damaged_data():
    content = bytearray(good())
    with_names = content.index(SHEET.encode()) + len(SHEET)
    content[with_names : with_names + 40] = bytes([255]) * 40
    return bytes(content)


def unreadable_method(number):
    content = bytearray(good())
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        place = content.find(mark)
        while place >= 0:
            content[place + at : place + at + 2] = struct.pack("<H", number)
            place = content.find(mark, place + 4)
    return bytes(content)


def two_directories():
    """A second end record inside the comment: readers differ about which book this is."""
    content = bytearray(good())
    end = content.rindex(b"PK\x05\x06")
    tail = bytes(content[end:])
    content[end + 20 : end + 22] = struct.pack("<H", len(tail))
    return bytes(content) + tail


def end_record(at, value):
    content = good()
    return patched(content, content.rindex(b"PK\x05\x06") + at, value)


def symbolic_link():
    link = entry("xl/link.xml")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    return zipped([*parts().items(), (link, "/etc/passwd")])


FILES = [
    Hostile("macros, renamed", "表.xlsx", macro_book, says="含有宏"),
    Hostile("macros under large letters", "表.xlsx", lambda: changed({"XL/VBAPROJECT.BIN": b"x"}), says="含有宏"),
    Hostile("macros behind a zero byte", "表.xlsx", lambda: byte_name("xl/vbaProject.bin_.xml", b"xl/vbaProject.bin\x00.xml"), EITHER),
    Hostile("Excel 4 macro sheet", "表.xlsx", lambda: changed({"xl/macrosheets/sheet1.xml": "<x/>"}), says="含有宏"),
    Hostile("macros declared only", "表.xlsx", lambda: changed({TYPES: parts()[TYPES].replace(PLAIN, WITH_MACROS)}), says="不是普通工作簿"),
    Hostile(
        "template", "表.xltx", lambda: changed({TYPES: parts()[TYPES].replace(PLAIN, b"spreadsheetml.template.main+xml")}), says="模板"
    ),
    Hostile("binary book", "表.xlsx", lambda: changed({"xl/workbook.bin": b"x"}), says="二进制工作簿"),
    Hostile("links to other books", "表.xlsx", lambda: changed({"xl/externalLinks/externalLink1.xml": "<x/>"}), says="断开链接"),
    Hostile("links, large letters", "表.xlsx", lambda: changed({"xl/ExternalLinks/l.xml": "<x/>"}), says="断开链接"),
    Hostile("Word", "表.xlsx", lambda: zipped([(TYPES, "<Types/>"), ("word/document.xml", "<x/>")]), says="可能是 Word"),
    Hostile("slides", "表.pptx", lambda: zipped([(TYPES, "<Types/>"), ("ppt/presentation.xml", "<x/>")]), says="不是工作簿"),
    Hostile("open document", "表.ods", lambda: zipped([("mimetype", "application/vnd.oasis.opendocument.spreadsheet")]), says="压缩包"),
    Hostile("zip of workbooks", "表.zip", lambda: zipped([("学籍.xlsx", good())]), says="请解压后逐个上传"),
    Hostile("empty zip", "表.xlsx", lambda: b"PK\x05\x06" + bytes(18), says="不是 Excel 工作簿"),
    Hostile(".xls, encrypted", "表.xls", lambda: ole("EncryptedPackage"), says="打开密码"),
    Hostile(".xlsx, encrypted", "表.xlsx", lambda: ole("EncryptionInfo", "EncryptedPackage"), says="打开密码"),
    Hostile(".xls with macros", "表.xls", lambda: ole("Workbook", "_VBA_PROJECT_CUR"), says="含有宏"),
    Hostile(".doc as .xls", "表.xls", lambda: ole("WordDocument"), says="是 Word"),
    Hostile(".ppt as .xls", "表.xls", lambda: ole("PowerPoint Document"), says="演示文稿"),
    Hostile("OLE of no kind", "表.xls", lambda: ole("Root Entry"), says="不是 Excel 工作簿"),
    Hostile(".xls of zeros", "表.xls", lambda: ole("Workbook"), EITHER),
    Hostile(".xls that runs in a circle", "表.xls", ole_that_runs_in_a_circle, EITHER),
    *[Hostile(f".xls of noise {seed}", "表.xls", lambda seed=seed: ole_noise(seed), EITHER) for seed in range(3)],
    Hostile(".et", "表.et", lambda: ole("Workbook"), says=r"\.et"),
    Hostile(".et that is a zip", "表.ET", good, says=r"\.et"),
    Hostile("path that climbs", "表.xlsx", lambda: changed({"../../evil.xml": "<x/>"}), says="路径越界"),
    Hostile("path from the root", "表.xlsx", lambda: changed({"/etc/cron.d/evil": "x"}), says="路径越界"),
    Hostile("path with backslashes", "表.xlsx", lambda: changed({"..\\evil.xml": "<x/>"}), says="路径越界"),
    Hostile("path that climbs inside", "表.xlsx", lambda: changed({"xl/../../x": "<x/>"}), says="路径越界"),
    Hostile("the same part twice", "表.xlsx", lambda: zipped([*parts().items(), (SHEET, b"<x/>")]), says="部件重名"),
    Hostile("a part's name in GBK", "表.xlsx", lambda: byte_name("xl/zzzzzzzz.xml", "xl/名单甲乙".encode("gbk") + b".xml"), READ),
    Hostile(
        "a part's name that is no text", "表.xlsx", lambda: changed({"xl/名.xml": "<x/>"}).replace("名".encode(), b"\xff\xfe\xff"), EITHER
    ),
    Hostile("a part's name of 60,000 characters", "表.xlsx", lambda: changed({"xl/" + "n" * 60_000: "x"}), EITHER),
    Hostile("a part that is a symbolic link", "表.xlsx", symbolic_link, EITHER),
    Hostile("parts under a password", "表.xlsx", lambda: flag_set(1), says="加密"),
    Hostile("strong encryption flag", "表.xlsx", lambda: flag_set(0x40), EITHER),
    Hostile("packed by LZMA", "表.xlsx", lambda: changed(packing=zipfile.ZIP_LZMA), says="压缩方法"),
    Hostile("packed by bzip2", "表.xlsx", lambda: changed(packing=zipfile.ZIP_BZIP2), says="压缩方法"),
    Hostile("packed by nobody knows", "表.xlsx", lambda: unreadable_method(77), says="压缩方法"),
    Hostile("packed by AES", "表.xlsx", lambda: unreadable_method(99), says="压缩方法"),
    Hostile("data that does not unpack", "表.xlsx", damaged_data, says="已损坏"),
    Hostile("two directories", "表.xlsx", two_directories, EITHER),
    Hostile("a directory outside the file", "表.xlsx", lambda: end_record(16, b"\xf0\xff\xff\x7f"), says="已损坏"),
    Hostile("a directory of 2 GB", "表.xlsx", lambda: end_record(12, b"\xf0\xff\xff\x7f"), says="已损坏"),
    Hostile("65,000 entries claimed", "表.xlsx", lambda: end_record(8, b"\xe8\xfd\xe8\xfd"), EITHER),
    *[
        Hostile(f"cut at {part} %", "表.xlsx", lambda part=part: good()[: len(good()) * part // 100], says="已损坏")
        for part in (10, 50, 99)
    ],
    Hostile("four bytes of a zip", "表.xlsx", lambda: b"PK\x03\x04", says="已损坏"),
    Hostile("front cut away", "表.xlsx", lambda: good()[200:], EITHER),
    Hostile("program before the book", "表.xlsx", lambda: b"MZ\x90\x00" + bytes(60) + good(), says="不是 Excel 工作簿"),
    Hostile("PDF and book in one", "表.xlsx", lambda: b"%PDF-1.7\n" + good(), says="是 PDF"),
    Hostile("web page and book in one", "表.xlsx", lambda: b"<html><script>alert(1)</script>" + good(), says="其实是网页"),
    Hostile("photo and book in one", "表.xlsx", lambda: b"\xff\xd8\xff\xe0" + good(), says="是图片"),
    Hostile("book with a script behind it", "表.xlsx", lambda: good() + b"<script>alert(1)</script>" * 1000, EITHER),
]
