"""Dates as people type them (domain.md §14). Pure text in, a date or the reason why not out."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
# Excel counts days from here; its non-existing 29 February 1900 is behind all serials accepted below
EXCEL_DAY_ZERO = date(1899, 12, 30)
SERIALS = range(10_000, 73_415)  # 1927-05-18 … 2100-12-31: shorter numbers are years or mistakes
CHINESE_DIGITS = str.maketrans("〇零○oO一二三四五六七八九", "00000123456789")
CAPITALS = str.maketrans({**dict(zip("壹贰叁肆伍陆柒捌玖拾", "一二三四五六七八九十", strict=True)), "廿": "二十", "卅": "三十"})
SEPARATED = re.compile(r"(\d{4})[./\-–—－−。、,，·_\\年\s]+(\d{1,2})(?:[./\-–—－−。、,，·_\\月\s]+(\d{1,2})?\s*[日号]?)?")
TIME_TAIL = re.compile(r"(?<=\d)[T\s]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$|(?<=日)\s*\d{1,2}:\d{2}(:\d{2})?$")
CHINESE = re.compile(
    r"([〇零○oO一二三四五六七八九\d]{4})年([一二三四五六七八九十]{1,3}|\d{1,2})月(?:([一二三四五六七八九十]{1,3}|\d{1,2})[日号])?"
)
# what stands around a day and says nothing else of it
LEAD = re.compile(r"^公元\s*")
TAIL = re.compile(r"\s*(?:\(?(?:星期|周|礼拜)[一二三四五六日天]\)?|(?:上午|下午|AM|PM)\s*\d{1,2}:\d{2}(?::\d{2})?|\d{1,2}时(?:\d{1,2}分)?(?:\d{1,2}秒)?|出?生)$")

Day = date  # the reading below has a field called date
EMPTY, MONTH_ONLY, IMPOSSIBLE, UNREADABLE = "empty", "month_only", "impossible", "unreadable"


class ImpossibleDate(ValueError):
    """A day that no calendar has; the message is a sentence."""


@dataclass(frozen=True)
class DateReading:
    """`date`, or None with `problem`; `month` is (year, month) whenever these could be read and the month exists."""

    text: str
    date: Day | None = None
    problem: str = ""
    month: tuple | None = None

    @property
    def sentence(self):
        """The problem for the person who typed it, "" when there is none."""
        return {
            "": "",
            EMPTY: "没有填日期。",
            MONTH_ONLY: f"“{self.text}”只有年月，没有日。请写成 2012-09-01 这样的完整日期。",
            IMPOSSIBLE: f"“{self.text}”这一天不存在。请按证件核对后重填。",
            UNREADABLE: f"“{self.text}”认不出是哪一天。请写成 2012-09-01 这样的日期。",
        }[self.problem]


def parse_date(text):
    """The date, or None where there is no full date; raises ImpossibleDate for days such as 2009-02-30."""
    reading = read_date(text)
    if reading.problem == IMPOSSIBLE:
        raise ImpossibleDate(reading.sentence)
    return reading.date


@lru_cache(maxsize=65536)  # the birth dates of a county's children are some 6,000
def read_date(text):
    """Reads 2012.9.1, 2012/9/1, 20120901, 2012年9月1日, 2012。9、1, 二〇一二年九月一日 (also 贰零壹贰年玖月, 廿一日), a trailing
    time or day of the week, an Excel serial;
    2012-09 and 201209 are months. Two-digit years and day-first forms are not guessed."""
    text = (text or "").strip()
    plain = LEAD.sub("", TAIL.sub("", unicodedata.normalize("NFKC", text).strip().strip("'‘’`")))
    plain = TIME_TAIL.sub("", plain).strip().rstrip(".。、,;/-")
    if not plain:
        return DateReading(text, problem=EMPTY)
    parts = _chinese(plain) or _separated(plain) or _digits(plain)
    if isinstance(parts, date):
        return DateReading(text, parts, month=(parts.year, parts.month))
    if parts is None:
        return DateReading(text, problem=UNREADABLE)
    return _checked(text, *parts)


def _checked(text, year, month, day):
    if not (EARLIEST_YEAR <= year <= LATEST_YEAR and 1 <= month <= 12):
        return DateReading(text, problem=IMPOSSIBLE)
    if day is None:
        return DateReading(text, problem=MONTH_ONLY, month=(year, month))
    try:
        return DateReading(text, date(year, month, day), month=(year, month))
    except ValueError:
        return DateReading(text, problem=IMPOSSIBLE, month=(year, month))


def _separated(plain):
    found = SEPARATED.fullmatch(plain)
    return found and (int(found[1]), int(found[2]), int(found[3]) if found[3] else None)


def _digits(plain):
    """20120901, 201209, or a serial of Excel."""
    plain = plain.removesuffix(".0")
    if not (plain.isascii() and plain.isdigit()):
        return None
    if len(plain) == 8:
        return int(plain[:4]), int(plain[4:6]), int(plain[6:])
    if len(plain) == 6:
        return int(plain[:4]), int(plain[4:]), None
    return EXCEL_DAY_ZERO + timedelta(days=int(plain)) if len(plain) == 5 and int(plain) in SERIALS else None


def _chinese(plain):
    found = CHINESE.fullmatch(plain.translate(CAPITALS))
    return found and (int(found[1].translate(CHINESE_DIGITS)), _small(found[2]), _small(found[3]) if found[3] else None)


def _small(numeral):
    """一 … 三十一, or figures, as a number."""
    if numeral.isascii():
        return int(numeral)
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return int(numeral.translate(CHINESE_DIGITS)) if len(numeral) == 1 else 99
    return int(tens.translate(CHINESE_DIGITS) or 1) * 10 + int(ones.translate(CHINESE_DIGITS) or 0)
