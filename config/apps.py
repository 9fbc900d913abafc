"""The platform: no models; it brings the system checks and the commands that run the servers."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "config"
    verbose_name = "平台"

    def ready(self):
        from config import checks  # noqa: F401  registers them
        from config.acts import WORDS
        from core.audit import name_acts

        name_acts(WORDS)
