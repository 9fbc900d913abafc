import copy
from datetime import date

import pytest

from archives.assembly.content import canonical, fingerprint, read_short_code, same, short_code
from archives.models import Report
from tests.archives.world import TEXTS, figures


def a_report(**fields):
    known = {"period": "2020-03", "starts_after": date(2020, 2, 20), "ends_on": date(2020, 3, 20), "organization_name": "东关小学"}
    return Report(
        **known | {"figures": figures(confirmed=1), "texts": dict(TEXTS), "public_id": "11111111-1111-1111-1111-111111111111"} | fields
    )


def test_the_same_content_gives_the_same_bytes_whatever_the_order_of_keys():
    one = a_report()
    other = a_report(figures=dict(reversed(one.figures.items())), texts=dict(reversed(TEXTS.items())))
    assert canonical(one) == canonical(other)
    assert same(one.figures, other.figures)


@pytest.mark.parametrize(
    "change",
    [
        {"texts": TEXTS | {"3": "改了"}}, {"version": 2}, {"organization_name": "别的学校"}, {"period": "2020-04"},
        {"zero_report": True, "zero_checked_by": "李三", "zero_checked_on": date(2020, 3, 21)},
    ],
)  # fmt: skip
def test_any_change_changes_the_fingerprint(change):
    assert fingerprint(a_report(**change)) != fingerprint(a_report())


def test_one_figure_changes_it_too():
    other = copy.deepcopy(a_report().figures)
    other["lines"][0]["values"]["confirmed"] = 2
    assert fingerprint(a_report(figures=other)) != fingerprint(a_report())


def test_a_short_code_is_read_as_people_type_it():
    code = short_code(fingerprint(a_report()))
    assert len(code) == 9
    assert read_short_code(code.lower().replace("-", " ")) == code
    assert read_short_code("OI12-3456") == "0112-3456"
    assert read_short_code("七K3M") == ""
