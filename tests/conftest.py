"""Fixtures for the whole suite. What the suite stands on is in harness.py."""

from tests.cast import house
from tests.harness import django_db_setup, embedded_servers, no_error_in_the_log, no_network, redis_url

__all__ = ["django_db_setup", "embedded_servers", "house", "no_error_in_the_log", "no_network", "redis_url"]
