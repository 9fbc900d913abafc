"""Keys and passwords of a home that looks after itself, made once, readable by its owner alone."""

import base64
import os
import secrets
from pathlib import Path

MAKERS = {
    "secret_key": lambda: secrets.token_urlsafe(64),
    "field_keys": lambda: "1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
    "index_key": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
    "database_superuser": lambda: secrets.token_urlsafe(32),
    "database_owner": lambda: secrets.token_urlsafe(32),
    "database_application": lambda: secrets.token_urlsafe(32),
}


def secret(home: Path, name: str) -> str:
    """The secret of that name, made now if the home has none yet. Two processes may ask at once: the first one's wins."""
    path = home / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(MAKERS[name]())
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # the other process's secret is complete, since a link appears whole
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()
