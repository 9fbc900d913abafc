"""A unit's own list: which one goes out, which file comes back."""

from django import forms

from core.models import Organization
from students.actions import filling
from students.forms.fields import DayField, StepForm
from students.rules.kinds import FILLED_AT, KINDS


class FilledForm(StepForm):
    """`user` decides which units there are, the units which lists."""

    kind = forms.ChoiceField(label="名单种类")
    coverage = forms.ModelChoiceField(label="单位", queryset=Organization.objects.none(), to_field_name="public_id", empty_label=None)

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        units = filling.units_of(self.user).order_by("path")
        offered = {kind for unit in units for kind in FILLED_AT[unit.kind]}
        self.fields["kind"].choices = [(code, kind.label) for code, kind in KINDS.items() if code in offered]
        self.fields["coverage"].queryset = units
        self.fields["coverage"].label_from_instance = lambda node: f"{'　' * (node.depth - 1)}{node.name}"

    def clean(self):
        cleaned = super().clean()
        kind, unit = cleaned.get("kind"), cleaned.get("coverage")
        if kind and unit and kind not in FILLED_AT[unit.kind]:
            offered = "、".join(KINDS[code].label for code in FILLED_AT[unit.kind])
            self.add_error("kind", f"{unit.name}不填报“{KINDS[kind].label}”，可以填报：{offered}。")
        return cleaned


class FetchForm(FilledForm):
    by_class = forms.BooleanField(label="每个班一张工作表", required=False)


class SendForm(FilledForm):
    """The filled file; the day is the one it tells of."""

    file = forms.FileField(
        label="填好的表", help_text="下载的预填表填好后原样上传，不改列名。", widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
        error_messages={"required": "请选择要上传的文件。", "empty": "这个文件是空的。"},
    )  # fmt: skip
    as_of = DayField(label="数据截至日期", help_text="表里的情况是哪一天的。")

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fields["as_of"].initial = self.today
