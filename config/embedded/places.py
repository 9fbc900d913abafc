"""Where the servers live and under which account they run."""

import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SYSTEM_ACCOUNT = "not-one-less"
SYSTEM_FOLDER = Path("/var/lib/not-one-less")
LONGEST_SOCKET = 107  # bytes that fit into sockaddr_un.sun_path, the closing zero left out
LONGEST_NAME = len(".s.PGSQL.5432.lock")
PLAIN_PATH = re.compile(r"^[A-Za-z0-9_./+-]+$")  # a comma or a quote would need quoting in four different languages


class LauncherError(SystemExit):
    """The servers cannot be started; the text is the sentence for the person at the keyboard."""


@dataclass(frozen=True)
class Account:
    """Who runs the servers. `switch` is what subprocess needs to become that account: nothing when we already are."""

    uid: int
    gid: int

    @property
    def switch(self) -> dict:
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def owns(self, path: Path) -> bool:
        return path.stat().st_uid == self.uid

    def can_enter(self, path: Path) -> bool:
        """Ask the system itself: permission bits alone do not know of access lists and mounts."""
        return subprocess.run(["test", "-x", str(path)], cwd="/", **self.switch).returncode == 0


@dataclass(frozen=True)
class Places:
    """The folders of one home. Reading them creates nothing."""

    home: Path
    root: Path

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def locks(self) -> Path:
        return self.home / "locks"

    @property
    def sockets(self) -> Path:
        """A folder whose path is short enough for a socket, derived from the home so that every process finds the same."""
        near = self.root / "run"
        if len(os.fsencode(near)) + 1 + LONGEST_NAME <= LONGEST_SOCKET and PLAIN_PATH.match(str(near)):
            return near
        return Path(tempfile.gettempdir()) / f"nol-{_digest(self.root)}"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"


def locate(home: Path) -> Places:
    """The places of a home that may not exist yet; `home/server-folder` says when the servers had to move elsewhere."""
    pointer = home / "server-folder"
    if pointer.is_file():
        return Places(home=home, root=Path(pointer.read_text(encoding="utf-8").strip()))
    return Places(home=home, root=home / "server")


def prepare(home: Path) -> tuple[Places, Account]:
    """Create the folders. Root hands the servers' folder, and nothing else, to a system account of their own."""
    places = locate(home)
    if places.root.exists():
        account = _owner_of(places.root)
    else:
        account = _account()
        home.mkdir(parents=True, exist_ok=True)
        if not account.can_enter(home):
            elsewhere = SYSTEM_FOLDER / _digest(home)
            SYSTEM_FOLDER.mkdir(mode=0o755, exist_ok=True)
            (home / "server-folder").write_text(f"{elsewhere}\n", encoding="utf-8")
            places = Places(home=home, root=elsewhere)
        _own_folder(places.root, account)
    for folder in (places.redis, places.sockets):
        _own_folder(folder, account)
    return places, account


def binaries(packaged: Path, tree: Path, siblings: list[Path], account: Account) -> Path:
    """The packaged folder of binaries, or a copy under /var/lib when the servers' account cannot enter the venv.

    `tree` is what must be copied as a whole (its parent is where relative library paths start), with its siblings.
    """
    if account.can_enter(packaged):
        return packaged
    target = SYSTEM_FOLDER / "binaries" / _digest(tree, str(tree.stat().st_mtime_ns))
    if not target.is_dir():
        draft = target.with_name(f"{target.name}.{os.getpid()}")
        for part in (tree, *siblings):
            shutil.copytree(part, draft / part.name, symlinks=True)
        for folder in (SYSTEM_FOLDER, target.parent, draft):
            folder.chmod(0o755)
        draft.rename(target)
    return target / packaged.relative_to(tree.parent)


def _owner_of(root: Path) -> Account:
    uid = root.stat().st_uid
    if os.geteuid() not in (0, uid):
        raise LauncherError(f"{root} 属于系统用户 {uid}，当前用户 {os.geteuid()} 不能启动它。请用原来的用户运行，或用 NOL_HOME 另指一个文件夹。")
    return Account(uid=uid, gid=root.stat().st_gid)


def _account() -> Account:
    """Ourselves; for root, which PostgreSQL refuses, a system account without a shell."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid())
    try:
        entry = pwd.getpwnam(SYSTEM_ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", SYSTEM_ACCOUNT], check=True)
        entry = pwd.getpwnam(SYSTEM_ACCOUNT)
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def _own_folder(folder: Path, account: Account) -> None:
    """Make the folder and give it to the account. One that was there before is never given away: in /tmp it may be a trap."""
    if not folder.exists():
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(folder, account.uid, account.gid)
    if folder.is_symlink() or not account.owns(folder):
        raise LauncherError(f"{folder} 属于别的用户，不能放服务器的文件。请删除它，或用 NOL_HOME 另指一个文件夹。")
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def _digest(path: Path, more: str = "") -> str:
    return hashlib.sha256(os.fsencode(path) + more.encode()).hexdigest()[:12]
