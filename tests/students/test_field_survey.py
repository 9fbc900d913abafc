"""四查 and 铁脚板: what was checked and what not; a child entered from a phone."""

import re
from datetime import date

import pytest

from core.models import AuditEntry, Organization
from core.workflow import Refused
from students.actions import checks, found
from students.models import ChildPlace, FieldCheck, FoundChild
from students.reports import checks as report
from students.rules import identity
from tests import cast, make
from tests.students.access import number_of

DAY = date(2020, 3, 2)


@pytest.fixture
def house(db):
    return cast.build()


def check(house, what="hukou", place="village", who="township_officer", **more):
    given = {"checked_on": DAY, "people": "王四、赵五", "checked": 30, "problems": 0, **more}
    return checks.record_check(what=what, place=getattr(house.nodes, place), by=house.people[who], **given)


class TestChecks:
    def test_coverage_counts_places_not_checks(self, house):
        check(house)
        check(house, checked=31)
        check(house, "roll", "school", "school_clerk")
        rows = report.coverage("2020S", Organization.objects.all())
        by_name = {row["name"]: {cell["what"]: cell for cell in row["cells"]} for row in rows}
        assert (by_name["东关镇"]["hukou"]["done"], by_name["东关镇"]["hukou"]["total"]) == (1, 2)
        assert (by_name["东关镇"]["hukou"]["open"], by_name["东关镇"]["hukou"]["names"]) == (1, "东二村")
        assert (by_name["县直"]["roll"]["done"], by_name["县直"]["roll"]["total"]) == (1, 3)
        assert report.totals(rows)[0] == {"done": 1, "total": 3}
        assert report.coverage("2019A", Organization.objects.all())[0]["cells"][0]["done"] == 0

    @pytest.mark.parametrize(
        ("more", "sentence"),
        [({"problems": 31}, "多于查的"), ({"problems": 1}, "写明查到什么"), ({"what": "roll"}, "按学校登记")],
    )
    def test_what_does_not_fit_is_refused(self, house, more, sentence):
        with pytest.raises(Refused, match=sentence):
            check(house, **more)
        assert not FieldCheck.objects.exists()

    def test_on_the_page(self, client, house):
        client.force_login(house.people["village_liaison"])
        given = {"what": "door", "place": house.nodes.village.pk, "checked_on": "2020-03-02", "people": "李二", "checked": 5, "problems": 1}
        assert "写明查到什么" in client.post("/checks/new/", given).content.decode()
        client.post("/checks/new/", given | {"findings": "一名女孩在家"})
        page = client.get("/checks/?term=2020S").content.decode()
        assert "一名女孩在家" in page
        assert "西一村" not in page


def phone(house, **more):
    told = {"name": "田小妮", "sex": "2", "age": "9", "whereabouts": "在家带弟弟", "found_on": "2020-03-02"}
    return told | {"village": house.nodes.village.pk} | more


class TestFound:
    def test_from_the_phone_of_a_village_liaison(self, client, house):
        client.force_login(house.people["village_liaison"])
        assert client.get("/found/new/").status_code == 200
        client.post("/found/new/", phone(house, phone="13900000000", guardian="田大"))
        row = FoundChild.objects.get()
        assert (row.number, row.age_only, row.child.birth_on, row.child.number_state) == ("摸〔2020〕0001", True, date(2010, 9, 2), "none")
        assert set(ChildPlace.objects.filter(child=row.child).values_list("why", flat=True)) == {"reported", "residence"}
        assert set(row.child.scope_nodes) == set(house.nodes.village.path)
        assert row.child.numbers.get().source == "none"
        assert "摸〔2020〕0001" in client.get("/found/").content.decode()
        assert AuditEntry.objects.filter(act="children_found").count() == 1
        client.force_login(cast_foreign(house))
        assert "田小妮" not in client.get("/found/").content.decode()

    def test_whoever_has_several_villages_chooses_one(self, client, house):
        """The first village of the list stood there as if it had been chosen."""
        client.force_login(house.people["township_officer"])
        assert '<option value="" selected>请选择</option>' in client.get("/found/new/").content.decode()
        client.post("/found/new/", phone(house, village=""))
        assert not FoundChild.objects.exists()
        client.force_login(house.people["village_liaison"])
        assert f'<option value="{house.nodes.village.pk}" selected>' in client.get("/found/new/").content.decode()

    def test_a_known_number_is_the_known_child(self, house):
        number = "99010120100301123" + identity.check_digit("99010120100301123")
        own = house.children.own
        number_of(own, number, True)
        facts = {"name": own.name, "sex": "1", "village": house.nodes.second_village, "whereabouts": "在家", "found_on": DAY}
        facts |= {"number": number}
        made = found.record_found_children(rows=[facts], by=house.people["township_officer"])
        assert made[0].child == own
        assert house.nodes.second_village.pk in made[0].child.scope_nodes

    def test_an_age_is_turned_into_the_middle_of_its_year(self):
        assert found.middle_of_age(9, date(2020, 3, 2)) == date(2010, 9, 2)
        assert found.middle_of_age(6, date(2020, 8, 31)) == date(2014, 2, 28)

    @pytest.mark.parametrize(
        ("more", "sentence"), [({"age": ""}, "至少填一样"), ({"number": "990101201003011230"}, "校验不符"), ({"name": " "}, "请填写“")]
    )
    def test_refusals_keep_what_was_typed(self, client, house, more, sentence):
        client.force_login(house.people["village_liaison"])
        page = client.post("/found/new/", phone(house, **more)).content.decode()
        assert re.search(sentence, page)
        assert "在家带弟弟" in page
        assert not FoundChild.objects.exists()

    def test_a_foreign_village_is_no_choice(self, client, house):
        client.force_login(house.people["village_liaison"])
        client.post("/found/new/", phone(house, village=house.nodes.other_village.pk))
        assert not FoundChild.objects.exists()


def cast_foreign(house):
    return house.people.get("foreign_township_officer") or make.person("外镇", ("township_officer", house.nodes.other_township))
