"""Fixtures for the whole suite. What the suite stands on is in harness.py."""

import os
from pathlib import Path

import pytest

from tests import audited
from tests.cast import house
from tests.harness import django_db_setup, embedded_servers, every_write_is_recorded, no_error_in_the_log, no_network, redis_url

__all__ = [
    "django_db_setup", "embedded_servers", "every_write_is_recorded", "house", "no_error_in_the_log", "no_network", "redis_url",
]  # fmt: skip

JOURNEYS = Path(__file__).parent / "journeys"
PROOFS = Path(__file__).parent / "proof"


def pytest_collection_modifyitems(items):
    """One browser at a time: two, with the servers, are more than a small machine holds. Proofs are run by their mark."""
    for item in items:
        if JOURNEYS in item.path.parents:
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.xdist_group("browser"))
        if PROOFS in item.path.parents:
            item.add_marker(pytest.mark.proof)


def pytest_sessionfinish():
    """For the proof of coverage: which routes, jobs and commands were seen to write under the audit."""
    if os.environ.get("AUDIT_SEEN"):
        with Path(os.environ["AUDIT_SEEN"]).open("a", encoding="utf-8") as seen:
            counted = audited.ROLLED_BACK if os.environ.get("AUDIT_INJECT") else audited.RECORDED
            seen.writelines(f"{name}\t{times}\n" for name, times in counted.items())
