"""System checks: what would fail silently later is said at the start."""

import importlib.util

from django.core.checks import Error, Tags, register
from django.db import connections


@register(Tags.security)
def xml_bombs_are_refused(app_configs, **_named):
    if importlib.util.find_spec("defusedxml"):
        return []
    return [Error("defusedxml is not installed: openpyxl would accept XML bombs.", hint="Install requirements.lock.", id="config.E001")]


@register(Tags.database)
def database_knows_chinese(app_configs, databases=None, **_named):
    """With LC_CTYPE C pg_trgm sees no Chinese character at all: searches would find nobody (ecosystem.md §1)."""
    found = []
    for alias in databases or []:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT datctype FROM pg_database WHERE datname = current_database()")
            (kind,) = cursor.fetchone()
        if kind in ("C", "POSIX"):
            found.append(Error(f"Database {alias} has LC_CTYPE {kind}: name search is blind to Chinese.", hint="Use C.UTF-8.", id="config.E002"))
    return found
