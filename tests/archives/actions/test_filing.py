from datetime import date

import pytest

from archives.actions import correcting, filing, making
from archives.assembly.content import fingerprint, short_code
from core.workflow import Refused
from tests.archives.world import FILED_ON, TEXTS, a_case, accepted, figures, filed, fresh, made, written

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


def test_a_month_is_not_filed_before_it_is_over(schools):
    """On the counting day itself things still happen; filed too early, they would all turn up as late facts of the next month."""
    report = written(made(schools), schools)
    with pytest.raises(Refused, match="2020-03-21 起才能填报"):
        filing.file(report=report, shown=filing.figures_now(report), by=schools.people["school_clerk"], on=report.ends_on)
    assert fresh(schools).state == "draft"


def test_a_month_that_has_not_begun_is_not_made(schools):
    with pytest.raises(ValueError, match="才开始"):
        making.make(period="2020-05", on=date(2020, 4, 20))


def test_a_correction_lists_the_words_that_changed_too(schools):
    version = correcting.correct(report=accepted(schools), reason="第二项写错", by=schools.people["school_clerk"], on=date(2020, 3, 27))
    texts = {**version.texts, "2": "每周点名"}
    version = filing.save_texts(report=version, texts=texts, revision=version.revision, by=schools.people["school_clerk"])
    version = filing.file(report=version, shown=filing.figures_now(version), by=schools.people["school_clerk"], on=date(2020, 3, 27))
    assert version.differences == [["②动态监测机制", "第2项已落实", "每周点名"]]
