"""Whether the account kept by students.actions.keeping can answer for a day, and for whom it cannot."""

from students.models.account_now import EVERYBODY

RULE_VERSION = 1  # of students.statuses; a kept account of another rule is not read
FEW = 20_000  # children that are worth looking at one by one; beyond, everybody is
OF_THESE = "(%(children)s::bigint[] is null or x.child_id = any(%(children)s))"
KEPT_DAY = """
select pg_try_advisory_xact_lock_shared(hashtext('students.account_now')), d."on", d.rule_version,
       array(select child_number from students_accountstale limit %(some)s)
from students_accountday d
"""


def stale(cursor, on):
    """Ids of children whose kept line may be wrong; None where no account is kept for the day, too many are, or it is being written now.
    The lock, held for the rest of the transaction, keeps the kept lines as they are."""
    cursor.execute(KEPT_DAY, {"some": FEW + 1})
    found = cursor.fetchone()
    if found is None:
        return None
    locked, day, version, changed = found
    return sorted(set(changed)) if locked and (day, version) == (on, RULE_VERSION) and few_enough(changed) else None


def few_enough(changed):
    """Whether the children noted can be looked at one by one."""
    return EVERYBODY not in changed and len(changed) <= FEW
