"""The account by status on its pages: it adds up, figures lead to exactly their names, two people enter a reason, a version stands."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.db import DatabaseError, transaction

from core.models import AuditEntry, Organization
from core.spreadsheets import Column, SheetOut, write_workbook
from core.workflow import Refused
from students import statuses
from students.actions import explaining, freezing, standings
from students.models import AccountLine, AccountVersion, Catchment, ComparisonRun, Section, Standing, StandingProposal, UnitChange
from tests import cast, make
from tests.dropout import indicator_world

ASK = {"on": "2020-03-01", "low": "6", "high": "15", "mode": "point"}
MARCH = date(2020, 3, 1)
DAY = statuses.Ask(MARCH)


@pytest.fixture
def house(db):
    """own sits and is on the roll; second is nowhere; foreign is on the roll and does not sit."""
    built = cast.build()
    make.registration(built.children.second, make.household(built.nodes.second_village))
    make.enrolment(built.children.own, built.nodes.school, "roll", class_node=built.nodes.class_)
    make.enrolment(built.children.own, built.nodes.school, "attending", class_node=built.nodes.class_)
    make.enrolment(built.children.foreign, built.nodes.other_school, "roll")
    return built


def signed_in(client, house, name="dropout_officer"):
    client.force_login(house.people[name])
    return client


def explain_all(house):
    rows = [
        {"child": house.children.second, "code": "elsewhere", "since": MARCH, "document": "证1号"},
        {"child": house.children.foreign, "code": "removed", "reason": "05", "since": MARCH, "document": "证2号"},
    ]
    made = explaining.propose(rows=rows, by=house.people["dropout_officer"], organization=house.nodes.root)
    return explaining.approve(proposal=made, by=house.people["bureau_head"])


class TestThePage:
    @pytest.mark.parametrize("level", list(statuses.LEVELS))
    def test_every_figure_leads_to_as_many_names(self, client, house, level):
        page = signed_in(client, house).get("/account/statuses/", ASK | {"level": level})
        cells = [cell for row in page.context["rows"] for cell in row["cells"]] + page.context["parts"]
        assert len(cells) > 3
        for cell in cells:
            assert client.get(cell["url"]).context["page_obj"].paginator.count == cell["figure"], cell
        for column in range(len(page.context["shown"]) + 1):
            total = 3 if not column else page.context["parts"][column - 1]["figure"]
            assert sum(row["cells"][column]["figure"] for row in page.context["rows"]) == total

    def test_sections_of_a_catchment_take_their_villages(self, client, house):
        section = Section.objects.create(school=house.nodes.school, stage="pri")
        for place in (house.nodes.village, house.nodes.second_village):
            Catchment.objects.create(section=section, stage="pri", place=place, school_year=2019)
        page = signed_in(client, house).get("/account/statuses/", ASK | {"level": "section"})
        assert [(row["name"], row["cells"][0]["figure"]) for row in page.context["rows"]] == [("东关小学小学部", 2), ("未落到学区", 1)]
        assert client.get(page.context["rows"][0]["cells"][0]["url"]).context["page_obj"].paginator.count == 2

    def test_what_does_not_balance_is_listed(self, client, house):
        page = signed_in(client, house).get("/account/statuses/", ASK)
        assert "还不平衡：2 人去向未说明" in page.content.decode()
        assert "✗ 不平衡，各项之和少 2 人" in page.content.decode()
        names = client.get(page.context["unexplained_url"])
        assert {row["child"].name for row in names.context["rows"]} == {house.children.second.name, house.children.foreign.name}

    def test_a_township_counts_its_own(self, client, house):
        page = signed_in(client, house, "township_officer").get("/account/statuses/", ASK)
        assert page.context["found"].registered == 2

    def test_a_line_says_source_and_day(self, client, house):
        explain_all(house)
        rows = signed_in(client, house).get("/account/statuses/names/", ASK | {"status": "elsewhere"}).context["rows"]
        assert [(row["status"], row["source"], row["since"]) for row in rows] == [("外地就读有证明", "登记 证1号", MARCH)]

    def test_an_unknown_status_is_not_there(self, client, house):
        assert signed_in(client, house).get("/account/statuses/names/", ASK | {"status": "lost"}).status_code == 404

    def test_the_number_of_queries_is_the_same_for_any_number_of_children(self, client, house, django_assert_max_num_queries):
        signed_in(client, house)
        client.get("/account/statuses/", ASK)
        for number in range(30):
            make.registration(make.child(f"孩{number}", (house.nodes.village, "hukou")), make.household(house.nodes.village))
        with django_assert_max_num_queries(60):
            assert client.get("/account/statuses/names/", ASK).status_code == 200

    def test_export(self, client, house):
        page = signed_in(client, house).post("/account/statuses/export/?on=2020-03-01&status=nowhere")
        assert page.status_code == 200
        assert AuditEntry.objects.filter(act="status_names_exported", detail__rows=1).exists()


class TestReasons:
    def test_from_the_list_by_two_people(self, client, house):
        signed_in(client, house, "township_officer")
        child = house.children.second
        assert client.post("/account/reasons/new/", {"child": child.pk}).status_code == 200
        given = {"child": child.pk, "meaning": "deferred", "since": "2020-02-01", "document": "缓1号"}
        page = client.post("/account/reasons/new/", given)
        proposal = StandingProposal.objects.get()
        assert page.headers["Location"] == f"/account/reasons/{proposal.public_id}/"
        assert not Standing.objects.exists()
        signed_in(client, house, "bureau_head").post(page.headers["Location"], {"decision": "approve"})
        row = Standing.objects.get()
        assert (row.child, row.code, row.source, row.reference, row.until) == (
            child, "deferred", "entry", str(proposal.public_id), date(2020, 9, 1)
        )  # fmt: skip

    def test_without_proof_it_is_refused_with_the_name(self, client, house):
        signed_in(client, house)
        page = client.post("/account/reasons/new/", {"child": house.children.second.pk, "meaning": "05", "since": "2020-02-01"})
        assert "要有证明" in page.content.decode()
        assert not StandingProposal.objects.exists()

    @pytest.mark.parametrize(("since", "run_out"), [(date(2019, 9, 1), True), (date(2020, 2, 20), False)])
    def test_who_decides_sees_that_a_reason_of_last_term_has_run_out(self, client, house, since, run_out):
        """Schooling elsewhere is proven term by term (domain.md §3.5): entered from last autumn, it says nothing of March."""
        indicator_world.applied_list(house, "hukou", MARCH)
        rows = [{"child": house.children.second, "code": "elsewhere", "since": since, "document": "1", "place": "外校"}]
        made = explaining.propose(rows=rows, by=house.people["dropout_officer"], organization=house.nodes.root)
        page = signed_in(client, house, "bureau_head").get(f"/account/reasons/{made.public_id}/").content.decode()
        assert ("已到期" in page) is run_out

    def test_a_foreign_child_is_not_there(self, client, house):
        signed_in(client, house, "township_officer")
        given = {"meaning": "deferred", "since": "2020-02-01", "document": "1"}
        client.post("/account/reasons/new/", {"child": house.children.foreign.pk} | given)
        assert not StandingProposal.objects.exists()

    def test_the_recorder_does_not_decide_and_sending_back_wants_a_reason(self, client, house):
        rows = [{"child": house.children.second, "code": "deferred", "since": MARCH, "document": "1"}]
        made = explaining.propose(rows=rows, by=house.people["dropout_officer"], organization=house.nodes.root)
        with pytest.raises(Refused, match="登记的人不能自己复核"):
            explaining.approve(proposal=made, by=house.people["dropout_officer"])
        page = signed_in(client, house, "bureau_head").post(f"/account/reasons/{made.public_id}/", {"decision": "reject"})
        assert "退回要写明原因" in page.content.decode()
        client.post(f"/account/reasons/{made.public_id}/", {"decision": "reject", "note": "没有盖章"})
        made.refresh_from_db()
        assert (made.state, made.decision_note) == ("rejected", "没有盖章")
        with pytest.raises(Refused, match="不再办理"):
            explaining.approve(proposal=made, by=house.people["bureau_head"])

    def test_a_workbook_in_the_browser(self, client, house):
        book = BytesIO()
        columns = [Column(heading, 16) for heading in ("姓名", "出生日期", "去向或原因", "证明文号")]
        child = house.children.second
        write_workbook(book, [SheetOut("去向", columns, [[child.name, child.birth_on.isoformat(), "送教上门", "1号"]], titles=("去向",))])
        book.name = "去向.xlsx"
        book.seek(0)
        page = signed_in(client, house).post("/account/reasons/upload/", {"file": book, "on": "2020-02-01"})
        assert page.status_code == 302
        line = StandingProposal.objects.get().lines.get()
        assert (line.child, line.code, line.reason) == (child, "home_teaching", "")


class TestFreezing:
    def test_not_while_it_does_not_balance(self, client, house):
        with pytest.raises(Refused, match="还有 2 名儿童去向未说明"):
            freezing.freeze(ask=DAY, by=house.people["dropout_officer"])
        page = signed_in(client, house).post("/account/versions/freeze/?on=2020-03-01&low=6&high=15&mode=point", follow=True)
        assert "不能固定" in page.content.decode()
        assert not AccountVersion.objects.exists()
        assert not AccountLine.objects.exists()

    def test_a_version_stands_and_proves_itself(self, client, house):
        explain_all(house)
        signed_in(client, house).post("/account/versions/freeze/?on=2020-03-01&low=6&high=15&mode=point")
        version = AccountVersion.objects.get()
        assert (version.number, version.registered, version.lines.count()) == (1, 3, 3)
        assert version.figures["elsewhere"] == version.figures["removed"] == version.figures["in_school"] == 1
        assert version.neither_by_reason == {"区外就读": 1}
        assert freezing.is_unchanged(version)
        assert "核对相符" in client.get(f"/account/versions/{version.public_id}/").content.decode()
        for rows in (AccountVersion.objects.filter(pk=version.pk), version.lines.all()):
            with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
                rows._raw_delete(rows.db)
            with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
                rows.update(**{"registered" if rows.model is AccountVersion else "status": 1})

    def test_a_sum_that_does_not_fit_is_noticed(self, house):
        explain_all(house)
        version = freezing.freeze(ask=DAY, by=house.people["dropout_officer"])
        version.content_sha256 = "0" * 64
        assert not freezing.is_unchanged(version)

    def test_names_are_those_of_the_day(self, client, house):
        """The school was renamed twice since, the village once before."""
        explain_all(house)
        school, village = house.nodes.school, house.nodes.village
        was = school.name
        changes = ((school, was, date(2020, 3, 5)), (school, "中间的校名", date(2020, 3, 8)), (village, "从前的村名", date(2020, 2, 1)))
        for node, old, on in changes:
            facts = {"new_name": "又改的校名", "happened_on": on, "reason": "批复", "applied_by": house.people["bureau_admin"]}
            UnitChange.objects.create(kind="rename", node=node, old_name=old, **facts)
        Organization.objects.filter(pk=school.pk).update(name="又改的校名")
        version = freezing.freeze(ask=DAY, by=house.people["dropout_officer"])
        line = version.lines.get(child_number=house.children.own.pk)
        assert (line.school, line.home) == (was, village.name)
        page = signed_in(client, house).get("/account/statuses/names/", ASK | {"status": "in_school"}).content.decode()
        assert was in page
        assert "又改的校名" not in page
        exported = client.post("/account/statuses/export/?on=2020-03-01&low=6&high=15&mode=point&status=in_school")
        book = openpyxl.load_workbook(BytesIO(b"".join(exported.streaming_content)))
        assert was in {cell for row in book.active.iter_rows(values_only=True) for cell in row}

    def test_who_moved_from_where_to_where(self, client, house):
        explain_all(house)
        officer = house.people["dropout_officer"]
        freezing.freeze(ask=DAY, by=officer)
        standings.record(rows=[{"child": house.children.own, "code": "dropout", "since": date(2020, 3, 9), "source": "case"}], by=officer)
        new = make.child("新来", (house.nodes.village, "hukou"))
        make.registration(new, make.household(house.nodes.village))
        standings.record(rows=[{"child": new, "code": "suspected", "since": date(2020, 3, 9), "source": "case"}], by=officer)
        second = freezing.freeze(ask=replace(DAY, on=date(2020, 3, 10)), by=officer)
        moved = {row["name"]: (row["before"], row["after"]) for row in freezing.differences(second, second.before)}
        assert moved == {"新来": ("", "suspected"), house.children.own.name: ("in_school", "dropout")}
        page = signed_in(client, house).get(f"/account/versions/{second.public_id}/")
        assert page.context["sums"] == [("新进", "疑似辍学", 1), ("在籍在校", "确认辍学", 1)]

    def test_comparisons_are_kept_with_what_changed(self, client, house):
        signed_in(client, house).post("/account/versions/keep/?on=2020-03-01&low=6&high=15&mode=point")
        explain_all(house)
        client.post("/account/versions/keep/?on=2020-03-01&low=6&high=15&mode=point")
        last, first = ComparisonRun.objects.all()
        assert (first.changed, first.registered) == ({}, 3)
        assert last.changed == {"elsewhere": 1, "removed": 1, "absent": -1, "nowhere": -1}
        assert "外地就读有证明 +1" in client.get("/account/versions/").content.decode()
