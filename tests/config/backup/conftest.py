"""Databases of their own for the drill: a county to be backed up once, empty ones to restore into."""

import io
import os
from contextlib import closing, contextmanager
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings
from django.utils import timezone

from config.backup import parcel
from config.embedded import postgres
from core import files
from core.actions import sealing
from core.models import Attachment, AuditEntry
from students.models import Child
from tests import cast, harness

BACKED_UP = ("一份证明".encode() * 500, b"%PDF-1.7 \x00\xff" * 3000, b"x")


@contextmanager
def database(word, template="template1"):
    """A database of its own for as long as the block lasts; the connection is its owner's, as in `manage.py restore`."""
    before = connection.settings_dict["NAME"]
    name = f"test_nol_{os.getpid()}_{word}"
    connections.close_all()
    with closing(postgres.connect(harness.servers().places, postgres.OWNER)) as link, link.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    harness._connect_as(postgres.OWNER, name)
    try:
        yield name
    finally:
        harness._connect_as(postgres.APPLICATION, before)
        harness.drop(name)


@pytest.fixture(scope="module")
def unblocked(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def county(unblocked, tmp_path_factory):
    """A small county, its backup, and what is to be found again."""
    out, stored = tmp_path_factory.mktemp("backups"), tmp_path_factory.mktemp("stored")
    with database("county", harness.template()), override_settings(FILES_ROOT=stored):
        people = cast.build().people
        for number, content in enumerate(BACKED_UP):
            files.store(content, f"{number}.bin", "application/octet-stream", people["school_clerk"])
        sealing.seal_entries(timezone.now())
        call_command("backup", out=str(out), by="system_admin")
        numbers = dict(Child.objects.order_by("pk").values_list("name", "number"))
        acts = AuditEntry.objects.exclude(act="backup_made").count()
        digests = list(Attachment.objects.order_by("pk").values_list("sha256", flat=True))
    (path,) = out.iterdir()
    return SimpleNamespace(path=path, manifest=parcel.check(path)[0], numbers=numbers, acts=acts, digests=digests, stored=stored)


@pytest.fixture
def empty(unblocked, settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"
    with database("empty") as name:
        yield name


@pytest.fixture(scope="module")
def restored_once(county, tmp_path_factory):
    """Restored in a database that stays untouched; what the command said."""
    stored, said = tmp_path_factory.mktemp("restored"), io.StringIO()
    with override_settings(FILES_ROOT=stored), database("restored") as name:
        call_command("restore", source=str(county.path), stdout=said)
        connections.close_all()
        yield SimpleNamespace(name=name, stored=stored, said=said.getvalue())


@pytest.fixture
def restored(restored_once, settings):
    """A copy of the restored database, to be worked in."""
    settings.FILES_ROOT = restored_once.stored
    with database("copy", restored_once.name) as name:
        yield SimpleNamespace(name=name, said=restored_once.said)


@pytest.fixture(scope="module")
def source_once(unblocked):
    """A database without a county, to be backed up."""
    with database("source", harness.template()) as name:
        yield name
