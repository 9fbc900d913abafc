from datetime import date

import pytest
from django.db import IntegrityError, transaction

from archives.actions import filing, paper, signing
from archives.actions.moves import why_not
from archives.actions.obligations import set_mode
from archives.models import Report, ReportObligation
from archives.reports.paper import is_draft
from core.models import Signature
from core.workflow import Refused
from tests.archives.world import FILED_ON, SIGNED_ON, a_case, filed, fresh, made, scan, written

pytestmark = pytest.mark.django_db
NAMES = {"paper_filer": "张一", "paper_signer": "王二", "signed_on": date(2020, 3, 23)}


def printed(house, who="group_head"):
    made(house)
    obligation = ReportObligation.objects.get(organization=house.nodes.school)
    set_mode(obligation=obligation, mode="paper", by=house.people["dropout_officer"])
    report = fresh(house)
    return filing.file(report=report, shown=filing.figures_now(report), by=house.people[who], on=FILED_ON)


def joined(house):
    report = printed(house)
    found = paper.find_by_code(report.short_code.lower(), house.people["group_head"])
    return paper.join_scan(report=found, attachment=scan(house.people["group_head"]), by=house.people["group_head"], on=SIGNED_ON)


@pytest.mark.parametrize("who", ["group_head", "school_clerk"])
def test_the_sheet_is_frozen_when_it_is_printed(schools, who):
    report = printed(schools, who)
    assert (report.state, len(report.short_code), is_draft(report)) == ("filed", 9, False)


def test_the_group_ticks_with_the_scan_and_the_names_on_the_paper(schools):
    report = paper.tick(
        report=joined(schools), sha256=fresh(schools).content_sha256, by=schools.people["group_head"], on=SIGNED_ON, **NAMES
    )
    assert (report.state, report.signed_by, report.paper_signer, report.sent_on) == ("accepted_group", None, "王二", SIGNED_ON)
    signature = Signature.objects.get()
    assert (signature.method, signature.signer_name, signature.scan) == ("paper", "王二", report.scan)
    done = signing.accept(report=report, sha256=report.content_sha256, by=schools.people["dropout_officer"], on=SIGNED_ON)
    assert done.state == "accepted"


def test_without_the_scan_nothing_is_ticked(schools):
    report = printed(schools)
    with pytest.raises(Refused, match="扫描件"):
        paper.tick(report=report, sha256=report.content_sha256, by=schools.people["group_head"], on=SIGNED_ON, **NAMES)
    with pytest.raises(IntegrityError, match="report_signer"), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(
            state="accepted_group", signed_on=SIGNED_ON, sent_on=SIGNED_ON, group_accepted_on=SIGNED_ON,
            group_accepted_by=schools.people["group_head"], paper_signer="王二", paper_filer="张一",
        )  # fmt: skip


def test_one_name_for_both_lines_is_refused(schools):
    report = joined(schools)
    with pytest.raises(Refused, match="两个人"):
        paper.tick(
            report=report, sha256=report.content_sha256, by=schools.people["group_head"], on=SIGNED_ON, **NAMES | {"paper_filer": "王二"}
        )


def test_a_paper_school_neither_files_nor_signs_in_the_system(schools):
    report = printed(schools)
    with pytest.raises(Refused, match="纸上"):
        signing.sign(report=report, sha256=report.content_sha256, by=schools.people["principal"], on=SIGNED_ON)


def test_a_system_report_is_not_ticked(schools):
    report = filed(schools)
    paper.join_scan(report=report, attachment=scan(schools.people["school_clerk"]), by=schools.people["school_clerk"], on=SIGNED_ON)
    with pytest.raises(Refused, match="系统里签字"):
        paper.tick(report=report, sha256=report.content_sha256, by=schools.people["group_head"], on=SIGNED_ON, **NAMES)


def test_a_code_finds_only_what_is_in_scope_and_no_returned_sheet(schools):
    report = printed(schools)
    with pytest.raises(Refused, match="没有找到"):
        paper.find_by_code(report.short_code, schools.people["foreign_group_head"])
    with pytest.raises(Refused, match="不是月报编号"):
        paper.find_by_code("东关", schools.people["group_head"])
    signing.send_back(report=report, reason="数字不对", by=schools.people["group_head"], on=SIGNED_ON)
    with pytest.raises(Refused, match="没有找到"):
        paper.find_by_code(report.short_code, schools.people["group_head"])


def test_a_draft_takes_no_scan(schools):
    report = written(made(schools), schools)
    with pytest.raises(Refused, match="草稿"):
        paper.join_scan(report=report, attachment=scan(schools.people["school_clerk"]), by=schools.people["school_clerk"], on=SIGNED_ON)


def test_a_paper_with_something_in_it_is_no_zero_report(schools):
    made(schools)
    set_mode(obligation=ReportObligation.objects.get(organization=schools.nodes.school), mode="paper", by=schools.people["dropout_officer"])
    a_case(schools, "疑1", [("open", "", "suspected", date(2020, 3, 10))])
    report = fresh(schools)
    with pytest.raises(Refused, match="不能报零报告"):
        filing.file(
            report=report, shown=filing.figures_now(report), by=schools.people["group_head"], on=FILED_ON, zero_checked_by="李三"
        )


def test_the_bureau_sends_back_the_paper_of_a_school_without_a_group(schools):
    report, people = printed(schools), schools.people
    assert "由教育组退回" in why_not(report, "return_paper_by_bureau", people["dropout_officer"])
    Report.objects.filter(pk=report.pk).update(group=None)
    report = signing.send_back(report=report, reason="少盖一个章", by=people["dropout_officer"], on=SIGNED_ON)
    assert report.state == "draft"
