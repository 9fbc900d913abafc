"""The form in which a correction of a child's particulars is asked for."""

from django import forms

from students.actions.corrections import FIELDS, SEXES
from students.forms import ReasonForm
from students.rules import codes

LABELS = {field.name: field.label for field in FIELDS}


class CorrectionForm(ReasonForm):
    """What is wrong, what is right, why; proof for name, birth date and number."""

    field_order = ["field", "text", "birth", "sex", "ethnic", "reason", "proof"]
    field = forms.ChoiceField(label="更正哪一项", choices=list(LABELS.items()), widget=forms.RadioSelect)
    text = forms.CharField(label="姓名或证件号的正确写法", required=False, max_length=60, strip=False)
    birth = forms.DateField(label="正确的出生日期", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    sex = forms.ChoiceField(label="正确的性别", required=False, choices=[("", "请选择"), *SEXES.items()])
    ethnic = forms.ChoiceField(label="正确的民族", required=False, choices=[("", "请选择"), *codes.ETHNIC_GROUPS.items()])
    proof = forms.FileField(
        label="证明", required=False, help_text="户口簿、身份证、派出所证明等的照片或 PDF；姓名、出生日期、证件号必须附。",
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
    )  # fmt: skip

    INPUTS = {"name": "text", "number": "text", "birth_on": "birth", "sex": "sex", "ethnic": "ethnic"}

    def clean(self):
        cleaned = super().clean()
        source = self.INPUTS.get(cleaned.get("field"))
        if source and not cleaned.get(source) and source not in self.errors:
            self.add_error(source, f"请填写正确的{LABELS[cleaned['field']]}。")
        value = cleaned.get(source) if source else None
        cleaned["new"] = value.isoformat() if hasattr(value, "isoformat") else value
        return cleaned
