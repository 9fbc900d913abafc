"""The same faults with one guard taken away: each time something must be lost, doubled or without an end."""

import time

import pgtrigger
import pytest

from core import file_runs
from core.models import FileRun
from tests.proof import chores
from tests.proof.begun import Chores
from tests.proof.stores import Service, wait_until

pytestmark = pytest.mark.xdist_group("proof")


@pytest.fixture
def without(stores):
    """A worker without that guard, and whether beat sweeps beside it."""
    started = []

    def start(guard="", sweeper=True):
        started.append(Service(stores, "worker", PROOF_WITHOUT=guard).start())
        if sweeper:
            started.append(Service(stores, "beat").start())

    yield start
    for service in started:
        service.kill()
    with pgtrigger.ignore(chores.MOVES):  # what waits cannot fail by itself
        FileRun.objects.exclude(state__in=["done", "failed"]).update(state="failed", finished_at="2020-01-01T00:00Z")
    stores.redis().flushall()


def test_without_the_lease_a_message_delivered_five_times_works_five_times(without, tally):
    without("lease")
    begun = Chores.begin("", 4, key="control lease")
    for _ in range(4):
        for run in begun.runs:
            file_runs.publish(run.pk)
    begun.wait(120)
    time.sleep(3)
    doubled = sum(count > 1 for count in begun.effects().values())
    tally("jobs", "no lease: one message delivered five times", 4, doubled, f"doubled {doubled}", control=True)


def test_without_one_transaction_a_killed_child_has_done_half(without, tally):
    without("one transaction")
    begun = Chores.begin("kill inside", 3, key="control transaction")
    begun.wait(120)
    doubled = sum(count > 1 for count in begun.effects().values())
    tally("jobs", "work and state in two transactions: child killed inside", 3, doubled, f"doubled {doubled}", control=True)


def test_without_attempts_first_poison_never_ends(without, tally):
    without("attempts first")
    begun = Chores.begin("kill before", 2, times=99, key="control attempts")
    begun.wait(60)
    endless = sum(run.is_open and run.attempts == 0 for run in begun.now())
    tally("jobs", "attempts committed with the work: child killed at every attempt", 2, endless, f"endless {endless}", control=True)


def test_without_the_sweeper_what_the_queue_lost_is_lost(without, stores, tally):
    without(sweeper=False)
    begun = Chores.begin("slow", 4, key="control sweeper")
    wait_until(lambda: any(run.steps_done for run in begun.now()), 120, "the first slow chore")
    stores.redis().flushall()
    begun.wait(15)
    lost, _doubled, _other = begun.judge()
    tally("jobs", "no sweeper: FLUSHALL", 1, lost, f"lost {lost} of 4", control=True)
