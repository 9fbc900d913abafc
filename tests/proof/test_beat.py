"""Each period's work is effective once, with two schedulers, outages, kills and a queue that forgets (reliability.md F25)."""

import signal
import time
from collections import Counter

import pytest
from django.utils import timezone

from archives.models import Report
from config.celery import app
from core.actions import proving
from core.models import AuditEntry, FileRun
from tests import cast
from tests.archives.world import with_sections
from tests.proof import chores
from tests.proof.stores import Service, wait_until

pytestmark = pytest.mark.xdist_group("proof")

PERIODS, MANY = 10, 100  # the many take twenty minutes
ASKED = 6


@pytest.fixture
def two_beats(stores):
    beats = [Service(stores, "beat", PROOF_PERIODS="1").start() for _ in range(2)]
    yield beats
    for beat in beats:
        beat.kill() if beat.runs() else None


def done(act):
    """{period: how often its work was effective}."""
    return Counter(entry.detail["period"] for entry in AuditEntry.objects.filter(act=act))


def both_stand_still(beats, _stores):
    """For half a day, and then wake up behind the clock."""
    for beat in beats:
        beat.tell(signal.SIGSTOP)
    time.sleep(chores.PERIOD / 2)
    for beat in beats:
        beat.tell(signal.SIGCONT)


def the_queue_forgets(_beats, stores):
    until = time.monotonic() + 5
    while time.monotonic() < until and not stores.redis().llen("county:celery"):
        time.sleep(0.01)
    stores.redis().flushall()


def one_is_killed(beats, _stores):
    beats[0].kill()
    beats[0].start()


OUTAGES = (both_stand_still, the_queue_forgets, one_is_killed)


@pytest.mark.parametrize("periods", [PERIODS, pytest.param(MANY, marks=pytest.mark.long)])
def test_two_schedulers_outages_and_a_queue_that_forgets(worker, two_beats, stores, tally, periods):
    begun = chores.period()
    wait_until(lambda: any(int(period) >= begun for period in done(chores.DAILY_ACT)), 90, "the first period")
    first = chores.period() + 1
    for number in range(first, first + periods):
        wait_until(lambda number=number: chores.period() == number, 2 * chores.PERIOD, "the next period")
        OUTAGES[number % 3](two_beats, stores)
    wait_until(lambda: done(chores.DAILY_ACT)[f"{first + periods - 1}"], 20, "the last period")
    counted, plain = done(chores.DAILY_ACT), done(chores.PLAIN_ACT)
    wanted = [f"{number}" for number in range(first, first + periods)]
    wrong = sum(counted[number] != 1 for number in wanted)
    tally("beat", "periods with two schedulers", periods, wrong, f"a fault in each: {chr(44).join(o.__name__ for o in OUTAGES)}")
    odd = sum(plain[number] != 1 for number in wanted)
    note = f"done {sum(plain[number] for number in wanted)} times in {periods} periods"
    tally("beat", "no row for the period", periods, odd, note, control=True)


def test_the_products_own_work_asked_for_six_times_at_once(worker, tally):
    house = cast.build()
    with_sections(house)
    names = ["dropout.tasks.expire_removals", "archives.tasks.make_monthly_reports", "dropout.tasks.raise_alarms", "core.tasks.seal_audit"]
    with app.connection_for_write() as link:
        for _ in range(ASKED):
            for name in names:
                app.send_task(name, connection=link)
    wait_until(
        lambda: FileRun.objects.filter(state="done", kind__in=["expire_removals", "make_monthly_reports"]).count() == 2, 60, "the work"
    )
    time.sleep(3)
    twice = Report.objects.count() - Report.objects.values("organization", "period", "version").distinct().count()
    made = AuditEntry.objects.filter(act="reports_made").count()
    broken = len(list(proving.faults(timezone.now())))
    note = f"{Report.objects.count()} reports made in {made} pass on {timezone.localdate()}"
    tally("beat", "real work asked for at once", ASKED * len(names), twice + (made != 1) + broken, note)
