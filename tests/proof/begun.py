"""Chores that a proof began together, and what became of them."""

import time
from dataclasses import dataclass

from core import file_runs
from core.models import AuditEntry, FileRun
from tests.proof import chores

DONE, FAILED = "done", "failed"


@dataclass
class Chores:
    """Runs that were begun together."""

    runs: list

    @classmethod
    def begin(cls, fault, count, times=1, key="", by=None):
        parameters = {"fault": fault, "times": times}
        return cls([file_runs.start(chores.KIND, f"{key or fault}:{number}", by=by, parameters=parameters) for number in range(count)])

    def now(self):
        return list(FileRun.objects.filter(pk__in=[run.pk for run in self.runs]).order_by("pk"))

    def are_over(self):
        return not any(run.is_open for run in self.now())

    def are_at_work(self):
        return all(run.state == "running" for run in self.now())

    def wait(self, seconds):
        """Until all are over or the time is; the longest took so many seconds."""
        until = time.monotonic() + seconds
        while not self.are_over() and time.monotonic() < until:
            time.sleep(0.1)
        return max(((run.finished_at - run.created_at).total_seconds() for run in self.now() if run.finished_at), default=0)

    def effects(self):
        return {run.pk: AuditEntry.objects.filter(act=chores.ACT, detail__run=run.pk).count() for run in self.runs}

    def judge(self, *ends):
        """(lost, doubled, ended otherwise than one of `ends`, each a state and a word of its sentence)."""
        effects = self.effects()
        ends = ends or ((DONE, "做完了"),)
        lost = sum(run.is_open or effects[run.pk] < (run.state == DONE) for run in self.now())
        doubled = sum(effects[run.pk] > (run.state == DONE) for run in self.now())
        return lost, doubled, len(self.odd(ends))

    def odd(self, ends):
        """The runs that are over and ended otherwise."""
        over = [run for run in self.now() if not run.is_open]
        return [run for run in over if not any(run.state == state and word in run.message for state, word in ends)]

    def say(self, tally, what, longest, end=(DONE, "做完了"), strikes=None, control=False, starved=()):
        """`starved`: how a run may end besides where the machine was too busy to let a worker keep its lease or its limits."""
        lost, doubled, other = self.judge(end, *starved)
        runs = f"{len(self.runs)} runs: " if strikes else ""
        told = "done" if end[0] == DONE else end[1]
        note = f"{runs}lost {lost}, doubled {doubled}, ended otherwise {other}; {told}; longest {longest:.1f} s"
        note += "".join(f"; {run.state} after {run.attempts}: {run.message}" for run in self.odd((end, *starved)))
        tally("jobs", what, strikes or len(self.runs), lost + doubled + other, note, control=control)
