"""Forms filled in at the door: a check of a place, a child whom no list knows."""

from django import forms

from core.models import Organization
from students.actions.checks import PERMISSION as CHECK
from students.actions.found import PERMISSION as FOUND
from students.forms.fields import DayField, StepForm
from students.models import FieldCheck


class CheckForm(StepForm):
    what = forms.ChoiceField(label="查什么", choices=FieldCheck.What.choices)
    place = forms.ModelChoiceField(label="村（社区）或学校", queryset=Organization.objects.none(), empty_label="请选择")
    checked_on = DayField(label="检查日期")
    people = forms.CharField(label="检查人", max_length=120)
    checked = forms.IntegerField(label="查了多少人", min_value=0)
    problems = forms.IntegerField(label="其中发现问题多少人", min_value=0, initial=0)
    findings = forms.CharField(label="查到什么", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nodes = Organization.objects.visible_to(self.user, CHECK).filter(kind__in=["village", "school", "teaching_point"])
        self.fields["place"].queryset = nodes.select_related("parent").order_by("path")
        self.fields["place"].label_from_instance = lambda node: f"{node.parent.name} {node.name}"
        self.fields["checked_on"].initial, self.fields["people"].initial = self.today, self.user.name


class FoundForm(StepForm):
    name = forms.CharField(label="姓名", max_length=60)
    sex = forms.ChoiceField(label="性别", choices=[("1", "男"), ("2", "女")], widget=forms.RadioSelect)
    birth_on = DayField(label="出生日期", required=False)
    age = forms.IntegerField(label="不知道出生日期的，填周岁", required=False, min_value=0, max_value=20)
    village = forms.ModelChoiceField(label="住在哪个村（社区）、组", queryset=Organization.objects.none(), empty_label="请选择")
    guardian = forms.CharField(label="监护人", required=False, max_length=60)
    phone = forms.CharField(label="联系电话", required=False, max_length=30, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    whereabouts = forms.CharField(label="现在哪里、做什么", max_length=200)
    number = forms.CharField(label="证件号", required=False, max_length=18)
    found_on = DayField(label="发现日期")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nodes = Organization.objects.visible_to(self.user, FOUND).filter(kind__in=["village", "group"])
        self.fields["village"].queryset = nodes.select_related("parent").order_by("path")
        self.fields["village"].label_from_instance = lambda node: f"{node.parent.name} {node.name}"
        villages = list(nodes.filter(kind="village")[:2])
        if len(villages) == 1:
            self.fields["village"].initial = villages[0]  # whoever has several chooses: the first of a list is nobody's home
        self.fields["found_on"].initial = self.today

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("birth_on") and cleaned.get("age") is None and not cleaned.get("number"):
            self.add_error("age", "出生日期、周岁、证件号至少填一样。")
        return cleaned
