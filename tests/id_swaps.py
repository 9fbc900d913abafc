"""Somebody else's id in every place where an id of one's own belongs: paths, forms as the pages draw them, filters and parameters.

A probe asks twice: with an id of the foreign side, and with one that never was. The two answers have to be alike to the letter (but for
the id itself and what runs out) and in the number of queries; and none may show a foreign child's name, number or telephone. What
fields and parameters there are is read from the pages and the code, so that a new one is tried without a word here.
"""

import io
import random
import re
import uuid
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from django.db import connection, transaction
from django.urls import reverse

from students.models import Contact
from tests import cast, make
from tests.callers import client_of, sign_in
from tests.test_access import ROUTES, RUNS_OUT, holds

ROOT = Path(__file__).resolve().parents[1]
# people of the own side and of none: nothing of the foreign side is theirs
OUTSIDERS = ("township_officer", "township_head", "group_head", "village_liaison", "principal", "school_aid_admin", "school_clerk",
             "class_teacher", "support_teacher", "expired", "without_role", "system_admin")  # fmt: skip
ASKED = re.compile(r"request\.(?:GET|POST)(?:\.get|\.getlist)?[\[(]\"(\w+)\"")
EXPORTED = re.compile(r"导出信息：[^<]*|编号 ?[^<&，]*|[A-Z]\d{8}|\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?".encode())
CHOSEN = ("hidden", "checkbox", "radio", "submit", "button")  # what a person types is a day, a number of years, a sentence
NEW_RUN = re.compile(rb"/runs/[0-9a-f-]{36}/")
BY_CHANCE = {"core:password_reset", "core:account_open"}  # show a password drawn at random
YEAR = re.compile(r"^(?:19|20)\d\d$|^\d{1,2}$")
NEVER = {int: 2**40, uuid.UUID: uuid.UUID(int=1)}
ID = re.compile(r"^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}|\d{1,12})$")


@dataclass
class Found:
    """What the probes came to: how many of each way, and what was wrong."""

    ways: Counter = field(default_factory=Counter)
    leaks: list = field(default_factory=list)
    unlike: list = field(default_factory=list)

    @property
    def wrong(self):
        return self.leaks + self.unlike


class _Forms(HTMLParser):
    """The forms of a page: (address, method, {name: values})."""

    def __init__(self):
        super().__init__()
        self.forms, self.choosing, self.typed = [], None, set()

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if tag == "form":
            self.forms.append((named.get("action") or "", (named.get("method") or "get").lower(), {}))
        elif not self.forms:
            return
        elif tag in ("input", "button") and named.get("name"):
            self.typed |= {named["name"]} if named.get("type", "text") not in CHOSEN else set()
            self.forms[-1][2].setdefault(named["name"], []).append(named.get("value") or "")
        elif tag == "select" and named.get("name"):
            self.choosing = named["name"]
            self.forms[-1][2].setdefault(self.choosing, [])
        elif tag == "option" and self.choosing:
            self.forms[-1][2][self.choosing].append(named.get("value") or "")

    def handle_endtag(self, tag):
        if tag == "select":
            self.choosing = None


def parameters():
    """Every name that a view asks its request for."""
    code = "".join(path.read_text(encoding="utf-8") for app in ("*/views", "*/forms", "*") for path in ROOT.glob(f"{app}/*.py"))
    return sorted(set(ASKED.findall(code)) - {"page", "format"})


def furnished():
    """The cast with canaries on the foreign side, and a session for each outsider."""
    house = cast.build()
    clerk, child = house.people["school_clerk"], house.children.foreign
    Contact.objects.create(child=child, kind="carer", name="西奶奶", phone="13987654321", since=child.birth_on, by=clerk)
    for side, node in (("own", house.nodes.class_), ("foreign", house.nodes.other_class)):
        for kind in ("roll", "attending"):
            make.enrolment(getattr(house.children, side), node.parent, kind, class_node=node)
    house.canaries = [word.encode() for word in ("西小红", "990101201003011236", "13987654321", "西奶奶")]
    return sign_in(house, OUTSIDERS)


def ask(house, who, method, url, fields):
    """(status, body without what differs at every call, number of queries); nothing of the call remains."""
    client, queries = client_of(house, who), []

    def counted(execute, *arguments):
        queries.append(1)
        return execute(*arguments)

    with transaction.atomic(), connection.execute_wrapper(counted):
        response = getattr(client, method)(url, fields)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        transaction.set_rollback(True)
    location = response.headers.get("Location", "").encode()
    return response.status_code, RUNS_OUT.sub(b"", body) + NEW_RUN.sub(b"", location), len(queries)


def alike(theirs, nobodys, swapped, never):
    """Whether two answers are the same but for the id that was asked for."""
    body = readable(nobodys[1]).replace(str(never).encode(), str(swapped).encode())
    if isinstance(never, uuid.UUID):
        body = body.replace(never.hex.encode(), swapped.hex.encode())
    return theirs[0] == nobodys[0] and theirs[2] == nobodys[2] and readable(theirs[1]) == body


def readable(body):
    """What a body says: of a workbook its parts, without the time and number of the export."""
    if not body.startswith(b"PK"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        parts = b"".join(package.read(name) for name in sorted(package.namelist()) if name != "docProps/core.xml")
    return EXPORTED.sub(b"", parts)


class Probes:
    """Draws the probes; the same seed draws the same ones."""

    def __init__(self, house, seed):
        self.house, self.chance, self.found = house, random.Random(seed), Found()
        self.foreign = self._foreign()
        routes = {name: rule for name, rule in ROUTES.items() if name not in BY_CHANCE}
        self.objects = sorted(name for name, rule in routes.items() if rule.own)
        self.lists = sorted(name for name, rule in routes.items() if not rule.own)
        self.drawn = sorted(name for name, rule in routes.items() if "get" in rule.methods)
        self.names, self.pages = parameters(), {}

    def _foreign(self):
        """Ids of the foreign side by their type."""
        house, pool = self.house, {int: set(), uuid.UUID: set()}
        for rule in ROUTES.values():
            if rule.own and not any(holds(house, who, rule.see, rule.foreign_nodes(house)) for who in OUTSIDERS):
                for value in rule.foreign(house).values():
                    if type(value) in pool:
                        pool[type(value)].add(value)
        things = [house.children.foreign, house.households.foreign, *(node for name, node in vars(house.nodes).items() if "other" in name)]
        pool[int] |= {thing.pk for thing in things}
        pool[uuid.UUID] |= {thing.public_id for thing in things}
        own = [thing for thing in (*vars(house.children).values(), *vars(house.nodes).values()) if thing not in things]
        pool[int] -= {thing.pk for thing in own} - {thing.pk for thing in things}
        pool[uuid.UUID] -= {thing.public_id for thing in own}
        return {kind: sorted(ids) for kind, ids in pool.items()}

    def run(self, times):
        for _ in range(times):
            way = self.chance.choice((self.path, self.path, self.form, self.form, self.query))
            way(self.chance.choice(OUTSIDERS))
        return self.found

    def judge(self, way, who, method, address, fields, swapped):
        """`address` and `fields` are functions of the id."""
        never = NEVER[type(swapped)]

        def both(*ids):
            return [ask(self.house, who, method, address(one), fields(one)) for one in ids]

        theirs, nobodys = both(swapped, never)
        self.found.ways[way] += 1
        place = (way, who, method, address("ID"), [name for name, value in fields("ID").items() if value == "ID"])
        if any(word in theirs[1] for word in self.house.canaries):
            self.found.leaks.append(place)
        if not alike(theirs, nobodys, swapped, never):
            nobodys, theirs = both(never, swapped)  # a cache that filled for the first of the two, a minute that passed
        if not alike(theirs, nobodys, swapped, never):
            self.found.unlike.append((*place, theirs[0], nobodys[0], theirs[2], nobodys[2]))

    def path(self, who):
        """An id of any thing of the foreign side in a path."""
        name = self.chance.choice(self.objects)
        rule, own = ROUTES[name], ROUTES[name].own(self.house)
        ids = [key for key, value in own.items() if type(value) in NEVER and key != "year"]  # for a year of 2**40 no query is made
        argument = self.chance.choice(ids)
        swapped = self.chance.choice(self.foreign[type(own[argument])])
        if self.chance.random() < 0.5:
            swapped = rule.foreign(self.house)[argument]
        if holds(self.house, who, rule.see, rule.foreign_nodes(self.house)):
            return
        method = self.chance.choice(rule.methods)
        fields = rule.post(self.house)

        def address(one):
            return (reverse(name, kwargs=own | {argument: one}) if one != "ID" else name) + rule.query

        self.judge("path", who, method, address, lambda one: fields, swapped)

    def form(self, who):
        """An id in a form that a page of one's own shows."""
        forms = next((found for _ in range(6) if (found := self.forms_of(who, self.chance.choice(self.drawn)))), None)
        if not forms:
            return self.query(who)
        url, method, fields, places = self.chance.choice(forms)
        name, kind = self.chance.choice(places)
        swapped = self.chance.choice(self.foreign[kind])
        held = {key: self.chance.choice(values) for key, values in fields.items() if values}
        return self.judge("form", who, method, lambda one: url, lambda one: held | {name: str(one)}, swapped)

    def forms_of(self, who, name):
        """Forms with an id in one of their fields, on the page of a person's own thing."""
        if (who, name) not in self.pages:
            self.pages[who, name] = list(self._forms_on(who, name))
        return self.pages[who, name]

    def _forms_on(self, who, name):
        rule = ROUTES[name]
        url = reverse(name, kwargs=rule.own(self.house) if rule.own else {}) + rule.query
        status, body, _ = ask(self.house, who, "get", url, {})
        reader = _Forms()
        if status == 200:
            reader.feed(body.decode(errors="replace"))
        for action, method, fields in reader.forms:
            chosen = [(key, value) for key, values in fields.items() if key not in reader.typed for value in values[:2]]
            places = [(key, kind_of(value)) for key, value in chosen if ID.match(value) and not YEAR.match(value)]
            if places and method in ("get", "post") and not action.startswith("/sign-out"):
                yield (action or url), method, fields, places

    def query(self, who):
        """An id where a filter or parameter is read, on a page of one's own; and every parameter in turn."""
        name = self.chance.choice(self.lists + self.objects)
        rule = ROUTES[name]
        method = self.chance.choice(rule.methods)
        kind = self.chance.choice((int, uuid.UUID))
        swapped, parameter = self.chance.choice(self.foreign[kind]), self.chance.choice(self.names)
        base = reverse(name, kwargs=rule.own(self.house) if rule.own else {}) + rule.query
        mark = "&" if "?" in base else "?"
        if method == "post" and self.chance.random() < 0.7:
            fields = rule.post(self.house)
            return self.judge("field", who, method, lambda one: base, lambda one: fields | {parameter: str(one)}, swapped)
        return self.judge("parameter", who, method, lambda one: f"{base}{mark}{parameter}={one}", lambda one: {}, swapped)


def kind_of(value):
    return int if value.isdigit() and len(value) < 13 else uuid.UUID
