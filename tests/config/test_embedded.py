"""The launcher on real servers, in a home of its own: sharing, stopping, recovery, no way in without a password."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg2
import pytest

from config import environment
from config.embedded import Embedded, LauncherError, places, postgres, redis, secrets

pytestmark = pytest.mark.xdist_group("launcher")


def open_folder():
    """A folder that the servers' account can enter: pytest's own are closed, and the launcher would go to /var/lib."""
    folder = Path(tempfile.mkdtemp(prefix="nol-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


folder = pytest.fixture(open_folder)
shared_folder = pytest.fixture(open_folder, scope="module")


@pytest.fixture(scope="module")
def home(shared_folder):
    """A home that stays for the module: initdb is the slow part."""
    return shared_folder / "home"


@pytest.fixture
def servers(home):
    held = Embedded(home, forgetful=True)
    held.hold()
    yield held
    held.release()


def one(servers: Embedded, statement: str, role: str = postgres.SUPERUSER):
    connection = postgres.connect(servers.places, role, postgres.DATABASE)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0]
    finally:
        connection.close()


class TestCluster:
    @pytest.mark.parametrize(
        ("setting", "value"),
        [("listen_addresses", ""), ("data_checksums", "on"), ("server_encoding", "UTF8"), ("password_encryption", "scram-sha-256")],
    )
    def test_settings(self, servers, setting, value):
        assert one(servers, f"SHOW {setting}") == value

    def test_the_locale_knows_chinese(self, servers):
        assert one(servers, "SELECT datctype FROM pg_database WHERE datname = 'template1'") == "C.UTF-8"

    def test_nobody_is_trusted(self, servers):
        assert one(servers, "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules") == "scram-sha-256"
        with pytest.raises(psycopg2.OperationalError, match="password"):
            psycopg2.connect(host=str(servers.places.sockets), port=5432, user=postgres.SUPERUSER, dbname="postgres", password="guess")

    def test_the_application_owns_nothing(self, servers):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            one(servers, "CREATE TABLE x (y int)", postgres.APPLICATION)

    def test_secrets_are_for_one_pair_of_eyes(self, servers):
        modes = {path.name: path.stat().st_mode & 0o777 for path in (servers.home / "secrets").iterdir()}
        assert set(modes.values()) == {0o600}
        assert (servers.home / "secrets").stat().st_mode & 0o777 == 0o700

    def test_the_servers_folder_is_closed(self, servers):
        assert servers.places.root.stat().st_mode & 0o777 == 0o700
        assert servers.places.sockets.stat().st_mode & 0o777 == 0o700


HOLDER = """
import sys, time
from pathlib import Path
from config.embedded import Embedded
held = Embedded(Path(sys.argv[1]), forgetful=True)
held.hold()
print("held", flush=True)
sys.stdin.readline()
held.release()
"""


def another(home: Path) -> subprocess.Popen:
    """Another process that holds the servers until it is told to let go."""
    child = subprocess.Popen([sys.executable, "-c", HOLDER, str(home)], cwd=environment.BASE_DIR, stdin=-1, stdout=-1, text=True)
    assert child.stdout.readline() == "held\n"
    return child


def end(child: subprocess.Popen) -> None:
    child.communicate("go\n")
    assert child.returncode == 0


class TestSharing:
    def test_the_last_one_out_stops_the_server(self, home):
        first, second = another(home), another(home)
        end(first)
        assert postgres.answers(places.locate(home))
        end(second)
        assert not postgres.answers(places.locate(home))

    def test_a_killed_holder_does_not_keep_the_server_for_ever(self, home):
        killed, other = another(home), another(home)
        killed.kill()
        killed.communicate()
        end(other)
        assert not postgres.answers(places.locate(home))

    def test_a_forked_child_stops_nothing(self, servers):
        child = os.fork()
        if not child:
            servers.release()
            os._exit(0)
        os.waitpid(child, 0)
        assert postgres.answers(servers.places)


def postmaster(home: Path) -> int:
    return int((places.locate(home).postgres / "postmaster.pid").read_text().split()[0])


def wait_until_gone(pid: int) -> None:
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]:
        time.sleep(0.02)


class TestRecovery:
    def test_a_killed_postmaster(self, home, servers):
        one(servers, "SELECT 1")
        pid = postmaster(home)
        os.kill(pid, signal.SIGKILL)
        wait_until_gone(pid)
        assert not postgres.answers(servers.places)
        servers.hold()
        assert one(servers, "SELECT 1") == 1
        assert postmaster(home) != pid

    def test_a_half_made_cluster_is_made_again(self, folder):
        root = places.prepare(folder / "home")[0].root
        (root / "postgres").mkdir()
        (root / "postgres" / "rubbish").touch()
        servers = Embedded(folder / "home", forgetful=True)
        servers.hold()
        try:
            assert one(servers, "SELECT 1") == 1
        finally:
            servers.release()


class TestRedis:
    def test_it_comes_back_after_a_kill(self, servers):
        servers.hold(broker=True)
        pid = int((servers.places.root / "redis.pid").read_text())
        os.kill(pid, signal.SIGKILL)
        wait_until_gone(pid)
        assert not redis.answers(servers.places)
        servers.hold(broker=True)
        assert redis.answers(servers.places)

    def test_it_listens_on_no_port(self, servers):
        import redis as client

        servers.hold(broker=True)
        asked = client.Redis(unix_socket_path=str(servers.places.redis_socket))
        try:
            assert asked.config_get("port") == {"port": "0"}
            assert asked.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        finally:
            asked.close()


class TestPlaces:
    def test_a_long_path_gets_a_short_socket(self, tmp_path):
        far = places.locate(tmp_path / ("x" * 120))
        assert len(os.fsencode(far.sockets / ".s.PGSQL.5432.lock")) <= places.LONGEST_SOCKET
        assert far.sockets == places.locate(far.home).sockets

    def test_looking_creates_nothing(self, tmp_path):
        assert places.locate(tmp_path / "home").redis_socket
        assert not (tmp_path / "home").exists()

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers under another account")
    def test_a_closed_parent_is_left_closed(self, folder, monkeypatch):
        monkeypatch.setattr(places, "SYSTEM_FOLDER", folder / "system")
        closed = folder / "closed"
        closed.mkdir(mode=0o700)
        found, account = places.prepare(closed / "home")
        assert found.root.parent == folder / "system"
        assert places.locate(closed / "home") == found
        assert closed.stat().st_mode & 0o777 == 0o700
        assert account.owns(found.root)

    def test_a_trap_in_the_socket_folder_is_refused(self, tmp_path):
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(LauncherError, match="属于别的用户"):
            places._own_folder(tmp_path / "run", places._account())


def test_two_processes_agree_on_a_secret(tmp_path):
    assert secrets.secret(tmp_path, "index_key") == secrets.secret(tmp_path, "index_key")
    assert len(environment.key_of_32_bytes(secrets.secret(tmp_path, "index_key"), "index_key")) == 32


def test_importing_the_settings_starts_nothing(tmp_path):
    """Nor does a command that needs no database."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("NOL_")}
    home = tmp_path / "home"
    subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=environment.BASE_DIR, env={**surroundings, "NOL_HOME": str(home), "NOL_ENV_FILE": ""}, check=True,
    )  # fmt: skip
    assert not (home / "server").exists()
