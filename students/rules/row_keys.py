"""The hidden key of a row that goes out to be filled in: which row, which version of it, and that we wrote it."""

import re
from typing import NamedTuple

FORM = re.compile(r"(\d{1,18})-([0-9a-f]{10})-([0-9a-f]{12})")


class RowKey(NamedTuple):
    """`version`: the beginning of the row's content hash when it went out."""

    row: int
    version: str
    seal: str


def version_of(content_hash):
    return bytes(content_hash)[:5].hex()


def sealed_part(row, version):
    """What the seal is made of."""
    return f"row:{row}:{version}"


def parse(text):
    """RowKey, or None for what is none."""
    found = FORM.fullmatch(text.strip())
    return RowKey(int(found[1]), found[2], found[3]) if found else None
