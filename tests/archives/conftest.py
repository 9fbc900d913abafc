import pytest

from tests.archives.world import with_sections
from tests.cast import house as house  # noqa: F401  the fixture


@pytest.fixture
def schools(house, settings, tmp_path):  # noqa: F811
    """The cast, its schools owing reports, files kept in a folder of the test."""
    settings.FILES_ROOT = tmp_path
    return with_sections(house)
