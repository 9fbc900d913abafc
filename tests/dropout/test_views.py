"""The pages, walked by the people who use them; forms are what a browser sends, without a script."""

import io
import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from core import files
from core.models import AuditEntry
from core.spreadsheets import read_workbook
from dropout import actions
from dropout.models import Case, Evidence, Visit
from students.actions import standings
from students.models import Child, Household, Registration, Standing
from tests.dropout import world as made


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def at(name, case, *more):
    return reverse(f"dropout:{name}", args=[case.public_id, *more])


def text(response):
    return response.content.decode()


@pytest.fixture
def registered(world):
    """The child stands in the police register and on no roll: the account leaves it outside school."""
    house = Household.objects.create(number="0101-1", head_name="户主甲", village=world.nodes.village)
    Registration.objects.create(child=world.child, household=house, since=date(2020, 1, 1))
    return world


LIST = "?on=2020-03-01&low=6&high=15&mode=point&bucket=neither"


class TestSuspectList:
    url = property(lambda self: reverse("dropout:suspect_list") + LIST)

    def test_shows_whom_the_account_leaves_outside(self, registered):
        page = as_(registered.officer).get(self.url)
        assert "郝玥英" in text(page)
        assert "1 人 = 待判断 1" in re.sub(r"\s+", " ", text(page))

    def test_another_township_does_not_see_the_child(self, registered):
        assert "郝玥英" not in text(as_(registered.foreign).get(self.url))

    def test_who_may_not_open_has_no_boxes(self, registered):
        page = as_(registered.auditor).get(self.url)
        assert "郝玥英" in text(page)
        assert 'name="children"' not in text(page)

    def test_ticked_rows_become_cases_each_with_its_reason(self, registered):
        answer = as_(registered.officer).post(reverse("dropout:suspect_open") + LIST, {
            "children": [registered.child.public_id], "why": "户籍在册，学籍查不到", f"why_{registered.child.public_id}": "邻居说在家",
            "on": "2020-03-02",
        })  # fmt: skip
        assert answer.status_code == 302
        case = Case.objects.get()
        assert (case.why, case.source, case.rule["bucket"], case.number) == ("邻居说在家", "comparison", "neither", "疑〔2020〕0001")
        assert case.due_on == date(2020, 3, 4)
        shown = text(as_(registered.officer).get(self.url))
        assert "已列个案 1" in shown
        assert "这份名单都判断完了" in shown

    def test_nothing_ticked_is_said(self, registered):
        answer = as_(registered.officer).post(reverse("dropout:suspect_open") + LIST, {"why": "户籍在册，学籍查不到", "on": "2020-03-02"})
        assert answer.status_code == 200
        assert "请先勾选" in text(answer)

    def test_the_foreign_officer_cannot_slip_a_child_in(self, registered):
        fields = {"children": [registered.child.public_id], "why": "户籍在册，学籍查不到", "on": "2020-03-02"}
        assert as_(registered.foreign).post(reverse("dropout:suspect_open") + LIST, fields).status_code == 200
        assert not Case.objects.exists()

    def test_whose_reason_is_approved_is_not_to_be_judged(self, registered):
        fact = {"child": registered.child, "code": "removed", "reason": "06", "since": date(2020, 2, 1), "source": "entry"}
        standings.record(rows=[fact], by=None)
        page = text(as_(registered.officer).get(self.url))
        assert "待判断 0" in page
        assert "郝玥英" not in page
        shown = text(as_(registered.officer).get(self.url + "&show=explained"))
        assert "去向已登记 1" in shown
        assert "核减：户籍迁出（2020-02-01 起）" in shown
        fields = {"children": [registered.child.public_id], "why": "户籍在册，学籍查不到", "on": "2020-03-02"}
        as_(registered.officer).post(reverse("dropout:suspect_open") + LIST, fields)
        assert not Case.objects.exists()
        Standing.objects.update(until=date(2020, 2, 20))  # a reason that has run out answers nothing
        assert "待判断 1" in text(as_(registered.officer).get(self.url))

    def test_a_removed_child_is_shown_with_reason_and_end(self, registered):
        made.removed(registered, reason="10", evidence=[("passport", made.photo())])
        Case.objects.update(removal_expires_on=date(2999, 8, 31))
        shown = text(as_(registered.officer).get(self.url + "&show=removed"))
        assert "核减在有效期内 1" in shown
        assert "已核减（出国(境)定居或随父母旅居，有效至 2999-08-31）" in shown


class TestLedger:
    def test_filters_and_sorts(self, world):
        case = made.opened(world)
        client = as_(world.officer)
        for query, found in (
            ("", True),
            ("?state=suspected", True),
            ("?state=closed", False),
            ("?due=overdue", True),
            ("?q=郝", True),
            ("?q=x", False),
        ):
            assert (case.number in text(client.get(reverse("dropout:case_list") + query))) is found, query
        assert client.get(reverse("dropout:case_list") + "?sort=-due&page=7").status_code == 200

    def test_the_number_of_queries_does_not_grow(self, world, django_assert_max_num_queries):
        for number in range(12):
            made.opened(world, made.make_child(f"学生{number}", world.nodes.village, world.nodes.school))
        client = as_(world.officer)
        with django_assert_max_num_queries(19):
            client.get(reverse("dropout:case_list"))

    def test_the_workbook_holds_the_rows_and_leads_back(self, world, tmp_path):
        case = made.opened(world)
        answer = as_(world.officer).post(reverse("dropout:case_export"))
        book = tmp_path / "cases.xlsx"
        book.write_bytes(b"".join(answer.streaming_content))
        entry = AuditEntry.objects.get(act="cases_exported")
        cells = [str(cell) for sheet in read_workbook(book, "cases.xlsx") for row in sheet.rows for cell in row]
        assert case.number in cells
        assert any(entry.number in cell for cell in cells)


class TestCasePage:
    @pytest.mark.parametrize("stage", made.STAGES)
    def test_every_state_has_its_page(self, world, stage):
        case = made.STAGES[stage](world)
        page = as_(world.bureau).get(at("case_detail", case))
        assert page.status_code == 200
        assert case.number in text(page)

    def test_the_sentence_of_what_is_missing(self, world):
        page = as_(world.principal).get(at("case_detail", made.consolidating(world, days=5)))
        assert "返校后出勤 5 天，满 20 天可按返校巩固提出销号" in text(page)

    def test_reading_is_recorded(self, world):
        as_(world.officer).get(at("case_detail", made.opened(world)))
        assert AuditEntry.objects.filter(act="case_viewed", actor_id=world.officer.pk, outcome="seen").count() == 1

    def test_foreign_is_absent(self, world):
        assert as_(world.foreign).get(at("case_detail", made.opened(world))).status_code == 404

    def test_a_forbidden_step_is_refused_with_its_sentence(self, world):
        answer = as_(world.clerk).post(at("case_transition", made.opened(world), "confirm"))
        assert answer.status_code == 403
        assert "确认辍学" in text(answer)


def test_the_whole_road_in_the_browser(world):
    """From suspected to closed by forms alone, each step by its person."""
    case = made.opened(world)
    road = [
        (world.officer, "confirm", {"on": "2020-03-03", "cause": "work"}),
        (world.officer, "assign", {
            "on": "2020-03-04", "administration_village_name": "孙一", "administration_village_phone": "0990-1234567",
            "education_school_name": "钱二",
        }),
        (world.clerk, "record_return", {"on": "2020-03-16", "school_name": "西关镇学校", "photos": made.photo()}),
        (world.clerk, "consolidate", {"on": "2020-03-17", "placement": "same_grade", "school_name": "西关镇学校", "support_teacher": "李三"}),
        (world.clerk, "attendance", {"first_on": "2020-03-17", "last_on": "2020-04-17", "school_days": "23", "present": "22"}),
        (world.principal, "propose_close", {"on": "2020-04-20", "code": "consolidated", "statement": "出勤稳定"}),
        (world.second, "close", {"on": "2020-04-21"}),
    ]  # fmt: skip
    for person, name, fields in road:
        client = as_(person)
        assert client.get(at("case_transition", case, name)).status_code == 200, name
        answer = client.post(at("case_transition", case, name), fields)
        assert answer.status_code == 302, (name, text(answer))
    case = made.fresh(case)
    assert (case.state, case.closed_on, case.close_code) == ("closed", date(2020, 4, 21), "consolidated")
    assert [event.name for event in case.events.all()] == [
        "open", "confirm", "assign", "record_return", "consolidate", "propose_close", "close",
    ]  # fmt: skip
    assert case.assignments.get(level="village").phone == "0990-1234567"


class TestRemovalForm:
    def test_each_reason_says_what_it_demands(self, world):
        case = made.opened(world)
        client = as_(world.officer)
        reasons = text(client.get(at("case_transition", case, "propose_removal")))
        assert "残疾人教育专家委员会鉴定意见" in reasons
        assert "失联不是核减原因" in reasons
        form = text(client.get(at("case_transition", case, "propose_removal") + "?reason=11"))
        assert "残疾人证(一、二级)或医院诊断证明，并附残疾人教育专家委员会鉴定意见" in form

    def test_without_its_evidence_nothing_is_proposed(self, world):
        case = made.opened(world)
        url = at("case_transition", case, "propose_removal") + "?reason=11"
        answer = as_(world.officer).post(url, {"on": "2020-03-03", "kind_0": "diagnosis", "files_0": made.photo()})
        assert answer.status_code == 200
        assert made.fresh(case).state == "suspected"

    def test_proposed_and_reviewed_side_by_side(self, world):
        case = made.opened(world)
        url = at("case_transition", case, "propose_removal") + "?reason=11"
        fields = {
            "on": "2020-03-03",
            "kind_0": "diagnosis",
            "files_0": made.photo("a.jpg"),
            "files_1": made.photo("b.jpg"),
            "statement": "长期卧床",
        }
        assert as_(world.officer).post(url, fields).status_code == 302
        page = text(as_(world.bureau).get(at("case_transition", case, "approve_removal")))
        assert "长期卧床" in page
        assert "专家委员会鉴定意见" in page
        assert as_(world.bureau).post(at("case_transition", case, "approve_removal"), {"on": "2020-03-04"}).status_code == 302
        assert made.fresh(case).removal_expires_on == date(2020, 8, 31)

    def test_a_reason_that_is_none_leads_to_the_choice(self, world):
        answer = as_(world.officer).post(at("case_transition", made.opened(world), "propose_removal") + "?reason=90", {"on": "2020-03-03"})
        assert "先选原因" in text(answer)


class TestVisitPage:
    FIELDS = {
        "met": ["father", "grandparents"], "mode": "home", "reply": "agreed", "promised_on": "2020-03-16", "notes": "父亲同意周一送孩子到校",
        "happened_on": "2020-03-13", "officers": "王四、赵五",
    }  # fmt: skip

    def test_a_visit_with_photos_and_signature(self, world):
        case = made.persuading(world)
        fields = {**self.FIELDS, "photos": [made.photo("1.jpg", exif=True), made.photo("2.jpg")], "signature": SIGNATURE}
        assert as_(world.liaison).post(at("visit_record", case), fields).status_code == 302
        visit = Visit.objects.get()
        assert (visit.attempt, visit.met, visit.promised_on) == (1, ["father", "grandparents"], date(2020, 3, 16))
        assert sorted(visit.evidence.values_list("kind", flat=True)) == ["photo", "photo", "signature"]
        assert made.fresh(case).due_on == date(2020, 3, 16)

    def test_the_photo_is_served_without_its_metadata(self, world):
        case = made.persuading(world)
        original = made.photo("1.jpg", exif=True)
        assert b"SecretCamera" in original.read()
        original.seek(0)
        as_(world.officer).post(at("visit_record", case), {**self.FIELDS, "photos": original})
        evidence = Evidence.objects.get(visit__isnull=False)
        served = as_(world.officer).get(at("evidence_file", evidence))
        content = b"".join(served.streaming_content)
        assert content == files.read(evidence.attachment)
        assert b"SecretCamera" not in content
        assert b"Exif" not in content
        assert "unsafe-inline" in served.headers["Content-Security-Policy"], "opened by itself it fits the telephone"
        assert as_(world.foreign).get(at("evidence_file", evidence)).status_code == 404

    def test_what_is_wrong_is_said_at_its_field(self, world):
        case = made.persuading(world)
        client = as_(world.officer)
        for change, sentence in (
            ({"promised_on": ""}, "同意返校的，要写明承诺返校日期"), ({"met": ["nobody", "father"]}, "只留一种"), ({"notes": ""}, "请填写“"),
            ({"happened_on": (date.today() + timedelta(days=2)).isoformat(), "reply": "refused", "promised_on": ""}, "之后，请改为已经发生的日期"),
            ({"happened_on": "2020-01-01"}, "早于列为疑似的日期"),
        ):  # fmt: skip
            answer = client.post(at("visit_record", case), {**self.FIELDS, **change})
            assert answer.status_code == 200, change
            assert sentence in text(answer), change
        assert not Visit.objects.exists()

    def test_a_file_that_is_no_photo_is_refused_and_nothing_remains(self, world):
        case = made.persuading(world)
        bad = made.SimpleUploadedFile("x.jpg", b"MZ not a picture", content_type="image/jpeg")
        answer = as_(world.officer).post(at("visit_record", case), {**self.FIELDS, "photos": bad})
        assert answer.status_code == 200
        assert "打不开" in text(answer)
        assert not Visit.objects.exists()

    def test_a_correction_keeps_the_old_row(self, world):
        case = made.persuading(world)
        visit = actions.record_visit(case=case, by=world.officer, **made.visit_facts())
        client = as_(world.officer)
        assert "想再想想" in text(client.get(at("visit_correct", visit)))
        assert client.post(at("visit_correct", visit), self.FIELDS).status_code == 302
        assert [(row.attempt, row.reply) for row in Visit.objects.order_by("pk")] == [(1, "hesitant"), (1, "agreed")]
        assert "更正过" in text(client.post(at("visit_correct", visit), self.FIELDS))
        assert Visit.objects.standing().get().reply == "agreed"


SIGNATURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.mark.parametrize("paper", ["persuasion-record", "register"])
def test_the_papers_are_pdfs_with_the_cases_facts(world, paper):
    case = made.persuading(world)
    actions.record_visit(case=case, by=world.officer, **made.visit_facts())
    answer = as_(world.officer).get(at("case_print", case, paper))
    assert answer["Content-Type"] == "application/pdf"
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    flat = re.sub(r"\s", "", words)
    assert "郝玥英" in flat
    assert "0990-1234567" in flat
    entry = AuditEntry.objects.get(act=f"{paper}_printed")
    assert entry.number in flat


def test_a_paper_with_a_character_nobody_can_draw_is_held_back_with_the_name(world):
    case = made.persuading(world)
    Child.objects.filter(pk=case.child_id).update(name="郝\ue815英")
    answer = as_(world.officer).get(at("case_print", case, "register"))
    assert answer.status_code == 409
    assert "郝\ue815英" in text(answer)
    assert "U+E815" in text(answer)
    assert not AuditEntry.objects.filter(act="register_printed").exists()  # nothing was given out


@pytest.mark.parametrize(("who", "whole"), [("officer", True), ("liaison", True), ("auditor", False), ("second", False)])
def test_telephones_and_address_are_printed_for_those_who_go_to_the_family(world, who, whole):
    case = made.persuading(world)
    answer = as_(getattr(world, who)).get(at("case_print", case, "register"))
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert ("0990-1234567" in re.sub(r"\s", "", words)) is whole
    assert AuditEntry.objects.get(act="register_printed").detail["whole_contact"] is whole


def test_responsible_people_are_not_saved_over_another_persons_change(world):
    case, client = made.persuading(world), as_(world.officer)
    mark = re.search(r'name="seen" value="([0-9]+)"', text(client.get(at("case_transition", case, "people"))))[1]
    rows = [dict(made.PEOPLE[0], name="周九")]
    actions.assign(case=case, rows=rows, on=made.DAY + timedelta(days=3), by=world.officer)
    fields = {"on": "2020-03-06", "seen": mark, "administration_village_name": "孙一", "administration_village_post": "村主任"}
    answer = client.post(at("case_transition", case, "people"), fields)
    assert answer.status_code == 409
    assert "已被另一个人改过" in text(answer)
    assert case.assignments.in_force().get(line="administration").name == "周九"


def test_a_wrong_count_of_attendance_is_corrected_on_its_page(world):
    case = made.consolidating(world, days=12)
    row = case.attendance_counts.get()
    assert f"/attendance/{row.public_id}/correct/" in text(as_(world.clerk).get(at("case_detail", case)))
    facts = {"first_on": row.first_on, "last_on": row.last_on, "school_days": 22, "present": 21}
    answer = as_(world.clerk).post(f"/attendance/{row.public_id}/correct/", facts)
    assert answer.status_code == 302
    assert list(case.attendance_counts.standing().values_list("present", "corrects")) == [(21, row.pk)]
    again = as_(world.clerk).post(f"/attendance/{row.public_id}/correct/", facts)
    assert "已经更正过" in text(again)
