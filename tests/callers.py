"""The cast at the doors of the pages, tens of thousands of times in one transaction: each signs in once, and a call costs the call alone.

For people a session is written anew at every call; here that would be as many versions of one row, which PostgreSQL has to step over at
each look. And each client would load all middleware for one call.
"""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from core.middleware import SIGNED_IN_AT


@pytest.fixture(autouse=True)
def sessions_stay(settings):
    settings.SESSION_SAVE_EVERY_REQUEST = False


def sign_in(house, names=()):
    """A session for each of `names`, or for all people of the house."""
    house.sessions, house.clients = {}, {}
    for name in names or house.people:
        client = Client()
        client.force_login(house.people[name])
        session = client.session
        session[SIGNED_IN_AT] = timezone.now().isoformat()
        session.save()
        house.sessions[name] = session.session_key
    return house


def client_of(house, who, **named):
    """A client with the session of `who`, if it has one, and nothing of an earlier call."""
    kind = tuple(sorted(named.items()))
    if kind not in house.clients:
        house.clients[kind] = Client(raise_request_exception=False, **named)
    client = house.clients[kind]
    client.cookies.clear()
    if who in house.sessions:
        client.cookies[settings.SESSION_COOKIE_NAME] = house.sessions[who]
    return client
