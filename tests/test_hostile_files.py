"""Files that mean harm, through every door of the product: refused with a sentence or read within limits, and nothing of them remains.

All of them come through one door of their kind here, and some through the others; tests/proof sends all through all and measures.
"""

import ast
import html
import re
import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from core import files
from core.models import Attachment
from students.models import AttendanceFile, SourceSnapshot
from tests.hostile import EITHER, MODULES, READ, REFUSED, every, of_module
from tests.hostile.book import good
from tests.hostile.doors import DOORS
from tests.hostile.papers import pdf
from tests.hostile.pictures import SECRET

ROOT = Path(__file__).resolve().parents[1]
pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::UserWarning")]  # Pillow says what it thinks of broken metadata
SOME = {"xml_parts": 3, "tables": 2, "papers": 2}  # one of so many; tests/proof sends them all
FIRST = {"list": DOORS[0], "proof": next(door for door in DOORS if door.takes == "proof")}


@pytest.fixture
def spool(tmp_path, monkeypatch, settings):
    """The folder in which every temporary file of the process is made."""
    folder = tmp_path / "spool"
    folder.mkdir()
    settings.FILES_ROOT, settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "files", None
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def send(client, house, door, name, content, capture):
    """The answer of a door to a file; what follows the commit has run."""
    client.force_login(house.people[door.who])
    fields = door.fields(house)
    field = door.field(house) if callable(door.field) else door.field
    with capture(execute=True):
        return client.post(door.address(house), fields | {field: SimpleUploadedFile(name, content)})


def fate_of(answer, door):
    """(refused or read, the sentence the sender reads)."""
    page = html.unescape(answer.content.decode()) if answer.status_code == 200 else ""
    if door.name in ("lists", "filled lists") and answer.status_code == 302:
        snapshot = SourceSnapshot.objects.latest("pk")
        return (REFUSED if snapshot.state == "refused" else READ), snapshot.message
    if door.name == "attendance workbook" and answer.status_code == 302:
        kept = AttendanceFile.objects.latest("pk")
        return (REFUSED if kept.state == "refused" else READ), kept.message
    return (READ if answer.status_code == 302 else REFUSED), page


def unlike(hostile, fate, sentence):
    """What of a file's fate is not as it has to be; "" for nothing. A list may be read and refused for its columns, a proof has none."""
    if hostile.fate == REFUSED and fate == READ:
        return "taken"
    if hostile.fate == READ and fate == REFUSED and hostile.door == "proof":
        return f"refused: {sentence[-600:]}"
    if hostile.fate == REFUSED and not re.search(hostile.says, sentence):
        return f"not said {hostile.says}: {sentence[-600:]}"
    return ""


def judge(hostile, door, answer, before):
    """What is wrong with what became of the file; "" for nothing."""
    if answer.status_code >= 500 or answer.status_code in (400, 403, 404):
        return f"answered {answer.status_code}"
    fate, sentence = fate_of(answer, door)
    fault = unlike(hostile, fate, sentence)
    if fault:
        return fault
    if door.takes == "proof" and fate == REFUSED and Attachment.objects.count() > before:
        return "stored all the same"
    if door.takes == "proof" and fate == READ and SECRET in files.read(Attachment.objects.latest("pk")):
        return "metadata kept"
    return ""


def through(hostile, door, client, house, capture):
    """What is wrong with what became of the file; nothing of the call remains."""
    with transaction.atomic():
        door.address(house), door.fields(house)  # they make what the form is about
        before = Attachment.objects.count()
        fault = judge(hostile, door, send(client, house, door, hostile.name, hostile.make(), capture), before)
        transaction.set_rollback(True)
    return fault


def faults(some, door, client, house, capture):
    return {str(one): fault for one in some if (fault := through(one, door, client, house, capture))}


@pytest.mark.parametrize("module", MODULES)
def test_hostile_files_at_the_first_door_of_their_kind(module, client, house, spool, django_capture_on_commit_callbacks):
    some = [one for number, one in enumerate(of_module(module)) if number % SOME.get(module, 1) == 0]
    assert faults(some, FIRST[some[0].door], client, house, django_capture_on_commit_callbacks) == {}
    assert list(spool.iterdir()) == []


@pytest.mark.parametrize("door", [door for door in DOORS if door not in FIRST.values()], ids=str)
def test_some_at_each_other_door(door, client, house, spool, django_capture_on_commit_callbacks):
    some = [one for one in every(door.takes) if one.fate == REFUSED][::9]
    assert faults(some, door, client, house, django_capture_on_commit_callbacks) == {}
    assert len(some) >= 5
    assert list(spool.iterdir()) == []


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_good_file_is_taken_at_each_door(door, client, house, spool, django_capture_on_commit_callbacks):
    """The negative control: the door is open, so that a refusal is the file's doing."""
    name, content = ("名单.xlsx", good()) if door.takes == "list" else ("证明.pdf", pdf())
    answer = send(client, house, door, name, content, django_capture_on_commit_callbacks)
    fate, sentence = fate_of(answer, door)
    if door.takes == "proof":
        assert fate == READ, sentence
    else:
        assert f"《{name}》" not in sentence or "表头" in sentence or "没有找到" in sentence, (
            sentence
        )  # read; only the columns are another list's
    assert list(spool.iterdir()) == []


def test_every_view_that_takes_a_file_is_a_door():
    """A new upload has to be added to tests/hostile/doors.py."""
    found = set()
    for path in sorted(ROOT.glob("*/views/*.py")) + sorted(ROOT.glob("*/views.py")):
        for function in [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)]:
            if any(isinstance(node, ast.Attribute) and node.attr == "FILES" for node in ast.walk(function)):
                found.add(f"{'.'.join(path.relative_to(ROOT).with_suffix('').parts)}.{function.name}")
    assert found == {view for door in DOORS for view in door.views}


def test_there_are_enough_of_them():
    assert len(every()) >= 280
    assert len([one for one in every() if one.fate != EITHER]) >= 150
    assert len({str(one) for one in every()}) == len(every())
