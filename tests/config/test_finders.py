"""Third-party files come through an allow-list; everything in it is there, and nothing beside it."""

import pytest
from django.contrib.staticfiles import finders

from config.finders import ALLOWED, PACKAGES, HashedFiles, PackageFinder


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_each_allowed_file_is_found(name):
    assert finders.find(name) == str(PACKAGES / ALLOWED[name])


@pytest.mark.parametrize(
    "name", ["vendor/tabler/package.json", "vendor/../package.json", "@tabler/core/dist/css/tabler.min.css", "none.css"]
)
def test_nothing_else_is(name):
    assert finders.find(name) is None
    assert PackageFinder().find(name, find_all=True) == []


def test_all_are_collected():
    assert [name for name, _storage in PackageFinder().list([])] == list(ALLOWED)


def test_source_maps_are_not_asked_for():
    rules = str(HashedFiles.patterns)
    assert "sourceMappingURL" not in rules
    assert "@import" in rules
