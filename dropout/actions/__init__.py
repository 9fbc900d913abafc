"""The only writers of the case work. Each verb is atomic, locks the case, asks the workflow, leaves one event and one audit row."""

from dropout.actions.closing import approve_close, propose_close, record_attendance, reject_close
from dropout.actions.evidence import add_evidence, add_photos
from dropout.actions.opening import open_case, open_cases
from dropout.actions.persuading import add_return_proof, assign, confirm, consolidate, drop_again, record_return
from dropout.actions.removals import approve_removal, expire_removals, propose_removal, reject_removal, reopen
from dropout.actions.visits import correct_visit, record_visit

__all__ = [
    "add_evidence", "add_photos", "add_return_proof", "approve_close", "approve_removal", "assign", "confirm", "consolidate",
    "correct_visit", "drop_again", "expire_removals", "open_case", "open_cases", "propose_close", "propose_removal", "record_attendance",
    "record_return", "record_visit", "reject_close", "reject_removal", "reopen",
]
