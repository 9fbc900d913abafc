"""The kinds of roll change and what each asks for (domain.md §4.5; 教基〔2025〕1号; seed 002: nobody is forced to leave).

Codes are ours; `cems` is the word of the national roll system. No clock and no database here.
"""

from dataclasses import dataclass
from datetime import date

ROLL, ATTENDING = "roll", "attending"
BOTH_KINDS = (ROLL, ATTENDING)
COMPULSORY = ("pri", "jun", "spe")
BASIS = "《中小学生学籍管理办法》（教基〔2025〕1号）"
COMPULSORY_LAW = "《义务教育法》第五条、第十一条"

EVIDENCE = {
    "statement": "监护人书面申请（本人签名）", "admission": "接收学校同意接收的证明", "transfer_letter": "转学证明或原校学籍信息表",
    "hospital": "县级以上医院证明", "recovery": "医院康复证明", "town_approval": "乡镇或教育局批准文件", "passport": "护照、签证或出入境证明",
    "school_abroad": "境外就读证明", "death": "死亡证明或户口注销证明", "village_police": "村（居）委会和派出所证明", "police_case": "公安立案告知书",
    "diploma": "毕（结、肄）业证书或花名册", "school_opinion": "学校意见（考核材料）", "other": "其他证明材料",
}  # fmt: skip
EVIDENCE_CHOICES = list(EVIDENCE.items())
LONGEST_SUSPENSION = 366  # days: at most one year, extended by resumption and a new one (domain.md §3.5, code 13)


@dataclass(frozen=True)
class ChangeKind:
    """`road`: both (this county's two schools and the bureau), in or out (one school and the bureau). `starts_from`: here (the child is
    on this school's roll), suspended, or away (on nobody's).
    `evidence`: groups, one of each is demanded. `closes`: kinds of enrolment that end;
    `opens`: whether enrolments begin at the target. `standing`: (code of rules.standings, reason of §3.5) that explains the child after it.
    `asks`: further facts of the form. `stages`: where it is offered, empty for all. `sampled`: the bureau calls a sample of guardians."""

    code: str
    label: str
    cems: str
    road: str
    starts_from: str
    evidence: tuple[tuple[str, ...], ...]
    closes: tuple[str, ...] = ()
    opens: bool = False
    standing: tuple[str, str] | None = None
    asks: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    state_text: str = "在读"
    sampled: bool = False
    basis: str = BASIS

    @property
    def wants_statement(self):
        return ("statement",) in self.evidence


OWN = ("statement",)
KINDS = (
    ChangeKind("transfer", "县内转学", "转学", "both", "here", (OWN,), BOTH_KINDS, True, asks=("target_school",), sampled=True),
    ChangeKind("transfer_out", "转到县外", "转学", "out", "here", (OWN, ("admission",)), BOTH_KINDS, False, ("elsewhere", "02"),
               ("place", "province"), state_text="已转出", sampled=True),
    ChangeKind("transfer_in", "县外转入", "转学", "in", "away", (("transfer_letter", "admission"),), (), True, asks=("place", "grade")),
    ChangeKind("suspension", "休学", "休学", "out", "here", (OWN, ("hospital", "town_approval")), (ATTENDING,), False, ("suspended", "13"),
               ("ends_on",), state_text="休学", sampled=True, basis=f"{BASIS}；{COMPULSORY_LAW}"),
    ChangeKind("resumption", "复学", "复学", "out", "suspended", (("statement", "recovery"),), (), True, asks=("grade",)),
    ChangeKind("skip", "跳级", "跳级", "out", "here", (OWN, ("school_opinion",)), BOTH_KINDS, True, asks=("grade",)),
    ChangeKind("death", "死亡", "死亡", "out", "here", (("death", "village_police"),), BOTH_KINDS, False, ("removed", "05"), state_text="死亡"),
    ChangeKind("missing", "失踪", "失踪", "out", "here", (("police_case",),), BOTH_KINDS, False, ("removed", "18"), state_text="失踪"),
    ChangeKind("abroad", "出国（境）", "出国", "out", "here", (OWN, ("passport", "school_abroad")), BOTH_KINDS, False, ("removed", "10"),
               ("place",), state_text="出国", sampled=True),
    ChangeKind("back_home", "回国复学", "回国复学", "in", "away", (("passport", "school_abroad", "transfer_letter"),), (), True,
               asks=("place", "grade")),
    ChangeKind("restored", "恢复入学资格", "恢复入学资格", "in", "away", (("statement", "town_approval"),), (), True, asks=("grade",)),
    ChangeKind("left", "其他离校", "其他离校", "out", "here", (OWN, ("other",)), BOTH_KINDS, False, None, ("place",), state_text="其他离校",
               sampled=True),
    ChangeKind("graduation", "毕业", "毕业", "out", "here", (("diploma",),), BOTH_KINDS, False, ("graduated", "09"),
               stages=("jun", "sen", "voc", "spe"), state_text="毕业"),
    ChangeKind("completion", "结业", "结业", "out", "here", (("diploma",),), BOTH_KINDS, stages=("jun", "sen", "voc", "spe"), state_text="结业"),
    ChangeKind("unfinished", "肄业", "肄业", "out", "here", (("diploma", "other"),), BOTH_KINDS, stages=("sen", "voc"), state_text="肄业"),
    ChangeKind("withdrawal", "退学", "退学", "out", "here", (OWN,), BOTH_KINDS, stages=("sen", "voc"), state_text="退学", sampled=True),
    ChangeKind("expulsion", "开除", "开除", "out", "here", (("school_opinion",),), BOTH_KINDS, stages=("sen", "voc"), state_text="退学"),
    ChangeKind("repeat", "留级", "留级", "out", "here", (OWN, ("school_opinion",)), BOTH_KINDS, True, asks=("grade",), stages=("sen", "voc")),
)  # fmt: skip
KIND = {kind.code: kind for kind in KINDS}
KIND_CHOICES = [(kind.code, kind.label) for kind in KINDS]
NEVER_COMPULSORY = ("withdrawal", "expulsion", "repeat", "unfinished")


def why_not_stage(kind: ChangeKind, stage: str) -> str | None:
    """None if the kind is offered in the stage, else the sentence."""
    if kind.code in NEVER_COMPULSORY and stage in COMPULSORY:
        return f"义务教育阶段不得{kind.label}（{COMPULSORY_LAW}；{BASIS}）。请按休学、转学办理，或登记疑似辍学后劝返。"
    if kind.stages and stage not in kind.stages:
        return f"“{kind.label}”不适用于这个学段；小学毕业由“学年升级”统一办理。" if stage == "pri" else f"“{kind.label}”不适用于这个学段。"
    return None


FINAL_GRADES = {"jun": 3, "sen": 3, "voc": 2, "spe": 9}  # the least that finish a stage; vocational ones last two years or three


def why_not_grade(kind: ChangeKind, stage: str, grade: int | None) -> str | None:
    """None if a pupil of the grade can graduate, else the sentence; a list without grades forbids nothing."""
    last = FINAL_GRADES.get(stage)
    if kind.code in ("graduation", "completion") and grade and last and grade < last:
        return f"“{kind.label}”只给毕业年级办理，这名学生还没有读到毕业年级。离校的请按转学、休学或其他离校办理。"
    return None


def missing_evidence(kind: ChangeKind, present) -> str | None:
    """The sentence of what the kind still demands of `present` (codes), or None."""
    lacking = [group for group in kind.evidence if not set(group) & set(present)]
    if not lacking:
        return None
    return f"“{kind.label}”还缺材料：{'；'.join('或'.join(EVIDENCE[code] for code in group) for group in lacking)}。请补传后再办理。"


def why_not_period(ends_on: date | None, effective_on: date) -> str | None:
    """A suspension has a last day, after its first and within a year of it."""
    if ends_on is None:
        return "休学要写明到哪一天为止。"
    if ends_on < effective_on:
        return f"休学截止日期 {ends_on} 早于开始日期 {effective_on}，请改为开始以后的日期。"
    if (ends_on - effective_on).days > LONGEST_SUSPENSION:
        return f"休学截止日期 {ends_on} 在一年以后；一次休学不超过一年，期满仍不能到校的，先办复学再办新的休学。"
    return None
