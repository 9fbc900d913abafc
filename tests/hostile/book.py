"""A small good workbook and the ways to change its parts: what the hostile ones are made from."""

import io
import random
import zipfile
from functools import cache

import openpyxl

HEADINGS = ("户号", "户主姓名", "与户主关系", "姓名", "性别", "出生日期", "公民身份号码", "乡镇", "村(居)")
ROWS = (("H1", "户主甲", "子", "赵一", "男", "2010-03-01", "990101201003011115", "东关镇", "东一村"),)
SHEET, STRINGS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
SHEET_HEAD = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
STRINGS_HEAD = '<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


@cache
def good():
    """A list of one resident, as an office program would save it."""
    book = openpyxl.Workbook()
    for row in (HEADINGS, *ROWS):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parts(content=None):
    with zipfile.ZipFile(io.BytesIO(content or good())) as package:
        return {name: package.read(name) for name in package.namelist()}


def zipped(pairs, packing=zipfile.ZIP_DEFLATED):
    """A zip of (name or ZipInfo, content) pairs, in order, names repeated if they are."""
    import warnings

    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name twice is what some of them are about
        with zipfile.ZipFile(out, "w", packing) as package:
            for name, content in pairs:
                package.writestr(name, content)
    return out.getvalue()


def changed(more=None, drop=(), packing=zipfile.ZIP_DEFLATED):
    """The good book with parts replaced or added."""
    held = {name: content for name, content in parts().items() if name not in drop} | (more or {})
    return zipped(held.items(), packing)


def sheet(body, before="", after=""):
    """The good book with this in its sheet: `body` are rows as XML."""
    return changed({SHEET: f"{SHEET_HEAD}{before}<sheetData>{body}</sheetData>{after}</worksheet>"})


def noise(size, seed=1):
    """Bytes that do not compress, the same every time, and are plain ASCII."""
    letters = random.Random(seed).randbytes(size // 2 + 1).hex()
    return letters[:size].encode()
