"""Three hundred faults at once in one worker of many children (reliability.md F7): they wait beside each other, not one after the other."""

import pytest

from tests.proof.stores import Service
from tests.proof.test_jobs import strike_inside

pytestmark = pytest.mark.xdist_group("proof")

COUNT = 24  # of each of ten faults, and three of each that kills at every attempt: 312


@pytest.fixture(scope="module")
def hands(stores):
    """Eight children on few processors: each may wait for its turn longer than a lease of three seconds allows."""
    running = Service(stores, "worker", NOL_WORKERS="8", PROOF_LEASE="6").start()
    yield running
    running.stop()


def test_three_hundred(hands, beat, tally):
    strike_inside(tally, COUNT)
    assert hands.runs()
