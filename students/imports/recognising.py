"""Which list a sheet looks like, so that a roll handed in as the classroom list is refused with its right name.

A column tells when only one kind of list has it. A list with a telling column of its own kind is never refused, nor one without any:
other counties' headings are poorer than ours.
"""

from core.spreadsheets import normalise_heading
from students.rules.kinds import KINDS

TELLING = {  # kind → (weight, headings of one meaning)
    "roll": (
        (2, ("学籍状态", "在籍状态", "学籍情况", "学籍现状")), (1, ("入学年月", "入学方式", "学生来源")),
        (1, ("是否留守儿童", "是否进城务工人员随迁子女", "是否随迁子女", "是否独生子女", "是否受过学前教育")), (1, ("户口所在地行政区划代码", "户口性质")),
        (1, ("身份证件类型", "港澳台侨外", "随班就读")), (1, ("学籍辅号", "班内学号")),
    ),
    "attending": ((3, ("在校情况", "到校情况", "报到情况", "是否到校", "是否报到", "实到情况", "在校就读情况", "开学报到情况", "是否返校", "在校与否")),),
    "hukou": (
        (3, ("户号", "户口号", "户籍号", "户口簿号", "户口本号", "户口簿编号")), (3, ("人员状态", "户籍状态", "注销标识", "注销标志", "户口状态", "户籍人员状态", "人口状态", "户口现状")),
        (2, ("所属派出所", "派出所", "何时由何地迁来", "户别")), (1, ("公民身份号码",)),
    ),
    "poverty": (
        (2, ("户编号",)), (3, ("人编号", "人口编号")), (3, ("户类型", "脱贫户类型", "贫困户类型", "监测对象类别", "农户类型", "贫困户属性", "脱贫户属性")),
        (3, ("脱贫年度", "脱贫年份", "脱贫时间")), (2, ("风险是否已消除", "风险是否消除", "在校生状况")),
    ),
    "civil_affairs": (
        (3, ("救助类别", "救助类型", "保障类别", "保障类型", "救助对象类别", "救助对象类型", "保障对象类别", "救助人员类别", "低收入人口类型", "困境类型")),
        (2, ("享受起始日期", "享受开始时间", "保障起始日期", "享受终止日期", "低保证号", "保障金额", "救助起始日期")),
    ),
    "disabled": ((3, ("残疾人证号", "残疾证号", "残疾证号码", "残疾人证号码", "残疾人证编号", "残疾生证号")), (2, ("残疾等级", "残疾级别", "残疾程度")),),
    "divisions": ((3, ("上级代码", "上级区划代码", "父级代码")), (2, ("统计用区划代码", "区划名称", "行政区划名称")),),
    "schools": ((3, ("办学类型", "学校类型", "学校类别", "办学类别", "学校办学类型")), (2, ("是否寄宿制", "寄宿制", "举办者", "办学性质")),),
    "platform": ((3, ("平台序号", "下发序号", "疑似辍学类型", "疑似类型", "任务编号", "下发批次", "核查状态", "核查结果", "数据比对结果")),),
    "movements": ((3, ("死亡日期", "死亡时间", "去世日期", "迁移日期", "迁移类型", "异动类型", "变动类型", "变动类别", "迁往地", "迁往地址", "死亡原因", "迁出地", "迁入地")),),
    "elsewhere": ((3, ("就读证明", "证明编号", "区外就读学校", "县外就读学校", "外地就读学校", "就读地", "就读地区", "证明文号", "证明有效期")),),
    "found": ((3, ("发现日期", "摸排日期", "入户日期", "现在哪里、做什么")),),
    "martyrs": ((3, ("烈士姓名", "烈士证号", "烈士证书编号", "烈属证号", "牺牲日期", "牺牲时间")),),
    "state_paid": ((3, ("供养类型", "财政供养类型", "编制类型", "人员编制", "工资发放单位", "职务职级", "编制性质")),),
}  # fmt: skip
WORDS = {  # what a title, a sheet's name or the file's name says
    "roll": ("学籍",), "attending": ("在校学生", "在校生", "花名册", "点名", "报到", "班级名单"), "hukou": ("户籍", "公安", "常住人口"),
    "poverty": ("脱贫", "防返贫", "监测", "贫困户", "建档立卡"), "civil_affairs": ("低保", "特困", "孤儿", "救助", "民政"), "disabled": ("残疾", "残联"),
}  # fmt: skip
NEARLY = {  # lists that look alike and are told apart by their title at most
    "monitored": "poverty", "policy_ended": "poverty", "risk_cleared": "poverty", "low_income": "civil_affairs",
    "boarding": "attending",
}  # fmt: skip
KNOWN = {kind: [(weight, frozenset(map(normalise_heading, words))) for weight, words in groups] for kind, groups in TELLING.items()}
DENIALS = (("policy_ended", ("不享受政策", "不享受")), ("risk_cleared", ("风险已消除", "已消除", "消除风险")))
SURE = 3


def mistaken(kind, headings, about):
    """Sentence that names what the list looks like, "" when it may well be of `kind`. `headings` of the sheet; `about`: the words above
    its header, its name and the file's."""
    told = {other: _told(other, headings) for other in KNOWN}
    own = NEARLY.get(kind, kind)
    looks = _denied(kind, about)
    if not looks and not told[own]:
        weights = {other: sum(weight for weight, _ in told[other]) + _said(other, about) for other in KNOWN if other != own and told[other]}
        looks = max(weights, key=weights.get, default="")
        if not looks or weights[looks] < SURE + (2 if _said(own, about) and not _said(looks, about) else 0):
            return ""
    if not looks:
        return ""
    why = "、".join(heading for _, heading in told.get(looks, ())) or "标题"
    return f"看起来是“{KINDS[looks].label}”（有{why}），不是“{KINDS[kind].label}”。请改选名单种类后重新上传。"


def likeliest(kind, headings, about):
    """The label of the list that the sheet looks most like, "" when nothing tells."""
    weights = {other: sum(weight for weight, _ in _told(other, headings)) + _said(other, about) for other in KNOWN if other != kind}
    best = max(weights, key=weights.get)
    return KINDS[best].label if weights[best] >= SURE else ""


def _told(kind, headings):
    """[(weight, heading)] of the telling columns of `kind`, each meaning once."""
    found = []
    for weight, words in KNOWN[kind]:
        heading = next((heading for heading in headings if _plain(heading) in words), None)
        if heading:
            found.append((weight, heading))
    return found


def _plain(heading):
    return normalise_heading(heading.rpartition("/")[2])


def _said(kind, about):
    return 2 if any(word in about for word in WORDS.get(kind, ())) else 0


def _denied(kind, about):
    """A list of those who no longer are, given as a list of those who are: that would grant what it takes away."""
    if kind not in ("poverty", "monitored") or any(word in about for word in ("含", "继续享受", "未消除", "全部", "全量")):
        return ""
    return next((denial for denial, words in DENIALS if any(word in about for word in words)), "")
