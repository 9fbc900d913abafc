"""Every URL × every member of the cast × own, foreign and absent objects. A route nobody has classified fails.

Expected: nobody unsigned gets in; a foreign object and one that never was are the same 404, to the letter; an act without its permission
in scope is a 403; a refusal writes nothing but its own audit row.
"""

import re
from importlib import import_module
from importlib.util import find_spec

import pytest
from django.db import transaction
from django.urls import get_resolver, reverse

from core.models import AuditEntry
from core.scope import granted_nodes
from tests import cast
from tests.access import OPEN, SIGNED_IN, Route, absent
from tests.callers import client_of, sessions_stay, sign_in

__all__ = ["sessions_stay"]

APPS = ("core", "students", "dropout", "subsidies", "archives")
METHODS = ("get", "head", "options", "post", "put", "patch", "delete", "trace")
UNSAFE = ("post", "put", "patch", "delete")
AS_DECLARED = {  # of the routes that ask for no role, where it is more than GET
    "core:sign_in": ("get", "post"), "core:sign_out": ("post",), "core:password_change": ("get", "post"),
    "core:reauthenticate": ("get", "post"),
}  # fmt: skip
PASSED = {200, 204, 302, 400, 409, 422}
# One person of each level: the whole cast asks in test_scope_decides, here bodies are compared.
ONE_OF_EACH = {"township_officer", "group_head", "village_liaison", "principal", "class_teacher", "system_admin", "expired"}
RUNS_OUT = re.compile(rb'value="[A-Za-z0-9]{64}"|"X-CSRFToken": "[A-Za-z0-9]{64}"|nonce="[^"]*"')


def collect():
    table = {}
    for app in APPS:
        if find_spec(f"tests.{app}") and find_spec(f"tests.{app}.access"):
            table |= import_module(f"tests.{app}.access").ROUTES
    return table


def walk(resolver=None, prefix=""):
    """Full names of all routes; a pattern without a name is a gap in the house."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from walk(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        else:
            yield f"{prefix}{pattern.name}"


TABLE = collect()
ROUTES = {name: rule for name, rule in TABLE.items() if isinstance(rule, Route)}


def test_every_route_is_classified():
    assert set(walk()) - set(TABLE) == set(), "add the route to tests/<app>/access.py"


def test_no_row_of_the_table_is_stale():
    assert set(TABLE) - set(walk()) == set()


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker):
    """One cast for the module, in a transaction that is rolled back at its end; each call has its own savepoint."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield sign_in(cast.build())
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def paper_is_not_drawn(monkeypatch):
    """Who gets a sheet is asked here some hundred times; what is on it, by tests that draw it (0.5 s each)."""
    for place in ("core.documents", "archives.reports.paper"):
        monkeypatch.setattr(f"{place}.render_pdf", lambda html, **named: b"%PDF-1.4")


def ask(house, name, method, url, fields=None):
    """(status, body without what differs at every call, audit rows written); nothing of the call remains."""
    client = client_of(house, name)
    before = AuditEntry.objects.count()
    with transaction.atomic():
        response = getattr(client, method)(url, fields or {})
        body = b"".join(response.streaming_content) if response.streaming else response.content
        written = AuditEntry.objects.count() - before
        transaction.set_rollback(True)
    turned_away = response.status_code == 302 and response.headers["Location"].startswith(reverse("core:sign_in"))
    return ("sign in" if turned_away else response.status_code), RUNS_OUT.sub(b"", body), written


def knock(house, name, method, url, **client):
    """The answer alone, to a call that has to be turned away: what it might have written, the caller looks for."""
    return client_of(house, name, **client).generic(method.upper(), url)


def places_of(house, name):
    """Addresses of the route's own and foreign thing; of a list, the one it has."""
    rule = TABLE[name]
    if not isinstance(rule, Route) or rule.own is None:
        return [reverse(name) + getattr(rule, "query", "")]
    return [url_of(name, side(house), rule) for side in (rule.own, rule.foreign)]


def refused_methods(name):
    """What the route does not answer, whoever asks. HEAD is refused as well: a GET leaves its audit row, and nobody here asks HEAD."""
    rule = TABLE[name]
    return [method for method in METHODS if method not in (rule.methods if isinstance(rule, Route) else AS_DECLARED.get(name, ("get",)))]


def url_of(name, arguments, rule):
    return reverse(name, kwargs=arguments) + rule.query


def holds(house, name, permission, nodes):
    """Whether this member may, on one of the nodes; a route without a permission names its people instead of nodes."""
    if not permission:
        return name in nodes
    return bool(set(granted_nodes(house.people[name], permission)) & set(nodes))


def members(house):
    """People who get past the door; the disabled one does not."""
    return [name for name in house.people if name != "disabled"]


@pytest.mark.django_db
class TestDoor:
    @pytest.mark.parametrize("name", sorted(name for name, rule in TABLE.items() if rule != OPEN))
    @pytest.mark.parametrize("who", [cast.ANONYMOUS, "disabled"])
    def test_nobody_unsigned_comes_in(self, house, name, who):
        rule = TABLE[name]
        arguments = rule.own(house) if isinstance(rule, Route) and rule.own else {}
        door = reverse("core:sign_in")
        for method in METHODS:
            answer = knock(house, who, method, reverse(name, kwargs=arguments))
            assert (answer.status_code, answer.headers.get("Location", "").split("?")[0]) == (302, door), method

    @pytest.mark.parametrize("name", sorted(name for name, rule in TABLE.items() if rule == SIGNED_IN))
    def test_own_things_are_open_to_all_who_signed_in(self, house, name):
        for who in members(house):
            assert ask(house, who, "get", reverse(name))[0] in (200, 302), who


@pytest.mark.django_db
class TestMethods:
    """tests/proof asks these of the whole cast."""

    @pytest.mark.parametrize("name", sorted(TABLE))
    def test_other_methods_are_refused(self, house, name):
        own, foreign = (places_of(house, name) * 2)[:2]
        before = AuditEntry.objects.count()
        for who, url in (("bureau_admin", own), ("principal", foreign), ("expired", own)):
            for method in refused_methods(name):
                assert knock(house, who, method, url).status_code == 405, (who, method)
        assert AuditEntry.objects.count() == before

    @pytest.mark.parametrize("name", sorted(name for name in TABLE if set(UNSAFE) - set(refused_methods(name))))
    def test_another_site_cannot_send_its_form(self, house, name):
        answer = knock(house, "bureau_admin", "post", places_of(house, name)[0], enforce_csrf_checks=True)
        assert answer.status_code == 403


@pytest.mark.django_db
class TestLists:
    @pytest.mark.parametrize("name", sorted(name for name, rule in ROUTES.items() if rule.own is None))
    def test_the_permission_opens_it(self, house, name):
        rule = ROUTES[name]
        for who in members(house):
            for method in rule.methods:
                status, _, _ = ask(house, who, method, url_of(name, {}, rule), rule.post(house))
                wanted = [permission for permission in (rule.see, rule.act) if permission]
                allowed = rule.bare or all(granted_nodes(house.people[who], permission) for permission in wanted)
                assert status in PASSED if allowed else status in (403, 404), (who, method, status)


@pytest.mark.django_db
class TestObjects:
    NAMES = sorted(name for name, rule in ROUTES.items() if rule.own)

    @pytest.mark.parametrize("name", NAMES)
    def test_scope_decides(self, house, name):
        rule = ROUTES[name]
        for side, nodes_of in ((rule.own, rule.nodes), (rule.foreign, rule.foreign_nodes)):
            url, nodes = url_of(name, side(house), rule), nodes_of(house)
            for who in members(house):
                for method in rule.methods:
                    status, _, written = ask(house, who, method, url, rule.post(house))
                    assert self._right(house, rule, who, nodes, status, written), (who, method, url, status)

    def _right(self, house, rule, who, nodes, status, written):
        if not holds(house, who, rule.see, nodes):
            return status == 404 or (status == 403 and not granted_nodes(house.people[who], rule.see))
        if rule.act and not holds(house, who, rule.act, nodes):
            return status in (403, 404) and written <= 1
        return status in PASSED | {403, 404} if "post" in rule.methods or not rule.see else status in PASSED

    @pytest.mark.parametrize("name", NAMES)
    def test_foreign_is_absent_to_the_letter(self, house, name):
        rule = ROUTES[name]
        foreign, none = url_of(name, rule.foreign(house), rule), url_of(name, absent(rule.foreign(house)), rule)
        outsiders = [who for who in members(house) if not holds(house, who, rule.see, rule.foreign_nodes(house))]
        for who in [who for who in outsiders if who in ONE_OF_EACH] or outsiders[:1]:
            for method in rule.methods:
                seen, unseen = (ask(house, who, method, url, rule.post(house)) for url in (foreign, none))
                assert seen == unseen, (who, method)

    @pytest.mark.parametrize("name", NAMES)
    def test_the_two_sides_are_told_apart(self, house, name):
        """The negative control of the walk: somebody is inside the own side and outside the foreign one, or all are at the root."""
        rule = ROUTES[name]
        inside = {who for who in members(house) if holds(house, who, rule.see, rule.nodes(house))}
        outside = {who for who in members(house) if not holds(house, who, rule.see, rule.foreign_nodes(house))}
        assert inside
        assert outside
