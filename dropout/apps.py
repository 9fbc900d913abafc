from django.apps import AppConfig


class DropoutConfig(AppConfig):
    name = "dropout"
    verbose_name = "控辍保学"

    def ready(self):
        from dropout import tasks  # noqa: F401  registers the long work
        from dropout.actions import units as cases
        from dropout.actions.following import declare_follows
        from dropout.reports import households
        from students.actions import units
        from students.reports import household_sections

        declare_follows()
        units.followed_by(cases.move, cases.move_back)
        household_sections.told_by(households.sections)
