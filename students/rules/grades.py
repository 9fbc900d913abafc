"""Stages and grades: reading what schools write, and the way from entry year to grade and back (domain.md §4.7).

A grade is a stage and a year within it: pre 1–3 (小班 中班 大班), pri 1–6, jun 1–3 (4 in a five-four county), sen 1–3, voc 1–3,
spe 1–9. Whoever needs the stage of a pupil of a nine-year school takes it from the grade, never from the school.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from students.rules.ages import school_year
from students.rules.codes import SCHOOL_KINDS

PRE, PRI, JUN, SEN, VOC, SPE = "pre", "pri", "jun", "sen", "voc", "spe"
STAGES = {PRE: "学前", PRI: "小学", JUN: "初中", SEN: "普通高中", VOC: "中职", SPE: "特殊教育"}
COMPULSORY = (PRI, JUN, SPE)
STAGE_YEARS = {PRE: 3, PRI: 6, JUN: 3, SEN: 3, VOC: 3, SPE: 9}
MOST_YEARS = STAGE_YEARS | {JUN: 4}  # 初四 of the five-four system
KINDERGARTEN = {"托班": 0, "小小班": 0, "小班": 1, "中班": 2, "大班": 3, "学前班": 3}
DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "十一": 11, "十二": 12}
COUNTED = {*DIGITS, *map(str, range(1, 13))}
HAN_OF = {number: han for han, number in DIGITS.items()}

STAGE_WORDS = {
    "幼儿园": PRE, "学前": PRE, "幼": PRE, "小学": PRI, "小": PRI, "初级中学": JUN, "初中": JUN, "初": JUN, "普通高中": SEN, "普高": SEN,
    "高中": SEN, "高": SEN, "职业高中": VOC, "中等职业": VOC, "中职": VOC, "职高": VOC, "中专": VOC, "技校": VOC, "职": VOC,
    "特殊教育": SPE,
    "特教": SPE, "培智": SPE,
}  # fmt: skip
WORDS = "|".join(sorted(STAGE_WORDS, key=len, reverse=True))
NUMBER = r"十一|十二|[一二三四五六七八九十]|1[0-2]|[1-9]"
CLASS_TAIL = re.compile(r"[(\[]?(\d{1,2}|[一二三四五六七八九十]+)[)\]]?班$")
GRADE = re.compile(rf"(?P<word>{WORDS})?(?P<number>{NUMBER})(?P<unit>年级|年)?")
COHORT = re.compile(rf"(?P<word>{WORDS})?(?P<year>(20|19)\d\d)[级届]?")


@dataclass(frozen=True, order=True)
class Grade:
    """Stage code and year within the stage, 1 = the first year (0 = 托班, before kindergarten)."""

    stage: str
    year: int


@lru_cache(maxsize=4096)
def parse_grade(
    text: str, school_kind: str | None = None, entry_year: int | None = None, on: date | None = None
) -> tuple[Grade | None, str]:
    """Read a grade cell: (grade, "") or (None, why not). ``school_kind`` is a key of codes.SCHOOL_KINDS; ``on`` the list's date.

    The kind settles what the words leave open (一年级 of a 中职 is voc 1); ``on`` turns 2019级 into a year; ``entry_year`` answers
    for an empty cell.
    """
    bare = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    stages = SCHOOL_KINDS[school_kind].stages if school_kind else ()
    if not bare and entry_year and on:
        return cohort_grade("", entry_year, stages, on)
    whole, bare = bare, CLASS_TAIL.sub("", bare) or bare
    if bare != whole and bare.lstrip("0").rstrip(".-") in COUNTED:  # 一(2)班, 0301班, 7.1班
        bare = bare.lstrip("0").rstrip(".-") + "年级"
    if bare in KINDERGARTEN or bare.removeprefix("幼儿园") in KINDERGARTEN:
        return Grade(PRE, KINDERGARTEN[bare.removeprefix("幼儿园")]), ""
    cohort = COHORT.fullmatch(bare)
    if cohort:
        return cohort_grade(cohort["word"] or "", int(cohort["year"]), stages, on)
    match = GRADE.fullmatch(bare)
    if not match or not (match["word"] or match["unit"] or bare.isdigit()):
        return None, f"年级“{text.strip()}”不认识，请写成 一年级、七年级、高一、中班、2019级 这样" if bare else "年级为空"
    number = int(match["number"]) if match["number"].isdigit() else DIGITS[match["number"]]
    return numbered_grade(match["word"] or "", number, stages, text.strip())


def numbered_grade(word: str, number: int, stages: tuple[str, ...], shown: str) -> tuple[Grade | None, str]:
    if word:
        return within_stage(stage_of_word(word, stages), number, shown)
    if len(stages) == 1 and stages[0] not in (PRI, JUN):
        return within_stage(stages[0], number if number <= MOST_YEARS[stages[0]] else number - 9, shown)
    if stages == (JUN,) and number <= 4:
        return Grade(JUN, number), ""
    if stages and not {PRI, JUN, PRE} & set(stages[:1]):
        return None, f"年级“{shown}”看不出学段，请写成 初一 或 高一 这样"
    if JUN in stages and PRI not in stages and number <= 4:
        return None, f"年级“{shown}”看不出是初中还是高中，请写成 初一 或 高一 这样"
    return through_years(number)


def through_years(number: int) -> tuple[Grade, str]:
    """一年级 … 十二年级 counted through from primary school."""
    if number <= 6:
        return Grade(PRI, number), ""
    return (Grade(JUN, number - 6), "") if number <= 9 else (Grade(SEN, number - 9), "")


def stage_of_word(word: str, stages: tuple[str, ...]) -> str:
    """高一 of a vocational school is its first year; 小学一年级 of a special school is a year of special education."""
    stage = STAGE_WORDS[word]
    if stage == SEN and SEN not in stages and VOC in stages:
        return VOC
    return SPE if stages == (SPE,) and stage in (PRI, JUN) else stage


def within_stage(stage: str, number: int, shown: str) -> tuple[Grade | None, str]:
    """初中七年级 counts through from primary school, 初中一年级 within the stage; both are written."""
    if stage in (JUN, SEN) and number > MOST_YEARS[stage]:
        number -= 6 if stage == JUN else 9
    if 1 <= number <= MOST_YEARS[stage]:
        return Grade(stage, number), ""
    return None, f"年级“{shown}”超出{STAGES[stage]}的年数"


def cohort_grade(word: str, entry: int, stages: tuple[str, ...], on: date | None) -> tuple[Grade | None, str]:
    """2019级 needs a stage (from its word or a school with one stage) and a date."""
    stage = stage_of_word(word, stages) if word else stages[0] if len(stages) == 1 else ""
    if not stage or on is None:
        return None, f"“{entry}级”看不出学段，请写年级或在前面注明学段，如 初中{entry}级"
    grade = grade_by_entry(stage, entry, on)
    return (grade, "") if grade else (None, f"“{entry}级”在{on.year}年{on.month}月不在{STAGES[stage]}的年级范围内")


def grade_by_entry(stage: str, entry_year: int, on: date) -> Grade | None:
    """Grade of those who entered the stage in September of ``entry_year``; None before entry and after the last year."""
    year = school_year(on) - entry_year + 1
    return Grade(stage, year) if 1 <= year <= STAGE_YEARS[stage] else None


def entry_year_of(grade: Grade, start_year: int) -> int:
    """The September in which a pupil of this grade in the school year ``start_year`` entered the stage, nobody kept down."""
    return start_year - grade.year + 1


def grade_label(grade: Grade) -> str:
    """The word used on lists: 大班, 三年级, 八年级, 初四, 高二, 中职一, 特教五年级."""
    if grade.stage == PRE:
        return next(label for label, year in KINDERGARTEN.items() if year == grade.year)
    if grade.stage == JUN and grade.year > 3:
        return f"初{HAN_OF[grade.year]}"
    if grade.stage in (SEN, VOC):
        return ("高" if grade.stage == SEN else "中职") + HAN_OF[grade.year]
    return ("特教" if grade.stage == SPE else "") + HAN_OF[grade.year + 6 * (grade.stage == JUN)] + "年级"


@lru_cache(maxsize=4096)
def entry_contradicts(grade: Grade, entry_year: int, on: date) -> str:
    """A warning when the entry year and the grade do not fit; repeating or skipping a year is possible, so never an error."""
    expected = entry_year_of(grade, school_year(on))
    if entry_year == expected:
        return ""
    return f"{grade_label(grade)}应为 {expected} 年入学，入学年月写的是 {entry_year} 年"


def kind_contradicts(grade: Grade, school_kind: str) -> str:
    """A warning when a school of this kind has no such stage (an attached kindergarten class is entered as a section)."""
    kind = SCHOOL_KINDS[school_kind]
    return "" if grade.stage in kind.stages else f"{kind.label}没有{STAGES[grade.stage]}学段，年级写的是{grade_label(grade)}"
