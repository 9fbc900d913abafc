"""How many there are, without counting: the notes of the triggers add up to what a count of the rows gives."""

import pytest
from django.db import connection, transaction

from students.actions import keeping
from students.models import Child, Household, Tally
from students.views.children import PAGE
from tests import make

pytestmark = pytest.mark.django_db


def agree():
    assert Tally.of(Tally.CHILDREN) == Child.objects.here().count()
    assert Tally.of(Tally.HOUSEHOLDS) == Household.objects.count()


@pytest.fixture
def world():
    county = make.county()
    village = make.node("village", "一村", make.node("township", "东关镇", county))
    children = [make.child(name, (village, "hukou")) for name in ("王一", "李二", "张三")]
    return {"county": county, "village": village, "children": children}


def test_one_by_one_and_many_at_once(world):
    assert Tally.of(Tally.CHILDREN) == 3
    Child.objects.bulk_create([Child(name=f"赵{n}", name_key="赵", pinyin="z") for n in range(7)])
    make.household(world["village"], "991")
    make.household(world["village"], "992")
    assert (Tally.of(Tally.CHILDREN), Tally.of(Tally.HOUSEHOLDS)) == (10, 2)
    agree()


def test_records_that_are_joined_and_parted(world):
    one, other, third = world["children"]
    Child.objects.filter(pk__in=[other.pk, third.pk]).update(merged_into=one)
    assert Tally.of(Tally.CHILDREN) == 1
    Child.objects.filter(pk=third.pk).update(merged_into=None, name="张三三")
    Child.objects.filter(pk=one.pk).update(name="王一一")  # neither came nor went
    agree()


def test_what_is_deleted_is_gone(world):
    make.household(world["village"], "991")
    with connection.cursor() as cursor:
        cursor.execute("delete from students_childplace; delete from students_child where name = '李二'; delete from students_household")
    assert (Tally.of(Tally.CHILDREN), Tally.of(Tally.HOUSEHOLDS)) == (2, 0)
    agree()


def test_what_is_rolled_back_never_came(world):
    with transaction.atomic():
        make.child("钱四", (world["village"], "hukou"))
        transaction.set_rollback(True)
    agree()


def test_notes_are_put_together(world):
    Child.objects.filter(pk=world["children"][0].pk).update(merged_into=world["children"][1])
    notes = Tally.objects.filter(what=Tally.CHILDREN)
    assert notes.count() > 1
    keeping.sum_up()
    assert notes.count() == 1
    make.child("钱四", (world["village"], "hukou"))
    agree()


def test_the_list_says_how_many_there_are(world, client):
    Child.objects.bulk_create([Child(name=f"赵{n}", name_key="赵", pinyin="z") for n in range(PAGE)])
    client.force_login(make.person("officer", ("roll_officer", world["county"])))
    assert client.get("/students/").context["page_obj"].paginator.count == PAGE + 3
    assert client.get("/students/?q=赵").context["page_obj"].paginator.count == PAGE
    assert client.get("/students/?standing=on_roll").context["page_obj"].paginator.count == 0
    assert client.get("/students/?standing=nonsense&grade=pri-1").context["page_obj"].paginator.count == 0
    client.force_login(make.person("clerk", ("township_officer", world["village"].parent)))
    assert client.get("/students/").context["page_obj"].paginator.count == 3  # those of the township alone
