"""Ledgers and statutory tables in one archive: one workbook a place, each child in one, tables that agree with the account."""

import io
import zipfile
from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from openpyxl import load_workbook

from archives.reports import books
from core import files
from core.models import AuditEntry, FileRun
from core.spreadsheets import read_workbook
from dropout.actions import assign, confirm, consolidate, open_case, record_return
from students import statuses
from students.actions import standings
from students.models import SpecialGroup
from students.reports.ledger_lines import SIGNATURES
from students.reports.tables import REASON_CODES, WHERE
from students.rules.statuses import STATUSES
from tests import cast, make
from tests.dropout import indicator_world

MARCH = date(2020, 3, 1)
ASK = statuses.Ask(MARCH)
LEDGERS = ["适龄儿童台账", "疑似辍学台账", "辍学台账"]


@pytest.fixture
def house(db):
    """own sits in school here and is poor, second is a dropout, foreign has died, a child of nowhere here is poor and sits in school."""
    built = cast.build()
    nodes, children = built.nodes, built.children
    make.registration(children.second, make.household(nodes.second_village))
    for kind in ("roll", "attending"):
        make.enrolment(children.own, nodes.school, kind, class_node=nodes.class_)
    fact = {"since": MARCH, "source": "case"}
    rows = [{"child": children.second, "code": "dropout", **fact}, {"child": children.foreign, "code": "removed", "reason": "05", **fact}]
    standings.record(rows=rows, by=None)
    built.migrant = make.child("外来子", (nodes.school, "attending"))
    make.enrolment(built.migrant, nodes.school, "roll", class_node=nodes.class_, boarding=True)
    for child in (children.own, children.second, built.migrant):
        SpecialGroup.objects.create(
            child=child, code="P1", label="脱贫户", household_number="户7", details={"lifted_year": "2018"}, since=make.LONG_AGO
        )
    SpecialGroup.objects.create(child=children.own, code="C1", label="肢体", details={"category": "4", "level": "3"}, since=make.LONG_AGO)
    return built


def unpacked(archive, tmp_path):
    """{workbook: {sheet: rows}} of the archive."""
    found = {}
    with zipfile.ZipFile(archive) as held:
        for name in held.namelist():
            path = tmp_path / "book.xlsx"
            path.write_bytes(held.read(name))
            found[name] = {sheet.name: sheet.rows for sheet in read_workbook(path, "book.xlsx")}
    return found


def written(tmp_path, ask=ASK, level="county"):
    books.write_books(tmp_path / "a.zip", ask=ask, level=level, note="编号 1")
    return unpacked(tmp_path / "a.zip", tmp_path)


def whole(tmp_path, ask=ASK):
    (sheets,) = written(tmp_path, ask).values()
    return sheets


def names_in(rows):
    return [row[4] for row in rows[5:] if row[4].strip()]


def line(rows, first):
    return next(row for row in rows if row[0] == first)


@pytest.mark.parametrize("level", list(books.LEVELS))
def test_every_child_is_in_one_workbook(house, tmp_path, level):
    count, children = books.write_books(tmp_path / "a.zip", ask=ASK, level=level, note="")
    held = unpacked(tmp_path / "a.zip", tmp_path)
    assert (len(held), children) == (count, 3)
    everybody = [name for sheets in held.values() for name in names_in(sheets["适龄儿童台账"])]
    assert sorted(everybody) == sorted(child.name for child in (house.children.own, house.children.second, house.children.foreign))


def test_the_three_ledgers_and_the_tables(house, tmp_path):
    sheets = whole(tmp_path)
    assert list(sheets) == [
        "目录", *LEDGERS, "适龄统计表", "核减汇总表", "区内户籍在校就读", "不在校情况", "区外户籍在校就读", "脱贫学生分学段人数", "学籍统计表",
    ]  # fmt: skip
    assert names_in(sheets["辍学台账"]) == [house.children.second.name]
    assert names_in(sheets["疑似辍学台账"]) == []
    text = "\n".join("|".join(row) for rows in sheets.values() for row in rows)
    assert house.children.own.number not in text
    assert "肢体三级" in text


def test_every_sheet_is_signed_and_prints_in_readable_type(house, tmp_path):
    books.write_books(tmp_path / "a.zip", ask=ASK, level="county", note="编号 1")
    with zipfile.ZipFile(tmp_path / "a.zip") as held:
        book = load_workbook(io.BytesIO(held.read(held.namelist()[0])))
    for sheet in book.worksheets:
        assert SIGNATURES in [sheet.cell(row, 1).value for row in range(1, 4)], sheet.title
        assert sheet.print_title_rows
        points = sum(column.width * 5.25 + 3.75 for column in sheet.column_dimensions.values())
        room = {"9": 770, "8": 1119}[str(sheet.page_setup.paperSize)] * sheet.page_setup.fitToWidth
        assert 10 * room / points >= 8, sheet.title
    ledger = book["适龄儿童台账"]
    assert (ledger.page_setup.paperSize, ledger.page_setup.fitToWidth, ledger.page_setup.orientation) == (8, 1, "landscape")


def test_the_contents_say_what_has_no_source(house, tmp_path):
    rows = {row[1]: row for row in whole(tmp_path)["目录"]}
    assert "资助发放还没有在系统里登记" in rows["资助统计表（5①）"][4]
    assert "系统里还没有学籍库" in rows["巩固率统计表"][4]
    assert rows["部门比对结果表"][4] == "没有"
    assert rows["适龄儿童台账"][3] == "3"


class TestOfTheAccount:
    def test_where_the_registered_are(self, house, tmp_path):
        rows = whole(tmp_path)["适龄统计表"]
        head, total = rows[4], [row for row in rows if row[0] == "合计"][-1]
        assert [head[1], total[1]] == ["合计", "3"] or total[1] == "3"
        parts = dict(zip(head[-len(WHERE) :], total[-len(WHERE) :], strict=True))
        assert {label: count for label, count in parts.items() if count != "0"} == {"县内": "1", "辍学": "1", "其他": "1"}

    def test_every_status_has_one_column(self):
        assert sorted(code for _, _, chosen in WHERE for code in chosen) == sorted(STATUSES)

    def test_removals_by_code_and_who_is_not_cleared(self, house, tmp_path):
        rows = whole(tmp_path)["核减汇总表"]
        west, east = line(rows, "西关镇"), line(rows, "东关镇")
        assert west[1 + REASON_CODES.index("05")] == "1"
        assert (west[-2:], east[-2:]) == (["1", "0"], ["0", "1"])


class TestOfTheRoll:
    def test_all_on_the_roll_by_grade(self, house, tmp_path):
        """Two pupils, one of whom is registered nowhere here; the list says nothing of 留守 and 随迁."""
        row = line(whole(tmp_path)["学籍统计表"], "东关小学")
        assert row[1:] == ["三年级", "1", "2", "2", "0", "1", "1", "—", "—", "0", "2"]

    def test_retention_is_its_formula_and_its_rate_the_indicator(self, db, settings, tmp_path):
        settings.FILES_ROOT = tmp_path / "files"
        indicator_world.build()
        sheets = whole(tmp_path, replace(ASK, on=indicator_world.ON))
        row = next(row for row in sheets["巩固率统计表"] if row[:2] == ["小学", "东关小学"])
        assert row[2:] == ["5", "3", "2", "—", "0", "2", "1", "1", "1", "2", "0", "60.00%"]

    def test_the_schools_of_a_county_are_books_of_their_own(self, db, settings, tmp_path):
        settings.FILES_ROOT = tmp_path / "files"
        indicator_world.build()
        held = written(tmp_path, replace(ASK, on=indicator_world.ON), "school")
        primary = next(sheets for name, sheets in held.items() if "东关小学" in name)
        junior = next(sheets for name, sheets in held.items() if "东关中学" in name)
        assert [row[0] for row in primary["巩固率统计表"] if row[1] == "东关小学"] == ["小学", "九年"]
        assert "东关小学" not in [row[1] for row in junior["巩固率统计表"]]

    def test_the_year_balances_and_names_who_left(self, db, settings, tmp_path):
        settings.FILES_ROOT = tmp_path / "files"
        indicator_world.build()
        sheets = whole(tmp_path, replace(ASK, on=indicator_world.ON))
        row = line(sheets["学生变动情况"], "东关小学")
        began, gained, lost, ends = (int(row[index]) for index in (2, 6, 12, 13))
        assert (began, gained, lost, ends) == (3, 1, 2, 2)
        assert began + gained - lost == ends
        left = {row[2]: row[4] for row in sheets["减少学生去向"] if row[2].startswith("在校")}
        assert left == {"在校二": "转出", "在校三": "其他"}

    def test_the_lists_of_departments(self, db, settings, tmp_path):
        settings.FILES_ROOT = tmp_path / "files"
        built = cast.build()
        snapshot = indicator_world.applied_list(built, "poverty", MARCH)
        for number, child in enumerate((built.children.own, built.children.second)):
            snapshot.list_rows.create(
                kind="poverty", sheet="表", row_number=number, person_key=bytes([number]), content_hash=b"x", since=MARCH, seen_as_of=MARCH,
                child=child,
            )  # fmt: skip
        make.enrolment(built.children.own, built.nodes.school)
        rows = whole(tmp_path)["部门比对结果表"]
        assert next(row for row in rows if row[1] == "2020-03-01")[3:7] == ["2", "1", "2", "0"]


class TestOfThePoor:
    def test_registered_here_and_elsewhere(self, house, tmp_path):
        sheets = whole(tmp_path)
        mine, theirs = sheets["区内户籍在校就读"], sheets["区外户籍在校就读"]
        own = next(row for row in mine if "东小明" in row)
        assert own[6:8] == ["户7", "2018"]
        assert "待核" in own
        assert [row[9] for row in theirs if "外来子" in row] == ["外来子"]
        assert not any("外来子" in row for row in mine)

    def test_by_township_and_stage(self, house, tmp_path):
        row = line(whole(tmp_path)["脱贫学生分学段人数"], "东关镇")
        assert (row[2], row[-2], row[-1]) == ("1", "1", "2"), "one in primary school, the dropout in none"


class TestOfTheCases:
    @pytest.fixture
    def worked(self, house):
        """second was brought back and placed; foreign stays away: the persuading has begun."""
        officer, day = house.people["dropout_officer"], date(2020, 3, 2)
        people = [{"line": "administration", "level": "village", "name": "孙一", "post": "村主任", "phone": "13900000000"},
                  {"line": "education", "level": "school", "name": "钱二", "post": "校长", "phone": ""}]  # fmt: skip
        for child in (house.children.second, house.children.foreign):
            case = open_case(child=child, why="没有到校", source="comparison", on=day, by=officer)
            confirm(case=case, cause="work", on=day, by=officer)
            assign(case=case, rows=[dict(row) for row in people], on=day, by=officer)
            if child == house.children.second:
                record_return(case=case, on=date(2020, 3, 9), by=officer, school_name="东关中学")
                consolidate(
                    case=case, on=date(2020, 3, 10), by=officer, placement="lower_grade", school_name="东关中学", support_teacher="李三"
                )
        return house

    def test_dropouts_on_the_day_asked(self, worked, tmp_path):
        before, after = (whole(tmp_path, replace(ASK, on=on)) for on in (date(2020, 3, 8), date(2020, 3, 12)))
        assert [row[2] for row in before["辍学学生情况"] if row[2] in ("东二妹", "西小红")] == ["东二妹", "西小红"]
        assert [row[2] for row in after["辍学学生情况"] if row[2] in ("东二妹", "西小红")] == ["西小红"]
        assert "返校学生安置表" not in before

    def test_who_was_placed(self, worked, tmp_path):
        rows = whole(tmp_path, replace(ASK, on=date(2020, 3, 12)))["返校学生安置表"]
        row = next(row for row in rows if row[1] == "东二妹")
        assert row[2:5] == ["2020-03-09", "东关中学", "随班就读(降级插班)"]
        assert row[7:9] == ["李三", "否"]

    def test_who_answers(self, worked, tmp_path):
        text = ["|".join(row) for row in whole(tmp_path, replace(ASK, on=date(2020, 3, 12)))["双线责任表"]]
        assert sum("孙一|村主任|139****0000" in row for row in text) == 2

    def test_not_in_school_adds_up(self, worked, tmp_path):
        rows = whole(tmp_path, replace(ASK, on=date(2020, 3, 8)))["不在校情况"]
        assert [row[11] for row in rows if row[6] in ("东二妹", "西小红")] == ["7 务农或打工", "7 务农或打工"]
        assert any("A4 不在校人数 2 人" in row[0] and "各项之和 2 人" in row[0] for row in rows)


def test_below_a_node_only_its_own(house, tmp_path):
    asked = replace(ASK, node=house.nodes.township)
    assert [name.split("-", 1)[1] for name in written(tmp_path, asked, "village")] == ["东关镇 东一村.xlsx", "东关镇 东二村.xlsx"]
    asked = replace(ASK, node=house.nodes.school)
    (sheets,) = written(tmp_path, asked, "school").values()
    assert line(sheets["学籍统计表"], "东关小学")[3] == "2"


class TestInOneClick:
    def test_the_page_tells_what_there_is(self, client, house):
        client.force_login(house.people["township_officer"])
        page = client.get("/tables/?on=2020-03-01")
        assert len(page.context["tables"]) == len(books.TABLES) + len(books.WITHOUT_SOURCE)
        assert "需要：各学期受助学生花名册" in page.content.decode()

    def test_it_is_of_today_and_says_of_which_day_the_lists_are(self, client, house):
        client.force_login(house.people["dropout_officer"])
        indicator_world.applied_list(house, "hukou", MARCH)
        page = client.get("/tables/")
        assert page.context["question"].ask.on == timezone.localdate()
        assert "名单截至" in page.content.decode()
        client.post("/tables/export/", {"split": "county"})
        assert AuditEntry.objects.get(act="ledgers_exported").detail["of"] == timezone.localdate().isoformat()
        assert "名单截至" not in client.get(f"/tables/?{page.context['lists_query']}").content.decode()

    def test_as_a_run(self, client, house, tmp_path, django_capture_on_commit_callbacks):
        client.force_login(house.people["township_officer"])
        with django_capture_on_commit_callbacks(execute=True):
            page = client.post("/tables/export/?on=2020-03-01", {"split": "village"})
        assert page.status_code == 302
        call_command("run_waiting", stdout=StringIO())
        run = FileRun.objects.get(kind="export_ledgers")
        assert run.state == "done", run.message
        entry = AuditEntry.objects.get(act="ledgers_exported")
        assert entry.number in run.message
        assert "2 人" in run.message
        held = unpacked(io.BytesIO(files.read(run.result)), tmp_path)
        assert {"东关镇 东一村.xlsx", "东关镇 东二村.xlsx"} <= {name.split("-", 1)[1] for name in held}
        assert "西小红" not in str(held)

    def test_by_command(self, house, tmp_path):
        out = StringIO()
        call_command("export_ledgers", on=MARCH, by="dropout_officer", level="township", out=tmp_path / "b.zip", stdout=out)
        assert "个工作簿，3 人" in out.getvalue()

    def test_an_unknown_level_is_absent(self, client, house):
        client.force_login(house.people["dropout_officer"])
        assert client.post("/tables/export/?on=2020-03-01", {"split": "galaxy"}).status_code == 404
