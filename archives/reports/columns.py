"""The columns of part A, declared once: page, workbook and paper loop over them (domain.md §11.8)."""

from dataclasses import dataclass

from archives.assembly.figures import FIGURES
from core.spreadsheets import Column

MISSING = "—"


@dataclass(frozen=True)
class Heading:
    """What page and paper need of a column; `key` is empty for the leading ones."""

    label: str
    group: str = ""
    numeric: bool = False
    width: str = ""
    key: str = ""


FIGURE_COLUMNS = tuple(Heading(figure.label, figure.group, numeric=True, width="narrow", key=figure.key) for figure in FIGURES)
UNIT_COLUMNS = (Heading("学校", width="unit"), *FIGURE_COLUMNS)
SUMMARY_COLUMNS = (Heading("学校", width="unit"), Heading("报送状态", width="state"), *FIGURE_COLUMNS)


def values_in_order(values):
    """The figures of one row in the order of the columns; None where there is no source."""
    return [values.get(figure.key) for figure in FIGURES]


def sheet_columns(*leading):
    """Columns of a workbook: the leading (label, width) ones, then part A under its groups."""
    heads = [Column(label, width, "text") for label, width in leading]
    return [*heads, *(Column(figure.label, max(6, 1.6 * len(figure.label)), "integer", parent=figure.group) for figure in FIGURES)]


def sheet_values(values):
    return [MISSING if value is None else value for value in values_in_order(values)]


def reasons_in_words(reasons):
    """["适龄人口小学、…：学区还没有划定…"]: one sentence a reason, with the columns it explains."""
    by_reason = {}
    for figure in FIGURES:
        if figure.key in reasons:
            by_reason.setdefault(reasons[figure.key], []).append(figure.full_label)
    return [f"{'、'.join(labels)}：{reason}，记“—”，不记 0。" for reason, labels in by_reason.items()]
