"""Which list goes out to be filled in, of which unit."""

from django import forms

from core.models import Organization
from students.models import KINDS

NOT_OFFERED = ("divisions", "schools")


class PrefilledForm(forms.Form):
    """`user` decides which units may be chosen."""

    kind = forms.ChoiceField(label="名单种类", choices=[choice for choice in KINDS if choice[0] not in NOT_OFFERED])
    coverage = forms.ModelChoiceField(
        label="单位",
        queryset=Organization.objects.none(),
        to_field_name="public_id",
        empty_label=None,
        help_text="取这个单位及其下面的全部人员。",
    )
    by_class = forms.BooleanField(label="每个班一张工作表", required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        nodes = Organization.objects.visible_to(user, "import_lists").exclude(kind__in=["class", "group"])
        self.fields["coverage"].queryset = nodes.order_by("path")
        self.fields["coverage"].label_from_instance = lambda node: f"{'　' * (node.depth - 1)}{node.name}"
