from django.apps import AppConfig


class DropoutConfig(AppConfig):
    name = "dropout"
    verbose_name = "控辍保学"

    def ready(self):
        from dropout.actions.following import declare_follows

        declare_follows()
