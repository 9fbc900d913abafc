from datetime import date

import pytest

from archives.actions import filing
from archives.assembly.content import fingerprint, short_code
from core.workflow import Refused
from tests.archives.world import FILED_ON, TEXTS, a_case, figures, filed, fresh, made, written

pytestmark = pytest.mark.django_db


def test_filing_freezes_the_figures_under_a_fingerprint(schools):
    report = filed(schools)
    report.refresh_from_db()
    assert report.content_sha256 == fingerprint(report)
    assert report.short_code == short_code(report.content_sha256)
    assert (report.state, report.filed_on) == ("filed", FILED_ON)


def test_figures_that_changed_since_the_page_was_shown_are_refused_with_both_values(schools):
    report = written(made(schools), schools)
    shown = filing.figures_now(report)
    a_case(schools, "疑1", [("open", "", "suspected", date(2020, 3, 10))])
    with pytest.raises(filing.FiguresChanged) as refusal:
        filing.file(report=report, shown=shown, by=schools.people["school_clerk"], on=FILED_ON)
    assert ["本月新增疑似", 0, 1] in refusal.value.changes
    assert "本月新增疑似：页面上是 0，现在是 1" in str(refusal.value)
    assert fresh(schools).state == "draft"


def test_a_report_that_does_not_balance_cannot_be_filed(schools, monkeypatch):
    report = written(made(schools), schools)
    wrong = figures(suspected_start=2, suspected_end=1)
    monkeypatch.setattr(filing, "figures_now", lambda report: wrong)
    with pytest.raises(Refused, match=r"不平衡.*期末疑似辍学 1 = 2 \+ 0 − 0 − 0 = 2"):
        filing.file(report=report, shown=wrong, by=schools.people["school_clerk"], on=FILED_ON)


def test_part_b_must_be_written(schools):
    report = filing.save_texts(report=made(schools), texts=TEXTS | {"3": " "}, revision=1, by=schools.people["school_clerk"])
    with pytest.raises(Refused, match="③劝返、登记和书面报告制度落实"):
        filing.file(report=report, shown=filing.figures_now(report), by=schools.people["school_clerk"], on=FILED_ON)


def test_a_zero_report_names_who_checked(schools):
    report = made(schools)
    report = filing.file(
        report=report, shown=filing.figures_now(report), by=schools.people["school_clerk"], on=FILED_ON, zero_checked_by="李三"
    )
    assert (report.state, report.zero_report, report.zero_checked_by, report.zero_checked_on) == ("filed", True, "李三", FILED_ON)


def test_an_older_page_is_not_saved_over_a_newer_one(schools):
    report = written(made(schools), schools)
    with pytest.raises(filing.TextsChanged) as refusal:
        filing.save_texts(report=report, texts=TEXTS | {"1": "另一个人写的"}, revision=1, by=schools.people["school_clerk"])
    assert refusal.value.newer == TEXTS


def test_nothing_is_written_into_a_filed_report(schools):
    report = filed(schools)
    with pytest.raises(Refused, match="已填报"):
        filing.save_texts(report=report, texts=TEXTS, revision=report.revision, by=schools.people["school_clerk"])


def test_filing_twice_is_refused(schools):
    report = filed(schools)
    with pytest.raises(Refused, match="现在是“已填报”"):
        filing.file(report=report, shown=report.figures, by=schools.people["school_clerk"], on=FILED_ON)
