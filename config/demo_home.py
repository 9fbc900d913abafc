"""Is this home a demo? Only then may the demo password be set and the demo county be seeded.

The mark is bound to the database it was made for: a demo home that is later pointed at another database is no demo any more.
"""

import hashlib
from pathlib import Path

from config import environment

MARK = "demo-county"


def database_identity() -> str:
    """Which database DATABASE_URL names, without its password."""
    if not environment.text("DATABASE_URL"):
        return "embedded"
    where = environment.database_url("DATABASE_URL")
    return hashlib.sha256("|".join(where[part] for part in ("HOST", "PORT", "NAME")).encode()).hexdigest()


def is_demo(home: Path) -> bool:
    mark = home / MARK
    return mark.is_file() and mark.read_text(encoding="utf-8").strip() == database_identity()


def mark(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / MARK).write_text(f"{database_identity()}\n", encoding="utf-8")
