"""Who is out of school and how each is brought back: one noun a file."""

from dropout.models.absence import Absence, AbsenceEvent, AbsenceReceipt, AbsenceReport
from dropout.models.assignment import Assignment
from dropout.models.case import Case, CaseEvent
from dropout.models.closing import AttendanceCount, Closing
from dropout.models.evidence import Evidence
from dropout.models.removal import Removal
from dropout.models.return_record import PlacementRecord, ReturnRecord
from dropout.models.visit import Visit

__all__ = [
    "Absence", "AbsenceEvent", "AbsenceReceipt", "AbsenceReport", "Assignment", "AttendanceCount", "Case", "CaseEvent", "Closing",
    "Evidence", "PlacementRecord", "Removal", "ReturnRecord", "Visit",
]
