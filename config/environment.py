"""What the surroundings say: the only place that reads environment variables.

A missing or wrong value raises WrongSetting with a sentence that names the variable, what was found and what is allowed, so that
the person at the keyboard needs no traceback. A secret may be given as `file:/path`; secrets are never repeated in a sentence.
"""

import base64
import binascii
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
FIELD_KEY = re.compile(r"^([1-9][0-9]{0,3}):([A-Za-z0-9+/]{43}=)$")
YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off"}


class WrongSetting(SystemExit):
    """Stops the start. SystemExit, so that the sentence is printed to stderr, the code is 1 and no traceback hides it."""

    def __init__(self, name: str, found: str, allowed: str):
        self.sentence = f"环境变量 {name} 不可用：现为 {found}；应为 {allowed}。"
        super().__init__(self.sentence)


def load_env_file() -> None:
    """Read `.env` beside manage.py, or the file named by NOL_ENV_FILE (empty: none). What is already set wins."""
    named = os.environ.get("NOL_ENV_FILE")
    if named == "":
        return
    path = Path(named) if named else BASE_DIR / ".env"
    if named and not path.is_file():
        raise WrongSetting("NOL_ENV_FILE", named, "一个可读的文件，或留空")
    if path.is_file():
        environ.Env.read_env(path, overwrite=False)


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def required(name: str, allowed: str) -> str:
    value = text(name)
    if not value:
        raise WrongSetting(name, "空", allowed)
    return value


def flag(name: str, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in YES | NO:
        return value in YES
    raise WrongSetting(name, f"“{value}”", "1 或 0（也可写 true、false、yes、no、on、off）")


def number(name: str, default: int, low: int, high: int) -> int:
    value = text(name, str(default))
    if re.fullmatch(r"[0-9]{1,9}", value) and low <= int(value) <= high:
        return int(value)
    raise WrongSetting(name, f"“{value}”", f"{low} 到 {high} 之间的整数")


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default)
    if value in allowed:
        return value
    raise WrongSetting(name, f"“{value}”", " 或 ".join(allowed))


def listed(name: str, default: list[str]) -> list[str]:
    value = text(name)
    return [part.strip() for part in value.split(",") if part.strip()] if value else default


def folder(name: str, default: Path) -> Path:
    value = text(name)
    path = Path(value).expanduser() if value else default
    path = path if path.is_absolute() else BASE_DIR / path
    if path.exists() and not path.is_dir():
        raise WrongSetting(name, f"“{path}”（是文件）", "一个文件夹的路径")
    return Path(os.path.abspath(path))


def home() -> Path:
    return folder("NOL_HOME", BASE_DIR / "var")


def secret(name: str, allowed: str) -> str:
    """A secret in the variable itself or, safer, in a file: `file:/etc/not-one-less/index.key`."""
    value = required(name, allowed)
    if not value.startswith("file:"):
        return value
    path = Path(value.removeprefix("file:"))
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise WrongSetting(name, f"“{value}”（{error.strerror}）", "一个可读的文件") from error


def secret_key(value: str, name: str = "NOL_SECRET_KEY") -> str:
    if len(value) >= 50 and len(set(value)) >= 5:
        return value
    raise WrongSetting(name, f"{len(value)} 个字符（内容不显示）", "至少 50 个随机字符")


def field_keys(value: str, name: str = "NOL_FIELD_KEYS") -> dict[int, bytes]:
    """`1:base64,2:base64` (or one a line) → {1: 32 bytes, 2: 32 bytes}; the highest id encrypts, all of them decrypt."""
    parts = [part.strip() for part in re.split(r"[,\n]", value) if part.strip()]
    allowed = "“编号:密钥”的列表，如 1:…=,2:…=，每个密钥为 32 字节的 base64，编号不重复"
    keys: dict[int, bytes] = {}
    for place, part in enumerate(parts, start=1):
        match = FIELD_KEY.match(part)
        if not match or int(match[1]) in keys:
            raise WrongSetting(name, f"第 {place} 项不合格式或编号重复（内容不显示）", allowed)
        keys[int(match[1])] = base64.b64decode(match[2], validate=True)
    if not keys:
        raise WrongSetting(name, "空", allowed)
    return keys


def key_of_32_bytes(value: str, name: str) -> bytes:
    try:
        key = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) == 32:
        return key
    raise WrongSetting(name, f"{len(value)} 个字符（内容不显示）", "32 字节的 base64（44 个字符）")


def database_url(name: str) -> dict:
    """A PostgreSQL address as Django wants it: NAME, USER, PASSWORD, HOST, PORT."""
    value = required(name, "postgres://用户:密码@主机:端口/库名")
    scheme = value.split(":", 1)[0]
    if scheme not in ("postgres", "postgresql"):
        raise WrongSetting(name, f"“{scheme}:…”", "以 postgres:// 开头的地址（只支持 PostgreSQL）")
    parts = environ.Env.db_url_config(value)
    if not parts.get("NAME") or not parts.get("USER"):
        raise WrongSetting(name, "没有用户名或库名的地址", "postgres://用户:密码@主机:端口/库名")
    return {key: str(parts.get(key) or "") for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}


def redis_url(name: str = "REDIS_URL") -> str:
    value = required(name, "redis://主机:端口/0、rediss://… 或 unix:///套接字路径")
    if urlsplit(value).scheme in ("redis", "rediss", "unix"):
        return value
    raise WrongSetting(name, f"“{value.split(':', 1)[0]}:…”", "redis://主机:端口/0、rediss://… 或 unix:///套接字路径")


def broker_url(redis: str) -> str:
    """Celery writes the address of a socket in another way than redis-py does."""
    if not redis.startswith("unix://"):
        return redis
    parts = urlsplit(redis)
    database = re.search(r"db=([0-9]+)", parts.query)
    return f"redis+socket://{parts.path}?virtual_host={database[1] if database else 0}"


def refuse_example_keys() -> None:
    """The values printed in .env.example are known to everybody. `check` may run with them, a server may not."""
    if "example" in text("NOL_SECRET_KEY"):
        raise WrongSetting("NOL_SECRET_KEY", ".env.example 里的示例值", "自己生成的随机值（见 docs/operations.md）")
