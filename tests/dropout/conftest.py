import pytest

from tests.dropout.world import make_world


@pytest.fixture
def world(db, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    return make_world()
