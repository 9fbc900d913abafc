"""The rates of 控辍保学 (domain.md §3.13). Each keeps its numerator and denominator; 0 below the line is "—", never 0 %.

Pure arithmetic on counted persons; where the persons come from is the reports' affair.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

HUNDREDTH = Decimal("0.01")
MISSING = "—"


@dataclass(frozen=True)
class Rate:
    """`part` of `whole` persons. `capped`: a county that prints at most 100 % (small rolls go above it); `raw` tells what it is then."""

    part: int
    whole: int
    capped: bool = False

    @property
    def share(self):
        """Percent with two decimals, half up; None without a denominator."""
        if not self.whole or self.whole < 0:
            return None
        return (Decimal(self.part) * 100 / Decimal(self.whole)).quantize(HUNDREDTH, ROUND_HALF_UP)

    @property
    def raw(self):
        return MISSING if self.share is None else f"{self.share}%"

    @property
    def text(self):
        if self.share is None:
            return MISSING
        return f"{min(self.share, Decimal('100.00')) if self.capped else self.share}%"


def arrival_rate(*, due, came):
    """报到率 = 实际报到注册人数 ÷ 应报到人数."""
    return Rate(came, due)


def settled_rate(*, suspected, removed, persuaded, on_ledger):
    """“两库户籍”核减率: the share of the mismatch list that is settled, by removal, by return or by standing on the dropout ledger."""
    return Rate(removed + persuaded + on_ledger, suspected)


def net_removal_rate(*, suspected, removed):
    """净核减率 = 核减 ÷ 疑似总数."""
    return Rate(removed, suspected)


def persuasion_rate(*, confirmed, persuaded):
    """劝返率 = 已劝返到校人数 ÷ 确认辍学(失学)人数, cumulative."""
    return Rate(persuaded, confirmed)


def retention_rate(*, entered, moved_in, moved_out, died, graduated, capped=True):
    """巩固率 of a grade span = 毕业生数 ÷ (招生数 + 转入 − 转出 − 死亡), capped at 100 where the county says so."""
    return Rate(graduated, entered + moved_in - moved_out - died, capped)


def kept_rate(*, returned, relapsed):
    """返校巩固率 = (返校总数 − 再次辍学未返) ÷ 返校总数; whoever graduated since stays in the numerator."""
    return Rate(returned - relapsed, returned)


def enrolment_rate(*, of_age, enrolled):
    """适龄儿童入学率 (and 残疾儿童入学率): those taught, a rest of the roll (休学) not counted, of those of the age."""
    return Rate(enrolled, of_age)
