"""The three ledgers in one archive: one workbook a place, names and tables that agree with the account, numbers masked."""

import io
import zipfile
from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from core import files
from core.models import AuditEntry, FileRun
from core.spreadsheets import read_workbook
from students import statuses
from students.actions import standings
from students.reports import ledgers
from tests import cast, make

MARCH = date(2020, 3, 1)
ASK = statuses.Ask(MARCH)


@pytest.fixture
def house(db):
    built = cast.build()
    make.registration(built.children.second, make.household(built.nodes.second_village))
    make.enrolment(built.children.own, built.nodes.school, "roll", class_node=built.nodes.class_)
    make.enrolment(built.children.own, built.nodes.school, "attending", class_node=built.nodes.class_)
    fact = {"since": MARCH, "source": "case"}
    rows = [
        {"child": built.children.second, "code": "dropout", **fact},
        {"child": built.children.foreign, "code": "removed", "reason": "05", **fact},
    ]
    standings.record(rows=rows, by=None)
    return built


def books(archive, tmp_path):
    """{workbook: {sheet: rows}} of the archive."""
    found = {}
    with zipfile.ZipFile(archive) as held:
        for name in held.namelist():
            path = tmp_path / "book.xlsx"
            path.write_bytes(held.read(name))
            found[name] = {sheet.name: sheet.rows for sheet in read_workbook(path, "book.xlsx")}
    return found


def names_in(rows):
    return [row[4] for row in rows[4:] if row[4].strip()]


@pytest.mark.parametrize("level", list(ledgers.LEVELS))
def test_every_child_is_in_one_workbook(house, tmp_path, level):
    count, children = ledgers.write_ledgers(tmp_path / "a.zip", ask=ASK, level=level, note="", sentence="2020-03-01")
    held = books(tmp_path / "a.zip", tmp_path)
    assert (len(held), children) == (count, 3)
    everybody = [name for sheets in held.values() for name in names_in(sheets["适龄儿童台账"])]
    assert sorted(everybody) == sorted(child.name for child in (house.children.own, house.children.second, house.children.foreign))


def test_the_three_ledgers_and_the_tables(house, tmp_path):
    ledgers.write_ledgers(tmp_path / "a.zip", ask=ASK, level="county", note="", sentence="2020-03-01")
    (sheets,) = books(tmp_path / "a.zip", tmp_path).values()
    assert list(sheets) == ["适龄儿童台账", "疑似辍学台账", "辍学台账", "适龄统计表", "学籍统计表", "核减汇总表"]
    assert names_in(sheets["辍学台账"]) == [house.children.second.name]
    assert names_in(sheets["疑似辍学台账"]) == []
    text = "\n".join("|".join(row) for rows in sheets.values() for row in rows)
    assert "核减" in text
    assert "死亡" in text
    assert house.children.own.number not in text
    assert "东关小学" in text
    total = next(row for row in sheets["适龄统计表"] if row[0] == "合计" and row[1].isdigit())
    assert total[1] == "3"


def test_below_a_node_only_its_own(house, tmp_path):
    asked = replace(ASK, node=house.nodes.township)
    ledgers.write_ledgers(tmp_path / "a.zip", ask=asked, level="village", note="", sentence="")
    assert [name.split("-", 1)[1] for name in books(tmp_path / "a.zip", tmp_path)] == ["东关镇 东一村.xlsx", "东关镇 东二村.xlsx"]


def test_in_one_click_as_a_run(client, house, tmp_path, django_capture_on_commit_callbacks):
    client.force_login(house.people["township_officer"])
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post("/account/ledgers/?on=2020-03-01", {"split": "village"})
    assert page.status_code == 302
    call_command("run_waiting", stdout=StringIO())
    run = FileRun.objects.get(kind="export_ledgers")
    assert run.state == "done", run.message
    entry = AuditEntry.objects.get(act="ledgers_exported")
    assert entry.number in run.message
    assert "2 人" in run.message
    held = books(io.BytesIO(files.read(run.result)), tmp_path)
    assert len(held) == 2


def test_by_command(house, tmp_path):
    out = StringIO()
    call_command("export_ledgers", on=MARCH, by="dropout_officer", level="township", out=tmp_path / "b.zip", stdout=out)
    assert "2 个工作簿，3 人" in out.getvalue()
