"""System checks of what core stands on: keys that seal and open, a name search that sees Chinese."""

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connections

from core import crypto

PROBE = "张三丰"


@register(Tags.security)
def keys_seal_and_open(app_configs, **_named):
    """One value sealed and opened under the active key, before the first number is stored with one that cannot be used."""
    try:
        if crypto.unseal(crypto.seal(PROBE, "check"), "check") != PROBE:
            return [Error(f"A value sealed with {settings.FIELD_CIPHER} does not open again.", id="core.E001")]
        crypto.blind_index(PROBE, "check")
    except (crypto.SealError, ValueError) as refused:
        hint = "See NOL_FIELD_KEYS, NOL_INDEX_KEY and NOL_CIPHER."
        return [Error(f"Field encryption cannot be used: {refused}", hint=hint, id="core.E002")]
    return []


@register(Tags.database)
def trigrams_see_chinese(app_configs, databases=None, **_named):
    """pg_trgm is there and makes trigrams of Chinese signs: with LC_CTYPE C it makes none and searches find nobody (ecosystem.md §1)."""
    found = []
    for alias in databases or []:
        with connections[alias].cursor() as cursor:
            cursor.execute("select 1 from pg_extension where extname = 'pg_trgm'")
            if not cursor.fetchone():
                continue  # before the first migrate, which installs it
            cursor.execute("select show_trgm(%s)", [PROBE])
            if not cursor.fetchone()[0]:
                found.append(Error(f"pg_trgm in {alias} is blind to Chinese.", hint="Use --locale=C.UTF-8.", id="core.E003"))
    return found
