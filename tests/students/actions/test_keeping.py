"""The account kept for one day says what the facts say, whatever changed since, and only the changed are judged anew."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection

from students import detection, kept, planning, statuses
from students.actions import freezing, joining, keeping, standings
from students.models import AccountDay, AccountNow, AccountStale, Enrolment, Registration, SchoolProfile, Standing
from students.models.account_now import EVERYBODY
from tests import make
from tests.students.lists import MARCH

ASK = statuses.Ask(MARCH)
COLUMNS = "select lines.* from lines order by id"


@pytest.fixture
def world(officer):
    """Three registered children, one in school here, one on the roll alone, one nowhere; the account of March kept."""
    county = make.county()
    village = make.node("village", "一村", make.node("township", "东关镇", county))
    school = make.node("school", "一小", county)
    make.person("joiner", ("roll_officer", county))
    children = [make.child(name, (village, "hukou")) for name in ("王一", "李二", "张三")]
    for number, child in enumerate(children):
        make.registration(child, make.household(village, f"99{number}"))
    make.enrolment(children[0], school, "roll")
    make.enrolment(children[0], school, "attending")
    make.enrolment(children[1], school, "roll")
    keeping.refresh(MARCH)
    return {"by": officer, "village": village, "school": school, "children": children, "county": county}


def both(ask=ASK):
    """Every line of the account: through the kept one, and from the facts alone."""
    with planning.hash_joins() as cursor:
        assert kept.stale(cursor, ask.on) is not None  # a kept account is at hand
        statuses.execute(cursor, COLUMNS, ask.names())
        lines = cursor.fetchall()
        cursor.execute(f"with {statuses.LINES} {COLUMNS}", ask.names())
        return lines, cursor.fetchall()


def stand(world, number, code, **more):
    standings.record(rows=[{"child": world["children"][number], "code": code, "since": MARCH, "source": "entry", **more}], by=world["by"])


def move_house(world):
    home = Registration.objects.get(child=world["children"][0]).household
    home.village = make.node("village", "二村", world["village"].parent)
    home.save()


def special(world):
    SchoolProfile.objects.create(school=world["school"], kind="特殊教育")


BEFORE = {"a standing that ended": lambda world: stand(world, 2, "deferred"), "a school that no longer is special": special}
CHANGES = {
    "a standing": lambda world: stand(world, 2, "deferred"),
    "a standing that ended": lambda world: Standing.objects.update(until=MARCH),
    "a seat": lambda world: make.enrolment(world["children"][1], world["school"], "attending"),
    "a seat given up": lambda world: Enrolment.objects.filter(child=world["children"][0], kind="attending").update(until=MARCH),
    "a seat removed": lambda world: Enrolment.objects.filter(child=world["children"][0]).delete(),
    "a registration ended": lambda world: Registration.objects.filter(child=world["children"][2]).update(until=MARCH),
    "a registration that passes to another": lambda world: Registration.objects.filter(child=world["children"][1]).update(
        child=world["children"][2]
    ),
    "a household that moved": move_house,
    "a school that becomes special": special,
    "a school that no longer is special": lambda world: SchoolProfile.objects.update(kind="小学"),
    "a birthday corrected": lambda world: type(world["children"][0]).objects.update(birth_on=date(2001, 1, 1)),
    "two that are one": lambda world: joining.merge(
        source=world["children"][2], target=world["children"][1], reason="同一人", by=world["by"]
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_read_anew_before_and_after_a_refresh(world, change):
    BEFORE.get(change, id)(world)
    keeping.refresh(MARCH)
    before, _ = both()
    CHANGES[change](world)
    read, wanted = both()
    assert read == wanted
    assert wanted != before
    keeping.refresh(MARCH)
    assert both() == (wanted, wanted)


def test_without_the_mark_the_kept_account_would_be_wrong(world):
    """The negative control of the tests above."""
    CHANGES["a seat given up"](world)
    AccountStale.objects.all().delete()
    read, wanted = both()
    assert read != wanted


def test_only_the_changed_are_judged_anew(world):
    assert keeping.refresh(MARCH) == 0
    stand(world, 2, "deferred")
    assert keeping.refresh(MARCH) == 1
    assert keeping.refresh(MARCH) == 0


def test_a_statement_about_very_many_is_noted_as_one_about_everybody(world):
    seats = "insert into students_enrolment (child_id, kind, school_id, stage, class_name, entered, state, counts, accepted, since)"
    told = "select %s, 'roll', %s, 'pri', '', '', '', true, false, '2019-09-01' from generate_series(1, %s)"
    with connection.cursor() as cursor:
        for many, noted in ((kept.FEW, {world["children"][2].pk}), (kept.FEW + 1, {EVERYBODY})):
            AccountStale.objects.all().delete()
            cursor.execute(f"{seats} {told}", [world["children"][2].pk, world["school"].pk, many])
            assert set(AccountStale.objects.values_list("child_number", flat=True)) == noted
        assert kept.stale(cursor, MARCH) is None
    assert keeping.refresh(MARCH) == 3
    assert both()[0] == both()[1]


def test_another_day_judges_those_with_a_date_in_between(world):
    stand(world, 2, "deferred", until=MARCH + timedelta(days=10))
    keeping.refresh(MARCH)
    assert keeping.refresh(MARCH + timedelta(days=9)) == 0
    assert keeping.refresh(MARCH + timedelta(days=10)) == 1
    read, wanted = both(replace(ASK, on=MARCH + timedelta(days=10)))
    assert read == wanted
    assert keeping.refresh(MARCH) == 1
    read, wanted = both()
    assert read == wanted


@pytest.mark.parametrize("why", ["another day", "another rule", "too many changed"])
def test_where_nothing_fitting_is_kept_the_facts_are_read(world, why, monkeypatch):
    AccountNow.objects.update(status="wrong")
    if why == "another rule":
        AccountDay.objects.update(rule_version=0)
    elif why == "too many changed":
        monkeypatch.setattr(kept, "FEW", -1)
    ask = replace(ASK, on=MARCH + timedelta(days=1)) if why == "another day" else ASK
    assert statuses.counted(ask).registered == 3
    assert statuses.counted(ask).by_status["in_school"] == 1
    if why == "another rule":
        assert keeping.refresh(MARCH) == 3
        assert statuses.counted(ASK).by_status["in_school"] == 1


def test_one_child_is_told_from_the_kept_account(world):
    stand(world, 2, "deferred")
    ids = [child.pk for child in world["children"]]
    assert [statuses.facts_of([pk], ASK)[pk]["status"] for pk in ids] == ["in_school", "absent", "deferred"]


def test_a_kept_comparison_says_how_many_were_judged_anew(world):
    first = freezing.keep_run(ask=ASK, by=world["by"])
    stand(world, 2, "deferred")
    second = freezing.keep_run(ask=ASK, by=world["by"])
    other = freezing.keep_run(ask=replace(ASK, on=MARCH + timedelta(days=1)), by=world["by"])
    assert (first.judged, second.judged, other.judged) == (0, 1, None)
    assert second.changed == {"deferred": 1, "nowhere": -1}


@pytest.mark.django_db(transaction=True)
def test_a_writer_at_work_leaves_readers_the_facts(world):
    """Whoever holds the kept account to write it makes nobody wait: the facts are read instead."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        other.cursor().execute(keeping.LOCK)
        with planning.hash_joins() as cursor:
            assert kept.stale(cursor, MARCH) is None
        assert statuses.counted(ASK).registered == 3
    finally:
        other.rollback()
        other.close()
    with planning.hash_joins() as cursor:
        assert kept.stale(cursor, MARCH) == []


def test_the_comparison_of_lists_reads_the_kept_account_too(world):
    """The same figures by either way, in all and by village; a wrong kept line shows that it was read."""
    make.enrolment(world["children"][1], world["school"], "attending")

    def told():
        asked = {"on": MARCH, "low": 6, "high": 15, "mode": "point"}
        return detection.account(**asked), detection.account_by("village", **asked)

    from_kept = told()
    AccountDay.objects.update(rule_version=0)
    assert told() == from_kept
    assert (from_kept[0].registered, from_kept[0].on_roll_and_attending, from_kept[0].neither) == (3, 2, 1)
    AccountDay.objects.update(rule_version=kept.RULE_VERSION)
    AccountNow.objects.filter(child_number=world["children"][2].pk).update(on_roll=True)
    assert told() != from_kept
