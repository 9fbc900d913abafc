"""The form at a family's door: who looks after the child, how to reach them."""

import re

from django import forms

from students.forms.fields import DayField, StepForm
from students.models import Contact

TELEPHONE = re.compile(r"[0-9+][0-9\- ]{5,18}[0-9]")


class ContactForm(StepForm):
    kind = forms.ChoiceField(label="登记什么", choices=Contact.Kind.choices, widget=forms.RadioSelect)
    name = forms.CharField(label="姓名", max_length=60, required=False, help_text="联系人必填。")
    relation = forms.CharField(label="与孩子的关系", max_length=20, required=False, help_text="如：父、祖母、村干部、班主任。")
    phone = forms.CharField(
        label="电话", max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})
    )
    address = forms.CharField(label="住址或务工地", max_length=120, required=False, help_text="现住址必填。")
    note = forms.CharField(label="备注", max_length=200, required=False, help_text="如：晚 7 点后接电话。")
    since = DayField(label="自哪天起")

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fields["since"].initial = self.today
        self.fields["kind"].initial = Contact.Kind.CARER

    def clean_phone(self):
        phone = self.cleaned_data["phone"].strip()
        if phone and not TELEPHONE.fullmatch(phone):
            raise forms.ValidationError(f"电话“{phone}”看不懂：一栏填一个号码，只用数字和 - 。有两个号码的分两条登记。")
        return phone

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("kind") == Contact.Kind.ADDRESS and not cleaned.get("address"):
            self.add_error("address", "请填写现住址。")
        elif cleaned.get("kind") and cleaned["kind"] != Contact.Kind.ADDRESS and not cleaned.get("name"):
            self.add_error("name", "请填写联系人姓名。")
        return cleaned
