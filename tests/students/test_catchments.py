"""学区: one section of each stage for a place and a year; entered on the page, copied, or brought in a workbook."""

from datetime import date
from io import BytesIO

import pytest

from core.models import AuditEntry
from core.spreadsheets import Column, SheetOut, write_workbook
from core.workflow import Refused
from students import statuses
from students.actions import catchments
from students.models import Catchment, Section
from tests import cast


@pytest.fixture
def house(db):
    built = cast.build()
    built.pri = Section.objects.create(school=built.nodes.school, stage="pri")
    built.jun = Section.objects.create(school=built.nodes.junior_school, stage="jun")
    built.other = Section.objects.create(school=built.nodes.other_school, stage="pri")
    return built


def row(section, place, year=2019):
    return {"section": section, "place": place, "school_year": year}


def test_a_place_has_one_section_of_each_stage(house):
    officer, village = house.people["roll_officer"], house.nodes.village
    assert catchments.record_catchments(rows=[row(house.pri, village), row(house.jun, village)], by=officer) == 2
    assert catchments.record_catchments(rows=[row(house.pri, village)], by=officer) == 0
    assert catchments.record_catchments(rows=[row(house.other, village)], by=officer) == 1
    assert set(Catchment.objects.values_list("section", flat=True)) == {house.other.pk, house.jun.pk}
    assert AuditEntry.objects.filter(act="catchments_set").count() == 2


def test_a_township_is_no_catchment(house):
    with pytest.raises(Refused, match="由村"):
        catchments.record_catchments(rows=[row(house.pri, house.nodes.township)], by=house.people["roll_officer"])


def test_the_year_before_fills_what_is_missing(house):
    officer = house.people["roll_officer"]
    catchments.record_catchments(rows=[row(house.pri, house.nodes.village), row(house.jun, house.nodes.village)], by=officer)
    catchments.record_catchments(rows=[row(house.other, house.nodes.village, 2020)], by=officer)
    assert catchments.copy_year(school_year=2020, by=officer) == 1
    assert set(Catchment.objects.filter(school_year=2020).values_list("section", flat=True)) == {house.other.pk, house.jun.pk}


def test_on_the_page(client, house):
    client.force_login(house.people["roll_officer"])
    page = client.get("/catchments/?year=2019&township=990101100000")
    assert "东一村" in page.content.decode()
    assert "西一村" not in page.content.decode()
    places = [house.nodes.village.pk, house.nodes.village_group.pk]
    client.post("/catchments/set/?year=2019&township=990101100000", {"section": house.pri.pk, "places": places})
    assert Catchment.objects.filter(section=house.pri, school_year=2019).count() == 2
    assert "东关小学" in client.get("/catchments/?year=2019").content.decode()
    client.post("/catchments/copy/?year=2020")
    assert Catchment.objects.filter(section=house.pri, school_year=2020).count() == 2


def upload(client, *rows):
    book = BytesIO()
    columns = [Column(heading, 16) for heading in ("学校", "学段", "村", "组")]
    write_workbook(book, [SheetOut("学区", columns, rows, titles=("学区划分表",))])
    book.name = "学区.xlsx"
    book.seek(0)
    return client.post("/catchments/upload/?year=2019", {"file": book}, follow=True).content.decode()


def test_from_a_workbook(client, house):
    client.force_login(house.people["roll_officer"])
    upload(client, ["东关小学", "小学", "东一村", ""], ["西关学校", "小学", "东一村", "一组"], ["东关中学", "初中", "东二村", ""])
    assert {(row.section_id, row.place_id) for row in Catchment.objects.all()} == {
        (house.pri.pk, house.nodes.village.pk), (house.other.pk, house.nodes.village_group.pk),
        (house.jun.pk, house.nodes.second_village.pk),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (["没有小学", "小学", "东一村", ""], "不在学校名录里"), (["东关小学", "初中", "东一村", ""], "没有这个学段"),
        (["东关小学", "小学", "没有村", ""], "没有找到这个村"), (["东关小学", "小学", "东一村", "九组"], "没有这个组"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_and_nothing_changes(client, house, line, sentence):
    client.force_login(house.people["roll_officer"])
    page = upload(client, ["东关小学", "小学", "东二村", ""], line)
    assert "第 4 行" in page
    assert sentence in page
    assert not Catchment.objects.exists()


class TestEnd:
    WHY = {"reason": "布局调整文件〔2020〕3号"}

    def test_earlier_days_are_counted_as_they_were(self, house):
        officer, village = house.people["roll_officer"], house.nodes.village
        catchments.record_catchments(rows=[row(house.pri, village)], by=officer)
        catchments.end_catchment(catchment=Catchment.objects.get(), on=date(2020, 3, 1), by=officer, **self.WHY)
        before, after = (set(statuses.counted_by("section", statuses.Ask(on))) for on in (date(2020, 2, 29), date(2020, 3, 1)))
        assert (house.pri.pk in before, house.pri.pk in after) == (True, False)
        assert AuditEntry.objects.filter(act="catchment_ended").count() == 1

    def test_the_place_may_be_given_to_a_section_again(self, house):
        officer, village = house.people["roll_officer"], house.nodes.village
        catchments.record_catchments(rows=[row(house.pri, village)], by=officer)
        catchments.end_catchment(catchment=Catchment.objects.get(), on=date(2020, 3, 1), by=officer, **self.WHY)
        assert catchments.record_catchments(rows=[row(house.pri, village)], by=officer) == 1
        assert Catchment.objects.count() == 2

    @pytest.mark.parametrize("on", [date(2019, 8, 1), date(2021, 1, 1)])
    def test_a_day_outside_the_year_is_refused(self, house, on):
        officer = house.people["roll_officer"]
        catchments.record_catchments(rows=[row(house.pri, house.nodes.village)], by=officer)
        with pytest.raises(Refused, match="不在这个学年里"):
            catchments.end_catchment(catchment=Catchment.objects.get(), on=on, by=officer, **self.WHY)

    def test_on_the_page(self, client, house):
        officer, village = house.people["roll_officer"], house.nodes.village
        catchments.record_catchments(rows=[row(house.pri, village)], by=officer)
        client.force_login(officer)
        url = f"/catchments/{village.public_id}/2019/pri/end/"
        assert url in client.get("/catchments/?year=2019").content.decode()
        assert "不在这个学年里" in client.post(url, {"on": "2018-01-01", **self.WHY}).content.decode()
        assert client.post(url, {"on": "2020-03-01", **self.WHY}).status_code == 302
        assert "已停用" in client.get("/catchments/?year=2019").content.decode()
        assert client.get(url).status_code == 404
