import copy
from datetime import date

import pgtrigger
import pytest

from archives.actions import filing, signing
from archives.actions.correcting import correct
from archives.models import Report
from core.models import Signature
from core.workflow import Refused
from tests.archives.world import SIGNED_ON, a_case, accepted, filed, fresh, signed

pytestmark = pytest.mark.django_db


def tamper(report, **fields):
    """Change what was filed behind the back of the application and of the trigger, as somebody with the owner's rights could."""
    with pgtrigger.ignore("archives.Report:frozen_content"):
        Report.objects.filter(pk=report.pk).update(**fields)


def test_tampered_figures_are_not_signed(schools):
    report = filed(schools)
    figures = copy.deepcopy(report.figures)
    figures["total"]["confirmed"] = figures["lines"][0]["values"]["confirmed"] = 3
    tamper(report, figures=figures)
    with pytest.raises(signing.ContentChanged, match="被改动过"):
        signing.sign(report=report, sha256=report.content_sha256, by=schools.people["principal"], on=SIGNED_ON)
    assert not Signature.objects.exists()
    assert fresh(schools).state == "filed"


def test_tampered_words_are_not_accepted(schools):
    report = signed(schools)
    tamper(report, texts={"1": "改过的话"})
    with pytest.raises(signing.ContentChanged, match="被改动过"):
        signing.accept(report=report, sha256=report.content_sha256, by=schools.people["group_head"], on=SIGNED_ON)


def test_another_page_than_the_one_that_is_stored_is_not_signed(schools):
    report = filed(schools)
    with pytest.raises(signing.ContentChanged, match="不是同一份"):
        signing.sign(report=report, sha256="0" * 64, by=schools.people["principal"], on=SIGNED_ON)


def test_figures_that_changed_since_filing_are_refused_with_both_values(schools):
    report = filed(schools)
    a_case(schools, "疑1", [("open", "", "suspected", date(2020, 3, 10))])
    with pytest.raises(filing.FiguresChanged, match="本月新增疑似：页面上是 0，现在是 1.*退回"):
        signing.sign(report=report, sha256=report.content_sha256, by=schools.people["principal"], on=SIGNED_ON)


def test_what_becomes_known_after_signing_does_not_stop_the_acceptance(schools):
    report = signed(schools)
    a_case(schools, "疑1", [("open", "", "suspected", date(2020, 3, 10))])
    assert (
        signing.accept(report=report, sha256=report.content_sha256, by=schools.people["group_head"], on=SIGNED_ON).state == "accepted_group"
    )


def test_a_correction_is_a_new_version_with_its_differences(schools):
    first = accepted(schools)
    a_case(schools, "疑1", [("open", "", "suspected", date(2020, 3, 10))])
    second = correct(report=first, reason="漏报一名学生", by=schools.people["school_clerk"], on=SIGNED_ON)
    assert (second.version, second.state, second.corrected_from) == (2, "draft", first)
    assert ["本月新增疑似", 0, 1] in second.differences
    assert Report.objects.counted().get(organization=first.organization) == first
    filed_again = filing.file(report=second, shown=filing.figures_now(second), by=schools.people["school_clerk"], on=SIGNED_ON)
    assert filed_again.content_sha256 != first.content_sha256
    assert Report.objects.counted().get(organization=first.organization) == first
    assert Report.objects.newest().get(organization=first.organization) == second


def test_only_one_correction_is_open_and_only_of_what_is_accepted(schools):
    first = accepted(schools)
    correct(report=first, reason="漏报", by=schools.people["school_clerk"], on=SIGNED_ON)
    with pytest.raises(Refused, match="更新的一版"):
        correct(report=first, reason="再漏", by=schools.people["school_clerk"], on=SIGNED_ON)


def test_an_open_report_is_sent_back_not_corrected(schools):
    with pytest.raises(Refused, match="退回"):
        correct(report=signed(schools), reason="漏报", by=schools.people["school_clerk"], on=SIGNED_ON)
