"""The samples' truth comes out exactly, in both age modes, whatever the order of the files."""

import itertools
import json
import random

import pytest

from core.models import Organization
from students import detection, imports
from students.actions import snapshots
from students.models import SchoolProfile
from tests import make
from tests.students.lists import FILES, MARCH, SAMPLES

LISTS = [kind for kind in FILES if kind not in ("divisions", "schools")]
ORDERS = [["divisions", "schools", *random.Random(seed).sample(LISTS, len(LISTS))] for seed in range(4)] + [
    ["hukou", "divisions", "schools", "disabled", "attending", "poverty", "roll", "civil_affairs"],
    ["roll", "attending", "poverty", "hukou", "disabled", "schools", "civil_affairs", "divisions"],
    ["schools", "hukou", "civil_affairs", "roll", "disabled", "attending", "poverty", "divisions"],
]
KEYS = ("registered", "on_roll_and_attending", "attending_not_on_roll", "on_roll_not_attending", "neither", "registered_elsewhere")

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples lie beside the repository and are not here")


def take_in(folder, order, officer):
    taken = {}
    for kind in order:
        path = folder / FILES[kind]
        snapshot = snapshots.receive(kind=kind, path=path, name=path.name, as_of=MARCH, coverage=make.county(), by=officer)
        imports.stage(snapshot)
        taken[kind] = snapshots.approve(snapshot=snapshot, by=officer)
    return taken


def found(mode):
    account = detection.account(on=MARCH, low=6, high=15, mode=mode)
    assert account.balanced
    return account


def check(folder, truth):
    for mode in ("point", "school_year"):
        account, wanted = found(mode), truth[f"balance_6_15_{mode}"]
        assert {key: getattr(account, key) for key in KEYS} == {key: wanted[key] for key in KEYS}
        assert account.whole_lists == truth["whole_lists"]
        for key in ("neither", "on_roll_not_attending", "registered_elsewhere"):
            assert detection.bucket(key, on=MARCH, low=6, high=15, mode=mode).count() == wanted[key]
    assert found("point").hukou_not_on_roll == truth["hukou_not_on_roll"]


@pytest.mark.parametrize("order", ORDERS, ids=range(len(ORDERS)))
def test_tiny_in_any_order(order, officer):
    folder = SAMPLES / "tiny"
    taken = take_in(folder, order, officer)
    check(folder, json.loads((folder / "truth.json").read_text()))
    assert not Organization.objects.filter(kind="school", parent=make.county()).exclude(profile__township=None).exists()
    assert SchoolProfile.objects.filter(township=None).count() == 0
    roll = taken["roll"]
    if order.index("roll") < order.index("schools"):  # a school that nobody has named yet is no mistake of the row
        assert (roll.new, roll.refused_rows) == (505, 3)
        return
    refused = [(issue.sheet, issue.row_number, issue.column.split()[1]) for issue in roll.issues.filter(severity="refused")]
    assert refused == [("Sheet1", 507, "身份证件号"), ("Sheet1", 508, "姓名"), ("Sheet1", 509, "出生日期"), ("Sheet1", 510, "学校标识码")]
    assert (roll.rows, roll.new, roll.refused_rows) == (508, 504, 4)


def test_qi(officer):
    folder = SAMPLES / "qi"
    take_in(folder, ["divisions", "schools", "attending", "hukou", "roll"], officer)
    check(folder, json.loads((folder / "truth.json").read_text()))


def test_the_parts_of_the_townships_add_up(officer):
    take_in(SAMPLES / "tiny", list(FILES), officer)
    account = found("point")
    for level in ("township", "village"):
        rows = detection.account_by(level, on=MARCH, low=6, high=15, mode="point")
        for key in detection.PARTS:
            assert sum(row[key] for row in rows) == getattr(account, key)
    assert all(
        a["name"] != b["name"] for a, b in itertools.pairwise(detection.account_by("township", on=MARCH, low=6, high=15, mode="point"))
    )
