import pytest

from tests.archives.world import with_sections


@pytest.fixture
def schools(house, settings, tmp_path):
    """The cast, its schools owing reports, files kept in a folder of the test."""
    settings.FILES_ROOT = tmp_path
    return with_sections(house)
