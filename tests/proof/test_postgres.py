"""PostgreSQL killed under load: what was acknowledged is kept, meanwhile a sentence, and no restart of ours (reliability.md P09)."""

import time
import uuid
from contextlib import closing

import pytest
from django.db import connections

from config.embedded import postgres
from tests.proof.stores import AtWork, wait_until
from tests.proof.visitor import Visitor, county_at_work, kept

pytestmark = pytest.mark.xdist_group("proof")

PEOPLE = 4


class Load(AtWork):
    """People who enter visits and look at lists as fast as they are answered."""

    def __init__(self, address, cases):
        self.visitors = [Visitor(address) for _ in cases]
        for visitor in self.visitors:
            assert visitor.sign_in("liaison").status == 302
        self.writes, self.answers = {}, []
        super().__init__(zip(self.visitors, cases, strict=True))

    def work(self, visitor, case):
        while not self.over.is_set():
            mark = f"走访{uuid.uuid4().hex}"
            answer = visitor.visit(case, mark)
            self.writes[mark] = answer.status
            self.answers += [answer, visitor.ask("/cases/")]

    def acknowledged(self):
        return [mark for mark, status in self.writes.items() if status == 302]

    def judge(self):
        """(acknowledged and not there, there twice, answers that are neither done nor the sentence)."""
        there = {mark: kept(mark) for mark in self.writes}
        lost = sum(there[mark] != 1 for mark in self.acknowledged())
        twice = sum(count > 1 for count in there.values())
        odd = [a for a in self.answers if a.status not in (200, 302) and not (a.status == 503 and "暂时不能使用" in a.text)]
        return lost, twice, odd


@pytest.fixture(scope="module")
def cases(stores):
    return county_at_work(PEOPLE)[1]


def struck(web, cases, strike):
    with Load(web.address, cases) as load:
        wait_until(lambda: len(load.acknowledged()) > 10, 60, "acknowledged visits")
        strike()
        before = len(load.acknowledged())
        wait_until(lambda: len(load.acknowledged()) > before + 10, 60, "acknowledged visits after the fault")
    connections.close_all()
    return load


def say(tally, what, strikes, load):
    lost, twice, odd = load.judge()
    refused = sum(answer.status == 503 for answer in load.answers)
    others = [(answer.status, answer.text[:200]) for answer in odd[:3]] or 0
    note = f"{len(load.acknowledged())} acknowledged, lost {lost}, twice {twice}; {refused} times the sentence; other answers {others}"
    tally("PostgreSQL", what, strikes, lost + twice + len(odd), note)


def test_killed_under_load(web, cases, stores, tally):
    pid, refused = web.pid, []

    def strike():
        for _ in range(3):
            stores.kill_postgres()
            refused.append(Visitor(web.address).ask("/sign-in/").status)
            time.sleep(2)
            stores.start_postgres()
            time.sleep(3)

    load = struck(web, cases, strike)
    assert any(answer.status == 503 for answer in load.answers), "nobody met the outage"
    say(tally, "server killed (kill -9) under load, back after 2 s", 3, load)
    assert (web.runs(), web.pid) == (True, pid)


def test_connections_cut_under_load(web, cases, stores, tally):
    strikes = []

    def strike():
        for _ in range(8):
            strikes.append(stores.cut("not-one-less web"))
            time.sleep(0.5)

    load = struck(web, cases, strike)
    assert sum(strikes) > 0
    say(tally, f"connections of the web cut under load, {sum(strikes)} of them", 8, load)


def test_without_waiting_for_the_disk_acknowledged_visits_are_lost(web, cases, stores, tally):
    """The control: a commit that is acknowledged before it is written dies with the server."""
    with closing(postgres.connect(stores.places)) as link, link.cursor() as cursor:
        cursor.execute("alter system set synchronous_commit = off")
        cursor.execute("alter system set wal_writer_delay = '10s'")
        cursor.execute("select pg_reload_conf()")

    def strike():
        time.sleep(1)
        stores.kill_postgres()
        stores.start_postgres()

    try:
        load = struck(web, cases, strike)
    finally:
        with closing(postgres.connect(stores.places)) as link, link.cursor() as cursor:
            cursor.execute("alter system reset all")
            cursor.execute("select pg_reload_conf()")
    lost, _twice, _odd = load.judge()
    tally("PostgreSQL", "synchronous_commit off: server killed under load", 1, lost, f"lost {lost} acknowledged visits", control=True)
