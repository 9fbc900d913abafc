"""Identity numbers, roll numbers, school codes and disability cards (domain.md §4.2, §4.6, §4.8, Appendix B).

The region code is never an error: it is the place of first registration, abolished codes are legal, and invented numbers (which
begin with 99) are numbers like any other. A wrong check digit is a warning of the row, never a refusal; lost digits are.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import mul

from core.spreadsheets.cells import lost_digits as lost_in_cell

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
WEIGHT_OF_ZEROS = ord("0") * sum(WEIGHTS)

RESIDENT, BAD_CHECK, BAD_DATE = "resident", "resident_bad_check", "resident_bad_date"
OTHER_DOCUMENT, UNREADABLE, EMPTY = "other_document", "unreadable", "empty"

INVISIBLE = re.compile(r"[\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")
LOOKS_LIKE_X = str.maketrans({"×": "X", "Х": "X", "х": "X", "Χ": "X", "χ": "X", "✕": "X", "＊": "*"})
QUOTES = "'‘’`´\"“”"
SEVENTEEN_DIGITS = re.compile(r"[0-9]{17}")
FIFTEEN = re.compile(r"\d{15}")
EIGHTEEN = re.compile(r"\d{17}[\dX]")
ROLL_NUMBER = re.compile(r"[GLJ]\d{17}[\dX]")
OTHER_DOCUMENTS = (  # domain.md §4.8; the last line is passports
    ("港澳居民来往内地通行证", re.compile(r"[HM]\d{8,10}")),
    ("台湾居民来往大陆通行证", re.compile(r"\d{8}(\d{2})?")),
    ("外国人永久居留身份证", re.compile(r"[A-Z]{3}\d{12}")),
    ("护照", re.compile(r"(?=.*[A-Z])(?=.*\d)[A-Z0-9]{6,12}")),
)

SCHOOL_TYPES = {
    "11": "幼儿园", "21": "小学", "22": "成人小学", "31": "普通初中", "32": "职业初中", "33": "成人初中", "34": "普通高中",
    "35": "成人高中", "36": "中等职业学校", "37": "专门学校", "41": "普通高等学校", "42": "成人高等学校", "51": "特殊教育学校",
    "91": "研究生科研机构", "92": "其他民办高教机构", "93": "中职培训机构",
}  # fmt: skip
DISABILITY_CATEGORIES = {"1": "视力", "2": "听力", "3": "言语", "4": "肢体", "5": "智力", "6": "精神", "7": "多重"}
DISABILITY_LEVELS = {"1": "一级", "2": "二级", "3": "三级", "4": "四级"}
CARD = re.compile(r"(\d{17}[\dX])(\d)(\d)(?:B\d{1,2})?")


@dataclass(frozen=True)
class Number:
    """A read identity number: ``text`` to store, ``form`` (one of the constants above), what the reader should be told."""

    text: str
    form: str
    warnings: tuple[str, ...] = ()
    raw: str = ""

    @property
    def usable(self) -> bool:
        """Good enough to match on by equality: everything that names somebody, wrong check digits included."""
        return self.form not in (UNREADABLE, EMPTY)


@dataclass(frozen=True)
class Card:
    """A disability card: the holder's number, category and level as digits of the card, and why it cannot be used ("" = it can)."""

    number: str
    category: str
    level: str
    problem: str = ""


def strip_typing(raw: str) -> tuple[str, list[str]]:
    """White space, quotes, full width and lower case off; the second value tells what was unusual."""
    if raw.isascii() and raw.isalnum():
        return raw.upper(), []
    text, warnings = INVISIBLE.sub("", raw), []
    bare = text.strip(QUOTES + "＇")
    if bare != text:
        warnings.append("前后的引号已去掉")
    if INVISIBLE.search(raw.strip(" \t\r\n")):
        warnings.append("号码中的空格或不可见字符已去掉")
    half = unicodedata.normalize("NFKC", bare)
    if half != bare:
        warnings.append("全角字符已转为半角")
    latin = half.translate(LOOKS_LIKE_X)
    if latin != half:
        warnings.append("形似 X 的字符已改为 X")
    return latin.upper(), warnings


def normalise_number(raw: str) -> Number:
    """Read a cell of an identity column. Never raises: what cannot be read comes back as ``unreadable`` with its raw text."""
    text, warnings = strip_typing(raw)
    if not text:
        return Number("", EMPTY, raw=raw)
    if ROLL_NUMBER.fullmatch(text):
        warnings.append(f"证件号栏填的像学籍号，前面的 {text[0]} 已去掉")
        text = text[1:]
    if len(text) == 15 and FIFTEEN.fullmatch(text) and birth_of(fifteen_to_eighteen(text)):
        warnings.append("15 位旧号码已换算为 18 位")
        text = fifteen_to_eighteen(text)
    form, problem = form_of(text)
    return Number(text, form, (*warnings, problem) if problem else tuple(warnings), raw)


def form_of(text: str) -> tuple[str, str]:
    """Form of a normalised number and the sentence that goes with a flawed one."""
    if EIGHTEEN.fullmatch(text):
        if birth_of(text) is None:
            return BAD_DATE, f"身份证号中的出生日期 {text[6:14]} 不存在"
        if check_digit(text[:17]) != text[17]:
            return BAD_CHECK, f"身份证号校验位不符：末位是 {text[17]}，应为 {check_digit(text[:17])}"
        return RESIDENT, ""
    if any(pattern.fullmatch(text) for _, pattern in OTHER_DOCUMENTS):
        return OTHER_DOCUMENT, ""
    return UNREADABLE, f"证件号无法辨认：共 {len(text)} 位，身份证号应为 18 位"


def document_kind(text: str) -> str:
    """Name of the document a normalised number belongs to; empty when it is none that we know."""
    if EIGHTEEN.fullmatch(text):
        return "港澳台居民居住证" if text[:6] in ("810000", "820000", "830000") else "居民身份证"
    return next((name for name, pattern in OTHER_DOCUMENTS if pattern.fullmatch(text)), "")


def check_digit(first17: str) -> str:
    """GB 11643-1999. Raises ValueError unless given exactly 17 digits."""
    if not SEVENTEEN_DIGITS.fullmatch(first17):
        raise ValueError(f"计算校验位需要 17 位数字，现有“{first17}”。")
    return CHECK_CHARACTERS[(sum(map(mul, WEIGHTS, first17.encode())) - WEIGHT_OF_ZEROS) % 11]


def fifteen_to_eighteen(text: str) -> str:
    seventeen = text[:6] + "19" + text[6:]
    return seventeen + check_digit(seventeen)


def birth_of(number: str) -> date | None:
    """Birth date inside an 18-character number; None when the number has another form or the date does not exist."""
    return _day(number[6:14]) if EIGHTEEN.fullmatch(number) else None


@lru_cache(maxsize=65536)
def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def sex_of(number: str) -> str:
    """Male "1", female "2" (GB/T 2261.1) by the 17th digit; empty when the number has another form."""
    if not EIGHTEEN.fullmatch(number):
        return ""
    return "1" if int(number[16]) % 2 else "2"


def lost_digits(cell: str) -> bool:
    """True when a spreadsheet has destroyed digits of an identity or account number: the cell must be refused, never rounded.

    What core.spreadsheets says of any long number (a number cell, scientific notation), and a text of 18 digits that ends in 000
    and has a wrong check digit: such a number cell turned into text (domain.md §14).
    """
    if lost_in_cell(cell):
        return True
    text = unicodedata.normalize("NFKC", INVISIBLE.sub("", cell)).strip(QUOTES).removesuffix(".0")
    return bool(re.fullmatch(r"\d{15}000", text)) and check_digit(text[:17]) != text[17]


def one_edit_apart(a: str, b: str) -> bool:
    """Exactly one character substituted or exactly one adjacent pair transposed; same length (domain.md §3.4 k4)."""
    if len(a) != len(b):
        return False
    places = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    if len(places) == 1:
        return True
    if len(places) != 2 or places[1] != places[0] + 1:
        return False
    first, second = places
    return a[first] == b[second] and a[second] == b[first]


def normalise_roll_number(raw: str) -> tuple[str, tuple[str, ...]]:
    """Roll number and warnings. A malformed one keeps its text and is warned about: it never stops a row (domain.md §4.2)."""
    text, warnings = strip_typing(raw)
    if text and not is_roll_number(text):
        warnings.append(f"学籍号“{text}”格式不对：应为 G、L 或 J 加 18 位号码")
    return text, tuple(warnings)


def is_roll_number(text: str) -> bool:
    return bool(ROLL_NUMBER.fullmatch(text))


def roll_number_differs(roll_number: str, number: str) -> str:
    """A warning when a well-formed roll number does not carry the given identity number; a difference is legal (§4.2 b)."""
    if is_roll_number(roll_number) and number and roll_number[1:] != number:
        return "学籍号与身份证号不一致（允许，证件更正后学籍号不变）"
    return ""


def check_school_code(raw: str, province: str = "") -> tuple[str, tuple[str, ...]]:
    """School code and warnings: ten digits of type, province (two digits each) and serial (domain.md §4.6); no check digit."""
    text, warnings = strip_typing(raw)
    if not text:
        return "", ()
    if not re.fullmatch(r"\d{10}", text):
        warnings.append(f"学校标识码应为 10 位数字，现为 {len(text)} 位“{text}”")
    elif text[:2] not in SCHOOL_TYPES:
        warnings.append(f"学校标识码前两位 {text[:2]} 不是已知的办学类型")
    elif province and text[2:4] != province:
        warnings.append(f"学校标识码第 3–4 位 {text[2:4]} 与本省代码 {province} 不同")
    return text, tuple(warnings)


def parse_card(text: str, holder: str = "") -> Card:
    """Read a disability card: identity number, category, level, and B with a count when re-issued (domain.md §B.8).

    With ``holder`` (a normalised identity number) the card must begin with it.
    """
    bare, _ = strip_typing(text)
    match = CARD.fullmatch(bare)
    if not match:
        return Card("", "", "", f"残疾人证号“{bare}”格式不对：应为身份证号加 1 位类别和 1 位等级" if bare else "残疾人证号为空")
    number, category, level = match.groups()
    problem = ""
    if category not in DISABILITY_CATEGORIES:
        problem = f"残疾类别 {category} 不存在，应为 1–7"
    elif level not in DISABILITY_LEVELS:
        problem = f"残疾等级 {level} 不存在，应为 1–4"
    elif holder and holder != number:
        problem = "残疾人证号前 18 位与本人身份证号不同"
    return Card(number, category, level, problem)
