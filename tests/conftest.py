"""Fixtures for the whole suite. What the suite stands on is in harness.py."""

from pathlib import Path

import pytest

from tests.cast import house
from tests.harness import django_db_setup, embedded_servers, no_error_in_the_log, no_network, redis_url

__all__ = ["django_db_setup", "embedded_servers", "house", "no_error_in_the_log", "no_network", "redis_url"]

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
