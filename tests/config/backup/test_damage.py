"""Damaged, foreign and newer backups are called so before anything is touched; what cannot be finished leaves nothing behind."""

import fcntl
import io
import json
import os
import resource
import shutil
import tarfile
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from config.backup import keyring, parcel, restoring, tables, taking
from core import files
from core.models import Attachment
from students.models import Child

pytestmark = pytest.mark.xdist_group("backup")


def members(path):
    """{name: (first byte, size)} of each part inside the file."""
    with tarfile.open(path) as tar:
        return {member.name: (member.offset_data, member.size) for member in tar}


def part_named(path, word):
    return next(name for name in members(path) if name.startswith(word))


def flipped(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 0x10
    path.write_bytes(content)


def rewritten(county, tmp_path, change, signed=True):
    """The same backup with another manifest; signed by us unless said otherwise."""
    manifest, _raw, signature = parcel.check(county.path)
    change(manifest)
    raw = json.dumps(manifest).encode()
    signature = keyring.sign(raw) if signed else signature
    sources = []
    for number, (_name, content) in enumerate(parcel.parts(county.path)):
        sources.append(tmp_path / f"part{number}")
        sources[-1].write_bytes(content.read())
    path = tmp_path / "other.backup"
    with path.open("wb") as stream:
        parcel.write(stream, raw, signature, sources)
    return path


def without(county, tmp_path, leave_out):
    path = tmp_path / "short.backup"
    with tarfile.open(county.path) as whole, tarfile.open(path, "w") as short:
        for member in whole:
            if member.name != leave_out:
                short.addfile(member, io.BytesIO(whole.extractfile(member).read()))
    return path


@pytest.fixture
def copy(county, tmp_path):
    return shutil.copy(county.path, tmp_path / "copy.backup")


def test_a_whole_copy_passes_the_check_that_the_damaged_ones_fail(copy, county, capsys):
    assert parcel.check(copy)[0] == county.manifest
    call_command("restore", source=str(copy), check=True)
    assert "校验和全部相符" in capsys.readouterr().out


@pytest.mark.parametrize("where", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("word", ["manifest.json", "database.dump", "files/"])
def test_one_flipped_bit_is_found_and_its_part_named(copy, word, where):
    name = part_named(copy, word)
    start, size = members(copy)[name]
    flipped(copy, start + int((size - 1) * where))
    with pytest.raises(parcel.BackupDamaged, match="已损坏") as damaged:
        parcel.check(copy)
    assert damaged.value.parts == (name,)
    assert name in str(damaged.value)


def test_a_flipped_bit_in_the_signature_is_found(copy, county):
    start, size = members(copy)[parcel.SIGNATURE]
    for place in range(start, start + size):
        flipped(copy, place)
        with pytest.raises(parcel.BackupDamaged):
            keyring.check(copy, *parcel.check(copy))
        flipped(copy, place)
    keyring.check(copy, *parcel.check(copy))  # flipped back it is whole


def test_a_flipped_bit_in_the_head_of_a_part_is_found(copy):
    for word in ("manifest.json", "manifest.signature", "database.dump", "files/"):
        name = part_named(copy, word)
        start, _size = members(copy)[name]
        flipped(copy, start - 512)
        with pytest.raises(parcel.BackupDamaged) as damaged:
            parcel.check(copy)
        assert name in damaged.value.parts
        flipped(copy, start - 512)


@pytest.mark.parametrize("share", [0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98])
def test_a_truncated_backup_is_damaged(copy, share):
    os.truncate(copy, int(copy.stat().st_size * share))
    with pytest.raises(parcel.BackupDamaged) as damaged:
        parcel.check(copy)
    assert damaged.value.parts


@pytest.mark.parametrize("word", ["manifest.json", "manifest.signature", "database.dump", "files/"])
def test_a_missing_part_is_named(county, tmp_path, word):
    name = part_named(county.path, word)
    with pytest.raises(parcel.BackupDamaged) as damaged:
        parcel.check(without(county, tmp_path, name))
    assert name in damaged.value.parts


def test_something_else_is_no_backup(tmp_path):
    path = tmp_path / "x.backup"
    path.write_bytes(b"PK\x03\x04" * 1000)
    with pytest.raises(parcel.BackupDamaged, match="不是本系统的备份"):
        parcel.check(path)
    with pytest.raises(parcel.BackupRefused, match="打不开"):
        parcel.check(tmp_path / "absent.backup")


def test_a_damaged_backup_leaves_the_database_and_the_files_empty(copy, empty, settings):
    start, size = members(copy)[parcel.DATABASE]
    flipped(copy, start + size // 2)
    with pytest.raises(CommandError, match=r"database\.dump"):
        call_command("restore", source=str(copy))
    assert tables.names() == []
    assert not settings.FILES_ROOT.exists()


def test_a_backup_of_a_newer_program_is_refused(county, empty, tmp_path):
    path = rewritten(county, tmp_path, lambda manifest: manifest["migrations"].append("students.9999_later"))
    with pytest.raises(CommandError, match=r"students\.9999_later"):
        call_command("restore", source=str(path))
    assert tables.names() == []


def test_a_manifest_that_somebody_else_wrote_is_refused(county, empty, tmp_path):
    path = rewritten(county, tmp_path, lambda manifest: manifest.update(version="9"), signed=False)
    with pytest.raises(CommandError, match="签名不对"):
        call_command("restore", source=str(path))
    assert tables.names() == []


@pytest.mark.parametrize("change", [{"rows": 4}, {"digest": "1"}])
def test_a_dump_that_is_not_what_the_manifest_says_is_rolled_back(county, empty, tmp_path, change):
    """Such as one whose rows the dumping role could not see."""
    path = rewritten(county, tmp_path, lambda manifest: manifest["tables"]["students_child"].update(change))
    with pytest.raises(CommandError, match="students_child"):
        call_command("restore", source=str(path))
    assert tables.names() == []


def test_a_restore_that_dies_before_its_last_word_leaves_what_was_there(county, restored, monkeypatch):
    """The whole dump has been loaded when the process goes; psql commits only what it is told to."""
    Child.objects.filter(name="东小明").update(name="改名后")
    feed = restoring._feed

    def die(target, unpack, before, _after, said):
        feed(target, unpack, before, ["SELECT 1;"], said)
        raise KeyboardInterrupt

    monkeypatch.setattr(restoring, "_feed", die)
    with pytest.raises(KeyboardInterrupt):
        call_command("restore", source=str(county.path), replace="示范县")
    assert Child.objects.filter(name="改名后").exists()


@contextmanager
def at_most(size):
    """Files of this process may not grow beyond `size`: what a full disk is to the one who writes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def source(source_once, settings, tmp_path):
    """The folder into which a database without a county is backed up."""
    settings.FILES_ROOT = tmp_path / "files"
    Attachment.objects.all().delete()
    return tmp_path / "out"


def test_a_full_disk_leaves_no_half_backup(source):
    whole, _manifest = taking.take(source, now=timezone.now())
    size = whole.stat().st_size
    whole.unlink()
    for room in (size // 10, size - 2048):  # during the dump, and at the end of the file
        with at_most(room), pytest.raises(parcel.BackupRefused, match="磁盘写满了"):
            taking.take(source, now=timezone.now())
        assert list(source.iterdir()) == []


def test_an_interruption_leaves_no_half_backup(source, monkeypatch):
    def interrupted(*_anything):
        raise KeyboardInterrupt

    monkeypatch.setattr(parcel, "check", interrupted)
    with pytest.raises(KeyboardInterrupt):
        taking.take(source, now=timezone.now())
    assert list(source.iterdir()) == []


def test_drafts_of_killed_backups_are_swept_and_those_at_work_are_left(source):
    source.mkdir()
    dead, alive = (source / f".not-one-less-{word}.partial" for word in ("dead", "alive"))
    dead.write_bytes(b"half")
    with alive.open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        path, _manifest = taking.take(source, now=timezone.now())
        assert sorted(source.iterdir()) == sorted([alive, path])


def test_a_stored_file_that_is_gone_is_said(source, capsys):
    kept = files.store(b"soon lost", "a.txt", "text/plain", None)
    next(path for path in source.parent.joinpath("files").rglob("*") if path.is_file()).unlink()
    call_command("backup", out=str(source))
    assert kept.sha256[:12] in capsys.readouterr().err
    (path,) = source.iterdir()
    assert parcel.check(path)[0]["missing_files"] == [kept.sha256]


def test_an_unknown_account_and_a_closed_folder_are_sentences(source, tmp_path):
    with pytest.raises(CommandError, match="没有账号"):
        call_command("backup", out=str(source), by="nobody")
    (tmp_path / "plain").write_text("a file")
    with pytest.raises(CommandError, match="没有做成"):
        call_command("backup", out=str(tmp_path / "plain"))
