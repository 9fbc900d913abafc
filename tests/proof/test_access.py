"""Every URL × every method it does not answer × the whole cast × own, foreign and absent: the same refusal for all, and nothing written.

What a URL does answer, the ordinary tests ask of the whole cast (tests/test_access.py); the same fixtures serve both.
"""

import logging
import random

import pytest
from django.contrib import auth

from config.sessions import SessionStore
from core.models import AuditEntry
from tests import cast
from tests.access import Route, absent
from tests.id_swaps import parameters
from tests.test_access import (
    METHODS,
    ONE_OF_EACH,
    PASSED,
    ROUTES,
    TABLE,
    ask,
    house,
    knock,
    members,
    paper_is_not_drawn,
    places_of,
    refused_methods,
    sessions_stay,
    url_of,
)

__all__ = ["house", "paper_is_not_drawn", "sessions_stay"]
pytestmark = pytest.mark.django_db
PROOF = "access"
WORDS = ("²", "9" * 40, "9" * 5000, "-1", "٣", "2026-13-45", "9999-12-31", "'<x>%s\uffff")


@pytest.fixture
def known(monkeypatch):
    """Sessions and people as the database has them, asked once and not at each of 60,000 calls; the log holds errors only."""
    load, get_user, sessions, people = SessionStore.load, auth.get_user, {}, {}

    def loaded(store):
        if store.session_key not in sessions:
            sessions[store.session_key] = load(store)
        return dict(sessions[store.session_key])

    def found(request):
        key = request.session.session_key
        if key not in people:
            people[key] = get_user(request)
        return people[key]

    monkeypatch.setattr(SessionStore, "load", loaded)
    monkeypatch.setattr(auth, "get_user", found)
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def places(house, name):
    """(address, who asks): of the own and the foreign thing the whole cast, of one that never was some of each level."""
    rule = TABLE[name]
    nowhere = [url_of(name, absent(rule.foreign(house)), rule)] if isinstance(rule, Route) and rule.own else []
    return [(url, members(house)) for url in places_of(house, name)] + [(url, sorted(ONE_OF_EACH)) for url in nowhere]


def is_refused(answer, method):
    """Who opens the address of a form again gets a page that says so; every other method gets nothing."""
    page = answer.content.decode()
    return answer.status_code == 405 and ("这个地址只在提交表单时用" in page if method == "get" else page == "")


def test_methods_that_nothing_answers(house, known, tally):
    asked, wrong, written = 0, [], 0
    for name in sorted(TABLE):
        found = places(house, name)  # makes the things they are of
        before = AuditEntry.objects.count()
        for url, people in found:
            for who in people:
                for method in refused_methods(name):
                    answer = knock(house, who, method, url)
                    asked += 1
                    wrong += [] if is_refused(answer, method) else [(name, who, method, answer.status_code)]
        written += AuditEntry.objects.count() - before
    tally(PROOF, f"{len(TABLE)} URLs, methods they do not answer, {len(members(house))} people", asked, len(wrong), str(wrong[:5] or "–"))
    tally(PROOF, "rows in the audit of such calls", asked, written)


def test_whoever_is_not_signed_in(house, known, tally):
    asked, wrong = 0, []
    for name in sorted(name for name, rule in TABLE.items() if rule != "open"):
        for url, _ in places(house, name):
            for who in (cast.ANONYMOUS, "disabled"):
                for method in METHODS:
                    answer = knock(house, who, method, url)
                    asked += 1
                    wrong += [] if answer.status_code == 302 and "/sign-in/" in answer.headers["Location"] else [(name, who, method)]
    tally(PROOF, "calls of nobody and of a disabled account", asked, len(wrong), str(wrong[:5] or "–"))


def test_words_that_no_page_expects(house, tally):
    """Parameters and fields that the code reads, many at once, with odd words: no page may break by them."""
    asked, broken, chance = 0, set(), random.Random(7)
    names = [*parameters(), "page"]
    for name in sorted(ROUTES):
        rule = ROUTES[name]
        url = url_of(name, rule.own(house) if rule.own else {}, rule).split("?")[0]
        for who in ("bureau_admin", "school_clerk"):
            for word in WORDS:
                some = names if chance.random() < 0.5 else chance.sample(names, len(names) // 4)
                for method in rule.methods:
                    status, _, _ = ask(house, who, method, url, dict.fromkeys([*some, *rule.post(house)], word))
                    asked += 1
                    broken |= set() if status in PASSED | {403, 404, 413} else {(name, method, word[:12], status)}
    tally(PROOF, "odd words in parameters and fields", asked, len(broken), str(sorted(broken)[:60] or "–"))
