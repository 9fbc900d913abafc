"""Two records side by side: what differs is shown and no more, a word needs a reason, a rejection is kept."""

import pytest

from core.models import AuditEntry
from students.reports.matches import characters
from tests import cast
from tests.students.access import match_of

pytestmark = pytest.mark.django_db
ODD, MEANT = "990101201003011235", "990101201003011234"


@pytest.fixture
def house():
    return cast.build()


@pytest.fixture
def match(house):
    from students.models import Match

    return Match.objects.get(**match_of(house.children.own, ODD, MEANT))


@pytest.fixture
def officer(client, house):
    client.force_login(house.people["dropout_officer"])
    return client


def text_of(cells):
    return "".join(cell["text"] for cell in cells)


class TestCharacters:
    def test_ends_and_differences_only(self):
        cells = characters("990101201003011235", "990101201103011235")
        assert text_of(cells) == "9*******" + "*0" + "*******5"
        assert [place for place, cell in enumerate(cells) if cell["differs"]] == [9]

    def test_a_transposition_marks_both(self):
        assert [place for place, cell in enumerate(characters("1234", "1324")) if cell["differs"]] == [1, 2]

    def test_no_number(self):
        assert characters(None, ODD) == []


def test_list_and_page(officer, match):
    assert match.odd.child.name in officer.get("/matches/").content.decode()
    page = officer.get(f"/matches/{match.public_id}/").content.decode()
    assert ODD not in page
    assert MEANT not in page
    assert "<mark><strong>5</strong></mark>" in page


@pytest.mark.parametrize("given", [{}, {"same": "yes"}, {"same": "yes", "reason": "看"}, {"reason": "核对过户口簿"}])
def test_a_word_needs_choice_and_reason(officer, match, given):
    answer = officer.post(f"/matches/{match.public_id}/", given)
    assert answer.status_code == 200
    match.refresh_from_db()
    assert match.state == "open"
    if given.get("reason"):
        assert f'value="{given["reason"]}"' in answer.content.decode()


@pytest.mark.parametrize(("word", "state", "act"), [("yes", "confirmed", "match_confirmed"), ("no", "rejected", "match_rejected")])
def test_a_word_is_kept_with_its_reason(officer, match, word, state, act):
    officer.post(f"/matches/{match.public_id}/", {"same": word, "reason": "核对过户口簿"})
    match.refresh_from_db()
    assert (match.state, match.reason) == (state, "核对过户口簿")
    assert AuditEntry.objects.get(act=act).reason == "核对过户口簿"
    assert match.odd.child.name in officer.get("/matches/", {"state": state}).content.decode()
    assert "没有待确认的匹配" in officer.get("/matches/").content.decode()


def test_decided_is_decided(officer, match):
    officer.post(f"/matches/{match.public_id}/", {"same": "yes", "reason": "核对过户口簿"})
    assert officer.post(f"/matches/{match.public_id}/", {"same": "no", "reason": "改主意了呀"}).status_code == 403
    assert "您的结论" not in officer.get(f"/matches/{match.public_id}/").content.decode()


def test_the_worklist_counts_them(officer, match, house):
    from students import worklist

    assert [(item.title, item.count) for item in worklist.summary(house.people["dropout_officer"], match.odd.birth_on)] == [("匹配待人工确认", 1)]
