"""Who looks after a child and how to reach them: dated, in one view with the lists', the newest used on a visit."""

from datetime import date

import pytest
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection, transaction

from core.models import AuditEntry
from core.workflow import Refused
from students.actions import contacts
from students.models import Child, Contact, Household
from students.reports import contacts as report
from tests import cast, make
from tests.students.lists import load, pupil, resident

TODAY = date(2020, 5, 1)
NUMBER, PHONE = "990101201302070023", "13912345678"


@pytest.fixture
def house(db):
    return cast.build()


@pytest.fixture
def liaison(house):
    return house.people["village_liaison"]


def grandmother(owner, **more):
    return {"kind": "carer", "name": "东奶奶", "relation": "祖母", "phone": PHONE, "since": TODAY, **owner, **more}


class TestEntering:
    def test_what_is_entered_is_what_a_visit_uses(self, house, liaison):
        contacts.record(rows=[grandmother({"child": house.children.own}, address="东一村3组")], by=liaison)
        child = Child.objects.get(pk=house.children.own.pk)
        assert (child.guardian_name, child.phone, child.address) == ("东奶奶", PHONE, "东一村3组")

    def test_telephones_and_addresses_are_sealed(self, house, liaison):
        contacts.record(rows=[grandmother({"child": house.children.own})], by=liaison)
        with connection.cursor() as cursor:
            cursor.execute("select phone from students_contact")
            assert PHONE.encode() not in bytes(cursor.fetchone()[0])
        with pytest.raises(FieldError):
            Contact.objects.filter(phone=PHONE).exists()

    def test_the_same_again_is_no_second_one(self, house, liaison):
        rows = [grandmother({"child": house.children.own})]
        assert len(contacts.record(rows=rows, by=liaison)) == 1
        assert contacts.record(rows=rows, by=liaison) == []
        assert AuditEntry.objects.filter(act="contact_recorded").count() == 1

    def test_of_the_household_for_all_its_children(self, house, liaison):
        contacts.record(rows=[grandmother({"household": house.households.own})], by=liaison)
        assert Child.objects.get(pk=house.children.own.pk).phone == PHONE
        assert Child.objects.get(pk=house.children.second.pk).phone == ""

    def test_ended_stays_as_history(self, house, liaison):
        (made,) = contacts.record(rows=[grandmother({"child": house.children.own})], by=liaison)
        contacts.end(contact=made, on=date(2020, 6, 1), by=liaison)
        child = Child.objects.get(pk=house.children.own.pk)
        assert child.phone == ""
        (line,) = report.of_child(child, date(2020, 7, 1), whole=True)
        assert (line.phone, line.until) == (PHONE, date(2020, 6, 1))
        with pytest.raises(Refused, match="已于 2020-06-01 结束"):
            contacts.end(contact=made, on=date(2020, 6, 2), by=liaison)

    def test_only_in_scope(self, house, liaison):
        for owner in ({"child": house.children.foreign}, {"household": house.households.foreign}):
            with pytest.raises(Refused, match="不能登记"):
                contacts.record(rows=[grandmother(owner)], by=liaison)

    @pytest.mark.parametrize("wrong", [{"name": ""}, {"kind": "address", "name": ""}])
    def test_a_contact_says_something(self, wrong, house, liaison):
        with pytest.raises(Refused, match="要写"):
            contacts.record(rows=[grandmother({"child": house.children.own}, **wrong)], by=liaison)

    @pytest.mark.parametrize("wrong", [{"household": "own"}, {"child": None}, {"kind": "address"}, {"until": date(2020, 4, 1)}])
    def test_the_database_holds_the_promises(self, wrong, house, liaison):
        given = grandmother({"child": house.children.own}) | wrong
        if given.get("household"):
            given["household"] = house.households.own
        with pytest.raises(IntegrityError), transaction.atomic():
            Contact.objects.create(by=liaison, **given)


def test_entered_before_listed_and_carers_first(places, tmp_path):
    load(tmp_path, "hukou", [resident(NUMBER, 监护人姓名="王大")], **places)
    load(tmp_path, "roll", [pupil(NUMBER, 监护人姓名="王大", 联系电话="13800000001")], **places)
    child = Child.objects.get()
    assert child.phone == "13800000001"
    rows = [
        {"child": child, "kind": "guardian", "name": "王大", "phone": "13800000002", "since": TODAY},
        {"child": child, "kind": "carer", "name": "王奶奶", "phone": "13800000003", "since": date(2020, 4, 1)},
        {"child": child, "kind": "address", "address": "王家庄村 5 号", "since": TODAY},
    ]
    contacts.record(rows=rows, by=places["by"])
    child = Child.objects.get()
    assert (child.guardian_name, child.phone, child.address) == ("王奶奶", "13800000003", "王家庄村 5 号")
    lines = report.of_child(child, TODAY, whole=False)
    assert [line.label for line in lines][:3] == ["实际监护人（委托照护人）", "监护人", "现住址"]
    assert lines[0].phone == "138****0003"
    assert all(line.source.startswith("名单：") for line in lines[3:])
    assert lines[3:]


class TestPages:
    @pytest.fixture
    def page(self, client, house):
        client.force_login(house.people["village_liaison"])
        return client

    def given(self, **more):
        return {"kind": "carer", "name": "东奶奶", "phone": PHONE, "since": "2020-05-01", **more}

    def test_entered_on_the_childs_page(self, page, house):
        child = house.children.own
        assert f"/records/{child.public_id}/contacts/" in page.get(child.get_absolute_url()).content.decode()
        answer = page.post(f"/records/{child.public_id}/contacts/add/", self.given(), follow=True)
        assert PHONE in answer.content.decode()
        made = Contact.objects.get()
        page.post(f"/contacts/{made.public_id}/end/")
        made.refresh_from_db()
        assert made.until is not None

    @pytest.mark.parametrize(
        ("more", "sentence"),
        [({"name": ""}, "请填写联系人姓名"),
         ({"kind": "address", "name": ""}, "请填写现住址"), ({"phone": "电话 1 / 2"}, "看不懂"), ({"since": "2999-01-01"}, "之后")],
    )  # fmt: skip
    def test_mistakes_are_said(self, page, house, more, sentence):
        answer = page.post(f"/records/{house.children.own.public_id}/contacts/add/", self.given(**more))
        assert sentence in answer.content.decode()
        assert not Contact.objects.exists()

    def test_who_may_not_enter_sees_masked(self, page, house, client):
        contacts.record(rows=[grandmother({"child": house.children.own})], by=house.people["village_liaison"])
        client.force_login(house.people["auditor"])
        seen = client.get(f"/records/{house.children.own.public_id}/contacts/").content.decode()
        assert PHONE not in seen
        assert "139****5678" in seen
        assert "登记联系方式</a>" not in seen

    def test_a_household_is_reached_through_its_village_or_a_child(self, house, client):
        contacts.record(rows=[grandmother({"household": house.households.own})], by=house.people["village_liaison"])
        address = f"/households/{house.households.own.public_id}/contacts/"
        for name, status in (("principal", 200), ("village_liaison", 200), ("foreign_principal", 404)):
            client.force_login(house.people[name])
            assert client.get(address).status_code == status, name
        assert Household.objects.reached_by(house.people["principal"], "see_children").get() == house.households.own
        assert make.household(house.nodes.second_village) not in Household.objects.reached_by(house.people["principal"], "see_children")
