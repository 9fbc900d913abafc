"""月报及时率: the rows add up, every figure opens exactly its units, foreign units stay outside."""

from datetime import timedelta

import pytest

from archives.models import Report
from archives.reports import timeliness
from archives.reports.summary import summary
from core.models import AuditEntry
from core.spreadsheets import read_workbook
from tests.archives.world import PERIOD, signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(schools):
    """Of three schools that owe a report one has sent it on its last day."""
    report = signed(schools)
    Report.objects.filter(pk=report.pk).update(sent_on=report.due_on)
    return schools


def test_a_day_late_is_late(house):
    report = Report.objects.of_period(PERIOD).get(sent_on__isnull=False)
    Report.objects.filter(pk=report.pk).update(sent_on=report.due_on + timedelta(days=1))
    assert timeliness.rate_of(timeliness.units(summary(node=house.nodes.root, period=PERIOD))).part == 0


def test_on_time_of_those_that_owe(house):
    held = timeliness.units(summary(node=house.nodes.root, period=PERIOD))
    rate = timeliness.rate_of(held)
    assert (rate.part, rate.whole, rate.text) == (1, 3, "33.33%")


@pytest.mark.parametrize("dimension", list(timeliness.DIMENSIONS))
def test_rows_add_up_and_open_their_units(house, dimension):
    held = timeliness.units(summary(node=house.nodes.root, period=PERIOD))
    rows = timeliness.by(held, dimension)
    for side in ("part", "whole"):
        assert sum(getattr(rate, side) for rate in rows.values()) == len(timeliness.behind(held, side))
        for word, rate in rows.items():
            assert len(timeliness.behind(held, side, dimension, word)) == getattr(rate, side)


def test_the_page_opens_exactly_the_units_counted(client, house):
    client.force_login(house.people["dropout_officer"])
    page = client.get(f"/reports/timeliness/?period={PERIOD}&by=township")
    for row in [*page.context["rows"], page.context["total"]]:
        for side in ("part", "whole"):
            units = client.get(f"/reports/timeliness/{row[f'{side}_url'].partition('#')[0]}").context["units"]
            assert len(units) == getattr(row["rate"], side)


def test_a_group_sees_its_own(client, house):
    client.force_login(house.people["foreign_group_head"])
    assert [unit.name for unit in client.get(f"/reports/timeliness/?period={PERIOD}").context["units"]] == ["西关学校"]


def test_a_period_that_is_none(client, house):
    client.force_login(house.people["dropout_officer"])
    assert client.get("/reports/timeliness/?period=2020-77").status_code == 404


def test_as_a_workbook(client, house, tmp_path):
    client.force_login(house.people["dropout_officer"])
    answer = client.post(f"/reports/timeliness/export/?period={PERIOD}")
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"".join(answer.streaming_content))
    sheets = {sheet.name: sheet.rows for sheet in read_workbook(path, "book.xlsx")}
    assert ["合计", "", "1", "3", "33.33%"] in [row[:5] for row in sheets["月报及时率"]]
    assert {row[0] for row in sheets["应报单位"]} >= {"东关小学", "东关中学", "西关学校"}
    assert AuditEntry.objects.filter(act="timeliness_exported").count() == 1
