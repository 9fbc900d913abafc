"""The one status of every registered child of school age (domain.md §3.4, §11.9; design.md §5): what the lists show and what standings
explain, in the order in which the account names them. The statuses of all children add up to the registered.
"""

from dataclasses import dataclass

from students.rules.standings import STANDINGS, short_word


@dataclass(frozen=True)
class Status:
    """``explained``: whether it says where the child is; what is not explained keeps the account from being frozen. ``enrolled``: whether
    the child counts as taught (domain.md §15.3: 送教上门 is enrolled here)."""

    code: str
    label: str
    tone: str
    explained: bool = True
    enrolled: bool = False


STATUS_LIST = (
    Status("in_school", "在籍在校", "in_school", enrolled=True),
    Status("in_school_unrolled", "在校未建籍", "returning", enrolled=True),
    Status("special_school", "特教学校就读", "in_school", enrolled=True),
    Status("home_teaching", "送教上门", "home_teaching", enrolled=True),
    Status("returned", "劝返在校", "returning", enrolled=True),
    Status("elsewhere", "外地就读有证明", "elsewhere", enrolled=True),
    Status("suspended", "休学", "home_teaching", enrolled=True),
    Status("deferred", "延缓入学", "removed"),
    Status("graduated", "已初中毕业", "removed"),
    Status("unable", "不具备学习条件", "removed"),
    Status("removed", "按代码核减", "removed"),
    Status("suspected", "疑似辍学", "suspected"),
    Status("dropout", "确认辍学", "confirmed"),
    Status("absent", "在籍不在校未说明", "suspected", explained=False),
    Status("nowhere", "无籍不在校未说明", "suspected", explained=False),
)
STATUSES = {status.code: status for status in STATUS_LIST}
UNEXPLAINED = tuple(status.code for status in STATUS_LIST if not status.explained)
LEDGERS = {  # the three ledgers of domain.md §3.3: 适龄 holds everybody
    "age": ("适龄儿童台账", None), "suspected": ("疑似辍学台账", ("suspected", *UNEXPLAINED)), "dropout": ("辍学台账", ("dropout",)),
}  # fmt: skip
NOT_SAID = "未说明"


def reason_word(status, reason):
    """Under which word a child outside roll and classroom is counted: 死亡, 户籍迁出, 送教上门 …, or that nobody has said."""
    if not STATUSES[status].explained:
        return NOT_SAID
    return short_word(status, reason) if status in STANDINGS else STATUSES[status].label
