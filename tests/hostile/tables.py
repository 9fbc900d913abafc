"""Text tables, things that are taken for them, and the names files come under."""

import random

from tests.hostile import EITHER, READ, Hostile
from tests.hostile.book import HEADINGS, ROWS

HEAD = ",".join(HEADINGS)
LINE = ",".join(ROWS[0])
TABLE = f"{HEAD}\n{LINE}\n"
MEGABYTE = 1 << 20


def named(cell):
    """The good table with this as a name, quoted."""
    quoted = cell.replace('"', '""')
    return f"{HEAD}\n{LINE}\n{LINE.replace('赵一', f'{chr(34)}{quoted}{chr(34)}').replace('1115', '1123')}\n".encode()


def wild(seed):
    return bytes(byte for byte in random.Random(seed).randbytes(200_000) if byte)


STARTS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "=cmd|'/c calc'!A0",
    '=HYPERLINK("http://127.0.0.1:9/","x")',
    "|calc",
    "%0A=1",
)
NAMES = (
    "../../etc/passwd.csv", "..\\..\\boot.csv", "名单\x00.xlsx.csv", "名单\u202evsc.exe.csv", "<img src=x onerror=alert(1)>.csv",
    "=cmd.csv", "'; drop table.csv",
    "名" * 300 + ".csv", "a." + "c" * 300, ".csv", "...", "没有扩展名", "CON.csv", "a\r\nSet-Cookie: x=1.csv",
    "\U0001f4a3.csv", '"名".csv', "%2e%2e%2f.csv",
    "名单" * 60,
)  # fmt: skip

FILES = [
    *[Hostile(f"name {start!r}", "表.csv", lambda start=start: named(start), EITHER) for start in STARTS],
    Hostile("one line of 20 MB", "表.csv", lambda: b"a" * 20 * MEGABYTE, says="超过上限 32767"),
    Hostile("20 million columns", "表.csv", lambda: b"," * 20 * MEGABYTE, says="256 列"),
    Hostile("10 million lines", "表.csv", lambda: b"\n" * 10 * MEGABYTE, EITHER),
    Hostile("600,000 rows", "表.csv", lambda: HEAD.encode() + b"\nH,a" * 600_000, says="超过上限（500000 行"),
    Hostile("500,000 rows made wide by one", "表.csv", lambda: b",".join([b"a"] * 256) + b"\na" * 499_000, EITHER),
    Hostile("a quote that never closes", "表.csv", lambda: (TABLE + '"').encode() + b"x,\n" * MEGABYTE, says="超过上限 32767"),
    Hostile("zero bytes", "表.csv", lambda: TABLE.encode().replace(b",", b"\x00"), says="不是 Excel 工作簿"),
    Hostile("zero bytes far inside", "表.csv", lambda: (TABLE * 200).encode() + b"\x00\x00,\x00", EITHER),
    Hostile("marks of our own protocol", "表.csv", lambda: named("a\x1e\x1c{}\x1f\x1d9"), EITHER),
    Hostile("bytes of no text", "表.csv", lambda: wild(1), says="文字编码"),
    Hostile("UTF-16 of odd length", "表.csv", lambda: TABLE.encode("utf-16")[:-1], says="文字编码"),
    Hostile("half a surrogate", "表.csv", lambda: b"\xff\xfe" + "姓名,".encode("utf-16-le") + b"\x00\xd8", says="文字编码"),
    Hostile("UTF-32", "表.csv", lambda: TABLE.encode("utf-32"), EITHER),
    Hostile("GB18030", "表.csv", lambda: TABLE.encode("gb18030"), READ),
    Hostile("lines that end in carriage returns", "表.csv", lambda: TABLE.replace("\n", "\r").encode(), READ),
    Hostile("nothing", "表.csv", lambda: b"", says=""),
    Hostile("one zero byte", "表.csv", lambda: b"\x00", says="不是 Excel 工作簿"),
    Hostile("web page as .xls", "表.xls", lambda: b"<html><table><tr><td>1</td></tr></table></html>", says="其实是网页"),
    Hostile("web archive as .xls", "表.xls", lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n", says="其实是网页"),
    Hostile("XML table as .xls", "表.xls", lambda: b'<?xml version="1.0"?><Workbook/>', says="XML 文件"),
    Hostile("SVG", "表.xlsx", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', says="XML 文件"),
    Hostile("GIF that is a script, as a table", "表.csv", lambda: b"GIF89a/*" + b"\x00" * 20 + b"*/=1;alert(1)", says="不是 Excel 工作簿"),
    Hostile("GIF that is a script, no zero byte", "表.csv", lambda: b"GIF89a=1;alert(1);//\n", EITHER),
    Hostile("PDF", "表.xlsx", lambda: b"%PDF-1.7 ...", says="是 PDF"),
    Hostile("PNG", "表.xlsx", lambda: b"\x89PNG\r\n\x1a\n" + bytes(20), says="是图片"),
    Hostile("rar", "表.xlsx", lambda: b"Rar!\x1a\x07\x00" + bytes(20), says="压缩包"),
    Hostile("7z", "表.xlsx", lambda: b"7z\xbc\xaf\x27\x1c" + bytes(20), says="压缩包"),
    Hostile("gzip", "表.xlsx", lambda: b"\x1f\x8b\x08" + bytes(20), says="压缩包"),
    Hostile("program", "表.xlsx", lambda: b"\x7fELF" + bytes(60), says="不是 Excel 工作簿"),
    Hostile("database", "表.xlsx", lambda: b"SQLite format 3\x00" + bytes(60), says="不是 Excel 工作簿"),
    Hostile("SYLK", "表.slk", lambda: b"ID;PWXL;N;E\nC;X1;Y1;K0;EEXEC(\"calc\")\nE\n", EITHER),
    Hostile("shell script", "表.csv", lambda: b"#!/bin/sh\nrm -rf /\n", EITHER),
    *[Hostile(f"file name {name[:30]!r} of {len(name)}", name, TABLE.encode, EITHER) for name in NAMES],
]  # fmt: skip
