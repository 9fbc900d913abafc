"""Fields that forms of several apps share: days, several files at once."""

from django import forms


class DayField(forms.DateField):
    """A day; `future` allows one after today."""

    def __init__(self, *, future=False, **options):
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)
        self.future = future


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files of one input, as a list."""

    def __init__(self, **options):
        accept = {"accept": "image/jpeg,image/png,application/pdf"}
        super().__init__(widget=FilesInput(attrs=accept), **{"help_text": "照片（JPG、PNG）或 PDF，可选多个。", **options})

    def clean(self, value, initial=None):
        given = [one for one in (value if isinstance(value, list | tuple) else [value]) if one]
        if not given:
            super().clean(None, initial)
        return [super(FilesField, self).clean(one, initial) for one in given]


class StepForm(forms.Form):
    """A form about one step of a piece of work. `today` bounds the days of what has happened."""

    def __init__(self, *arguments, today, user, **options):
        super().__init__(*arguments, **options)
        self.today, self.user = today, user
        if "on" in self.fields and self.fields["on"].initial is None:
            self.fields["on"].initial = today

    def clean(self):
        cleaned = super().clean()
        for name, field in self.fields.items():
            day = cleaned.get(name)
            if isinstance(field, DayField) and day and not field.future and day > self.today:
                self.add_error(name, f"{field.label} {day} 在今天 {self.today} 之后，请改为已经发生的日期。")
        return cleaned

    def facts(self):
        return self.cleaned_data
