"""Entities and document types in every part of a workbook, in every disguise; and XML that is only too much."""

from tests.hostile import EITHER, READ, Hostile
from tests.hostile.book import BOOK, SHEET, SHEET_HEAD, STRINGS, STRINGS_HEAD, changed, parts, sheet

LAUGHS = "<!DOCTYPE lolz [<!ENTITY a0 'ha'>{}]>".format("".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)))
READER = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
CALLER = '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:9/evil.dtd"> %p;]>'
QUADRATIC = f"<!DOCTYPE r [<!ENTITY q '{'q' * 50_000}'>]>"
RELATIONS = "xl/_rels/workbook.xml.rels"
PARTS = ("[Content_Types].xml", "_rels/.rels", BOOK, RELATIONS, SHEET, STRINGS, "xl/styles.xml", "xl/theme/theme1.xml", "docProps/core.xml",
         "docProps/app.xml")  # fmt: skip
FURTHER = ("customXml/item1.xml", "xl/drawings/drawing1.xml", "xl/drawings/vmlDrawing1.vml", "xl/comments1.xml",
           "xl/worksheets/_rels/sheet1.xml.rels", "xl/tables/table1.xml", "xl/charts/chart1.xml")  # fmt: skip


def declared(part, declaration):
    """The part with the declaration before its root, which names the entity."""
    content = parts().get(part, b"<x/>").decode()
    start = content.index("?>") + 2 if content.startswith("<?xml") else 0
    return changed({part: content[:start] + declaration + content[start:]})


def strings(text):
    return changed({STRINGS: text})


def deep(levels):
    return sheet("<row>" + "<c>" * levels + "</c>" * levels + "</row>")


def relations(target, mode=""):
    content = parts()[RELATIONS].decode()
    at = content.index('Target="') + 8
    end = content.index('"', at)
    return changed({RELATIONS: content[:at] + target + content[end : end + 1] + mode + content[end + 1 :]})


def drawing_that_draws_itself():
    rel = ('<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http:'
           '//schemas.openxmlformats.org/officeDocument/2006/relationships/drawing" Target="{}"/></Relationships>')  # fmt: skip
    return changed({
        "xl/worksheets/_rels/sheet1.xml.rels": rel.format("../drawings/drawing1.xml"),
        "xl/drawings/_rels/drawing1.xml.rels": rel.format("../drawings/drawing1.xml"),
        "xl/drawings/drawing1.xml": "<wsDr/>",
    })  # fmt: skip


def cell(attributes, value):
    return sheet(f"<row><c {attributes}><v>{value}</v></c></row>")


FILES = [
    *[
        Hostile(f"{word} in {part}", "表.xlsx", lambda part=part, text=text: declared(part, text), says="文档类型声明")
        for part in PARTS
        for word, text in (("reader of files", READER), ("billion laughs", LAUGHS), ("caller of addresses", CALLER))
    ],
    *[Hostile(f"document type in {part}", "表.xlsx", lambda part=part: declared(part, READER), says="文档类型声明") for part in FURTHER],
    Hostile("quadratic blow-up", "表.xlsx", lambda: declared(STRINGS, QUADRATIC), says="文档类型声明"),
    Hostile("document type in UTF-16", "表.xlsx", lambda: strings((READER + "<sst/>").encode("utf-16")), says="文档类型声明"),
    Hostile(
        "document type in small letters", "表.xlsx", lambda: declared(SHEET, READER.replace("DOCTYPE", "doctype")), says="文档类型声明"
    ),
    Hostile("document type behind 9 KB of blanks", "表.xlsx", lambda: declared(SHEET, " " * 9000 + READER), says="开头不正常"),
    Hostile("document type behind a long remark", "表.xlsx", lambda: declared(SHEET, f"<!--{'x' * 9000}-->" + READER), says="开头不正常"),
    Hostile("an entity nobody declared", "表.xlsx", lambda: strings(f"{STRINGS_HEAD}<si><t>&x;</t></si></sst>"), EITHER),
    Hostile("UTF-7 declared", "表.xlsx", lambda: strings(b'<?xml version="1.0" encoding="UTF-7"?>+ADw-sst/+AD4-'), says="开头不正常"),
    Hostile("100,000 elements deep", "表.xlsx", lambda: deep(100_000), EITHER),
    Hostile("an attribute of 8 MB", "表.xlsx", lambda: sheet(f'<row spans="{"9" * (8 << 20)}"/>'), EITHER),
    Hostile("100,000 attributes", "表.xlsx", lambda: sheet("<row {}/>".format(" ".join(f'a{n}="1"' for n in range(100_000)))), EITHER),
    Hostile("an element that never ends", "表.xlsx", lambda: changed({SHEET: SHEET_HEAD + "<sheetData><row><c"}), EITHER),
    Hostile("elements that cross", "表.xlsx", lambda: sheet("<row><c></row></c>"), EITHER),
    Hostile("a drawing that draws itself", "表.xlsx", drawing_that_draws_itself, READ),
    Hostile("a sheet outside the package", "表.xlsx", lambda: relations("../../../../../../etc/passwd"), EITHER),
    Hostile("a sheet by file address", "表.xlsx", lambda: relations("file:///etc/passwd"), EITHER),
    Hostile("a sheet from the network", "表.xlsx", lambda: relations("http://127.0.0.1:9/sheet.xml", ' TargetMode="External"'), EITHER),
    Hostile("a sheet that is the book", "表.xlsx", lambda: relations("/xl/workbook.xml"), EITHER),
    Hostile("shared text out of range", "表.xlsx", lambda: cell('t="s"', "4294967295"), EITHER),
    Hostile("shared text with a minus", "表.xlsx", lambda: cell('t="s"', "-1"), EITHER),
    Hostile("shared text that is no number", "表.xlsx", lambda: cell('t="s"', "一"), EITHER),
    Hostile("format out of range", "表.xlsx", lambda: cell('s="99999"', "1"), EITHER),
    Hostile("a number without end", "表.xlsx", lambda: cell("", "1e999"), EITHER),
    Hostile("a number that is none", "表.xlsx", lambda: cell("", "NaN"), EITHER),
    Hostile("a number less than all", "表.xlsx", lambda: cell("", "-inf"), EITHER),
    Hostile("a day in the year 99999", "表.xlsx", lambda: cell('t="d"', "99999-99-99T99:99:99Z"), EITHER),
    Hostile("an error value", "表.xlsx", lambda: cell('t="e"', "#REF!"), READ),
    Hostile("a truth value that is neither", "表.xlsx", lambda: cell('t="b"', "7"), EITHER),
    Hostile("a cell of no type", "表.xlsx", lambda: cell('t="zzz"', "7"), EITHER),
    Hostile("a formula that calls a program", "表.xlsx", lambda: sheet("<row><c t='str'><f>cmd|'/c calc'!A0</f><v>x</v></c></row>"), READ),
    Hostile(
        "a formula that calls the network", "表.xlsx", lambda: sheet('<row><c><f>WEBSERVICE("http://127.0.0.1:9/")</f></c></row>'), READ
    ),
    Hostile(
        "row numbers backwards", "表.xlsx", lambda: sheet("<row r='9'><c r='A9'/></row><row r='1'><c r='A1'><v>1</v></c></row>"), EITHER
    ),
    Hostile(
        "a sheet's name of 10,000 characters",
        "表.xlsx",
        lambda: changed({BOOK: parts()[BOOK].replace(b'name="Sheet"', b'name="' + b"n" * 10_000 + b'"')}),
        EITHER,
    ),
    Hostile(
        "a sheet's name that is markup",
        "表.xlsx",
        lambda: changed({BOOK: parts()[BOOK].replace(b'name="Sheet"', b'name="&lt;img src=x&gt;"')}),
        EITHER,
    ),
    Hostile(
        "a book without sheets",
        "表.xlsx",
        lambda: changed({BOOK: b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'}),
        EITHER,
    ),
]
