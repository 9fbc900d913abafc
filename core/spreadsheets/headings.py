"""Where a table's header is and which rows are foot notes (domain.md §4.12: score rows 1–8 by alias hits, join two-row headers)."""

import re
import unicodedata
from dataclasses import dataclass, field

BRACKETED = re.compile(r"[(\[{<《【〔「『].*?[)\]}>》】〕」』]")
NOISE = re.compile(r"[\s*:：、，,。.·/\\\-—_()\[\]{}<>《》【】〔〕「」『』\"'“”‘’※★▲\u200b\ufeff]+")
IDENTITY = re.compile(r"\d{14,17}[\dXx]")
SUMS = re.compile(r"(合计|总计|小计|共计|累计|本页合计)(人数|金额|[\d(:(].*)?")
SIGNATURES = re.compile(
    r"(填报|填表|制表|制单|审核|复核|经办|核对|报送|负责|主管|联系|统计|校长|园长)(人|单位|日期|时间|签字|签名|学校|人签字|人签名|人电话|电话)*"
    r"(\(.*?\))?([:：].*)?$"
)
NOTES = re.compile(r"(注|备注|说明|填表说明|填报说明|附注)\d*[:：].*", re.DOTALL)


@dataclass
class Header:
    """Header of one sheet; indexes count from 0, so the row a person sees is one more."""

    first_row: int
    last_row: int
    columns: dict  # field -> column index
    headings: list  # the heading of each column as a person reads it, parent and child joined by "/"
    unknown: list = field(default_factory=list)  # (column index, heading) of what no field claims

    @property
    def body_start(self):
        """Index of the first row below the header."""
        return self.last_row + 1


def normalise_heading(text):
    """Half-width, without spaces, line breaks, stars and bracket signs: "身份证件号\\n（必填）*" is "身份证件号必填"."""
    return NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()


def _without_brackets(text):
    """The same without what the brackets hold: "身份证件号（18位）" is "身份证件号"."""
    return NOISE.sub("", BRACKETED.sub("", unicodedata.normalize("NFKC", text))).lower()


def find_header(rows, aliases, minimum=3, within=8):
    """The header among the first `within` rows, or None when no row names at least `minimum` of the fields.

    aliases: {field: [heading, …]}; the field's order decides nothing, its first column from the left wins. Of one-row and two-row
    readings the one that names more fields is taken, the one-row reading when equal.
    """
    known = {normalise_heading(alias): name for name, names in aliases.items() for alias in names}
    best = None
    for index in range(min(within, len(rows))):
        for last in (index, index + 1):
            header = _read_header(rows, index, last, known)
            if header and len(header.columns) >= minimum and (best is None or len(header.columns) > len(best.columns)):
                best = header
    return best


def _read_header(rows, first, last, known):
    if last == first:
        return _claim(first, last, [("", cell.strip()) for cell in rows[first]], known)
    if last >= len(rows) or not _is_second_row(rows[first], rows[last], known):
        return None
    return _claim(first, last, _joined(rows[first], rows[last]), known)


def _is_second_row(upper, lower, known):
    """A second header row has a known heading of its own and fills gaps of the first: below a merged heading the first row is empty."""
    filled = [index for index, cell in enumerate(lower) if cell.strip()]
    gaps = [index for index in filled if index >= len(upper) or not upper[index].strip()]
    named = any(_plain(cell, known) or _under(parent, cell, known) for parent, cell in _joined(upper, lower) if parent)
    return bool(gaps) and named and sum(1 for cell in upper if cell.strip()) > 1


def _joined(upper, lower):
    """(parent, child) of each column. A merged parent stands only over its first column, so it is carried to the right as long as
    the row below has a heading; where there is nothing below, the upper cell is the heading itself."""
    pairs, parent = [], ""
    for index in range(max(len(upper), len(lower))):
        above = upper[index].strip() if index < len(upper) else ""
        below = lower[index].strip() if index < len(lower) else ""
        parent = above or (parent if below else "")
        pairs.append((parent, below) if below else ("", above))
    return pairs


def _plain(heading, known):
    return known.get(normalise_heading(heading)) or known.get(_without_brackets(heading))


def _under(parent, child, known):
    """Field of a child heading read together with its parent: 监护人 + 姓名 as 监护人姓名."""
    return _plain(parent + child, known) if parent else None


def _claim(first, last, pairs, known):
    """Gives columns to fields in three passes: headings standing alone, then parent with child, then the child alone for what is left;
    so that 家庭成员1/姓名 never takes the place of the pupil's own 姓名, wherever it stands."""
    columns, taken = {}, set()
    passes = (
        lambda parent, child: None if parent else _plain(child, known),
        lambda parent, child: _under(parent, child, known),
        lambda parent, child: _plain(child, known) if parent else None,
    )
    for field_of in passes:
        for index, (parent, child) in enumerate(pairs):
            name = field_of(parent, child) if child and index not in taken else None
            if name and name not in columns:
                columns[name] = index
                taken.add(index)
    headings = [f"{parent}/{child}" if parent else child for parent, child in pairs]
    unknown = [(index, heading) for index, heading in enumerate(headings) if heading and index not in taken]
    return Header(first, last, columns, headings, unknown)


def is_foot(row):
    """True for 合计, 填报人：…, 注：… and the like, judged by the first cell that is not empty. A row with an identity number is a
    person's, whatever its first cell says."""
    first = next((cell for cell in row if cell.strip()), "")
    text = unicodedata.normalize("NFKC", re.sub(r"\s+", "", first))
    if not (SUMS.fullmatch(text) or SIGNATURES.match(text) or NOTES.fullmatch(text)):
        return False
    return not any(IDENTITY.fullmatch(cell.strip()) for cell in row)
