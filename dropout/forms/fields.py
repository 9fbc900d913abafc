"""What the forms of the case work share."""

from students.forms import fields
from students.forms.fields import DayField, FilesField, FilesInput

__all__ = ["DayField", "FilesField", "FilesInput", "StepForm"]


class StepForm(fields.StepForm):
    """A form about one case."""

    def __init__(self, *arguments, case, **options):
        self.case = case
        super().__init__(*arguments, **options)
