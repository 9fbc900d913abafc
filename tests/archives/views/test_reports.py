"""The pages: what each role sees and does with a month's report."""

import re
from datetime import date

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from archives import worklist
from archives.actions import filing
from archives.actions.obligations import set_mode
from archives.models import Report, ReportObligation
from archives.tasks import export_reports
from core import files
from core.models import FileRun
from students.models import Section
from tests import make
from tests.archives.world import PERIOD, TEXTS, a_case, accepted, filed, fresh, made, signed

pytestmark = pytest.mark.django_db
MARCH = date(2020, 3, 24)


@pytest.fixture(autouse=True)
def _in_march():
    with time_machine.travel("2020-03-24 09:00+08:00", tick=True):
        yield


def go(client, house, who):
    client.force_login(house.people[who])
    return client


def url(name, report, *more):
    return reverse(f"archives:{name}", args=[report.public_id, *more])


def hidden(response, name):
    return re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())[1].replace("&quot;", '"')


def test_the_clerk_writes_and_files_in_one_form(client, schools):
    report = made(schools)
    page = go(client, schools, "school_clerk").get(url("report_detail", report))
    fields = {f"text_{number}": text for number, text in TEXTS.items()} | {"revision": 1, "shown": hidden(page, "shown"), "act": "file"}
    answer = client.post(url("report_file", report), fields, follow=True)
    assert "已填报，编号" in answer.content.decode()
    assert fresh(schools).filed_by == schools.people["school_clerk"]


def test_saving_is_not_filing(client, schools):
    report = made(schools)
    fields = {"text_1": "只写了一项", "revision": 1, "shown": "{}", "act": "save"}
    go(client, schools, "school_clerk").post(url("report_file", report), fields)
    assert (fresh(schools).state, fresh(schools).texts["1"]) == ("draft", "只写了一项")


def test_an_older_page_gets_both_texts(client, schools):
    report = made(schools)
    filing.save_texts(report=report, texts=TEXTS, revision=1, by=schools.people["school_clerk"])
    answer = go(client, schools, "school_clerk").post(
        url("report_file", report), {"text_1": "我写的", "revision": 1, "shown": "{}", "act": "save"}
    )
    assert answer.status_code == 409
    assert "我写的" in answer.content.decode()
    assert TEXTS["1"] in answer.content.decode()


def test_changed_figures_come_back_with_both_values(client, schools):
    report = made(schools)
    page = go(client, schools, "school_clerk").get(url("report_detail", report))
    a_case(schools, "疑1", [("open", "", "suspected", date(2020, 3, 10))])
    fields = {f"text_{number}": text for number, text in TEXTS.items()} | {"revision": 1, "shown": hidden(page, "shown"), "act": "file"}
    answer = client.post(url("report_file", report), fields)
    assert answer.status_code == 409
    assert "本月新增疑似：页面上是 0，现在是 1" in answer.content.decode()
    assert fresh(schools).texts == TEXTS, "what was written is not lost"


def test_a_zero_report_is_one_click_that_names_who_checked(client, schools):
    report = made(schools)
    page = go(client, schools, "school_clerk").get(url("report_detail", report))
    assert f'value="{schools.people["school_clerk"].name}"' in page.content.decode()
    answer = client.post(url("report_zero", report), {"shown": hidden(page, "shown"), "checked_by": "李三"}, follow=True)
    assert "零报告：经李三于2020年3月24日核查" in answer.content.decode()


def test_no_zero_report_is_offered_when_something_happened(client, schools):
    report = made(schools)
    a_case(schools, "疑1", [("open", "", "suspected", date(2020, 3, 10))])
    assert "报零报告" not in go(client, schools, "school_clerk").get(url("report_detail", report)).content.decode().replace(
        "可以报零报告", ""
    )


def test_the_principal_opens_checks_and_signs_in_three_clicks(client, schools):
    report = filed(schools)
    (item,) = [item for item in worklist.summary(schools.people["principal"], MARCH) if "签字" in item.title]
    assert item.url == url("report_detail", report)
    page = go(client, schools, "principal").get(item.url)
    assert url("report_sign", report) in page.content.decode()
    sheet = client.get(url("report_sign", report))
    answer = client.post(url("report_sign", report), {"sha256": hidden(sheet, "sha256"), "password": make.PASSWORD}, follow=True)
    assert "已签字" in answer.content.decode()
    assert fresh(schools).signed_by == schools.people["principal"]


def test_a_wrong_password_signs_nothing(client, schools):
    report = filed(schools)
    answer = go(client, schools, "principal").post(url("report_sign", report), {"sha256": report.content_sha256, "password": "猜的"})
    assert answer.status_code == 200
    assert fresh(schools).state == "filed"


def test_signing_refuses_figures_that_changed(client, schools):
    report = filed(schools)
    a_case(schools, "疑1", [("open", "", "suspected", date(2020, 3, 10))])
    answer = go(client, schools, "principal").post(url("report_sign", report), {"sha256": report.content_sha256, "password": make.PASSWORD})
    assert answer.status_code == 409
    assert "现在是 1" in answer.content.decode()
    assert fresh(schools).state == "filed"


def test_group_and_bureau_accept(client, schools):
    report = signed(schools)
    for who, state in (("group_head", "accepted_group"), ("dropout_officer", "accepted")):
        page = go(client, schools, who).get(url("report_detail", report))
        assert "接收这份月报" in page.content.decode()
        client.post(url("report_accept", report), {"sha256": hidden(page, "sha256")})
        assert fresh(schools).state == state


def test_a_refused_act_is_403_with_the_sentence(client, schools):
    report = signed(schools)
    answer = go(client, schools, "dropout_officer").post(url("report_accept", report), {"sha256": report.content_sha256})
    assert answer.status_code == 403
    assert "先由教育组接收" in answer.content.decode()


def test_returning_asks_for_the_reason_and_the_clerk_reads_it(client, schools):
    report = filed(schools)
    assert go(client, schools, "principal").post(url("report_return", report), {"reason": ""}).status_code == 200
    client.post(url("report_return", report), {"reason": "在校生数与花名册不符"})
    assert "在校生数与花名册不符" in go(client, schools, "school_clerk").get(url("report_detail", report)).content.decode()
    (item,) = [item for item in worklist.summary(schools.people["school_clerk"], MARCH) if "填报" in item.title]
    assert item.note == "退回原因：在校生数与花名册不符"


def test_a_correction_is_opened_from_the_accepted_report(client, schools):
    report = accepted(schools)
    answer = go(client, schools, "school_clerk").post(url("report_correct", report), {"reason": "漏报一名学生"}, follow=True)
    assert "已开第 2 版" in answer.content.decode()
    assert Report.objects.count() == 4


def test_the_way_on_paper_through_the_pages(client, schools):
    report = made(schools)
    set_mode(obligation=ReportObligation.objects.get(organization=schools.nodes.school), mode="paper", by=schools.people["dropout_officer"])
    page = go(client, schools, "group_head").get(url("report_detail", report))
    client.post(url("report_paper", report), {"shown": hidden(page, "shown")})
    report = fresh(schools)
    scanned = SimpleUploadedFile("盖章.pdf", make.PAPER, content_type="application/pdf")
    answer = client.post(reverse("archives:report_scan_join"), {"code": report.short_code.lower(), "scan": scanned}, follow=True)
    assert "请核对后登记纸质已收" in answer.content.decode()
    assert client.get(url("report_scan", report)).content == make.PAPER
    fields = {"sha256": report.content_sha256, "paper_filer": "张一", "paper_signer": "王二", "signed_on": "2020-03-23"}
    assert "纸质已收" in client.post(url("report_tick", report), fields, follow=True).content.decode()
    assert fresh(schools).state == "accepted_group"


def test_a_scan_that_is_neither_pdf_nor_picture_is_refused(client, schools):
    report = filed(schools)
    page = SimpleUploadedFile("月报.html", b"<script>alert(1)</script>", content_type="text/html")
    answer = go(client, schools, "school_clerk").post(reverse("archives:report_scan_join"), {"code": report.short_code, "scan": page})
    assert answer.status_code == 200
    assert fresh(schools).scan is None


def test_a_school_sees_its_months_and_the_bureau_its_schools(client, schools):
    made(schools)
    months = go(client, schools, "principal").get(reverse("archives:report_list")).content.decode()
    assert "2020年3月月报" in months
    assert "西关学校" not in months
    table = go(client, schools, "dropout_officer").get(reverse("archives:report_list")).content.decode()
    assert "西关学校" in table
    assert "还有 3 校未报" in re.sub(r"\s+", " ", table)
    group = go(client, schools, "group_head").get(reverse("archives:report_list")).content.decode()
    assert "东关中学" in group
    assert "西关学校" not in group


def test_a_figure_opens_its_names_within_scope(client, schools):
    a_case(schools, "疑1", [("open", "", "suspected", date(2020, 3, 10))])
    a_case(schools, "疑2", [("open", "", "suspected", date(2020, 3, 10))], child="second")
    report = filed(schools)
    page = go(client, schools, "principal").get(url("report_names", report, "suspected_end")).content.decode()
    assert "东小明" in page
    assert "东二妹" not in page, "her places are elsewhere: counted, not named"
    assert "另有 1 人" in page
    assert client.get(url("report_names", report, "attending_pri")).status_code == 404


@pytest.mark.parametrize("format", ["xlsx", "pdf"])
def test_files_come_with_their_names(client, schools, format):
    report = signed(schools)
    answer = go(client, schools, "principal").get(url("report_print", report, format))
    assert answer.status_code == 200
    assert "filename*=utf-8" in answer["Content-Disposition"]
    table = go(client, schools, "group_head").get(reverse("archives:report_summary"), {"format": format, "period": PERIOD})
    assert table.status_code == 200


def test_reports_are_made_from_the_page(client, schools):
    answer = go(client, schools, "dropout_officer").post(reverse("archives:report_make"), {"period": PERIOD}, follow=True)
    assert "新生成 3 份" in answer.content.decode()
    assert go(client, schools, "principal").post(reverse("archives:report_make"), {"period": PERIOD}).status_code == 403


def test_the_bureau_sets_how_a_school_reports(client, schools):
    made(schools)
    obligation = ReportObligation.objects.get(organization=schools.nodes.school)
    go(client, schools, "dropout_officer").post(reverse("archives:report_mode", args=[obligation.pk]), {"mode": "paper"})
    assert fresh(schools).mode == "paper"


def test_the_worklist_is_red_when_the_due_day_has_passed(schools):
    made(schools)
    clerk = schools.people["school_clerk"]
    assert [(item.tone, item.due_on) for item in worklist.summary(clerk, date(2020, 3, 25))] == [("amber", date(2020, 3, 25))]
    assert [item.tone for item in worklist.summary(clerk, date(2020, 3, 26))] == ["red"]
    (missing,) = worklist.summary(schools.people["group_head"], date(2020, 3, 26))
    assert (missing.count, missing.tone, missing.note) == (2, "red", "应报 2 校，已报 0 校")
    assert worklist.summary(schools.people["class_teacher"], MARCH) == []


@pytest.mark.parametrize("query", [{"period": PERIOD}, {"period": PERIOD, "waiting": "1"}])
def test_a_table_of_schools_does_not_ask_more_for_more_schools(client, schools, query):
    made(schools)
    go(client, schools, "dropout_officer").get(reverse("archives:report_list"), query)
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("archives:report_list"), query)
    for number in range(12):
        Section.objects.create(school=make.node("school", f"第{number}小学", schools.nodes.group), stage="pri")
    made(schools)
    with CaptureQueriesContext(connection) as many:
        assert client.get(reverse("archives:report_list"), query).status_code == 200
    assert len(many) <= len(few) + 2


def test_a_township_reads_the_figures_of_its_schools_and_opens_none(client, schools):
    report = filed(schools)
    page = go(client, schools, "township_officer").get(reverse("archives:report_list"), {"period": PERIOD}).content.decode()
    assert "东关小学" in page
    assert "西关学校" not in page
    assert url("report_detail", report) not in page
    assert client.get(url("report_detail", report)).status_code == 404


def test_many_schools_on_paper_are_work_that_leaves_its_file(client, schools, monkeypatch):
    made(schools)
    monkeypatch.setattr("archives.views.report_files.SCHOOLS_AT_ONCE", 2)
    answer = go(client, schools, "dropout_officer").get(reverse("archives:report_summary"), {"format": "pdf", "period": PERIOD})
    run = FileRun.objects.get(kind="export_reports")
    assert answer.url == reverse("core:run_detail", args=[run.public_id])
    sentence, file = export_reports(run)
    assert "示范县2020年3月控辍保学月报汇总.pdf" in sentence
    assert files.read(file).startswith(b"%PDF")
