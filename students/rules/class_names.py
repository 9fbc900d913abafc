"""Class names: the many spellings of one class become one, so that 1班, (一)班, 三(1)班, 三年级1班 and 2023级01班 are one class.

The name is taken within its grade: what repeats the grade or the entry year goes, the rest is a number or a name of its own (火箭班). A part
that names another grade is no repetition and stays. Rows keep the cell as it came.
"""

import re
import unicodedata
from functools import lru_cache

from students.rules.grades import (
    DIGITS,
    HAN_OF,
    JUN,
    KINDERGARTEN,
    PRE,
    PRI,
    SEN,
    SPE,
    STAGE_WORDS,
    STAGE_YEARS,
    VOC,
    Grade,
    grade_label,
    parse_grade,
)

BRACKETS = str.maketrans("[]{}【】〔〕〈〉《》「」〖〗", "()" * 8)
JOINTS = "-_./~·、,—–:"
TENS = re.compile(r"(?P<tens>[一二三四五六七八九]?)十(?P<ones>[一二三四五六七八九]?)")
UNITS = ("年级", "年", "级", "届", "")
ALONE = re.compile(r"第?(?P<open>\()?第?(?P<number>\d{1,2}|[一二三四五六七八九十]{1,3})班?级?(?(open)\))班?级?")
LETTER = re.compile(r"\(?(?P<letter>[A-Za-z甲乙丙丁戊己庚辛])\)?班?")
OWN_NUMBER = re.compile(r"\d{1,2}班")
WITHIN_JUNIOR, WITHIN_SENIOR = 6, 9  # 七年级 is 初一, 十年级 is 高一


@lru_cache(maxsize=8192)
def class_label(text: str, grade: Grade | None = None, entry_year: int | None = None) -> str:
    """The class within its grade in one spelling: (2)班, 二班, 02 and, in the third grade, 三(2)班 and 302 are 2班; other names stay.
    `entry_year`: the September in which the class entered its stage (2023级2班)."""
    bare = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).translate(BRACKETS)
    own = _alone(bare)
    if own or grade is None:
        return own or bare
    fitting = [(prefix, whole) for prefix, whole in _repetitions(grade, entry_year) if bare.startswith(prefix)]
    if fitting and fitting[0][0] == bare:  # the only class of its grade is called like the grade
        return bare
    return next(filter(None, (_after(bare, prefix, whole) for prefix, whole in fitting)), bare)


@lru_cache(maxsize=8192)
def contradicts(text: str, grade: Grade, kind: str | None = None) -> str:
    """A warning where the class names another grade than the row's: 四(1)班 in the third grade; "" else."""
    if OWN_NUMBER.fullmatch(class_label(text, grade)):
        return ""
    named, _ = parse_grade(text, kind)
    return f"班级“{text.strip()}”与年级“{grade_label(grade)}”不一致，请核对" if named and named != grade else ""


def _alone(text):
    """The label of a number or a letter that stands for a class; "" for any other name."""
    letter = LETTER.fullmatch(text)
    if letter:
        return f"{letter['letter'].upper()}班"
    match = ALONE.fullmatch(text)
    number = _number(match["number"]) if match else None
    return f"{number}班" if number else ""


def _number(text):
    """1 to 99 in digits or Chinese numerals; None for 0 and for numerals that are none (三二)."""
    if text.isdigit():
        return int(text) or None
    tens = TENS.fullmatch(text)
    if tens:
        return 10 * DIGITS.get(tens["tens"], 1) + DIGITS.get(tens["ones"], 0)
    return DIGITS.get(text)


def _after(text, prefix, whole):
    """What follows the repeated grade, as a label; "" where the grade is not clearly a part of its own (31班 is no third grade)."""
    rest = text[len(prefix) :]
    joined = rest[:1] in JOINTS and rest != ""
    rest = rest.lstrip(JOINTS)
    if not rest:
        return ""
    if prefix[-1].isdigit() and rest[0].isdigit() and not joined:
        two_digits = re.match(r"\d+", rest)[0]
        return _alone(rest) if len(two_digits) == 2 else ""
    return _alone(rest) or (rest if whole else "")


@lru_cache(maxsize=512)
def _repetitions(grade, entry_year):
    """[(what may stand before the class, whether it is clearly the grade)], the longest first: 三年级, 三, 3, 03, 小三, 2023级, 23级."""
    found = {(word + number + unit, unit != "" or word != "") for word in _words(grade) for number in _numbers(grade) for unit in UNITS}
    if grade.stage == PRE:
        names = [name for name, year in KINDERGARTEN.items() if year == grade.year]
        found |= {(name, True) for name in names} | {(name.removesuffix("班"), False) for name in names if name != "学前班"}
    for year in (entry_year, entry_year + STAGE_YEARS[grade.stage]) if entry_year else ():
        unit = ("级", "年级", "") if year == entry_year else ("届",)
        found |= {(f"{word}{said}{mark}", True) for word in _words(grade) for said in (year, f"{year % 100:02}") for mark in unit}
    return sorted(found, key=lambda pair: (-len(pair[0]), pair[0]))


def _words(grade):
    """None, and the words of the stage; a vocational school says 高一, a special one 小学一年级 or 初一 (grades.stage_of_word)."""
    stages = {grade.stage, *{VOC: (SEN,), SPE: (PRI, JUN)}.get(grade.stage, ())}
    return ("", *sorted(word for word, stage in STAGE_WORDS.items() if stage in stages))


def _numbers(grade):
    years = {grade.year, grade.year + {JUN: WITHIN_JUNIOR, SEN: WITHIN_SENIOR}.get(grade.stage, 0)} - {0}
    return sorted({form for year in years for form in (str(year), f"{year:02}", HAN_OF.get(year, str(year)))})
