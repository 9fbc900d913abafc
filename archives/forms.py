"""Forms of reports: shape and scope; the rules are in archives.actions."""

import json

from django import forms

from archives.workflow import PART_B
from core.actions.uploads import admitted
from core.forms import PasswordAgainForm
from core.pictures import PictureRefused
from core.workflow import Refused


class TextsForm(forms.Form):
    """Part B with the revision the page was made from, and the figures that it shows."""

    use_required_attribute = False
    revision = forms.IntegerField(widget=forms.HiddenInput)
    shown = forms.CharField(widget=forms.HiddenInput, max_length=200_000)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for number, title in enumerate(PART_B, start=1):
            area = forms.Textarea(attrs={"rows": 3})
            label = f"{'①②③④⑤'[number - 1]}{title}"
            wanted = not self.is_bound  # the page asks for all five; what is not yet complete can be saved all the same
            self.fields[f"text_{number}"] = forms.CharField(label=label, required=wanted, max_length=4000, widget=area)

    @classmethod
    def of(cls, report, figures):
        texts = {f"text_{number}": report.texts.get(str(number), "") for number in range(1, len(PART_B) + 1)}
        return cls(initial={"revision": report.revision, "shown": json.dumps(figures, ensure_ascii=False), **texts})

    def clean_shown(self):
        return read_shown(self.cleaned_data["shown"])

    @property
    def texts(self):
        return {str(number): self.cleaned_data[f"text_{number}"] for number in range(1, len(PART_B) + 1)}


class ZeroForm(forms.Form):
    """零报告: one click, and whose check it rests on."""

    shown = forms.CharField(widget=forms.HiddenInput, max_length=200_000)
    checked_by = forms.CharField(label="核查人", max_length=60)

    def clean_shown(self):
        return read_shown(self.cleaned_data["shown"])


class ShownForm(forms.Form):
    """The figures that the page showed, for a sheet that is printed for signature by hand."""

    shown = forms.CharField(widget=forms.HiddenInput, max_length=200_000)

    def clean_shown(self):
        return read_shown(self.cleaned_data["shown"])


def read_shown(text):
    try:
        shown = json.loads(text)
    except ValueError as error:
        raise forms.ValidationError("页面上的数字没有完整传回，请刷新页面后重新核对。") from error
    if not isinstance(shown, dict):
        raise forms.ValidationError("页面上的数字没有完整传回，请刷新页面后重新核对。")
    return shown


class SignForm(PasswordAgainForm):
    """The fingerprint that the page showed, and the password again."""

    field_order = ["sha256", "password"]
    sha256 = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)


class AcceptForm(forms.Form):
    sha256 = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label="退回原因",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明哪一项不对、要改成什么。填报人会看到这段话。",
    )


class CorrectForm(forms.Form):
    reason = forms.CharField(label="更正原因", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class TickForm(forms.Form):
    """纸质已收: the names as they stand on the paper."""

    sha256 = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
    paper_filer = forms.CharField(label="纸上的填表人", max_length=60)
    paper_signer = forms.CharField(label="纸上的校长签字", max_length=60)
    signed_on = forms.DateField(label="纸上的签字日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class ScanForm(forms.Form):
    """A stamped sheet and the code at its foot. `cleaned_data["scan"]` becomes (bytes, name, media type); photographs lose their
    metadata.
    """

    code = forms.CharField(label="编号", max_length=20, help_text="印在页脚，八位，如 7K3M-9QXZ。")
    scan = forms.FileField(
        label="盖章扫描件或照片",
        help_text="PDF、JPG 或 PNG，不超过 20 MB。",
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )

    def clean_scan(self):
        try:
            return admitted(self.cleaned_data["scan"])
        except (Refused, PictureRefused) as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
