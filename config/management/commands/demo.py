"""The demo county on this machine: prepared, served, and stopped with Ctrl-C. `make demo` comes here after setting the machine up."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from core.hashers import DEMO_PASSWORD
from core.roles import ROLES

PATIENCE = 60  # seconds until the first page
GRACE = 90  # seconds for a worker to put its task down


class Told(Exception):
    """Somebody said stop."""


class Command(BaseCommand):
    help = "Prepares the demo county and serves it until Ctrl-C."
    requires_system_checks = []

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("这里不是演示环境。")
        self._refuse_busy_port()
        self._prepare()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, _tell)
        started = {}
        try:
            started["web"] = self._start("web")
            self._wait_for_first_page(started)
            for part in ("worker", "beat"):  # after the page: together they would make the newcomer wait for all three
                started[part] = self._start(part)
            self._greet()
            self._watch(started)
        except Told:
            self._say("\n正在停止……")
        finally:
            _stop(started)
        self.stdout.write("已全部停止。")

    def _refuse_busy_port(self):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", settings.PORT))
            except OSError as error:
                raise CommandError(f"端口 {settings.PORT} 已被占用。请换一个，如：NOL_PORT=8100 make demo") from error

    def _prepare(self):
        """Migrate and collect only when something changed since the last time: the second run takes seconds."""
        migrations = [path for folder in settings.BASE_DIR.glob("*/migrations") for path in folder.glob("*.py")]
        locks = [settings.BASE_DIR / name for name in ("requirements.lock", "package-lock.json", "config/finders.py")]
        statics = [path for path in (settings.BASE_DIR / "static").rglob("*") if path.is_file()]
        self._once("migrate", "建立数据库表", [*migrations, locks[0]], ["migrate", "--no-input"])
        if not settings.DEBUG:
            self._once("collectstatic", "收集静态文件", [*statics, *locks], ["collectstatic", "--no-input", "--clear"])
        self._say("· 准备演示县数据")
        call_command("seed_demo", stdout=self.stdout)
        connections.close_all()  # from here on this process only watches

    def _once(self, name: str, label: str, files: list[Path], arguments: list[str]):
        digest = hashlib.sha256()
        for path in sorted(files):
            digest.update(str(path.relative_to(settings.BASE_DIR)).encode() + path.read_bytes())
        stamp = settings.NOL_HOME / "stamps" / name
        if stamp.is_file() and stamp.read_text() == digest.hexdigest():
            return
        self._say(f"· {label}")
        self._manage([*arguments, "--verbosity", "0"])
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(digest.hexdigest())

    def _say(self, line: str):
        """At once, also into a pipe: a newcomer wants to see what takes its time."""
        self.stdout.write(line)
        self.stdout.flush()

    def _manage(self, arguments: list[str]):
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
        if subprocess.run(command, cwd=settings.BASE_DIR).returncode != 0:
            raise CommandError(f"“manage.py {arguments[0]}”没有完成，原因见上。")

    def _start(self, part: str) -> subprocess.Popen:
        """In a session of its own: Ctrl-C reaches only this process, which stops the others in order."""
        log = settings.NOL_HOME / "log" / f"{part}.out"
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "serve", part]
        with log.open("ab") as output:
            return subprocess.Popen(
                command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )

    def _wait_for_first_page(self, started: dict):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            self._refuse_dead(started)
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{settings.PORT}/sign-in/", timeout=5):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.2)
        raise CommandError(f"{PATIENCE} 秒内没有等到首页。日志在 {settings.NOL_HOME / 'log'}。")

    def _refuse_dead(self, started: dict):
        for part, child in started.items():
            if child.poll() is not None:
                raise CommandError(f"{part} 已退出（代码 {child.returncode}）。日志在 {settings.NOL_HOME / 'log' / part}.out。")

    def _greet(self):
        self.stdout.write(f"\n一个不少 · Not One Less\n\n  http://localhost:{settings.PORT}/\n\n  演示账号（密码都是 {DEMO_PASSWORD}）：")
        for role in ROLES:
            self.stdout.write(f"    {role.code:<18} {role.label}")
        self.stdout.write("\n  按 Ctrl-C 停止。")
        self.stdout.flush()

    def _watch(self, started: dict):
        while True:
            self._refuse_dead(started)
            time.sleep(1)


def _tell(_number, _frame):
    raise Told


def _stop(started: dict) -> None:
    """End what we started and nothing else; a second Ctrl-C does not interrupt the stopping."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    for child in started.values():
        if child.poll() is None:
            child.terminate()
    for child in started.values():
        try:
            child.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
