"""Who a row that nothing ties to a child is."""

from django import forms

from students.forms import ReasonForm
from students.models import Child, Resolution


class ConclusionForm(ReasonForm):
    """`children`: those who may be chosen."""

    field_order = ["conclusion", "child", "reason"]

    conclusion = forms.ChoiceField(
        label="结论", choices=Resolution.Conclusion.choices, widget=forms.RadioSelect, error_messages={"required": "请先选一个结论。"}
    )
    child = forms.ModelChoiceField(label="是哪个学生", queryset=Child.objects.none(), required=False, to_field_name="public_id", empty_label="—")

    def __init__(self, *arguments, children, **options):
        super().__init__(*arguments, **options)
        self.fields["child"].queryset = children
        self.fields["child"].label_from_instance = lambda child: f"{child.name} {child.birth_on or ''} {child.get_number_state_display()}"

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("conclusion") == Resolution.Conclusion.IS_CHILD and not cleaned.get("child"):
            self.add_error("child", "选“就是这个学生”时，要选出是哪个学生；下面没有的，先按姓名或证件号查找。")
        return cleaned
