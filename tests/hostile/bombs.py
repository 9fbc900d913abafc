"""Small files that would be large: by their ratio, their number of parts, what one text is shown by, and what a cell's address claims."""

import io
import random
import zipfile

from tests.hostile import EITHER, READ, Hostile
from tests.hostile.book import BOOK, SHEET, SHEET_HEAD, STRINGS, STRINGS_HEAD, changed, noise, parts, sheet, zipped

MEGABYTE = 1 << 20


def nested(depth=6):
    inner = zipped([("0.txt", bytes(MEGABYTE))])
    for level in range(depth):
        inner = zipped([(f"{level}-{number}.zip", inner) for number in range(10)])
    return inner


def quine():
    """Each layer holds the whole file so far: what unpacks everything it finds never ends with its own work."""
    held = zipped([("r/r.zip", b"PK")])
    for _ in range(12):
        held = zipped([("r/r.zip", held), ("[Content_Types].xml", b"<Types/>")])
    return held


def overlapping():
    """Many directory entries for one kernel of data (Fifield)."""
    content = zipped([("kernel", bytes(MEGABYTE)), *[(f"f{number}", b"") for number in range(50)]])
    directory = content.index(b"PK\x01\x02")
    kernel, rest = content[:directory], bytearray(content[directory:])
    place = rest.find(b"PK\x01\x02")
    first = rest[place : place + 46]
    place = rest.find(b"PK\x01\x02", place + 4)
    while place >= 0:
        rest[place + 16 : place + 28], rest[place + 42 : place + 46] = first[16:28], first[42:46]
        place = rest.find(b"PK\x01\x02", place + 4)
    return kernel + bytes(rest)


def shown_by_many(cells, length):
    row = "<row>{}</row>".format("<c t='s'><v>0</v></c>" * 100)
    return changed({
        STRINGS: f"{STRINGS_HEAD}<si><t>{noise(length).decode()}</t></si></sst>",
        SHEET: f"{SHEET_HEAD}<sheetData>{row * (cells // 100)}</sheetData></worksheet>",
    })  # fmt: skip


def crowded(cells):
    """A sheet of cells that say nothing, with so much noise beside it that the ratio is a usual one."""
    row = "<row>{}</row>".format("<c><v>1</v></c>" * 100)
    return changed({
        SHEET: f"{SHEET_HEAD}<sheetData>{row * (cells // 100)}</sheetData></worksheet>",
        "xl/media/noise.bin": random.Random(1).randbytes(3 * MEGABYTE // 2),
    })  # fmt: skip


def many_sheets(count):
    """A book that lists the one sheet so many times."""
    book = parts()[BOOK].decode()
    start, end = book.index("<sheets>") + 8, book.index("</sheets>")
    listed = "".join(f'<sheet name="s{number}" sheetId="{number + 1}" state="visible" r:id="rId1"/>' for number in range(count))
    listed = listed.replace("r:id", 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id')
    return changed({BOOK: book[:start] + listed + book[end:]})


def claimed_sizes(central, local=None):
    """A sheet of 40 MB whose directory declares another size."""
    out = io.BytesIO(changed({SHEET: SHEET_HEAD + "<!--" + " " * 40 * MEGABYTE + "--><sheetData/></worksheet>"}))
    content = bytearray(out.getvalue())
    with zipfile.ZipFile(out) as package:
        entry = package.getinfo(SHEET)
    place = content.index(SHEET.encode(), content.index(b"PK\x01\x02", entry.header_offset + 30)) - 46
    content[place + 24 : place + 28] = central.to_bytes(4, "little")
    if local is not None:
        content[entry.header_offset + 22 : entry.header_offset + 26] = local.to_bytes(4, "little")
    return bytes(content)


def far(first, second):
    return sheet(f'<row><c r="{first}" t="inlineStr"><is><t>x</t></is></c><c r="{second}" t="inlineStr"><is><t>y</t></is></c></row>')


def merged(count):
    areas = "".join(f'<mergeCell ref="A1:C{100 + number % 100}"/>' for number in range(count))
    rows = "".join(f'<row r="{n}"><c r="C{n}" t="inlineStr"><is><t>x</t></is></c></row>' for n in range(1, 200))
    return sheet(rows, after=f'<mergeCells count="{count}">{areas}</mergeCells>')


def long_rows(rows, columns):
    return sheet(("<row>" + "<c><v>1</v></c>" * columns + "</row>") * rows)


def one_cell(text):
    return sheet(f'<row><c t="inlineStr"><is><t>{text}</t></is></c></row>')


FILES = [
    Hostile("media of zeros, ratio 1000", "表.xlsx", lambda: changed({"xl/media/zeros.bin": bytes(12 * MEGABYTE)}), says="压缩炸弹"),
    Hostile("sheet of blanks, ratio 1000", "表.xlsx", lambda: changed({SHEET: SHEET_HEAD + " " * 60 * MEGABYTE}), says="压缩炸弹"),
    Hostile("bomb below the ratio's floor", "表.xlsx", lambda: changed({"xl/media/zeros.bin": bytes(9 * MEGABYTE)}), READ),
    Hostile("zips in zips, six deep", "表.xlsx", nested, says="压缩包"),
    Hostile("zip that holds itself", "表.xlsx", quine, says="不是工作簿"),
    Hostile("nested zip beside the sheets", "表.xlsx", lambda: changed({"xl/embeddings/inner.zip": nested(3)}), READ),
    Hostile("overlapping entries", "表.xlsx", overlapping, says="像压缩炸弹|互相重叠"),
    Hostile("1,100 parts", "表.xlsx", lambda: changed({f"xl/x{n}.bin": b"x" for n in range(1100)}), says="个部件"),
    Hostile("66,000 parts", "表.xlsx", lambda: zipped([(f"{n}", b"") for n in range(66_000)]), says="个部件"),
    Hostile(
        "part list of 90 MB",
        "表.xlsx",
        lambda: changed({"[Content_Types].xml": b"<Types>" + noise(MEGABYTE * 3 // 2) + bytes(88 * MEGABYTE)}),
        says="不是普通工作簿",
    ),
    Hostile("one text shown by 100,000 cells: 3 GB", "表.xlsx", lambda: shown_by_many(100_000, 30_000), says="内存或时间超过上限"),
    Hostile("one text shown by 15,000 cells: 450 MB", "表.xlsx", lambda: shown_by_many(15_000, 30_000), says="内存或时间超过上限"),
    Hostile("30,000 characters shown as 150 million", "表.xlsx", lambda: shown_by_many(5_000, 30_000), says="展开后超过"),
    Hostile("8 million cells in 2 MB", "表.xlsx", lambda: crowded(8_000_000), says="内存或时间超过上限"),
    Hostile("one text of 1 MB shown by 10,000 cells", "表.xlsx", lambda: shown_by_many(10_000, MEGABYTE), says="内存或时间超过上限"),
    Hostile("one text of 1 MB shown by 100 cells", "表.xlsx", lambda: shown_by_many(100, MEGABYTE), says="超过上限 32767"),
    Hostile("a cell of 30 MB", "表.xlsx", lambda: one_cell(noise(30 * MEGABYTE).decode()), says="单元格 A1"),
    Hostile("20,000 sheets that are one", "表.xlsx", lambda: many_sheets(20_000), says="张工作表"),
    Hostile("A1 and XFD1048576", "表.xlsx", lambda: far("A1", "XFD1048576"), says="很远的单元格"),
    Hostile("A1 and A1048576", "表.xlsx", lambda: far("A1", "A1048576"), says="1048576 行"),
    Hostile("A1 and XFD1", "表.xlsx", lambda: far("A1", "XFD1"), says="超过上限 256 列"),
    Hostile("a column beyond every column", "表.xlsx", lambda: far("A1", "ZZZZZZZ1"), EITHER),
    Hostile("a row beyond every number", "表.xlsx", lambda: far("A1", "A99999999999999999999"), EITHER),
    Hostile("a cell in row 0", "表.xlsx", lambda: far("A0", "B1"), EITHER),
    Hostile("an address that is none", "表.xlsx", lambda: far("丙甲", "-1:1"), EITHER),
    Hostile(
        "extent claimed A1:XFD1048576", "表.xlsx", lambda: sheet("<row><c><v>1</v></c></row>", '<dimension ref="A1:XFD1048576"/>'), READ
    ),
    Hostile("extent claimed A1", "表.xlsx", lambda: sheet("<row><c><v>1</v></c><c><v>2</v></c></row>", '<dimension ref="A1"/>'), READ),
    Hostile("extent claimed nonsense", "表.xlsx", lambda: sheet("<row><c><v>1</v></c></row>", '<dimension ref="?:!"/>'), EITHER),
    Hostile("200,000 merges over each other", "表.xlsx", lambda: merged(200_000), says="互相重叠"),
    Hostile("300 rows of 5,000 cells", "表.xlsx", lambda: long_rows(100, 5000), says="超过上限 256 列"),
    Hostile("a directory that claims less", "表.xlsx", lambda: claimed_sizes(1000), EITHER),
    Hostile("a directory that claims less, headers too", "表.xlsx", lambda: claimed_sizes(1000, 1000), EITHER),
    Hostile("a directory that claims 4 GB", "表.xlsx", lambda: claimed_sizes(0xFFFFFFF0), says="压缩炸弹"),
    Hostile("a directory that claims 0", "表.xlsx", lambda: claimed_sizes(0, 0), EITHER),
]
