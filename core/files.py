"""Stored files: one sealed copy on disk for each content, found by its sha256, opened only through the thing it belongs to."""

import errno
import hashlib
import os
import re
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.utils.text import get_valid_filename

from core import crypto
from core.models import Attachment

FIELD = "attachment"
DIGEST = re.compile("[0-9a-f]{64}")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FULL_IN_DATABASE = "53100"  # PostgreSQL's disk_full


class FileLost(Exception):
    """The stored copy is gone or is not what was stored; the message says which file and what to do."""


def store(content, name, media_type, by):
    """Seal `content` (bytes, or the path of a file) on disk and return its Attachment row. `name` is what people call the file."""
    content = Path(content).read_bytes() if isinstance(content, str | os.PathLike) else bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    _write(_place(digest), content)
    return Attachment.objects.create(sha256=digest, size=len(content), name=_clean(name), media_type=media_type[:100], stored_by=by)


def read(attachment):
    """The plain bytes. FileLost when the copy is missing or its content is another than was stored."""
    try:
        content = crypto.unseal_bytes(_place(attachment.sha256).read_bytes(), FIELD)
    except FileNotFoundError as absent:
        mark = attachment.sha256[:12]
        raise FileLost(f"文件“{attachment.name}”在存储目录里找不到了，请系统管理员从备份恢复（sha256 {mark}…）。") from absent
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise FileLost(f"文件“{attachment.name}”的内容与存入时不一致，不能使用，请系统管理员从备份恢复。")
    return content


def is_disk_full(error):
    """Whether `error` came from a disk that takes no more: our own, or the database's."""
    if isinstance(error, OSError):
        return error.errno in FULL
    return getattr(error.__cause__, "pgcode", None) == FULL_IN_DATABASE


def under_old_keys():
    """Places of stored copies that the active key did not seal; unfinished ones are none."""
    head = crypto.active_head()
    for place in sorted(Path(settings.FILES_ROOT).glob("??/??/*")):
        if DIGEST.fullmatch(place.name):
            with place.open("rb") as stream:
                if stream.read(len(head)) != head:
                    yield place


def reseal(place):
    """The same content under the active key, renamed over the old copy: whoever reads it meanwhile reads one of the two."""
    _replace(place, crypto.rotate(place.read_bytes(), FIELD))


def _clean(name):
    """The name without a path; its end is kept when it is too long."""
    try:
        name = get_valid_filename(Path(str(name).replace("\\", "/")).name)
    except SuspiciousFileOperation:  # nothing but dots or slashes
        name = "file"
    return name[-200:]


def _place(digest):
    return Path(settings.FILES_ROOT) / digest[:2] / digest[2:4] / digest


def _write(place, content):
    """Whole or not at all: written aside, flushed to the disk, then renamed. The same content is written once."""
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _replace(place, crypto.seal_bytes(content, FIELD))


def _replace(place, sealed):
    number, aside = tempfile.mkstemp(dir=place.parent)
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(sealed)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(aside, place)
    finally:
        Path(aside).unlink(missing_ok=True)
