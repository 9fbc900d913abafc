"""The form at a family's door: big choices, one thing to type."""

from django import forms

from dropout.codes import Met, Mode, Reply
from dropout.forms.fields import DayField, FilesField, StepForm
from dropout.models import Visit


class VisitForm(StepForm):
    met = forms.MultipleChoiceField(label="见到了谁", choices=Met.choices, widget=forms.CheckboxSelectMultiple)
    mode = forms.ChoiceField(label="方式", choices=Mode.choices, widget=forms.RadioSelect)
    reply = forms.ChoiceField(label="对方答复", choices=Reply.choices, widget=forms.RadioSelect)
    promised_on = DayField(label="承诺返校日期", help_text="同意返校的必填。", future=True, required=False)
    notes = forms.CharField(label="谈了什么（可语音输入）", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    next_on = DayField(label="下次走访日期", future=True, required=False)
    happened_on = DayField(label="走访日期")
    happened_at = forms.TimeField(label="时间", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    officers = forms.CharField(label="走访人员", max_length=120, help_text="几个人的用顿号隔开。")
    phone = forms.CharField(label="走访人员电话", max_length=30, required=False, help_text="印在劝返记录上。")
    place = forms.CharField(label="地点", max_length=100, required=False)
    photos = FilesField(label="照片", required=False)
    signature = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fields["happened_on"].initial = self.today
        self.fields["officers"].initial = self.user.name
        own = Visit.objects.filter(recorded_by=self.user, phone__isnull=False).order_by("-id").first()
        self.fields["phone"].initial = own.phone if own else ""
        self.fields["mode"].initial = Mode.HOME

    def clean(self):
        cleaned = super().clean()
        if "nobody" in cleaned.get("met", []) and len(cleaned["met"]) > 1:
            self.add_error("met", "选了“没见到人”就不能再选别人，请只留一种。")
        if cleaned.get("reply") == Reply.AGREED and not cleaned.get("promised_on") and "promised_on" not in self.errors:
            self.add_error("promised_on", "对方同意返校的，要写明承诺返校日期。")
        happened = cleaned.get("happened_on")
        for name in ("promised_on", "next_on"):
            if happened and cleaned.get(name) and cleaned[name] < happened:
                self.add_error(name, f"{self.fields[name].label}不能早于走访日期 {happened}。")
        return cleaned
