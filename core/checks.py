"""System checks of what core stands on: keys that seal and open."""

from django.conf import settings
from django.core.checks import Error, Tags, register

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
