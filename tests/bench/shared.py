"""A workbook as Excel and WPS save it: every text once in a table of shared strings, cells hold its number. openpyxl, which writes the
county's lists, puts the text into each cell."""

import re
import zipfile

INLINE = re.compile(rb't="inlineStr"><is><t([^>]*)>([^<]*)</t></is></c>')
TABLE = "xl/sharedStrings.xml"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
RELATION = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
ADDED = {
    "[Content_Types].xml": (b"</Types>", b'<Override PartName="/%s" ContentType="%s"/></Types>' % (TABLE.encode(), TYPE)),
    "xl/_rels/workbook.xml.rels": (
        b"</Relationships>",
        b'<Relationship Type="%s" Target="sharedStrings.xml" Id="rIdShared"/></Relationships>' % RELATION,
    ),
}


def share_strings(source, target):
    """Write the workbook `source` to `target` with shared strings; nothing else differs."""
    numbers, cells = {}, 0

    def shared(found):
        nonlocal cells
        cells += 1
        return b't="s"><v>%d</v></c>' % numbers.setdefault(found.groups(), len(numbers))

    with zipfile.ZipFile(source) as book, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in book.namelist():
            content = book.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = INLINE.sub(shared, content)
            old, new = ADDED.get(name, (b"", b""))
            out.writestr(name, content.replace(old, new) if old else content)
        head = b'<?xml version="1.0" encoding="UTF-8"?><sst xmlns="%s" count="%d" uniqueCount="%d">' % (MAIN, cells, len(numbers))
        out.writestr(TABLE, head + b"".join(b"<si><t%s>%s</t></si>" % text for text in numbers) + b"</sst>")
