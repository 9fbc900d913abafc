from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEntry
from core.workflow import Refused
from students import roll_worklist
from students.actions import calling, roll_changes
from students.models import Child, RollChange, RollChangeEvent
from students.rules import identity
from tests import make
from tests.students.rolls import DAY, at_bureau, done, fresh, make_rolls, paper, pupil, started

NUMBER = f"99010120160301001{identity.check_digit('99010120160301001')}"


@pytest.fixture
def world(db, settings, tmp_path, monkeypatch):
    settings.FILES_ROOT = tmp_path
    monkeypatch.setattr(calling.chance, "random", lambda: 0.99)
    return make_rolls()


def on(client, user):
    client.force_login(user)
    return client


def address(name, change, *more):
    return reverse(f"students:{name}", args=[change.public_id, *more])


def test_a_clerk_applies_from_the_childs_page_and_the_other_principal_finds_it(world, client):
    start = reverse("students:roll_change_start", args=[world.child.public_id])
    page = on(client, world.clerk).get(start).content.decode()
    assert "办县内转学" in page
    assert "义务教育阶段不得退学" in page
    today = timezone.localdate().isoformat()
    form = {"effective_on": today, "reason": "随父母搬家", "target_school": str(world.nodes.other.public_id), "files_0": paper()}
    answer = client.post(f"{start}?kind=transfer", form)
    assert answer.status_code == 302, answer.content.decode()
    change = RollChange.objects.get()
    listed = on(client, world.other_principal).get(reverse("students:roll_change_list")).content.decode()
    assert change.number in listed
    assert on(client, world.junior_principal).get(answer.headers["Location"]).status_code == 404


def test_without_the_guardians_statement_the_form_says_what_is_missing(world, client):
    start = reverse("students:roll_change_start", args=[world.child.public_id])
    form = {"effective_on": timezone.localdate().isoformat(), "reason": "随父母搬家", "target_school": str(world.nodes.other.public_id)}
    answer = on(client, world.clerk).post(f"{start}?kind=transfer", form)
    assert answer.status_code == 200
    assert "请监护人在屏幕上签名" in answer.content.decode()
    assert not RollChange.objects.exists()


def test_the_form_offers_no_transfer_to_the_own_school_and_calls_no_statement_optional(world, client):
    start = reverse("students:roll_change_start", args=[world.child.public_id])
    page = on(client, world.clerk).get(f"{start}?kind=transfer").content.decode()
    assert str(world.nodes.other.public_id) in page
    assert str(world.nodes.school.public_id) not in page
    assert "（可不填）" not in page.split("监护人书面申请", 2)[-1].split("签名的申请")[0]


def test_whose_turn_it_is_is_said_with_the_role(world, client):
    page = on(client, world.clerk).get(address("roll_change_detail", started(world))).content.decode()
    assert "要由东关小学的校长办理" in page


def test_a_childs_page_says_by_which_act_a_roll_began_and_ended(world, client):
    change = done(world)
    page = on(client, world.officer).get(world.child.get_absolute_url()).content.decode()
    assert page.count(f"学籍异动 {change.number}") == 4  # two facts that began, two that ended


class TestSeat:
    """A child without class is in no class's attendance: whoever takes one in chooses it; the only fitting one is chosen already."""

    def accepting(self, world, client):
        change = started(world)
        roll_changes.agree(change=change, on=DAY, by=world.principal)
        return on(client, world.other_principal).get(address("roll_change_step", change, "accept")).content.decode()

    def test_the_receiving_principal_finds_the_class_of_the_grade(self, world, client):
        pupil(world.nodes.other, "西一", world.nodes.other_class)
        assert f'<option value="{world.nodes.other_class.public_id}" selected>' in self.accepting(world, client)

    def test_of_two_classes_none_is_chosen(self, world, client):
        second = make.node("class", "2023级三班", world.nodes.other, "S02-pri2023-三班")
        pupil(world.nodes.other, "西一", world.nodes.other_class)
        pupil(world.nodes.other, "西二", second)
        page = self.accepting(world, client)
        assert str(second.public_id) in page
        assert '" selected>四年级' not in page

    def test_whoever_moves_up_or_comes_back_is_put_into_a_class_by_the_own_school(self, world, client):
        start = reverse("students:roll_change_start", args=[world.child.public_id])
        today = timezone.localdate().isoformat()
        form = {"effective_on": today, "reason": "成绩优异", "grade": "pri-5", "files_0": paper(), "files_1": paper()}
        answer = on(client, world.clerk).post(f"{start}?kind=skip", form | {"target_class": str(world.nodes.class_.public_id)})
        assert "没有五年级的学生" in answer.content.decode()
        new = make.node("class", "2022级一班", world.nodes.school, "S01-pri2022-一班")
        form |= {"files_0": paper(), "files_1": paper(), "target_class": str(new.public_id)}
        assert client.post(f"{start}?kind=skip", form).status_code == 302
        assert RollChange.objects.get().target_class == new


class TestArrival:
    url = "students:roll_change_arrival"

    def asked(self, client, world, **more):
        form = {"kind": "transfer_in", "school": str(world.nodes.school.public_id), "name": "白新", "number": NUMBER} | more
        return on(client, world.clerk).post(reverse(self.url), form)

    def test_a_child_from_outside_is_made_and_applied_for(self, world, client):
        assert "原就读学校（县外）" in self.asked(client, world).content.decode()
        facts = {"effective_on": timezone.localdate().isoformat(), "reason": "随父母搬家", "place": "邻县小学", "grade": "pri-4"}
        answer = self.asked(client, world, **facts, kind_0="transfer_letter", files_0=paper())
        assert answer.status_code == 302, answer.content.decode()
        child = Child.objects.get(name="白新")
        assert child.birth_on.isoformat() == "2016-03-01"
        assert RollChange.objects.get().child == child

    def test_another_name_for_a_known_number_is_refused_and_recorded(self, world, client):
        self.asked(client, world)
        assert "另一个姓名" in self.asked(client, world, name="黑新").content.decode()
        assert AuditEntry.objects.filter(act="child_asked_by_number").count() == 2  # the refused question as well
        assert Child.objects.filter(name="黑新").count() == 0

    def test_a_broken_number_is_refused(self, world, client):
        assert "校验位不符" in self.asked(client, world, number=NUMBER[:17] + ("0" if NUMBER[17] != "0" else "1")).content.decode()


def test_each_step_is_done_on_its_page(world, client):
    change = started(world)
    today = {"on": timezone.localdate().isoformat(), "note": ""}
    for user, name in ((world.principal, "hand_on"), (world.other_principal, "accept"), (world.officer, "approve")):
        answer = on(client, user).post(address("roll_change_step", change, name), today)
        assert answer.status_code == 302, answer.content.decode()
    assert fresh(change).state == "done"
    page = client.get(address("roll_change_detail", change)).content.decode()
    assert "撤销已办结的异动" in page


def test_a_step_out_of_turn_is_a_sentence(world, client):
    answer = on(client, world.officer).post(address("roll_change_step", started(world), "approve"), {"on": DAY.isoformat()})
    assert answer.status_code == 403
    assert "待本校审核" in answer.content.decode()


def test_whoever_calls_sees_the_telephone_and_leaves_a_row(world, client, monkeypatch):
    monkeypatch.setattr(calling.chance, "random", lambda: 0.0)
    change = at_bureau(world, "suspension")
    assert on(client, world.principal).get(address("roll_change_call", change)).status_code == 403
    assert on(client, world.caller).get(address("roll_change_call", change)).status_code == 200
    assert AuditEntry.objects.filter(act="guardian_phone_viewed").count() == 1
    form = {"on": timezone.localdate().isoformat(), "answer": "conflicts", "spoke_with": "父亲", "note": "学校要求办的"}
    assert client.post(address("roll_change_call", change), form).status_code == 302
    assert fresh(change).state == "returned"
    listed = client.get(reverse("students:guardian_call_list") + f"?month={DAY:%Y-%m}").content.decode()
    assert "学校要求办的" in listed


def test_the_paper_and_the_workbook_come(world, client):
    change = done(world)
    paper_of = on(client, world.officer).get(address("roll_change_print", change))
    assert paper_of.content[:4] == b"%PDF"
    book = client.post(reverse("students:roll_change_export"))
    assert b"".join(book.streaming_content)[:2] == b"PK"


def test_the_ledger_asks_the_same_for_many_as_for_few(world, client, django_assert_max_num_queries):
    from tests.students.rolls import pupil

    url = reverse("students:roll_change_list")
    for number in range(12):
        started(world, "suspension", child=pupil(world.nodes.school, f"生{number}"))
    on(client, world.officer).get(url)
    with django_assert_max_num_queries(32):
        assert client.get(url).content.decode().count("row-") >= 0


class TestWorklist:
    def lines(self, user, day=DAY):
        for cached in ("_grants_in_force",):
            user.__dict__.pop(cached, None)
        return {item.title: item.count for item in roll_worklist.roll_changes_waiting(user, day) if item.count}

    def test_each_finds_what_is_next(self, world):
        change = started(world)
        assert self.lines(world.clerk) == {}
        assert self.lines(world.principal) == {"学籍异动待您办理": 1}
        roll_changes.agree(change=change, on=DAY, by=world.principal)
        assert self.lines(world.principal) == {}
        assert self.lines(world.other_principal) == {"学籍异动待您办理": 1}
        roll_changes.accept(change=change, on=DAY, by=world.other_principal)
        assert self.lines(world.officer) == {"学籍异动待您办理": 1}

    def test_a_suspension_reminds_before_and_after_its_end(self, world):
        from datetime import date

        done(world, "suspension")
        assert self.lines(world.clerk, date(2027, 1, 20)) == {}
        assert self.lines(world.clerk, date(2027, 2, 10)) == {"休学即将期满，提醒复学": 1}
        assert self.lines(world.officer, date(2027, 3, 5)) == {"休学已期满，没有复学": 1}
        assert self.lines(world.other_clerk, date(2027, 3, 5)) == {}


def test_the_file_is_served_through_the_change(world, client):
    proof = started(world).proofs.get()
    url = reverse("students:roll_change_proof", args=[proof.public_id])
    assert on(client, world.principal).get(url).status_code == 200
    assert on(client, world.junior_principal).get(url).status_code == 404


@pytest.mark.django_db(transaction=True)
class TestRace:
    def test_two_principals_accept_at_once_and_one_is_told(self, settings, tmp_path, monkeypatch):
        settings.FILES_ROOT = tmp_path
        monkeypatch.setattr(calling.chance, "random", lambda: 0.99)
        world = make_rolls()
        change = started(world)
        roll_changes.agree(change=change, on=DAY, by=world.principal)
        together = Barrier(2)

        def accept(user):
            try:
                together.wait(timeout=20)
                roll_changes.accept(change=change, on=DAY, by=user)
            except Refused as refusal:
                return str(refusal)
            finally:
                connection.close()
            return "accepted"

        with ThreadPoolExecutor(2) as pool:
            said = sorted(pool.map(accept, [world.other_principal, world.other_deputy]))
        assert said[0] == "accepted"
        assert "待教育局核办" in said[1]
        assert RollChangeEvent.objects.filter(change=change, name="accept").count() == 1

    def test_two_applications_at_once_leave_one(self, settings, tmp_path):
        settings.FILES_ROOT = tmp_path
        world = make_rolls()
        together = Barrier(2)

        def apply(kind):
            try:
                together.wait(timeout=20)
                return started(world, kind).number
            except Refused as refusal:
                return str(refusal)
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            said = list(pool.map(apply, ["transfer", "suspension"]))
        assert sum("没有办结的异动" in words for words in said) == 1
        assert RollChange.objects.count() == 1
