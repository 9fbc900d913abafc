"""What an uploaded file really is, before any parser sees it (reliability.md §5.4, threat T14).

Each refusal is one sentence: what the file is and what to do about it.
"""

import lzma
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ZIP_MAGIC, OLE_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MEGABYTE = 1024 * 1024
SAVE_AS_XLSX = "请用 Excel 或 WPS 打开，选“另存为”，类型选“Excel 工作簿 (*.xlsx)”，再上传。"
XML_HEAD = 4096
DECLARATION_BYTES = 1 * MEGABYTE  # [Content_Types].xml of a book of a thousand parts has some 150 KB
MEMORY_OF_ANY, MEMORY_PER_UNPACKED, MEMORY_PER_PACKED = 256 * MEGABYTE, 8, 32
ROOT_ELEMENT = re.compile(rb"<[^?!/\s]")
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what office programs write; the others are doors of their own
# what the zip module and the unpackers raise for damage: some of it is no BadZipFile
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)


class WorkbookRefused(Exception):
    """A file that is not read; the message tells its sender what it is and what to do."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one uploaded workbook; bytes, counts and seconds. settings.SPREADSHEET_LIMITS may override any of them."""

    file_bytes: int = 60 * MEGABYTE
    unpacked_bytes: int = 600 * MEGABYTE
    ratio: int = 100
    entries: int = 1000  # a county book of one sheet a school has two or three parts for each sheet
    sheets: int = 500
    rows: int = 500_000
    columns: int = 256
    cell_characters: int = 32_767  # Excel's own bound
    output_bytes: int = 128 * MEGABYTE  # of UTF-8: what all cells together may come to in our own process
    memory_bytes: int = 2048 * MEGABYTE  # of the reading child for the largest of files; smaller ones get less (memory_for)
    cpu_seconds: int = 120
    wall_seconds: int = 180

    @classmethod
    def configured(cls):
        from django.conf import settings  # not at the top: the reading child has no settings and no use for Django

        return cls(**getattr(settings, "SPREADSHEET_LIMITS", {}))

    def memory_for(self, path, kind):
        """Bytes the reading child may have for this file: so much for any, and more with what lies in it, so that a small file that
        unfolds gets no more than a small file. A real roll of 247 MB of XML in 22 MB needs 420 MB and may have 950, an .xls of 55 MB
        needs 430 and may have 700."""
        packed = unpacked = Path(path).stat().st_size
        if kind == "xlsx":
            with zipfile.ZipFile(path) as package:
                unpacked = sum(entry.file_size for entry in package.infolist())
        return min(self.memory_bytes, MEMORY_OF_ANY + min(MEMORY_PER_UNPACKED * unpacked, MEMORY_PER_PACKED * packed))


def preflight(path, name, *, limits=None):
    """The kind of file: "xlsx", "xls" or "csv". Raises WorkbookRefused; opens no parser but the zip directory."""
    limits = limits or Limits.configured()
    path = Path(path)
    size = path.stat().st_size
    if size == 0:
        raise WorkbookRefused(f"《{name}》是空文件（0 字节）。请检查原文件，重新导出后再上传。")
    if size > limits.file_bytes:
        raise WorkbookRefused(
            f"《{name}》有 {size / MEGABYTE:.0f} MB，超过上限 {limits.file_bytes // MEGABYTE} MB。"
            "请删去图片和无关的工作表，或按乡镇拆开上传。"
        )
    with path.open("rb") as stream:
        head = stream.read(XML_HEAD)
    return _kind(path, name, head, limits)


def _kind(path, name, head, limits):
    if Path(name).suffix.lower() in (".et", ".ett"):
        raise WorkbookRefused(f"《{name}》是 WPS 表格自有的 .et 格式。" + SAVE_AS_XLSX)
    if head.startswith(ZIP_MAGIC):
        _check_package(path, name, limits)
        return "xlsx"
    if head.startswith(OLE_MAGIC):
        _check_ole(path, name)
        return "xls"
    _refuse_foreign(name, head)
    return "csv"


def _refuse_foreign(name, head):
    """What is neither zip nor OLE must be plain text."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<style", b"<div", b"mime-version:")):
        raise WorkbookRefused(f"《{name}》其实是网页（很多系统导出的 .xls 是网页换了扩展名），不是真正的 Excel 文件。" + SAVE_AS_XLSX)
    if start.startswith(b"<"):
        raise WorkbookRefused(f"《{name}》是 XML 文件，不是工作簿。" + SAVE_AS_XLSX)
    if start.startswith(b"%pdf"):
        raise WorkbookRefused(f"《{name}》是 PDF，表格内容读不出来。请向提供单位索取 Excel 原文件。")
    if start.startswith((b"\xff\xd8\xff", b"\x89png")):
        raise WorkbookRefused(f"《{name}》是图片，表格内容读不出来。请向提供单位索取 Excel 原文件。")
    if start.startswith((b"rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        raise WorkbookRefused(f"《{name}》是压缩包。请先解压，再上传里面的工作簿。")
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise WorkbookRefused(f"《{name}》不是 Excel 工作簿，也不是文本表格 (.csv)。" + SAVE_AS_XLSX)


def _check_package(path, name, limits):
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
            _check_entries(entries, name, limits)
            _check_parts({entry.filename for entry in entries}, package, name)
            for entry in entries:
                _refuse_document_type(package, entry, name)
    except DAMAGE as error:
        raise WorkbookRefused(f"《{name}》已损坏，打不开（{error}）。请重新导出，或用 Excel 打开修复后另存为 .xlsx。") from error


def _check_entries(entries, name, limits):
    """Counts, sizes and layout as the zip directory declares them; a directory that lies meets the child's memory limit."""
    if len(entries) > limits.entries:
        raise WorkbookRefused(
            f"《{name}》里有 {len(entries)} 个部件，超过上限 {limits.entries}。请只留要导入的工作表，另存为 .xlsx 后再上传。"
        )
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names) or any(n.startswith("/") or "\\" in n or ".." in n.split("/") for n in names):
        raise WorkbookRefused(f"《{name}》的内部结构不正常（部件重名或路径越界），为安全起见不读取。" + SAVE_AS_XLSX)
    if any(entry.flag_bits & 1 for entry in entries):
        raise WorkbookRefused(f"《{name}》是加密的压缩包。请去掉密码后再上传。")
    if any(entry.compress_type not in PACKINGS for entry in entries):
        raise WorkbookRefused(f"《{name}》用了办公软件不用的压缩方法，为安全起见不读取。" + SAVE_AS_XLSX)
    unpacked, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if unpacked > limits.unpacked_bytes or (unpacked > 10 * MEGABYTE and unpacked > limits.ratio * max(packed, 1)):
        raise WorkbookRefused(
            f"《{name}》解开后有 {unpacked / MEGABYTE:.0f} MB（是文件本身的 {unpacked // max(packed, 1)} 倍），像压缩炸弹，不读取。"
            "请删去多余的空行空列，另存为 .xlsx 后再上传。"
        )
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    if any(a.header_offset + a.compress_size > b.header_offset for a, b in pairwise(ordered)):
        raise WorkbookRefused(f"《{name}》的内部结构不正常（部件互相重叠），为安全起见不读取。" + SAVE_AS_XLSX)


def _check_parts(names, package, name):
    lower = {part.lower() for part in names}
    if "[Content_Types].xml" not in names:
        inside = "，里面有工作簿，请解压后逐个上传。" if any(n.endswith((".xlsx", ".xls", ".csv")) for n in lower) else "，里面没有工作簿。"
        raise WorkbookRefused(f"《{name}》是压缩包" + inside)
    if any(n.endswith("vbaproject.bin") or n.startswith("xl/macrosheets/") for n in lower):
        raise WorkbookRefused(f"《{name}》含有宏。请另存为不含宏的“Excel 工作簿 (*.xlsx)”后再上传。")
    if "xl/workbook.bin" in lower:
        raise WorkbookRefused(f"《{name}》是二进制工作簿 (.xlsb)。" + SAVE_AS_XLSX)
    if not any(n.startswith("xl/") for n in lower):
        raise WorkbookRefused(f"《{name}》不是工作簿（可能是 Word 或演示文稿）。请把表格复制到 Excel，另存为 .xlsx 后再上传。")
    if any(n.startswith("xl/externallinks/") for n in lower):
        raise WorkbookRefused(
            f"《{name}》引用了别的文件里的数据，离开原电脑就不可靠。请在 Excel 里选“数据 → 编辑链接 → 断开链接”，保存后再上传。"
        )
    with package.open("[Content_Types].xml") as part:
        declared = part.read(DECLARATION_BYTES)
    if b"spreadsheetml.sheet.main+xml" not in declared:
        raise WorkbookRefused(f"《{name}》不是普通工作簿（可能是模板或加载项）。" + SAVE_AS_XLSX)


def _refuse_document_type(package, entry, name):
    """No workbook made by an office program declares a document type; entity bombs and file readers need one, before the first element.
    A part whose first element is not among its first characters hides something."""
    if not entry.filename.lower().endswith((".xml", ".rels", ".vml")):
        return
    with package.open(entry) as part:
        start = part.read(XML_HEAD)
    head = start.replace(b"\x00", b"").upper()
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise WorkbookRefused(f"《{name}》的部件 {entry.filename} 带有文档类型声明，正常工作簿不会有，为安全起见不读取。" + SAVE_AS_XLSX)
    if (head.strip() or len(start) == XML_HEAD) and not ROOT_ELEMENT.search(head):
        raise WorkbookRefused(f"《{name}》的部件 {entry.filename} 开头不正常，不像办公软件写的，为安全起见不读取。" + SAVE_AS_XLSX)


def _check_ole(path, name):
    """Streams of an OLE file are told by their UTF-16 names; an encrypted .xlsx is an OLE file too."""
    content = path.read_bytes()

    def has(stream):
        return stream.encode("utf-16-le") in content

    if has("EncryptedPackage"):
        raise WorkbookRefused(f"《{name}》设了打开密码。请在 Excel 里打开它，选“文件 → 信息 → 保护工作簿”去掉密码，保存后再上传。")
    if has("_VBA_PROJECT"):
        raise WorkbookRefused(f"《{name}》含有宏。请另存为不含宏的“Excel 工作簿 (*.xlsx)”后再上传。")
    if has("WordDocument") or has("PowerPoint Document"):
        raise WorkbookRefused(f"《{name}》是 Word 或演示文稿，不是工作簿。请把表格复制到 Excel，另存为 .xlsx 后再上传。")
    if not (has("Workbook") or has("Book")):
        raise WorkbookRefused(f"《{name}》不是 Excel 工作簿。" + SAVE_AS_XLSX)
