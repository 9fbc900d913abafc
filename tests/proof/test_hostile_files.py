"""Every hostile file through every door of its kind: refused with a sentence or read, in time, in memory, and nothing left behind."""

import subprocess
import threading
import time

import pytest

from core.actions import pdf_proofs, uploads
from core.spreadsheets import admission, reading
from tests.hostile import every, of_module
from tests.hostile.doors import DOORS
from tests.test_hostile_files import spool, through

__all__ = ["spool"]
pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::UserWarning")]
PROOF, SECONDS, MEGABYTES = "hostile files", 30, 300  # each of one file: in our own process, and in the reading child


def memory(word, process="self"):
    """MB of a process: VmRSS now, VmHWM at its highest since it was last asked to forget."""
    with open(f"/proc/{process}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(word)) // 1024


class Watched(subprocess.Popen):
    """A reading child whose memory is looked at while it lives: what the kernel counts for children begins with their parent's."""

    largest = 0

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while True:
            try:
                Watched.largest = max(Watched.largest, memory("VmHWM", self.pid))
            except (OSError, StopIteration):  # it has ended
                return
            time.sleep(0.003)


def forget():
    with open("/proc/self/clear_refs", "w") as marks:
        marks.write("5")


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_all_of_them(door, client, house, spool, tally, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(reading.subprocess, "Popen", Watched)
    Watched.largest = 0
    wrong, slowest, largest, files = {}, (0, ""), (0, ""), every(door.takes)
    for hostile in files:
        forget()
        held, begun = memory("VmRSS"), time.monotonic()
        fault = through(hostile, door, client, house, django_capture_on_commit_callbacks)
        slowest = max(slowest, (time.monotonic() - begun, str(hostile)))
        largest = max(largest, (memory("VmHWM") - held, str(hostile)))
        left = [path.name for path in spool.iterdir()]
        if fault or left:
            wrong[str(hostile)] = fault or f"left {left}"
    note = f"slowest {slowest[0]:.1f} s ({slowest[1]}), most {largest[0]} MB ({largest[1]}), reading child {Watched.largest} MB"
    tally(PROOF, door.name, len(files), len(wrong), f"{note} {wrong or ''}".strip())
    assert slowest[0] < SECONDS, slowest
    assert largest[0] < MEGABYTES, largest
    assert Watched.largest < MEGABYTES
    assert Watched.largest > 0 or door.takes != "list"


@pytest.mark.expects_errors
def test_without_the_look_inside_they_come_in(client, house, spool, tally, monkeypatch, django_capture_on_commit_callbacks):
    """The negative control: nobody looks into zips and PDF."""
    monkeypatch.setattr(admission, "_check_package", lambda path, name, limits: None)
    monkeypatch.setattr(uploads, "admit", lambda content, name: None)
    some = [one for module in ("packages", "papers") for one in of_module(module) if one.says][::2]
    doors = {door.takes: door for door in reversed(DOORS)}
    wrong = [one for one in some if through(one, doors[one.door], client, house, django_capture_on_commit_callbacks)]
    tally(PROOF, "nobody looks into zips and PDF", len(some), len(wrong), control=True)


def test_the_makers_of_proofs_have_limits():
    assert pdf_proofs.MEMORY_BYTES <= 1 << 30
