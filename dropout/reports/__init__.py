"""What pages, workbooks and the monthly report show of the cases: figures with the cases behind them, columns declared once."""

from dropout.reports.figures import FIGURES, figures, names

__all__ = ["FIGURES", "figures", "names"]
