"""Strict readers of single cells (domain.md §14). Each returns (value or None, problem sentence); an empty cell is (None, "").

Nothing is guessed: what can be read in two ways is a problem, and no amount is ever rounded.
"""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from core.spreadsheets.carrying import DITTO
from core.spreadsheets.dates import EMPTY, read_date

YES = {"是", "有", "√", "✓", "✔", "1", "y", "yes", "true", "对", "已", "☑", "v", "●"}
NO = {"否", "无", "没有", "×", "✗", "✘", "0", "n", "no", "false", "不是", "未", "☐", "x", "-", "--", "—", "/"}
BOARDER = {"寄宿", "住校", "住宿", "寄宿生", "住校生", "住宿生", "借宿", "2", "3"}
DAY_PUPIL = {"走读", "走读生", "非寄宿", "非寄宿生", "不住校", "不寄宿", "通勤", "9", "其他"}
MONEY = re.compile(r"(?P<sign>-?)(?P<yuan>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<decimals>\d+))?(?P<unit>万元|万|元)?")
PHONE = re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}(?:-\d{1,5})?|\d{7,8}")
PHONE_SEPARATOR = re.compile(r"[/、,;，；|\n]|或|和")


def half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


@lru_cache(maxsize=4096)
def parse_yes_no(text: str) -> tuple[bool | None, str]:
    word = re.sub(r"\s", "", half_width(text)).casefold()
    if not word:
        return None, ""
    if word in YES or word in NO:
        return word in YES, ""
    return None, f"“{text.strip()}”不是是或否，请填 是 或 否"


@lru_cache(maxsize=4096)
def parse_boarding(text: str) -> tuple[bool | None, str]:
    """True for a boarder. Reads words (寄宿 住校 走读), the codes of the roll system (1 day pupil, 2 boarder) and 是/否.

    The digit 1 means 走读 in 就读方式 but 是 in 是否寄宿: it is refused here; ``parse_boarding_code`` reads the coded column.
    """
    word = re.sub(r"\s", "", half_width(text))
    if not word:
        return None, ""
    if word in ("1", "0"):
        return None, f"就读方式“{word}”有歧义，请填 走读 或 住校"
    if word in BOARDER or word in DAY_PUPIL:
        return word in BOARDER, ""
    value, problem = parse_yes_no(word)
    return (value, "") if not problem else (None, f"就读方式“{text.strip()}”不认识，请填 走读 或 住校")


@lru_cache(maxsize=4096)
def parse_boarding_code(text: str) -> tuple[bool | None, str]:
    """The coded column 就读方式 (domain.md §4.3 item 26): 1 走读, 2 住校, 3 借宿, 9 其他; words are read as well."""
    word = half_width(text)
    return (False, "") if word == "1" else parse_boarding(word)


def parse_money(text: str, unit: str = "元") -> tuple[int | None, str]:
    """Integer 分. ``unit`` (元 or 万元) is the column's, used when the cell names none; more than two decimals of 元 are refused."""
    word = re.sub(r"[\s¥￥]", "", half_width(text))
    if not word:
        return None, ""
    match = MONEY.fullmatch(word)
    if not match:
        return None, f"金额“{text.strip()}”不是数，请填 312.50 这样的数"
    ten_thousands = (match["unit"] or unit).startswith("万")
    places = 6 if ten_thousands else 2
    decimals = (match["decimals"] or "").rstrip("0")
    if len(decimals) > places:
        return None, f"金额“{text.strip()}”不足一分的部分不能取舍，请核对"
    amount = int(match["yuan"].replace(",", "") + decimals.ljust(places, "0"))
    return -amount if match["sign"] else amount, ""


@lru_cache(maxsize=4096)
def parse_year_month(text: str) -> tuple[date | None, str]:
    """First day of the month: 201809, 2018-09, 2018年9月; a full date gives its month (domain.md §4.3 item 24)."""
    reading = read_date(text)
    if reading.problem == EMPTY:
        return None, ""
    if reading.month:
        return date(*reading.month, 1), ""
    return None, f"年月“{text.strip()}”不认识，请填 201809 这样的年月"


@lru_cache(maxsize=4096)
def parse_entry(text: str) -> tuple[date | None, str]:
    """Month of entry; a year alone (2018, 2018级) means its September."""
    year = re.fullmatch(r"(20\d\d|19\d\d)[年级届]?", half_width(text))
    return (date(int(year[1]), 9, 1), "") if year else parse_year_month(text)


@lru_cache(maxsize=4096)
def parse_boarding_answer(text: str) -> tuple[bool | None, str]:
    """The column 是否寄宿, 住校: 1 is yes; words are read as well."""
    word = half_width(text)
    return (word == "1", "") if word in ("1", "0") else parse_boarding(word)


def split_phones(text: str) -> tuple[list[str], list[str]]:
    """Numbers in the order written, and what was left over; spaces and dashes inside a mobile number are dropped."""
    phones, rest = [], []
    for piece in PHONE_SEPARATOR.split(half_width(text)):
        bare = re.sub(r"\s|^\+?86[- ]?(?=1)", "", piece.strip())
        mobile = bare.replace("-", "")
        number = mobile if re.fullmatch(r"1\d{10}", mobile) else bare
        if PHONE.fullmatch(number):
            phones.append(number)
        elif bare:
            rest.append(piece.strip())
    return phones, rest


def is_ditto(text: str) -> bool:
    """同上, 〃 and the like: the value of the row above is meant; the reader expands or refuses it, never stores it."""
    return text.strip() in DITTO
