"""The rates by dimension: parts and wholes add up, every figure leads to exactly its names, nobody sees another's children."""

from datetime import date, timedelta

import pytest

from dropout import actions
from dropout.reports import indicators
from students import statuses
from students.models import SpecialGroup
from tests import cast, make

MARCH = date(2020, 3, 1)
ASK = statuses.Ask(MARCH + timedelta(days=5))


@pytest.fixture
def house(db):
    """own is taught and disabled, second is a confirmed dropout, foreign is suspected."""
    built = cast.build()
    make.registration(built.children.second, make.household(built.nodes.second_village))
    make.enrolment(built.children.own, built.nodes.school, "roll")
    make.enrolment(built.children.own, built.nodes.school, "attending")
    SpecialGroup.objects.create(child=built.children.own, code="C1", label="肢体", since=make.LONG_AGO)
    SpecialGroup.objects.create(child=built.children.own, code="P4", label="边缘户", since=make.LONG_AGO)
    officer = built.people["dropout_officer"]
    rows = [{"child": child, "why": "没有到校"} for child in (built.children.second, built.children.foreign)]
    first, _ = actions.open_cases(rows=rows, source="comparison", on=MARCH, by=officer)
    actions.confirm(case=first, cause="work", on=MARCH, by=officer)
    return built


def pairs(held):
    return {key: (rate.part, rate.whole) for key, rate in held.items()}


def test_the_whole(house):
    assert pairs(indicators.rates(ASK, "stage")[None]) == {
        "enrolment": (1, 3), "disabled": (1, 1), "checked": (1, 2), "settled": (1, 2), "net_removal": (0, 2), "persuasion": (0, 1),
        "kept": (0, 0),
    }  # fmt: skip


@pytest.mark.parametrize("dimension", list(indicators.DIMENSIONS))
def test_values_add_up_and_lead_to_their_names(house, dimension):
    found = indicators.rates(ASK, dimension)
    assert len(found) > 1
    for key in indicators.INDICATOR:
        for side in ("part", "whole"):
            figures = {value: getattr(held[key], side) for value, held in found.items()}
            assert sum(count for value, count in figures.items() if value is not None) == figures[None]
            for value, count in figures.items():
                ids = indicators.child_ids(ASK, key, side, dimension if value is not None else "", value or "")
                assert len(set(ids)) == count, (key, side, value)


def test_words(house):
    assert indicators.words_of("household", ["monitored"]) == {"monitored": "监测户"}
    assert indicators.words_of("township", [str(house.nodes.township.pk), ""]) == {str(house.nodes.township.pk): "东关镇", "": "不在乡镇"}


def test_the_page_and_its_names(client, house):
    client.force_login(house.people["dropout_officer"])
    page = client.get("/indicators/?on=2020-03-06&by=township")
    text = page.content.decode()
    assert "33.33%" in text
    assert "—" in text
    for row in [*page.context["rows"], page.context["total"]]:
        for cell in row["cells"]:
            assert client.get(cell["whole_url"]).context["page_obj"].paginator.count == cell["rate"].whole


def test_a_township_sees_its_own(client, house):
    client.force_login(house.people["township_officer"])
    total = client.get("/indicators/?on=2020-03-06").context["total"]
    assert [(cell["rate"].part, cell["rate"].whole) for cell in total["cells"]][:3] == [(1, 2), (1, 1), (1, 1)]
    assert client.get("/indicators/names/?key=lost&side=part").status_code == 404
