from django.apps import AppConfig


class StudentsConfig(AppConfig):
    name = "students"
    verbose_name = "学生"

    def ready(self):
        from students import tasks  # noqa: F401  registers the long work
        from students.actions import corrections

        corrections.register()
