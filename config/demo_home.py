"""Is this home a demo? Only then may the demo password be set and the demo county be seeded.

The mark is bound to the database it was made for: a demo home that is later pointed at another database is no demo any more.
"""

import hashlib
from contextlib import closing
from pathlib import Path

import psycopg2

from config import environment
from config.embedded import Embedded, postgres

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


def claim(home: Path) -> None:
    """Mark the home as a demo. Only an empty database may become one: a county's real accounts must never get demo passwords."""
    if is_demo(home):
        return
    with closing(_connect(home)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('core_user')")
        if cursor.fetchone()[0] is not None:
            cursor.execute("SELECT count(*) FROM core_user")
            if cursor.fetchone()[0]:
                raise SystemExit(f"{home} 里已有真实的账号，不能变成演示环境。请另指一个文件夹，如：NOL_HOME=var/demo make demo")
    home.mkdir(parents=True, exist_ok=True)
    (home / MARK).write_text(f"{database_identity()}\n", encoding="utf-8")


def _connect(home: Path):
    if not environment.text("DATABASE_URL"):
        return postgres.connect(Embedded(home).places, postgres.OWNER, postgres.DATABASE)
    where = environment.database_url("DATABASE_URL")
    return psycopg2.connect(
        dbname=where["NAME"], user=where["USER"], password=where["PASSWORD"], host=where["HOST"], port=where["PORT"], connect_timeout=5
    )
