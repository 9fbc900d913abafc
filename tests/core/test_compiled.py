"""A question put into SQL once answers as the query set it was built from."""

from datetime import date

import pytest

from core.models import Organization, RoleGrant
from core.models.compiled import Compiled, among
from tests import make

pytestmark = pytest.mark.django_db
GRANTS = Compiled(
    lambda user, on: RoleGrant.objects.in_force(on).filter(user=user).order_by("role").values_list("role", "organization__name"),
    user=-1, on=date.min,
)  # fmt: skip
NAMES = Compiled(lambda nodes: Organization.objects.filter(among("pk", nodes)).order_by("code").values_list("name"), nodes=[-1])


def test_it_answers_for_each_person_and_day_anew():
    county = make.county()
    school = make.node("school", "一小", county)
    one = make.person("一", ("principal", school, date(2020, 1, 1), date(2020, 6, 30)), ("roll_officer", county))
    other = make.person("二", ("school_clerk", school))
    for user in (one, other):
        for on in (date(2020, 3, 1), date(2020, 9, 1)):
            wanted = RoleGrant.objects.in_force(on).filter(user=user).order_by("role").values_list("role", "organization__name")
            assert GRANTS.rows(user=user.pk, on=on) == list(wanted)
    assert [len(GRANTS.rows(user=one.pk, on=on)) for on in (date(2020, 3, 1), date(2020, 9, 1))] == [2, 1]


def test_many_or_no_ids_are_one_place(django_assert_num_queries):
    county = make.county()
    towns = [make.node("township", name, county) for name in ("东镇", "西镇", "南镇")]
    with django_assert_num_queries(3):
        assert NAMES.rows(nodes=[]) == []
        assert NAMES.rows(nodes=[towns[1].pk]) == [("西镇",)]
        assert NAMES.rows(nodes=[town.pk for town in towns]) == [("东镇",), ("西镇",), ("南镇",)]


def test_a_mark_that_got_lost_is_an_error():
    lost = Compiled(lambda user, on: RoleGrant.objects.filter(user=user).values_list("role"), user=-1, on=date.min)
    with pytest.raises(LookupError, match="on"):
        lost.rows(user=1, on=date(2020, 3, 1))
