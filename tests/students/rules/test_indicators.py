"""The vectors of domain.md, Appendix B.5."""

import pytest

from students.rules import indicators


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (indicators.arrival_rate(due=3250, came=3247), "99.91%"),
        (indicators.settled_rate(suspected=666, removed=640, persuaded=20, on_ledger=6), "100.00%"),
        (indicators.net_removal_rate(suspected=666, removed=640), "96.10%"),
        (indicators.persuasion_rate(confirmed=26, persuaded=25), "96.15%"),
        (indicators.retention_rate(entered=412, moved_in=30, moved_out=22, died=1, graduated=415), "99.05%"),
        (indicators.retention_rate(entered=412, moved_in=30, moved_out=22, died=1, graduated=450), "100.00%"),
        (indicators.kept_rate(returned=583, relapsed=0), "100.00%"),
        (indicators.enrolment_rate(of_age=0, enrolled=0), "—"),
        (indicators.Rate(1, -3), "—"),
    ],
)
def test_vectors(rate, text):
    assert rate.text == text


def test_a_capped_rate_keeps_what_it_is():
    rate = indicators.retention_rate(entered=412, moved_in=30, moved_out=22, died=1, graduated=450)
    assert (rate.part, rate.whole, rate.raw) == (450, 419, "107.40%")
    assert indicators.retention_rate(entered=1, moved_in=0, moved_out=0, died=0, graduated=2, capped=False).text == "200.00%"
