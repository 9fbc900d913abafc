"""48小时报告 on its pages: the inbox, the receipt, the paper, the rate, and whose work it is."""

from datetime import date
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from core.actions.parameters import set_parameter
from core.models import AuditEntry
from dropout import worklist
from dropout.models import Absence, AbsenceReceipt, AbsenceReport, Case
from dropout.reports import absences
from tests.dropout.absence_world import ABSENT, FIRST, away, furnish, judge, mark, slip, the_absence, there

LIST = "/absences/"


@pytest.fixture
def school(house):
    furnish(house)
    away(house, 14, 15)
    judge(16)
    return house


def page_of(client, user, url=LIST):
    client.force_login(user)
    answer = client.get(url)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def detail(absence):
    return reverse("dropout:absence_detail", args=[absence.public_id])


def lines(user):
    return {item.title: item for item in worklist.absence_lines(user, timezone.localdate())}


class TestInbox:
    def test_the_township_finds_it_signs_and_is_done(self, client, school):
        officer = school.people["township_officer"]
        waiting = lines(officer)["48小时报告待签收"]
        assert (waiting.count, waiting.url) == (1, f"{LIST}?receipt=mine")
        page = page_of(client, officer, waiting.url)
        assert school.away.name in page
        assert "签收这份报告" in page_of(client, officer, detail(the_absence()))
        answer = client.post(reverse("dropout:absence_receive", args=[the_absence().public_id]), follow=True)
        assert "已代表乡镇签收" in answer.content.decode()
        assert AbsenceReceipt.objects.get().received_by == officer
        assert "48小时报告待签收" not in lines(officer)
        assert "48小时报告待签收" in lines(school.people["dropout_officer"])

    def test_a_second_receipt_of_a_side_is_refused_with_who_and_when(self, client, school):
        for who, status in (("township_officer", 302), ("township_head", 403)):
            client.force_login(school.people[who])
            assert client.post(reverse("dropout:absence_receive", args=[the_absence().public_id])).status_code == status

    def test_the_other_township_sees_nothing(self, client, school):
        stranger = school.people["foreign_township_officer"]
        assert lines(stranger) == {}
        assert school.away.name not in page_of(client, stranger)
        assert client.get(detail(the_absence())).status_code == 404

    def test_the_clock_is_work_of_the_class_teacher(self, school):
        there(school, 16)
        judge(16, 17)
        mark(school, FIRST.replace(day=17), {school.pupils[1]: ABSENT})
        judge(17, 17)
        for who in ("class_teacher", "school_clerk", "principal"):
            assert lines(school.people[who])["无故缺勤正在计时，请联系家长"].count == 1
        assert "无故缺勤正在计时，请联系家长" not in lines(school.people["township_officer"])

    def test_a_suspected_child_who_is_back_is_work_again(self, school):
        officer = school.people["township_officer"]
        title = "疑似个案的学生已到校或已说明缺勤，请核实后核减"
        today = FIRST.replace(day=17)
        assert title not in [item.title for item in worklist.lines(officer, today)]
        slip(school, 14, 16)
        judge(16, 10)
        assert title in [item.title for item in worklist.lines(officer, today)]


class TestPages:
    def test_the_list_tells_the_rate(self, client, school):
        away(school, 17, 21, child=school.pupils[2])
        judge(22, 9)
        page = page_of(client, school.people["dropout_officer"])
        assert "50.00%" in page
        assert "未及时" in page
        late = page_of(client, school.people["dropout_officer"], f"{LIST}?receipt=late")
        assert school.pupils[2].name in late
        assert school.away.name not in late

    def test_filters(self, client, school):
        bureau = school.people["dropout_officer"]
        assert school.away.name in page_of(client, bureau, f"{LIST}?state=open&receipt=township&q=缺报")
        assert school.away.name not in page_of(client, bureau, f"{LIST}?state=returned")

    def test_the_queries_do_not_grow_with_the_list(self, client, school, django_assert_max_num_queries):
        client.force_login(school.people["dropout_officer"])
        client.get(LIST)
        with django_assert_max_num_queries(20):
            client.get(LIST)

    def test_one_absence_with_all_that_happened(self, client, school):
        page = page_of(client, school.people["class_teacher"], detail(the_absence()))
        for words in ("缺报〔2026〕0001", "2026-09-16 08:00", "2026-09-14 08:20", "东关镇 东一村（户籍地）", "列为疑似个案", "补登假条"):
            assert words in page
        assert AuditEntry.objects.filter(act="absence_viewed").exists()
        assert "补登假条" not in page_of(client, school.people["township_officer"], detail(the_absence()))

    def test_the_case_shows_its_report(self, client, school):
        page = page_of(client, school.people["township_officer"], reverse("dropout:case_detail", args=[Case.objects.get().public_id]))
        assert "缺报〔2026〕0001" in page

    def test_the_workbook(self, client, school):
        client.force_login(school.people["dropout_officer"])
        answer = client.post(reverse("dropout:absence_export"))
        cells = [
            cell for row in load_workbook(BytesIO(b"".join(answer.streaming_content))).active.iter_rows(values_only=True) for cell in row
        ]
        assert {"缺报〔2026〕0001", "东关镇", "及时"} <= set(cells)


class TestPaper:
    def test_the_report_prints_with_its_receipts(self, client, school):
        officer = school.people["township_officer"]
        client.force_login(officer)
        client.post(reverse("dropout:absence_receive", args=[the_absence().public_id]))
        answer = client.get(reverse("dropout:absence_print", args=[the_absence().public_id]))
        text = "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(answer.content)).pages).replace(" ", "").replace("\n", "")
        for words in ("缺报〔2026〕0001", school.away.name, "2026-09-1608:00", "乡镇签收：乡镇教育专干", "东关镇"):
            assert words.replace(" ", "") in text, words
        assert school.away.name not in answer.headers["Content-Disposition"]
        assert AuditEntry.objects.get(act="absence_report_printed").detail["number"] == "缺报〔2026〕0001"

    def test_an_address_that_names_its_village_says_it_once(self):
        report = AbsenceReport(township_name="东关镇", village_name="李家村")
        told = [absences.lives_at(report, address) for address in ("李家村", "东关镇李家村3组", "学府路8号", "", None)]
        assert told == ["东关镇 李家村", "东关镇 李家村 3组", "东关镇 李家村 学府路8号", "东关镇 李家村", "东关镇 李家村"]

    def test_without_a_report_there_is_no_paper(self, client, school):
        mark(school, FIRST.replace(day=17), {school.pupils[1]: ABSENT})
        judge(17, 17)
        running = Absence.objects.get(state="running")
        client.force_login(school.people["township_officer"])
        assert client.get(reverse("dropout:absence_print", args=[running.public_id])).status_code == 404
        assert client.post(reverse("dropout:absence_receive", args=[running.public_id])).status_code == 404

    def test_the_register_form_names_the_report(self, client, school):
        client.force_login(school.people["township_officer"])
        answer = client.get(reverse("dropout:case_print", args=[Case.objects.get().public_id, "register"]))
        text = "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(answer.content)).pages).replace("\n", "").replace(" ", "")
        assert "缺报〔2026〕0001" in text


def test_the_county_s_own_threshold_stands_in_every_title(client, house):
    officer = house.people["dropout_officer"]
    set_parameter(name="absence_alert_hours", since=date(2019, 9, 1), value=24, reason="本县规定一天", by=officer)
    furnish(house)
    away(house, 14, 15)
    judge(16)
    assert "缺勤 24 小时报告" in page_of(client, officer)
    assert absences.title(absences.hours_of(the_absence())) == "义务教育学生缺勤 24 小时报告"
    assert "24小时报告待签收" in lines(officer)
