from django.apps import AppConfig


class DropoutConfig(AppConfig):
    name = "dropout"
    verbose_name = "控辍保学"

    def ready(self):
        from dropout import tasks  # noqa: F401  registers the long work
        from dropout.actions import units as cases
        from dropout.actions.following import declare_follows
        from students.actions import units

        declare_follows()
        units.followed_by(cases.move, cases.move_back)
