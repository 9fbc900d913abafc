"""Why a child of school age is where the lists alone do not show it (domain.md §3.4, §3.5, §3.12): the table of standings.

The order of STANDING_LIST is the precedence: of several facts that hold on a day the first decides. Facts with ``over_lists`` win even
over lists that show the child in school here; all others explain only what the lists leave open.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class StandingCode:
    """``short``: the word of a table's heading; ``proof``: whether a person who enters it must show a paper; ``ends``: when it ends by
    itself — "" (never), stated (its own last day), term, school_year; ``over_lists``: whether it wins over lists that show the child in
    school; ``entered``: whether a person may enter it (others come from cases alone)."""

    code: str
    label: str
    short: str
    proof: bool = True
    ends: str = ""
    over_lists: bool = False
    entered: bool = True


STANDING_LIST = (
    StandingCode("dropout", "确认辍学", "辍学", proof=False, over_lists=True, entered=False),
    StandingCode("suspected", "疑似辍学", "疑似", proof=False, over_lists=True, entered=False),
    StandingCode("home_teaching", "送教上门", "送教上门", ends="term", over_lists=True),
    StandingCode("suspended", "休学", "休学", ends="stated", over_lists=True),
    StandingCode("special_school", "特教学校就读", "特教学校", ends="term"),
    StandingCode("returned", "劝返在校(名册未更新)", "劝返在校", proof=False, ends="school_year", entered=False),
    StandingCode("elsewhere", "外地就读有证明", "区外就读", ends="term"),
    StandingCode("graduated", "已初中毕业", "已初中毕业"),
    StandingCode("deferred", "延缓入学", "延缓入学", ends="school_year"),
    StandingCode("unable", "因身体原因不具备学习条件", "不具备学习条件", ends="school_year"),
    StandingCode("removed", "核减", "核减"),
)
STANDINGS = {row.code: row for row in STANDING_LIST}
STANDING_CHOICES = [(row.code, row.label) for row in STANDING_LIST]
SOURCES = (("roll_change", "学籍异动"), ("case", "个案"), ("list", "名单"), ("entry", "登记"))

# Codes of domain.md §3.5 with their sub-codes: (code, label, short word, the standing it means). 90 (失联) is a whereabouts, never one.
REMOVAL_REASONS = (
    ("01", "已在本县就读有学籍(姓名、证件号不符)", "本县就读", "removed"), ("02", "县外省内就读，有学籍", "区外就读", "elsewhere"),
    ("03", "省外就读，有学籍", "区外就读", "elsewhere"), ("04", "县外就读，无学籍", "区外就读", "elsewhere"), ("05", "死亡", "死亡", "removed"),
    ("06", "户籍迁出", "户籍迁出", "removed"), ("07", "户籍问题", "户籍问题", "removed"), ("071", "重复(双重)户籍", "重复户籍", "removed"),
    ("072", "空挂户", "空挂户", "removed"), ("073", "查无此人", "查无此人", "removed"), ("074", "身份证号或姓名错误", "身份信息错误", "removed"),
    ("08", "超出义务教育年龄", "超龄", "removed"), ("081", "已完成九年", "已初中毕业", "graduated"), ("082", "未完成", "超龄未完成", "removed"),
    ("09", "已初中毕业(含提前毕业)", "已初中毕业", "graduated"), ("10", "出国(境)定居或随父母旅居", "出国(境)", "removed"),
    ("11", "因身体原因不具备学习条件", "不具备学习条件", "unable"), ("12", "送教上门", "送教上门", "home_teaching"),
    ("13", "休学(不超过一年)", "休学", "suspended"), ("14", "延缓入学", "延缓入学", "deferred"), ("15", "未达入学年龄", "未达入学年龄", "removed"),
    ("16", "在专门学校、少管所、看守所等", "专门学校等", "removed"), ("17", "福利机构、康复机构就读或托养", "福利、康复机构", "removed"),
    ("18", "失踪(公安立案)", "失踪", "removed"), ("19", "中职、技工、普职融合班就读", "中职就读", "elsewhere"), ("99", "其他", "其他", "removed"),
)  # fmt: skip
REASON_LABELS = {code: label for code, label, _, _ in REMOVAL_REASONS}
REASON_SHORT = {code: short for code, _, short, _ in REMOVAL_REASONS}
STANDING_OF_REASON = {code: standing for code, _, _, standing in REMOVAL_REASONS}
NEVER_REASONS = {"90": "失联不是核减原因：这名学生继续留在疑似名单，每月查找一次并记录。"}


def standing_of_reason(reason, sub=""):
    """(standing code, reason kept) of a removal reason and its sub-code; KeyError for one that domain.md §3.5 does not list."""
    return STANDING_OF_REASON[sub or reason], sub or reason


def short_word(code, reason=""):
    """The word under which a standing is counted by reason: a removal by its reason, any other by itself."""
    return REASON_SHORT.get(reason, STANDINGS[code].short) if code == "removed" else STANDINGS[code].short


def full_label(code, reason=""):
    label = STANDINGS[code].label
    return f"{label}：{REASON_LABELS[reason]}" if code == "removed" and reason in REASON_LABELS else label
