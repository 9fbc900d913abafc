"""A missing or wrong value stops the start with a sentence that names the variable, what was found and what is allowed."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import environment
from config.environment import WrongSetting

ROOT = Path(environment.BASE_DIR)
KEY = base64.b64encode(b"k" * 32).decode()


class TestValues:
    @pytest.mark.parametrize(("said", "meant"), [("1", True), ("YES", True), ("0", False), ("off", False), ("", True)])
    def test_a_flag(self, monkeypatch, said, meant):
        monkeypatch.setenv("NOL_X", said)
        assert environment.flag("NOL_X", True) is meant

    def test_a_flag_that_is_none(self, monkeypatch):
        monkeypatch.setenv("NOL_X", "perhaps")
        with pytest.raises(WrongSetting, match="NOL_X .*“perhaps”.*1 或 0"):
            environment.flag("NOL_X", True)

    @pytest.mark.parametrize("said", ["0", "65536", "8000a", "-1", "８０００"])
    def test_a_number_outside(self, monkeypatch, said):
        monkeypatch.setenv("NOL_PORT", said)
        with pytest.raises(WrongSetting, match=f"NOL_PORT .*“{said}”.*1 到 65535"):
            environment.number("NOL_PORT", 8000, 1, 65535)

    def test_a_choice(self, monkeypatch):
        monkeypatch.setenv("NOL_CIPHER", "des")
        with pytest.raises(WrongSetting, match="NOL_CIPHER .*“des”.*sm4 或 aes"):
            environment.choice("NOL_CIPHER", "sm4", ("sm4", "aes"))

    def test_a_folder_that_is_a_file(self, monkeypatch, tmp_path):
        (tmp_path / "x").touch()
        monkeypatch.setenv("NOL_HOME", str(tmp_path / "x"))
        with pytest.raises(WrongSetting, match="NOL_HOME .*是文件"):
            environment.home()

    def test_a_secret_in_a_file(self, monkeypatch, tmp_path):
        (tmp_path / "key").write_text(f"{KEY}\n")
        monkeypatch.setenv("NOL_INDEX_KEY", f"file:{tmp_path / 'key'}")
        assert environment.secret("NOL_INDEX_KEY", "…") == KEY

    def test_a_secret_in_no_file(self, monkeypatch, tmp_path):
        monkeypatch.setenv("NOL_INDEX_KEY", f"file:{tmp_path / 'none'}")
        with pytest.raises(WrongSetting, match="NOL_INDEX_KEY .*No such file"):
            environment.secret("NOL_INDEX_KEY", "…")


class TestKeys:
    def test_several_keys(self):
        assert environment.field_keys(f"1:{KEY},\n3:{KEY}") == {1: b"k" * 32, 3: b"k" * 32}

    @pytest.mark.parametrize("said", ["", "1", f"0:{KEY}", f"1:{KEY},1:{KEY}", "1:c2hvcnQ=", f"a:{KEY}", f"1:{KEY[:-2]}!="])
    def test_wrong_keys_are_refused_without_being_shown(self, said):
        with pytest.raises(WrongSetting, match="NOL_FIELD_KEYS") as refused:
            environment.field_keys(said)
        assert KEY[:8] not in refused.value.sentence

    @pytest.mark.parametrize("said", ["", "c2hvcnQ=", "?" * 44, KEY + "AAAA"])
    def test_a_wrong_index_key(self, said):
        with pytest.raises(WrongSetting, match="NOL_INDEX_KEY .*32 字节"):
            environment.key_of_32_bytes(said, "NOL_INDEX_KEY")


class TestAddresses:
    def test_another_database_is_refused(self, monkeypatch):
        monkeypatch.setenv("DATABASE_URL", "sqlite:///x.db")
        with pytest.raises(WrongSetting, match="DATABASE_URL .*sqlite.*PostgreSQL"):
            environment.database_url("DATABASE_URL")

    def test_a_password_is_not_repeated(self, monkeypatch):
        monkeypatch.setenv("DATABASE_URL", "mysql://u:hidden@h/n")
        with pytest.raises(WrongSetting) as refused:
            environment.database_url("DATABASE_URL")
        assert "hidden" not in refused.value.sentence

    def test_a_socket_for_celery(self):
        assert environment.broker_url("unix:///run/x.sock?db=2") == "redis+socket:///run/x.sock?virtual_host=2"
        assert environment.broker_url("redis://localhost:6379/0") == "redis://localhost:6379/0"


SAID = "import config.settings as s; print(s.HTTPS, s.SESSION_COOKIE_NAME, s.DEMO)"
SAFE = {  # reliability of the door: what a server behind https promises
    "SESSION_COOKIE_NAME": "__Host-sid", "CSRF_COOKIE_NAME": "__Host-csrf", "SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True,
    "SESSION_COOKIE_HTTPONLY": True, "SESSION_COOKIE_SAMESITE": "Lax", "CSRF_COOKIE_SAMESITE": "Lax", "SESSION_COOKIE_AGE": 1800,
    "SESSION_EXPIRE_AT_BROWSER_CLOSE": True, "SECURE_SSL_REDIRECT": True, "SECURE_HSTS_SECONDS": 31_536_000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True, "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin", "SECURE_REFERRER_POLICY": "same-origin",
    "X_FRAME_OPTIONS": "DENY", "DATA_UPLOAD_MAX_MEMORY_SIZE": 2_621_440, "DATA_UPLOAD_MAX_NUMBER_FIELDS": 2000,
    "DATA_UPLOAD_MAX_NUMBER_FILES": 5, "FILE_UPLOAD_PERMISSIONS": 0o600, "FILE_UPLOAD_DIRECTORY_PERMISSIONS": 0o700, "DEBUG": False,
    "AXES_FAILURE_LIMIT": 5,
}  # fmt: skip


def start(code=SAID, **changes) -> subprocess.CompletedProcess:
    """The product's own settings, with .env.example changed as said (None: left out)."""
    lines = [line for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    values = dict(line.split("=", 1) for line in lines) | changes
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NOL_")}
    given = {name: value for name, value in values.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**kept, "NOL_ENV_FILE": "", **given}, capture_output=True, text=True, encoding="utf-8"
    )


class TestStart:
    def test_the_example_starts(self):
        started = start()
        assert started.stdout == "True __Host-sid False\n", started.stderr

    def test_the_door_is_shut_as_promised(self):
        started = start(f"import config.settings as s, json; print(json.dumps({{name: getattr(s, name) for name in {list(SAFE)}}}))")
        assert json.loads(started.stdout) == SAFE, started.stderr

    @pytest.mark.parametrize(
        "name", ["NOL_SECRET_KEY", "NOL_FIELD_KEYS", "NOL_INDEX_KEY", "NOL_ALLOWED_HOSTS", "REDIS_URL"]
    )
    def test_nothing_is_made_up_beside_a_real_database(self, name):
        stopped = start(**{name: None})
        assert stopped.returncode == 1
        assert stopped.stderr.startswith(f"环境变量 {name} 不可用：现为 空")
        assert "Traceback" not in stopped.stderr

    def test_the_owner_is_asked_for_when_tables_change(self):
        assert start(NOL_DATABASE_OWNER_URL=None).returncode == 0
        stopped = start(NOL_DATABASE_OWNER_URL=None, NOL_DATABASE_ROLE="owner")
        assert "NOL_DATABASE_OWNER_URL" in stopped.stderr

    def test_a_demo_mark_of_another_database_is_void(self, tmp_path):
        (tmp_path / "demo-county").write_text("embedded\n")
        assert start(NOL_HOME=str(tmp_path)).stdout.endswith("False\n")
