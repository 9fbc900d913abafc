"""Work that failed, tried once more by those who watch over it."""

from django.db import transaction

from core import audit, file_runs


class NotAgain(Exception):
    """The run is not tried again; the message says why."""


@transaction.atomic
def again(*, run, by):
    """A failed run waits anew with all its attempts, still in the name of who asked for it: what it may see and who fetches the result
    stays theirs. NotAgain when it does not stand still."""
    if not file_runs.again(run):
        run.refresh_from_db()
        raise NotAgain(f"编号 {run.number} 现在是“{run.get_state_display()}”，不用再试：已有人点过，或本人又办了一次。")
    audit.record("run_queued_again", by=by, subject=run, organization=run.organization, kind=run.kind)
    return run
