"""Divisions may come last: the county stands as if they had come first, and next month's list changes nothing."""

import pytest

from core.models import Organization
from students.models import Child, Household, ListRow, SchoolProfile
from tests import make
from tests.students import lists
from tests.students.lists import APRIL, load, pupil, resident

A, B = "990101201008310014", "990101201101150027"
NAMED = {"户号": "H1", "户主姓名": "王大", "姓名": "王一", "公民身份号码": A, "乡镇": "东关镇", "村(居)名称": "李家村"}
CODED = resident(B, "李二", "H2")
WAYS = (
    lists.SCHOOLS, [row | {"所属乡镇代码": "990101100200"} for row in lists.SCHOOLS],
    [{"学校标识码": row["学校标识码"], "学校名称": row["学校名称"], "办学类型": "小学", "所在乡镇": "东关"} for row in lists.SCHOOLS],
)  # fmt: skip


@pytest.fixture
def about(officer):
    return {"by": officer, "coverage": make.county()}


def county():
    """What stands, in words: the tree, the schools' townships, the villages of households, what each child can be seen from."""
    names = {node.pk: node.code for node in Organization.objects.all()}
    return {
        "paths": {node.code: [names[pk] for pk in node.path] for node in Organization.objects.all()},
        "parents": {node.code: names.get(node.parent_id) for node in Organization.objects.all()},
        "townships": {profile.school.code: names.get(profile.township_id) for profile in SchoolProfile.objects.select_related("school")},
        "villages": {household.number: names[household.village_id] for household in Household.objects.all()},
        "scopes": {child.name: sorted(names[pk] for pk in child.scope_nodes) for child in Child.objects.all()},
        "rows": sorted((row.kind, row.name, bytes(row.content_hash)) for row in ListRow.objects.filter(until=None, kind__in=("schools",
        "hukou"))),
    }  # fmt: skip


@pytest.mark.parametrize("schools", WAYS, ids=["township code", "village code", "name"])
@pytest.mark.django_db(transaction=False)
def test_the_county_is_the_same(about, tmp_path, schools):
    from django.db import transaction

    rows = {
        "divisions": lists.DIVISIONS,
        "schools": schools,
        "hukou": [
            NAMED | {"村(居)委会代码": ""},
        ],
        "roll": [pupil(A), pupil(B, "李二")],
    }
    stood = []
    for order in (
        ("divisions", "schools", "hukou", "roll"),
        ("roll", "hukou", "schools", "divisions"),
        ("schools", "divisions", "roll", "hukou"),
    ):
        mark = transaction.savepoint()
        for kind in order:
            load(tmp_path, kind, rows[kind], **about)
        load(
            tmp_path,
            "hukou",
            [CODED],
            name="b.csv",
            as_of=lists.MARCH,
            by=about["by"],
            coverage=Organization.objects.get(code="2199000003"),
        )
        stood.append(county())
        transaction.savepoint_rollback(mark)
    assert stood[0]["parents"]["2199000003"] == "990101100000-EG"
    assert stood[0]["villages"]["H1"] == "990101100201"
    assert stood[1] == stood[0]
    assert stood[2] == stood[0]


def test_villages_by_code_and_by_name_find_their_node_and_next_month_changes_nothing(about, tmp_path):
    rows = [NAMED | {"村(居)委会代码": ""}, {key: CODED.get(key, "") for key in [*NAMED, "村(居)委会代码"]}]
    load(tmp_path, "hukou", rows, **about)
    load(tmp_path, "divisions", lists.DIVISIONS, **about)
    assert {row.name: row.facts["village"] for row in ListRow.objects.filter(kind="hukou")} == {
        "王一": "990101100201",
        "李二": "990101100200",
    }
    april = lists.stage(tmp_path, "hukou", rows, as_of=APRIL, **about)
    assert (april.new, april.changed, april.unchanged) == (0, 0, 2)
