"""The balance of part A: each check with both its sides (domain.md §11.8). A report that does not balance cannot be filed."""

from dataclasses import dataclass

from archives.assembly.figures import FIGURE, FIGURES, add_up


@dataclass(frozen=True)
class Check:
    """`left` = Σ plus − Σ minus; with `at_most` the left side may be smaller."""

    title: str
    left: str
    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()
    at_most: bool = False


CHECKS = (
    Check("期末疑似辍学", "suspected_end", ("suspected_start", "suspected_new"), ("removed", "confirmed")),
    Check("期末在册辍学", "dropout_end", ("dropout_start", "confirmed", "reopened"), ("returned", "removed_dropout")),
    Check("适龄人口合计", "school_age", ("school_age_pri", "school_age_jun")),
    *(
        Check(f"{FIGURE[key].group}{FIGURE[key].label}", key, ("attending_pri", "attending_jun"), at_most=True)
        for key in ("lifted", "disabled", "left_behind", "migrant", "home_teaching")
    ),
    Check("累计劝返", "returned_total", ("dropout_total_pri", "dropout_total_jun"), at_most=True),
    Check("缺勤报告按时数", "report_48h_on_time", ("report_48h_due",), at_most=True),
)


@dataclass(frozen=True)
class Checked:
    """A check as it came out. Sides are persons; None where a column has no source, and then nothing is compared."""

    title: str
    left: int | None
    right: int | None
    formula: str
    good: bool
    sentence: str


def checked(figures):
    """Every check of the total, and that the total is the sum of its lines."""
    total = figures.get("total", {})
    return [_compare(check, total) for check in CHECKS] + _of_lines(figures)


def unbalanced(figures):
    return [row for row in checked(figures) if not row.good]


def _compare(check, total):
    names = [*check.plus, *check.minus]
    left, parts = total.get(check.left), [total.get(key) for key in names]
    if left is None or None in parts:
        return Checked(check.title, left, None, _formula(check), good=True, sentence=f"{check.title}缺来源，不核对。")
    right = sum(total[key] for key in check.plus) - sum(total[key] for key in check.minus)
    good = left <= right if check.at_most else left == right
    sentence = f"{check.title} {left} {'≤' if check.at_most else '='} {_with_values(check, total)} = {right}"
    return Checked(check.title, left, right, _formula(check), good, sentence if good else sentence + ",两边不符。")


def _formula(check):
    sign = "不大于 " if check.at_most else "= "
    return sign + " − ".join([" + ".join(FIGURE[key].full_label for key in check.plus), *(FIGURE[key].full_label for key in check.minus)])


def _with_values(check, total):
    return " − ".join([" + ".join(str(total[key]) for key in check.plus), *(str(total[key]) for key in check.minus)])


def _of_lines(figures):
    """One row that says whether the lines add up; more than one line is a school with teaching points."""
    lines, total = figures.get("lines", []), figures.get("total", {})
    if len(lines) < 2:
        return []
    summed = add_up([line["values"] for line in lines])
    for figure in FIGURES:
        if summed[figure.key] != total.get(figure.key):
            sentence = f"{figure.full_label}：各行合计 {summed[figure.key]}，合计行 {total.get(figure.key)}，两边不符。"
            return [Checked("各行之和", total.get(figure.key), summed[figure.key], "= 本部与教学点各行之和", good=False, sentence=sentence)]
    return [Checked("各行之和", len(lines), len(lines), "= 本部与教学点各行之和", good=True, sentence=f"{len(lines)} 行逐列相加等于合计")]
