"""make check: everything that CI runs, all of it, and every failure listed at the end."""

import os
import subprocess
import sys
import time
from pathlib import Path

from config.machine import SUITE

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]


def steps(words: list[str]) -> list[tuple[str, list[str], dict]]:
    """Name, command, surroundings."""
    example = {"NOL_ENV_FILE": ".env.example"}
    home = {"NOL_ENV_FILE": "", "NOL_HOME": "var/check"}
    listed = [
        ("ruff", [str(BIN / "ruff"), "check", "."], {}),
        ("imports", [str(BIN / "lint-imports"), "--no-cache"], {}),
        ("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"], home),
        ("deploy check", [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], example),
        ("state diagrams", [*MANAGE, "draw_states", "--check"], home),
        ("tests", [sys.executable, *SUITE, *words], {}),
    ]
    has_diagrams = any(ROOT.glob("*/management/commands/draw_states.py"))
    return [step for step in listed if has_diagrams or step[0] != "state diagrams"]


def main(words: list[str]) -> int:
    ours = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")  # importing this package has set the last one
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NOL_") and name not in ours}
    failed = []
    for name, command, surroundings in steps(words):
        print(f"── {name}", flush=True)
        began = time.monotonic()
        code = subprocess.run(command, cwd=ROOT, env={**clean, **surroundings}).returncode
        print(f"   {'failed' if code else 'ok'}, {time.monotonic() - began:.0f} s", flush=True)
        if code:
            failed.append(name)
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nEverything passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
