"""A county with a township, two villages and two schools, and the officer who takes lists in."""

import pytest

from tests import make
from tests.students import lists


@pytest.fixture
def officer(db):
    return make.person("学籍员", ("roll_officer", make.county()))


@pytest.fixture
def places(officer, tmp_path):
    """Divisions and schools are in; gives the arguments that every further list needs."""
    about = {"by": officer, "coverage": make.county()}
    lists.load(tmp_path, "divisions", lists.DIVISIONS, **about)
    lists.load(tmp_path, "schools", lists.SCHOOLS, **about)
    return about
