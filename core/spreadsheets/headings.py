"""Where a table's header is and which rows are foot notes (domain.md §4.12: score rows 1–8 by alias hits, join two-row headers)."""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from functools import cached_property

BRACKETED = re.compile(r"[(\[{<《【〔「『].*?[)\]}>》】〕」』]")
NOISE = re.compile(r"[\s*:：、，,。.·/\\\-—_()\[\]{}<>《》【】〔〕「」『』\"'“”‘’※★▲\u200b\ufeff]+")
IDENTITY = re.compile(r"\d{14,17}[\dXx]")
SUMS = re.compile(r"(本[页表班组村校]|全[班村校镇乡县])?(合计|总计|小计|共计|累计)(人数|数|金额|[\d(:(].*)?")
SIGNATURES = re.compile(
    r"(单位|学校|部门|分管)?(填报|填表|制表|制单|审核|复核|经办|核对|报送|负责|主管|联系|统计|校长|园长)"
    r"(人|单位|日期|时间|签字|签名|学校|人签字|人签名|人电话|电话)*"
    r"(\(.*?\))?([:：].*)?$"
)
NOTES = re.compile(r"(注|备注|说明|填表说明|填报说明|附注)\d*[:：].*", re.DOTALL)
TOTALS = re.compile(r"(以上)?(共|总共|全校共|全县共|全乡共|全镇共)(计)?\d+(人|名|户|条|行).*")
# a remark, a printed title or a line of signatures that stands alone in its row; a name alone never looks like this
REMARK = re.compile(
    r".*[\d:。；;,，、_].*|.*(名单|名册|花名册|台账|登记表|信息表|统计表|一览表|续表|盖章|公章|签字|打印|导出)[)\]】]?|"
    r".*\(续[一二三四五六七八九十表页]*\)|第.+页.*",
    re.DOTALL,
)
NUMBERED = re.compile(r"[(（]?\d{1,2}[)）]?[.．、]\s*(?=\D)|[(（]\d{1,2}[)）]")
RELATIVES = re.compile(r"监护人|家长|父|母|成员|户主|联系人|申请人|经办|填表")  # 姓名 below one of these is not the row's own
ORDINALS = "甲乙丙丁戊己庚辛壬癸"


@dataclass
class Header:
    """Header of one sheet; indexes count from 0, so the row a person sees is one more."""

    first_row: int
    last_row: int
    columns: dict  # field -> column index
    headings: list  # the heading of each column as a person reads it, parent and child joined by "/"
    unknown: list = field(default_factory=list)  # (column index, heading) of what no field claims
    reading: object = None  # what the reader of the list keeps beside it

    @property
    def body_start(self):
        """Index of the first row below the header."""
        return self.last_row + 1

    def repeats(self, row):
        """Whether the row is this header once more, as on lists printed page by page and pasted together."""
        for index, words in self._words[:3]:
            if index < len(row) and row[index].strip() in words:
                break
        else:
            return False  # nearly every row of a long list
        same = sum(index < len(row) and row[index].strip() in words for index, words in self._words)
        return same >= max(2, len(self._words) / 2)

    @cached_property
    def _words(self):
        """[(column, what its heading may be)] of the columns that mean something."""
        return [(index, (self.headings[index], self.headings[index].rpartition("/")[2])) for index in self.columns.values()]


def normalise_heading(text):
    """Half-width, without spaces, line breaks, stars and bracket signs: "身份证件号\\n（必填）*" is "身份证件号必填"."""
    return NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()


def _without_brackets(text):
    """The same without what the brackets hold: "身份证件号（18位）" is "身份证件号"."""
    return NOISE.sub("", BRACKETED.sub("", unicodedata.normalize("NFKC", text))).lower()


def find_header(rows, aliases, minimum=3, within=8):
    """The header among the first `within` rows that are not empty, or None when no row names at least `minimum` of the fields.

    aliases: {field: [heading, …]}; the field's order decides nothing, its first column from the left wins. Of the readings as one,
    two or three rows the one that names more fields is taken, that of fewer rows when equal.
    """
    known = {normalise_heading(alias): name for name, names in aliases.items() for alias in names}
    best, filled = None, [index for index, row in enumerate(rows[:200]) if any(cell.strip() for cell in row)]
    for index in filled[:within]:
        for last in (index, index + 1, index + 2):
            header = _read_header(rows, index, last, known)
            if header and len(header.columns) >= minimum and (best is None or _rank(header) > _rank(best)):
                best = header
    return best and _with_unclaimed_rows(best, rows)


def _rank(header):
    return len(header.columns), header.first_row - header.last_row


def _with_unclaimed_rows(header, rows):
    """A lower header row whose headings are no field's, such as 姓名 and 关系 below 家庭成员, is not yet the first person."""
    below = rows[header.last_row + 1] if header.last_row + 1 < len(rows) else []
    if any(cell.strip() for cell in below) and not any(index < len(below) and below[index].strip() for index in header.columns.values()):
        header.last_row += 1
    return header


def _read_header(rows, first, last, known):
    if last == first:
        return _claim(first, last, [("", cell.strip()) for cell in rows[first]], known)
    if last >= len(rows):
        return None
    upper = rows[first] if last == first + 1 else _overlaid(rows[first], rows[first + 1])
    if not _is_lower_row(upper, rows[last], known):
        return None
    return _claim(first, last, _joined(upper, rows[last]), known)


def _overlaid(upper, lower):
    """Two rows above a third as one: what stands nearer to the third counts."""
    width = max(len(upper), len(lower))
    upper, lower = [*upper, *[""] * (width - len(upper))], [*lower, *[""] * (width - len(lower))]
    return [below if below.strip() else above for above, below in zip(upper, lower, strict=True)]


def _is_lower_row(upper, lower, known):
    """A lower header row has a known heading of its own and fills gaps of the upper one (below a merged heading the upper row is
    empty), or has nothing but known headings."""
    filled = [index for index, cell in enumerate(lower) if cell.strip()]
    gaps = [index for index in filled if index >= len(upper) or not upper[index].strip()]
    pairs = [(parent, cell) for parent, cell in _joined(upper, lower) if parent]
    named = [bool(_plain(cell, known) or _under(parent, cell, known)) for parent, cell in pairs]
    return any(named) and (bool(gaps) or all(named)) and sum(1 for cell in upper if cell.strip()) > 1


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
    """Field of a heading: as written, without its brackets, without its number (3.姓名), or one of two words for the same (村/社区)."""
    found = known.get(normalise_heading(heading)) or known.get(_without_brackets(heading))
    if found or not heading:
        return found
    bare = NUMBERED.sub("", heading.strip(), count=1)
    choices = ([bare] if bare != heading.strip() else []) + (re.split(r"[/／或]", bare) if re.search(r"[/／或]", bare) else [])
    return next((known[word] for word in map(_without_brackets, choices) if word in known), None)


def _under(parent, child, known):
    """Field of a child heading read together with its parent: 监护人 + 姓名 as 监护人姓名."""
    return _plain(parent + child, known) if parent else None


def _claim(first, last, pairs, known):
    """Gives columns to fields in passes: headings standing alone, then parent with child, then the child alone for what is left, below a
    relative last; so that 家庭成员1/姓名 never takes the place of the pupil's own 姓名, wherever it stands."""
    columns, taken = {}, set()
    passes = (
        lambda parent, child: None if parent else _plain(child, known),
        lambda parent, child: _under(parent, child, known),
        lambda parent, child: _plain(child, known) if parent and not RELATIVES.search(parent) else None,
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
    """True for 合计, 填报人：…, 注：…, remarks alone in their row, rows of column numbers and the like. A row with an identity number is
    a person's, whatever its first cell says."""
    start = next((index for index, cell in enumerate(row) if cell.strip()), len(row))
    if start + 1 < len(row) and row[start].strip().isdigit() and SUMS.fullmatch("".join(row[start + 1].split())):
        start += 1  # a sum that has a serial number before it
    text = unicodedata.normalize("NFKC", "".join(row[start].split())) if start < len(row) else ""
    signs = not text.isascii() and _signs(text)
    if not (signs or _remark_alone(text, row, start) or _numbers_columns(text, row)):
        return False
    return not any(IDENTITY.fullmatch(cell.strip()) for cell in row)


def _signs(text):
    return SUMS.fullmatch(text) or SIGNATURES.match(text) or NOTES.fullmatch(text) or TOTALS.fullmatch(text)


def _remark_alone(text, row, start):
    alone = len(row) > 3 and not any(cell.strip() for cell in row[start + 1 :])
    return alone and bool(text) and (len(text) > 20 or REMARK.fullmatch(text) is not None)


def _numbers_columns(text, row):
    """1, 2, 3 … or 甲, 乙, 1, 2 … below a header."""
    if text.strip("()") not in ("1", "甲"):
        return False
    filled = [cell.strip() for cell in row if cell.strip()]
    figures = [cell.strip("()（）") for cell in filled if cell not in ORDINALS]
    return len(filled) > 2 and figures == [str(number) for number in range(1, len(figures) + 1)]


def probable_header(rows, within=8):
    """The row that most looks like a header where no alias says so: the one with most different short words. None when there is none.
    Its columns are all unknown: a person says what they are."""
    filled = [index for index, row in enumerate(rows[:200]) if any(cell.strip() for cell in row)][:within]
    words = {index: _header_words(rows[index]) for index in filled}
    best = max(filled, key=lambda index: (len(words[index]), -index), default=None)
    if best is None or len(words[best]) < 2:
        return None
    headings = [cell.strip() for cell in rows[best]]
    return Header(best, best, {}, headings, [(index, heading) for index, heading in enumerate(headings) if heading])


def _header_words(row):
    """The different cells of a row that may be headings: short, and neither numbers nor dates."""
    cells = {cell.strip() for cell in row if cell.strip()}
    return {cell for cell in cells if len(cell) <= 24 and not re.search(r"\d{4}", cell) and not cell.replace(".", "").isdigit()}


def with_lower_headings(header, rows):
    """The header with each heading read down to its last row, also where no field claims what stands there."""
    if header.last_row == header.first_row:
        return header
    lower = rows[header.last_row]
    upper = rows[header.first_row] if header.last_row == header.first_row + 1 else _overlaid(*rows[header.first_row : header.last_row][:2])
    headings = [f"{parent}/{child}" if parent else child for parent, child in _joined(upper, lower)]
    return replace(header, headings=headings)
