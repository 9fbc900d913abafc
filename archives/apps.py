from django.apps import AppConfig


class ArchivesConfig(AppConfig):
    name = "archives"
    verbose_name = "档案与报表"

    def ready(self):
        from archives import tasks  # noqa: F401  registers the long work
