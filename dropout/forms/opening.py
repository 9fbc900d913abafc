"""Putting children onto the suspected list, one or many."""

from django import forms

from dropout.codes import Source
from dropout.forms.fields import DayField


class OpenForm(forms.Form):
    on = DayField(label="列为疑似的日期")
    source = forms.ChoiceField(label="来源", choices=Source.choices, widget=forms.RadioSelect)
    why = forms.CharField(label="理由", max_length=200, min_length=4, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *arguments, today, **options):
        super().__init__(*arguments, **options)
        self.today = today
        self.fields["on"].initial = today

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError(f"日期 {on} 在今天 {self.today} 之后，请改为今天或以前的日期。")
        return on


class BatchForm(OpenForm):
    """Many at once: the ticked children, a common reason, and a reason of its own where a row has one (why_<public id>)."""

    source = None
    children = forms.ModelMultipleChoiceField(
        label="学生", queryset=None, to_field_name="public_id", error_messages={"required": "请先勾选要列为疑似个案的学生。"}
    )

    def __init__(self, *arguments, candidates, **options):
        super().__init__(*arguments, **options)
        self.fields["children"].queryset = candidates

    def rows(self):
        common = self.cleaned_data["why"]
        return [
            {"child": child, "why": self.data.get(f"why_{child.public_id}", "").strip() or common}
            for child in self.cleaned_data["children"]
        ]
