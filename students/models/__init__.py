"""Who the children are: one noun a file."""

from students.models.account_now import AccountDay, AccountNow, AccountStale
from students.models.account_version import AccountLine, AccountVersion, ComparisonRun
from students.models.arrival import Absentee, ArrivalSheet, Boarding
from students.models.attendance import AttendanceFile, AttendanceMark, ClassMark, LeaveSlip
from students.models.catchment import Catchment
from students.models.child import Child, ChildNumber, ChildPlace, Match
from students.models.column_mapping import ColumnMapping
from students.models.contact import Contact
from students.models.correction import Correction
from students.models.enrolment import Enrolment
from students.models.field_survey import FieldCheck, FoundChild
from students.models.household import Household, Registration
from students.models.merge import MergeEvent
from students.models.resolution import Resolution
from students.models.roll_change import GuardianCall, RollChange, RollChangeEvent, RollChangeProof
from students.models.school import COMPULSORY_STAGES, SchoolProfile, Section
from students.models.school_day import SchoolDay
from students.models.shared_number import SharedNumber
from students.models.source import KINDS, ListRow, RowIssue, SourceSnapshot, StagedRow
from students.models.special_group import SpecialGroup
from students.models.standing import Standing
from students.models.standing_proposal import StandingProposal, StandingProposalLine
from students.models.tally import Tally
from students.models.unit_change import UnitChange
from students.models.year_turn import YearTurn

__all__ = [
    "AccountDay",
    "AccountNow",
    "AccountStale",
    "AccountLine",
    "AccountVersion",
    "ComparisonRun",
    "AttendanceFile",
    "AttendanceMark",
    "COMPULSORY_STAGES",
    "KINDS",
    "Catchment",
    "Child",
    "ChildNumber",
    "ChildPlace",
    "ClassMark",
    "ColumnMapping",
    "Contact",
    "Correction",
    "Enrolment",
    "GuardianCall",
    "FieldCheck",
    "FoundChild",
    "Household",
    "LeaveSlip",
    "ListRow",
    "Match",
    "MergeEvent",
    "Registration",
    "Resolution",
    "RollChange",
    "RollChangeEvent",
    "RollChangeProof",
    "RowIssue",
    "SchoolDay",
    "SchoolProfile",
    "Section",
    "SharedNumber",
    "SourceSnapshot",
    "SpecialGroup",
    "StagedRow",
    "Standing",
    "StandingProposal",
    "StandingProposalLine",
    "YearTurn",
    "Absentee",
    "ArrivalSheet",
    "Boarding",
    "Tally",
    "UnitChange",
]
