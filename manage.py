#!/usr/bin/env python
"""Commands. Without DATABASE_URL the embedded database runs for as long as somebody needs it (config/embedded)."""

import atexit
import os
import signal
import sys

# Commands that change tables; all others work as the role that owns nothing.
OWNER_COMMANDS = {
    "migrate", "makemigrations", "sqlflush", "flush", "squashmigrations", "optimizemigration", "pgtrigger", "backup", "restore",
}  # fmt: skip
NO_DATABASE = {"help", "version", "check", "collectstatic", "findstatic", "diffsettings", "startapp", "draw_states"}


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config import environment

    environment.load_env_file()
    command = arguments[1] if len(arguments) > 1 else "help"
    if command in OWNER_COMMANDS:
        os.environ["NOL_DATABASE_ROLE"] = "owner"
    if command in {"serve", "runserver"}:
        part = arguments[2] if command == "serve" and len(arguments) > 2 else "web"
        os.environ["NOL_WORKLOAD"] = "web" if part == "web" else "job"
        os.environ["NOL_LOG_NAME"] = part
    if needs_servers(command, arguments):
        _hold_servers(environment, command)
        if command == "demo":
            from config import demo_home

            demo_home.claim(environment.home())

    from django.core.management import execute_from_command_line

    from config import last_words

    with last_words.said(arguments):
        execute_from_command_line(arguments)


def needs_servers(command: str, arguments: list[str]) -> bool:
    """Whether the command talks to a database; `check` does when it is told which (`--database default`)."""
    if command.startswith("-") or {"--help", "-h"} & set(arguments):
        return False
    return command not in NO_DATABASE or (command == "check" and any(word.startswith("--database") for word in arguments))


def _hold_servers(environment, command: str) -> None:
    """Start what the command needs and nobody else runs already; let go at the end, also when told to stop."""
    from config.embedded import Embedded

    broker = command in {"demo", "serve"} and not environment.text("REDIS_URL")
    database = not environment.text("DATABASE_URL")
    if not (broker or database):
        return
    servers = Embedded(environment.home())
    atexit.register(servers.release)
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    servers.hold(database=database, broker=broker)


if __name__ == "__main__":
    main(sys.argv)
