"""System checks of the platform; core.checks looks at keys and at the database."""

import importlib.util

from django.core.checks import Error, Tags, register


@register(Tags.security)
def xml_bombs_are_refused(app_configs, **_named):
    if importlib.util.find_spec("defusedxml"):
        return []
    return [Error("defusedxml is not installed: openpyxl would accept XML bombs.", hint="Install requirements.lock.", id="config.E001")]
