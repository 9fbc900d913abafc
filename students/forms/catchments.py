"""Forms of the catchments: one section and the villages and groups it takes, or a workbook of many."""

from django import forms

from core.models import Organization
from students.forms import ReasonForm
from students.forms.fields import DayField
from students.models import Section


class CatchmentForm(forms.Form):
    section = forms.ModelChoiceField(label="学校、学段", queryset=Section.objects.none(), empty_label="请选择")
    places = forms.ModelMultipleChoiceField(
        label="村（社区）、组", queryset=Organization.objects.none(), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请勾选这个学段招收的村（社区）或组。"},
    )  # fmt: skip

    def __init__(self, *args, township=None, **kwargs):
        super().__init__(*args, **kwargs)
        sections = Section.objects.filter(until=None, stage__in=["pri", "jun"]).select_related("school").order_by("school__code", "stage")
        self.fields["section"].queryset = sections
        self.fields["section"].label_from_instance = lambda row: f"{row.school.name} {row.get_stage_display()}"
        places = Organization.objects.filter(kind__in=["village", "group"]).select_related("parent").order_by("path")
        self.fields["places"].queryset = places.filter(path__contains=[township.pk]) if township else places
        self.fields["places"].label_from_instance = lambda node: f"{node.parent.name} {node.name}"


class CatchmentEndForm(ReasonForm):
    """From which day a section no longer takes a place, and by which paper."""

    field_order = ["on", "reason"]
    on = DayField(label="自哪天起停用")


class CatchmentFileForm(forms.Form):
    file = forms.FileField(label="学区划分表", help_text="列：学校、学段、村（一个组去别的学校的，加“组”列）。")
