"""A child who moved in stands in the household ledger from that day; the police register takes over, a move out ends it."""

from datetime import date

import pytest

from students.actions import undoing
from students.models import Child, ListRow, Registration, Standing
from students.reports import moved_in as report
from tests.students.lists import APRIL, load, resident

A, B = "990101201008310014", "990101201101150027"
MAY, JUNE = date(2020, 5, 1), date(2020, 6, 1)


def move(number=A, name="王一", event="迁入", on="2020-02-10", **more):
    return {"姓名": name, "身份证号": number, "变动类型": event, "变动日期": on, "村代码": "990101100200", "户号": "H9"} | more


def entries():
    return [
        (str(row.since), str(row.until or ""), row.row.kind, row.household.number) for row in Registration.objects.order_by("since", "pk")
    ]


def told(user):
    return [(entry.child.name, entry.told) for entry in report.of_user(user)]


def test_a_child_nobody_knew_is_in_the_ledger_from_that_day(places, tmp_path):
    batch = load(tmp_path, "movements", [move()], as_of=APRIL, **places)
    child = Child.objects.get()
    assert (child.name, child.number, child.number_state, child.first_snapshot) == ("王一", A, "valid", batch)
    assert entries() == [("2020-02-10", "", "movements", "H9")]
    assert child.places.get(why="hukou").node.name == "王家庄村"
    assert set(child.places.get(why="hukou").node.path) <= set(child.scope_nodes)
    assert told(places["by"]) == [("王一", "waiting")]
    undoing.undo(snapshot=batch, by=places["by"])
    assert not Child.objects.exists()
    assert not Registration.objects.exists()


def test_the_next_register_takes_over_and_gives_it_back_when_it_is_undone(places, tmp_path):
    load(tmp_path, "movements", [move()], as_of=APRIL, **places)
    register = load(tmp_path, "hukou", [resident(A)], as_of=MAY, **places)
    assert entries() == [("2020-02-10", "2020-05-01", "movements", "H9"), ("2020-05-01", "", "hukou", "H1")]
    assert told(places["by"]) == [("王一", "confirmed")]
    undoing.undo(snapshot=register, by=places["by"])
    assert entries() == [("2020-02-10", "", "movements", "H9")]


def test_a_register_that_does_not_know_the_child_is_shown_and_ends_nothing(client, places, tmp_path):
    load(tmp_path, "movements", [move()], as_of=APRIL, **places)
    load(tmp_path, "hukou", [resident(B, "李二")], as_of=MAY, **places)
    assert entries()[0] == ("2020-02-10", "", "movements", "H9")
    assert told(places["by"]) == [("王一", "missing")]
    client.force_login(places["by"])
    page = client.get("/households/moved-in/?state=missing").content.decode()
    assert "请与派出所核对" in page
    assert "王一" in page
    assert b"".join(client.post("/households/moved-in/export/?state=missing").streaming_content)[:2] == b"PK"
    assert "王一" not in client.get("/households/moved-in/?state=confirmed").content.decode()


def test_an_older_register_says_nothing(places, tmp_path):
    load(tmp_path, "hukou", [resident(B, "李二")], as_of=date(2020, 1, 1), **places)
    load(tmp_path, "movements", [move()], as_of=APRIL, **places)
    assert told(places["by"]) == [("王一", "waiting")]


def test_whom_the_register_has_already_gets_no_second_entry(places, tmp_path):
    load(tmp_path, "hukou", [resident(A)], as_of=date(2020, 1, 1), **places)
    load(tmp_path, "movements", [move()], as_of=APRIL, **places)
    assert entries() == [("2020-01-01", "", "hukou", "H1")]


def test_a_move_out_closes_it_and_a_way_back_ends_the_reason(places, tmp_path):
    load(tmp_path, "movements", [move()], as_of=APRIL, **places)
    out = [move(), move(event="迁出", on="2020-04-20")]
    load(tmp_path, "movements", out, as_of=MAY, **places)
    assert entries() == [("2020-02-10", "2020-04-20", "movements", "H9")]
    assert told(places["by"]) == [("王一", "over")]
    assert Standing.objects.in_force(MAY).get().reason == "06"
    back = load(tmp_path, "movements", [out[1], move(on="2020-05-15")], as_of=JUNE, **places)
    assert entries()[-1] == ("2020-05-15", "", "movements", "H9")
    assert not Standing.objects.in_force(JUNE).exists()
    undoing.undo(snapshot=back, by=places["by"])
    assert Standing.objects.in_force(JUNE).get().reason == "06"
    assert entries() == [("2020-02-10", "2020-04-20", "movements", "H9")]


def test_a_list_that_leaves_the_move_out_does_not_unmake_it_a_corrected_one_does(places, tmp_path):
    load(tmp_path, "movements", [move()], as_of=APRIL, **places)
    load(tmp_path, "movements", [move(B, "李二")], as_of=MAY, **places)
    assert [entry for entry in entries() if entry[3] == "H9"][0] == ("2020-02-10", "", "movements", "H9")
    load(tmp_path, "movements", [move(B, "李二", on="2020-03-01")], as_of=JUNE, **places)
    held = Registration.objects.filter(child__name="李二").order_by("since")
    assert [(str(row.since), str(row.until or "")) for row in held] == [("2020-02-10", "2020-02-10"), ("2020-03-01", "")]


def test_a_child_without_number_too_and_without_household_number(places, tmp_path):
    load(tmp_path, "movements", [move("", "扎西", 出生日期="2012-03-03", 户号="")], as_of=APRIL, **places)
    entry = Registration.objects.get()
    assert (entry.child.number_state, entry.household.village.name, entry.household.head_name) == ("none", "王家庄村", "扎西")
    assert ListRow.objects.get(kind="movements").child == entry.child


def test_running_twice_changes_nothing(places, tmp_path, django_assert_max_num_queries):
    rows = [move(f"99010120100301{at:03d}X", f"甲{at}") for at in range(40)]
    load(tmp_path, "movements", rows, as_of=APRIL, **places)
    before = entries()
    load(tmp_path, "hukou", [resident(B, "李二")], as_of=MAY, **places)
    assert [entry for entry in entries() if entry[2] == "movements"] == before
    with django_assert_max_num_queries(12):
        list(report.of_user(places["by"])[:50])


@pytest.mark.parametrize("who", ["township_officer", "village_liaison"])
def test_other_places_see_nothing(client, places, tmp_path, who):
    from core.models import Organization
    from tests import make

    load(tmp_path, "movements", [move()], as_of=APRIL, **places)
    other = Organization.objects.get(code="990101100201")
    node = other if who == "village_liaison" else make.node("township", "西关镇", make.county(), "990101300000")
    client.force_login(make.person(who, (who, node)))
    assert "王一" not in client.get("/households/moved-in/").content.decode()
