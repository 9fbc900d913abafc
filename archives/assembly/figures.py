"""Part A of the monthly report (domain.md §11.8) and the shape of what is stored.

figures = {"schema": 1, "lines": [{"code", "name", "values"}], "total": values, "reasons": {key: why "—"}, "rates": {key: [part, whole]},
"late": count}; values = {key: persons as int, or None where the column has no source}. A line is the school itself or one of its
teaching points; `late` counts the events of earlier periods that became known only now and are counted in this one (补报).
"""

from dataclasses import dataclass

SCHEMA = 1


@dataclass(frozen=True)
class Figure:
    """One column. `flow`: counted over the period (and zero in a zero report), else a stand at a day."""

    key: str
    label: str
    group: str = ""
    flow: bool = False

    @property
    def full_label(self):
        stands_alone = not self.group or self.label.startswith(("上月末", "本月", "期末", "累计")) or self.group in ("其中", "另有")
        return self.label if stands_alone else self.group + self.label


SUSPECTED, DROPOUT, TOTAL, BACK, ELSE, REPORTS = "疑似辍学", "辍学台账", "累计辍学", "劝返与销号", "另有", "缺勤报告"
FIGURES = (
    Figure("school_age_pri", "小学", "适龄人口"),
    Figure("school_age_jun", "初中", "适龄人口"),
    Figure("school_age", "合计", "适龄人口"),
    Figure("attending_pri", "小学", "在校生"),
    Figure("attending_jun", "初中", "在校生"),
    Figure("lifted", "脱贫监测", "其中"),
    Figure("disabled", "残疾", "其中"),
    Figure("left_behind", "留守", "其中"),
    Figure("migrant", "随迁", "其中"),
    Figure("suspected_start", "上月末疑似", SUSPECTED),
    Figure("suspected_new", "本月新增疑似", SUSPECTED, flow=True),
    Figure("removed", "本月核减", SUSPECTED, flow=True),
    Figure("confirmed", "本月确认辍学", SUSPECTED, flow=True),
    Figure("suspected_end", "期末疑似", SUSPECTED),
    Figure("dropout_start", "上月末在册", DROPOUT),
    Figure("reopened", "本月复辍", DROPOUT, flow=True),
    Figure("removed_dropout", "本月确认后核减", DROPOUT, flow=True),
    Figure("dropout_total_pri", "小学", TOTAL),
    Figure("dropout_total_jun", "初中", TOTAL),
    Figure("returned", "本月劝返", BACK, flow=True),
    Figure("returned_total", "累计劝返", BACK),
    Figure("closed", "本月销号", BACK, flow=True),
    Figure("dropout_end", "期末在册", BACK),
    Figure("home_teaching", "送教上门", ELSE),
    Figure("suspended", "休学", ELSE),
    Figure("report_48h_due", "应报", REPORTS, flow=True),
    Figure("report_48h_on_time", "按时", REPORTS, flow=True),
)
FIGURE = {figure.key: figure for figure in FIGURES}
FLOWS = tuple(figure.key for figure in FIGURES if figure.flow)
OPEN_WORK = ("suspected_start", "suspected_end", "dropout_start", "dropout_end")


def add_up(lines):
    """Sum of each column over `lines` (values dicts); None as soon as one line has no source, since a part is not the whole."""
    return {
        figure.key: None if any(line.get(figure.key) is None for line in lines) else sum(line[figure.key] for line in lines)
        for figure in FIGURES
    }


def is_zero(figures):
    """Whether nothing happened in the period and nothing is open: what 零报告 says (domain.md §3.8)."""
    total = figures.get("total", {})
    return not any(total.get(key) for key in (*FLOWS, *OPEN_WORK)) and not figures.get("late")


def rates_of(total):
    """Pairs (part, whole) kept as integers: 劝返率 (domain.md §3.13) = returned so far ÷ confirmed so far."""
    confirmed = [total.get("dropout_total_pri"), total.get("dropout_total_jun")]
    if total.get("returned_total") is None or None in confirmed:
        return {}
    return {"returned": [total["returned_total"], sum(confirmed)]}


def differences(before, after):
    """[label, value before, value now] for each total that differs, then for each teaching point's line; None stands for "—"."""
    found = _differing("", before.get("total", {}), after.get("total", {}))
    lines, were = after.get("lines", []), {line["code"]: line["values"] for line in before.get("lines", [])}
    for line in lines if len(lines) > 1 else ():
        found += _differing(f"{line['name']}：", were.get(line["code"], {}), line["values"])
    return found


def _differing(of, was, now):
    return [
        [of + figure.full_label, was.get(figure.key), now.get(figure.key)]
        for figure in FIGURES
        if was.get(figure.key) != now.get(figure.key)
    ]


def text_differences(before, after, titles):
    """[item of part B, words before, words now] for each item whose words differ."""
    return [
        [f"{'①②③④⑤'[number - 1]}{title}", before.get(str(number), ""), after.get(str(number), "")]
        for number, title in enumerate(titles, start=1) if before.get(str(number), "") != after.get(str(number), "")
    ]  # fmt: skip
