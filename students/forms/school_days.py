"""Forms of the school calendar: shape; the rules are in students.actions.school_days."""

import re

from django import forms

from students.models import SchoolDay
from students.rules.school_days import repeated

DAY = {"type": "date"}
SESSIONS = {"none": (False, False), "whole": (True, True), "morning": (True, False), "afternoon": (False, True)}
SESSION_CHOICES = [("none", "不上课"), ("whole", "全天上课"), ("morning", "只上上午"), ("afternoon", "只上下午")]
WEEKDAYS = [(str(number), f"周{word}") for number, word in enumerate("一二三四五六日")]
LONGEST = 200  # days from first to last


def day_field(label, **options):
    return forms.DateField(label=label, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"), **options)


class DeclareForm(forms.Form):
    """A span of days, or some weekdays of it, every week or every other week (大小周)."""

    first = day_field("从")
    last = day_field("到", required=False, help_text="只有一天的不填。")
    session = forms.ChoiceField(label="这些天", choices=SESSION_CHOICES, widget=forms.RadioSelect)
    kind = forms.ChoiceField(label="种类", choices=SchoolDay.Kind.choices, widget=forms.RadioSelect)
    weekdays = forms.MultipleChoiceField(
        label="只限星期几", choices=WEEKDAYS, widget=forms.CheckboxSelectMultiple, required=False,
        help_text="大小周：选周六，再选“隔一周”。都不选就是每一天。",
    )  # fmt: skip
    every = forms.ChoiceField(label="隔几周", choices=[("1", "每周"), ("2", "隔一周")], widget=forms.RadioSelect, initial="1")
    reason = forms.CharField(label="原因或依据", max_length=200)

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("first"), cleaned.get("last") or cleaned.get("first")
        if first and last and last < first:
            self.add_error("last", f"{last} 早于 {first}，请核对。")
        elif first and last and (last - first).days > LONGEST:
            self.add_error("last", f"{first} 到 {last} 超过 {LONGEST} 天，请按学期分开登记。")
        elif first and not self.errors and not self._days(cleaned):
            self.add_error("weekdays", "这段日期里没有所选的星期，请核对。")
        return cleaned

    def _days(self, cleaned):
        last = cleaned.get("last") or cleaned["first"]
        return repeated(cleaned["first"], last, {int(day) for day in cleaned["weekdays"]}, int(cleaned["every"]))

    def facts(self):
        morning, afternoon = SESSIONS[self.cleaned_data["session"]]
        named = {name: self.cleaned_data[name] for name in ("kind", "reason")}
        return {"days": self._days(self.cleaned_data), "morning": morning, "afternoon": afternoon, **named}


class TermForm(forms.Form):
    key = forms.CharField(label="学期", max_length=5, help_text="如 2026A（秋季）、2027S（春季）。")
    starts = day_field("第一天")
    ends = day_field("最后一天")

    def clean_key(self):
        key = self.cleaned_data["key"].strip().upper()
        if not re.fullmatch(r"20\d\d[SA]", key):
            raise forms.ValidationError(f"学期“{key}”不认识，请写成 2026A（秋季）或 2027S（春季）。")
        return key

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("starts") and cleaned.get("ends") and cleaned["ends"] <= cleaned["starts"]:
            self.add_error("ends", f"最后一天 {cleaned['ends']} 不晚于第一天 {cleaned['starts']}，请核对。")
        return cleaned
