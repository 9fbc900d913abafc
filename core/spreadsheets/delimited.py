"""Text tables (.csv and its kin): UTF-8, UTF-16 as Excel's "Unicode text", or GB18030; comma, semicolon or tab."""

import csv
from contextlib import suppress
from itertools import islice
from pathlib import Path

from core.spreadsheets.admission import WorkbookRefused

DELIMITERS = ",\t;，"
HEAD = 100_000  # characters among which the delimiter shows

# Python's gb18030 codec is of an older edition and decodes these to private use code points; GB18030-2022 (and for the second line
# Unicode's own table) names the real characters. A child called 龴 must not turn into a box.
PRIVATE_USE = {
    0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11, 0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15, 0xE793: 0xFE16, 0xE794: 0xFE17,
    0xE795: 0xFE18, 0xE796: 0xFE19, 0xE7C7: 0x1E3F, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE832: 0x9FB8,
    0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE864: 0x9FBB,
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE831: 0x215D7, 0xE83B: 0x2298F, 0xE855: 0x241FE,
}  # fmt: skip


LONGEST_FIELD = 1 << 26  # csv's own bound; ours is told with the place of the cell


def read_delimited(path, name, limits):
    """Rows of text, one after the other, all of one width; empty ones at the end are left out. A quoted line break keeps its row in one
    piece, so row numbers are those a spreadsheet program shows. The file is read three times, so that it never lies in memory whole."""
    csv.field_size_limit(LONGEST_FIELD)
    encoding = encoding_of(path, name)
    with _opened(path, encoding) as text:
        mark = sniff_delimiter(text.read(HEAD))
    height = width = 0
    for number, row in enumerate(_rows(path, name, limits, encoding, mark), start=1):
        width = max(width, len(row))
        height = number if any(row) else height
    return (row + [""] * (width - len(row)) for row in islice(_rows(path, name, limits, encoding, mark), height))


def _rows(path, name, limits, encoding, mark):
    from core.spreadsheets.reading import too_long, without_controls

    number = 0
    with _opened(path, encoding) as text:
        lines = (line.translate(PRIVATE_USE) for line in text) if encoding == "gb18030" else text
        try:
            for number, row in enumerate(csv.reader(lines, delimiter=mark), start=1):
                if number > limits.rows or len(row) > limits.columns:
                    raise WorkbookRefused(f"《{name}》第 {number} 行超过上限（{limits.rows} 行、{limits.columns} 列）。请拆开后再上传。")
                if max(map(len, row), default=0) > limits.cell_characters:
                    raise WorkbookRefused(too_long(name, Path(name).stem, number - 1, row, limits))
                yield [_plain(cell) if cell.isprintable() else without_controls(cell) for cell in row]
        except csv.Error as error:
            raise WorkbookRefused(f"《{name}》第 {number + 1} 行读不出来（{error}）。请用 Excel 打开，另存为 .xlsx 后再上传。") from error


def _opened(path, encoding):
    return open(path, encoding=encoding, newline="")


def _plain(cell):
    """="0123", the way to keep digits in a text table from Excel, without its wrapping."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell


def encoding_of(path, name):
    """The encoding in which the whole file can be read."""
    with open(path, "rb") as stream:
        wide = stream.read(2) in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError), _opened(path, encoding) as text:
            while text.read(HEAD):
                pass
            return encoding
    raise WorkbookRefused(f"《{name}》的文字编码认不出来（既不是 UTF-8 也不是 GB18030）。请用 Excel 打开，另存为 .xlsx 后再上传。")


def sniff_delimiter(text):
    """The candidate most frequent in the first lines; a table of one column has none and reads the same with a comma."""
    head = "\n".join(text[:HEAD].splitlines()[:10])
    return max(DELIMITERS, key=lambda mark: (head.count(mark), -DELIMITERS.index(mark)))
