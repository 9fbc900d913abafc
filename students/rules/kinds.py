"""The kinds of lists that come from outside (domain.md §4.11, §4.12, §5.4) and what becomes of their rows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """`rows`: what a row is about: place, person (whose row makes a child of a valid number), group (a membership) or notice (a fact
    about a child known otherwise). `horizontal`: households may stand in one row."""

    code: str
    label: str
    rows: str
    need: str
    horizontal: bool = False


LIST_KINDS = (  # in the order in which they are best imported
    Kind("divisions", "行政区划", "place", "先导入它：乡镇和村由此而来。"),
    Kind("schools", "学校名录", "place", "有了行政区划就可以导入；学籍和在校名单要靠它认出学校。"),
    Kind("roll", "学籍库", "person", "学籍系统导出的在籍名单。"),
    Kind("hukou", "公安户籍", "person", "公安局提供的 3—18 岁户籍人口。", horizontal=True),
    Kind("attending", "在校学生花名册", "person", "各校开学后真正坐在教室里的学生。"),
    Kind("poverty", "脱贫户监测户", "group", "乡村振兴部门的脱贫户、监测户。", horizontal=True),
    Kind("civil_affairs", "民政救助", "group", "民政部门的低保、特困、孤儿。", horizontal=True),
    Kind("disabled", "残疾人证", "group", "残联的持证残疾儿童少年。"),
    Kind("monitored", "监测对象（风险未消除）", "group", "乡村振兴部门单独提供的防返贫监测对象。", horizontal=True),
    Kind("low_income", "低收入和低保边缘", "group", "民政部门的低收入人口、低保边缘、支出型困难家庭。", horizontal=True),
    Kind("policy_ended", "脱贫不享受政策", "group", "否定名单：名单上的人不再按脱贫家庭享受政策。", horizontal=True),
    Kind("risk_cleared", "监测风险已消除", "group", "否定名单：名单上的人不再按监测对象享受政策。", horizontal=True),
    Kind("martyrs", "烈士子女", "group", "退役军人事务部门的烈士子女名单。"),
    Kind("state_paid", "财政供养人员", "group", "财政部门的供养人员，核对困难认定时用。"),
    Kind("platform", "平台下发疑似辍学", "person", "国家平台下发的疑似辍学名单，保留平台序号。"),
    Kind("movements", "死亡和户籍迁移", "notice", "公安、民政、卫健提供的死亡、迁出、迁入。"),
    Kind("elsewhere", "区外就读证明", "notice", "在县外、区外就读并有证明的学生。"),
    Kind("boarding", "住校生名单", "notice", "学校的住宿名单：名单上的人住校，走读的不用写。"),
    Kind("found", "铁脚板摸排儿童", "person", "入户时发现、名单里没有的孩子；没有网络时先填表，回来再上传。"),
)
KINDS = {kind.code: kind for kind in LIST_KINDS}
MAKES_CHILDREN = tuple(kind.code for kind in LIST_KINDS if kind.rows == "person")
ACCUMULATE = ("platform", "movements", "elsewhere", "found")  # what one list does not name, another one has told and stays told
GROUP_KINDS = tuple(kind.code for kind in LIST_KINDS if kind.rows == "group")
_SCHOOL, _TOWNSHIP = ("attending", "roll", "boarding", "elsewhere"), ("hukou", "elsewhere", "movements", "platform", *GROUP_KINDS, "found")
# kind of unit → lists that the unit itself fills in and sends back for review; the state's payroll is nobody's but the bureau's
FILLED_AT = {
    "school": _SCHOOL, "teaching_point": _SCHOOL, "township": tuple(kind for kind in _TOWNSHIP if kind != "state_paid"),
    "village": ("found",),
}  # fmt: skip
HORIZONTAL = frozenset(kind.code for kind in LIST_KINDS if kind.horizontal)
