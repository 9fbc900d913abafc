"""Size, seed and variant of a county, and how many of each anomaly it gets."""

from dataclasses import dataclass
from datetime import date

from students.rules.ages import school_year

VARIANTS = ("a", "b")
LEAST_PUPILS, LEAST_SCHOOLS = 200, 8


@dataclass(frozen=True)
class Plan:
    """``pupils`` counts every invented child, those who are in no school included. Raises ValueError for what cannot be made."""

    pupils: int = 520
    schools: int = 10
    seed: int = 1
    variant: str = "a"
    as_of: date = date(2020, 3, 1)

    def __post_init__(self):
        if self.pupils < LEAST_PUPILS:
            raise ValueError(f"学生数 {self.pupils} 太少，至少 {LEAST_PUPILS} 人才放得下各种情形。")
        if self.schools < LEAST_SCHOOLS:
            raise ValueError(f"学校数 {self.schools} 太少，至少 {LEAST_SCHOOLS} 所才有各种办学类型。")
        if self.variant not in VARIANTS:
            raise ValueError(f"变体“{self.variant}”不认识，只能是 {' 或 '.join(VARIANTS)}。")

    @property
    def each(self) -> int:
        """Children of each kind of anomaly: a little over one in a thousand, two at least."""
        return max(2, round(self.pupils / 770))

    @property
    def start_year(self) -> int:
        return school_year(self.as_of)
