"""Who is using the servers. Each process holds a shared lock on one file; the system drops it even after kill -9.

`start` is a mutex around starting and stopping, so that a newcomer never meets a server on its way out.
"""

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path

from config.embedded import postgres, redis
from config.embedded.places import Account, LauncherError, Places, locate, prepare


class Embedded:
    """The servers of one home, as this process sees them. `hold` before the first connection, `release` after the last."""

    def __init__(self, home: Path, *, forgetful: bool = False):
        """`forgetful` switches durability off: for test homes only."""
        self.home = home
        self.forgetful = forgetful
        self.users = None
        self.pid = 0

    @property
    def places(self) -> Places:
        return locate(self.home)

    def address(self, role: str = postgres.APPLICATION) -> dict:
        return postgres.address(self.places, role)

    @property
    def redis_url(self) -> str:
        return redis.url(self.places)

    def hold(self, *, database: bool = True, broker: bool = False) -> None:
        """Start what is wanted and does not run, and keep it running until `release`."""
        with self._starting():
            places, account = prepare(self.home)
            if self.users is None:
                self.users = (places.locks / "users").open("a")
                self.pid = os.getpid()
                fcntl.flock(self.users, fcntl.LOCK_SH)
            if database:
                postgres.start(places, account, forgetful=self.forgetful)
            if broker:
                redis.start(places, account)

    def release(self) -> None:
        """Let go; stop the servers when nobody else holds them. A forked child's copy of this object does nothing."""
        if self.users is None or self.pid != os.getpid():
            return
        with self._starting():
            self.users.close()
            self.users = None
            places, account = prepare(self.home)
            if _nobody_uses(places):
                _stop_all(places, account)

    @contextmanager
    def _starting(self):
        locks = locate(self.home).locks
        try:
            locks.mkdir(parents=True, exist_ok=True)
            mutex = (locks / "start").open("a")
        except PermissionError as error:
            raise LauncherError(f"当前用户不能写 {locks}。请用建立它的用户运行，或用 NOL_HOME 另指一个文件夹。") from error
        with mutex:
            fcntl.flock(mutex, fcntl.LOCK_EX)
            yield


def _nobody_uses(places: Places) -> bool:
    with (places.locks / "users").open("a") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _stop_all(places: Places, account: Account) -> None:
    if redis.answers(places):
        redis.stop(places)
    if postgres.answers(places):
        postgres.stop(places, account)
