"""Code tables of the case work: causes, removal reasons, placements, replies (domain.md §3.5, §3.6, §3.11, §3.12)."""

from dataclasses import dataclass

from django.db import models


class CaseState(models.TextChoices):
    """States of a case (design.md §8). What runs beside them (identity doubt, a legal step) is a row of its own."""

    SUSPECTED = "suspected", "疑似"
    REMOVAL_PROPOSED = "removal_proposed", "拟核减"
    REMOVED = "removed", "已核减"
    CONFIRMED = "confirmed", "确认辍学"
    PERSUADING = "persuading", "劝返中"
    RETURNED = "returned", "已返校待安置"
    CONSOLIDATING = "consolidating", "巩固期"
    CLOSED = "closed", "已销号"


LEDGER = {
    "suspected": ("suspected", "removal_proposed"),
    "dropout": ("confirmed", "persuading"),
    "back": ("returned", "consolidating"),
}
OF_DROPOUT = LEDGER["dropout"]
REMOVABLE = ("suspected", *OF_DROPOUT)  # from where a removal may be proposed, and where it goes back to
OPEN_STATES = tuple(state for states in LEDGER.values() for state in states)
AFTER_CONFIRMED = ("confirmed", "persuading", "returned", "consolidating", "closed")
AFTER_RETURN = ("returned", "consolidating", "closed")
AFTER_PLACEMENT = ("consolidating", "closed")


class Source(models.TextChoices):
    COMPARISON = "comparison", "数据比对"
    ABSENCE = "absence", "缺勤"
    REPORT = "report", "学校、村组报告"
    PLATFORM = "platform", "上级平台下发"


class Cause(models.TextChoices):
    """Why a child left (domain.md §3.6)."""

    LEARNING = "learning", "厌学/学习困难"
    WORK = "work", "外出务工(务农或打工)"
    MARRIAGE = "marriage", "早婚早育/怀孕"
    POVERTY = "poverty", "家庭经济困难"
    DISTANCE = "distance", "上学不便(路远)"
    CARE = "care", "监护缺失/留守"
    HEALTH = "health", "身体或心理疾病"
    RELIGION = "religion", "宗教活动(入寺)"
    BULLYING = "bullying", "校园人际/欺凌"
    INTERNET = "internet", "沉迷网络"
    OFFENCE = "offence", "涉案违法"
    PARENTS = "parents", "家长观念"
    MOVING = "moving", "搬迁流动"
    OTHER = "other", "其他"


class Placement(models.TextChoices):
    """Where a returned child learns (domain.md §3.12)."""

    SAME_GRADE = "same_grade", "随班就读(原年级)"
    LOWER_GRADE = "lower_grade", "随班就读(降级插班)"
    OWN_CLASS = "own_class", "单独编班(扫盲班/补偿教育班)"
    VOCATIONAL = "vocational", "普职融合班/中职学校"
    SPECIAL_SCHOOL = "special_school", "特殊教育学校"
    SPECIAL_CLASS = "special_class", "普校特教班"
    HOME_TEACHING = "home_teaching", "送教上门"
    CORRECTION = "correction", "专门学校"
    ELSEWHERE = "elsewhere", "异地学校就读"
    UNDECIDED = "undecided", "送教上门或特教学校(待定)"


class CloseCode(models.TextChoices):
    CONSOLIDATED = "consolidated", "返校巩固"
    GRADUATED = "graduated", "毕业/完成义务教育"
    HOME_TEACHING = "home_teaching", "转为送教"
    DEATH = "death", "死亡"
    MOVED = "moved", "核减(户籍迁出)"
    TRANSFERRED = "transferred", "核减(转往县外就读)"


CLOSE_EVIDENCE = {  # what proves the end of a case whose child cannot show days of attendance (domain.md §3.12)
    "graduated": "diploma", "home_teaching": "home_teaching_file", "death": "death", "moved": "move_permit", "transferred": "school_letter",
}  # fmt: skip


class Met(models.TextChoices):
    CHILD = "child", "学生本人"
    FATHER = "father", "父亲"
    MOTHER = "mother", "母亲"
    GRANDPARENTS = "grandparents", "祖父母"
    OTHER = "other", "其他"
    NOBODY = "nobody", "没见到人"


class Mode(models.TextChoices):
    HOME = "home", "入户"
    PHONE = "phone", "电话"
    VIDEO = "video", "视频"
    ENTRUSTED = "entrusted", "委托外地"


class Reply(models.TextChoices):
    AGREED = "agreed", "同意返校"
    HESITANT = "hesitant", "犹豫"
    REFUSED = "refused", "拒绝"
    AWAY = "away", "已外出务工"
    LOST = "lost", "失联"


class Line(models.TextChoices):
    """The two lines of responsibility (domain.md §3.9)."""

    ADMINISTRATION = "administration", "行政线"
    EDUCATION = "education", "教育线"


LEVELS = {
    "administration": (("county", "县"), ("township", "乡镇"), ("village", "村(社区)"), ("group", "组(户)")),
    "education": (("bureau", "教育局"), ("school", "学校"), ("grade", "年级/班主任"), ("teacher", "帮扶教师")),
}
LEVEL_CHOICES = [choice for levels in LEVELS.values() for choice in levels]


class EvidenceKind(models.TextChoices):
    """Types of evidence that the reasons of domain.md §3.5 demand, and those of the other steps."""

    ROLL_SCREEN = "roll_screen", "学籍查询截图"
    NUMBER_CORRECTION = "number_correction", "身份信息更正材料"
    SCHOOL_LETTER = "school_letter", "就读证明(学校盖章，注明学籍号和班主任电话)"
    UNDERTAKING = "undertaking", "办理学籍承诺书"
    DEATH = "death", "死亡证明/户口注销证明"
    VILLAGE_LETTER = "village_letter", "村(社区)证明"
    MOVE_PERMIT = "move_permit", "户口迁移证"
    POLICE_REPLY = "police_reply", "公安机关书面回复"
    BIRTH_RECORD = "birth_record", "出生日期证明"
    PERSUASION_HISTORY = "persuasion_history", "劝返记录"
    DIPLOMA = "diploma", "毕业证书/毕业学籍状态"
    PASSPORT = "passport", "护照、签证复印件"
    DISABILITY_CARD = "disability_card", "残疾人证(一、二级)"
    DIAGNOSIS = "diagnosis", "医院诊断证明"
    COMMITTEE = "committee", "残疾人教育专家委员会鉴定意见"
    HOME_TEACHING_FILE = "home_teaching_file", "送教上门档案"
    APPLICATION = "application", "经批准的申请表"
    OFFICIAL_LETTER = "official_letter", "有关机关、机构公函"
    CASE_NOTICE = "case_notice", "立案告知书"
    PHOTO = "photo", "照片"
    SIGNATURE = "signature", "签名"
    RETURN_PROOF = "return_proof", "返校证明(到校照片、签到、课堂照片)"
    OTHER = "other", "其他材料"


@dataclass(frozen=True)
class Reason:
    """One removal reason. `evidence`: groups, of each of which one piece is demanded; `recheck`: none, term, month, school_year,
    half_year, cutoff, or end (the stated last day + 7); `leader`: only the leader of the bureau may approve; `subs`: sub-codes with their
    labels; `numbered`: the police's reply number (or that of the stamped paper) is demanded."""

    code: str
    label: str
    evidence: tuple[tuple[str, ...], ...]
    confirmed_by: str
    recheck: str
    subs: tuple[tuple[str, str], ...] = ()
    leader: bool = False
    numbered: bool = False
    refusal: str = ""


_LETTER = (("school_letter", "roll_screen"),)
REASONS = (
    Reason("01", "已在本县就读有学籍(姓名、证件号不符)", (("roll_screen", "number_correction"),), "学校、学籍管理员", "none"),
    Reason("02", "县外省内就读，有学籍", _LETTER, "就读学校", "term"),
    Reason("03", "省外就读，有学籍", _LETTER, "就读学校", "term"),
    Reason("04", "县外就读，无学籍", (("school_letter",), ("undertaking",)), "就读学校、学籍科", "month"),
    Reason("05", "死亡", (("death", "police_reply"),), "公安机关", "none", numbered=True),
    Reason("06", "户籍迁出", (("move_permit", "police_reply"),), "公安机关", "none", numbered=True),
    Reason("07", "户籍问题", (("police_reply",),), "公安机关", "school_year",
           numbered=True, subs=(("071", "重复(双重)户籍"), ("072", "空挂户"), ("073", "查无此人"), ("074", "身份证号或姓名错误"))),
    Reason("08", "超出义务教育年龄", (("birth_record",),), "教育局", "none", subs=(("081", "已完成九年"), ("082", "未完成"))),
    Reason("09", "已初中毕业(含提前毕业)", (("diploma",),), "学校", "none"),
    Reason("10", "出国(境)定居或随父母旅居", (("passport", "police_reply"),), "公安出入境", "school_year"),
    Reason("11", "因身体原因不具备学习条件", (("disability_card", "diagnosis"), ("committee",)), "县残疾人教育专家委员会", "school_year"),
    Reason("12", "送教上门", (("home_teaching_file",),), "特教学校", "term"),
    Reason("13", "休学(不超过一年)", (("application",), ("diagnosis",)), "学校、教育局", "end"),
    Reason("14", "延缓入学", (("application",),), "乡镇政府或教育局", "school_year"),
    Reason("15", "未达入学年龄", (("birth_record",),), "教育局", "cutoff"),
    Reason("16", "在专门学校、少管所、看守所等", (("official_letter",),), "公安、司法", "term"),
    Reason("17", "福利机构、康复机构就读或托养", (("official_letter",),), "民政、残联", "term"),
    Reason("18", "失踪(公安立案)", (("case_notice",),), "公安机关", "half_year"),
    Reason("19", "中职、技工、普职融合班就读", (("school_letter",),), "中职学校", "term"),
    Reason("90", "失联(随父母外出长年不回无法联系)", (("village_letter",),), "乡镇", "month",
           refusal="失联不是核减原因：这名学生继续留在疑似名单，每月查找一次并记录，至少三次联系不上的附村(社区)证明。"),
    Reason("99", "其他", (("other", "official_letter", "school_letter", "village_letter"),), "教育局领导", "term", leader=True),
)
REASON = {reason.code: reason for reason in REASONS}
REASON_CHOICES = [(reason.code, f"{reason.code} {reason.label}") for reason in REASONS]
REMOVAL_CHOICES = [(reason.code, f"{reason.code} {reason.label}") for reason in REASONS if not reason.refusal]
SUB_CHOICES = [sub for reason in REASONS for sub in reason.subs]
SUB_LABEL = dict(SUB_CHOICES)
NO_RECHECK_SUBS = ("071", "074")  # what the police corrected stays corrected (domain.md §3.5)
OTHER_STATEMENT_LENGTH = 20


def reason_label(code, sub=""):
    return SUB_LABEL.get(sub) or (REASON[code].label if code in REASON else "")


def evidence_sentence(code):
    """What the reason demands, as a sentence for the form."""
    groups = ["或".join(EvidenceKind(kind).label for kind in group) for group in REASON[code].evidence]
    return f"要附：{'，并附'.join(groups)}。确认单位：{REASON[code].confirmed_by}。"
