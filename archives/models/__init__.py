"""What is owed, what is written, what was done with it: one noun a file."""

from archives.models.obligation import ReportObligation
from archives.models.report import Report, ReportKind, ReportMode
from archives.models.report_event import ReportEvent

__all__ = ["Report", "ReportEvent", "ReportKind", "ReportMode", "ReportObligation"]
