"""Forms of attendance: a small form for each pupil of a class, a line for each class of a school, a slip."""

import re

from django import forms

from core.models import Organization
from students import seating
from students.filters import SCHOOL_KINDS
from students.forms.fields import DayField
from students.models import AttendanceMark, LeaveSlip
from students.models.attendance import HALVES
from students.rules.names import name_key
from students.rules.school_days import AFTERNOON

Kind = AttendanceMark.Kind
SHORT = [(Kind.PRESENT, "到"), (Kind.ABSENT, "缺"), (Kind.LEAVE, "假"), (Kind.LATE, "迟")]
SLIP_KINDS = [(LeaveSlip.Kind.SICK, "病假"), (LeaveSlip.Kind.PERSONAL, "事假"), (LeaveSlip.Kind.OTHER, "其他")]
MOST_DAYS = 31
BETWEEN_NAMES = re.compile(r"[、，,;；\s]+")
PHOTO = forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"})


class PupilForm(forms.Form):
    """One pupil on one half-day; the lower fields are asked where a leave has no slip yet."""

    mark = forms.ChoiceField(choices=SHORT, widget=forms.RadioSelect)
    slip_kind = forms.ChoiceField(choices=SLIP_KINDS, widget=forms.RadioSelect, required=False, label="假条")
    until = DayField(label="到哪天", required=False, future=True)
    until_half = forms.ChoiceField(choices=HALVES, required=False, initial=AFTERNOON, label="半天")
    photo = forms.FileField(label="假条照片", required=False, widget=PHOTO)

    def __init__(self, *arguments, pupil, on, half, slip=None, **options):
        super().__init__(*arguments, prefix=f"p{pupil.child.public_id.hex}", **options)
        self.pupil, self.on, self.half, self.slip = pupil, on, half, slip
        self.fields["until"].initial = on

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("mark") != Kind.LEAVE or self.slip:
            return cleaned
        if not cleaned.get("slip_kind"):
            self.add_error("slip_kind", "请选病假或事假；没有假条的登记缺勤。")
        if cleaned.get("until") and (cleaned["until"], cleaned.get("until_half") or AFTERNOON) < (self.on, self.half):
            self.add_error("until", f"{cleaned['until']} 早于 {self.on}，请核对。")
        return cleaned

    def slip_facts(self):
        """The slip handed in with this mark, or None."""
        cleaned = self.cleaned_data
        if cleaned["mark"] != Kind.LEAVE or self.slip:
            return None
        return {
            "child": self.pupil.child, "kind": cleaned["slip_kind"], "first_on": self.on, "first_half": self.half,
            "last_on": cleaned["until"] or self.on, "last_half": cleaned["until_half"] or AFTERNOON, "upload": cleaned["photo"],
        }  # fmt: skip


class LineForm(forms.Form):
    """One class as a line of the whole school's page: everybody there, or the names of those who are not."""

    COLUMNS = (("absent", "缺勤"), ("sick", "病假"), ("personal", "事假"), ("late", "迟到"))

    full = forms.BooleanField(required=False, label="全到")
    absent = forms.CharField(required=False, label="缺勤", max_length=400)
    sick = forms.CharField(required=False, label="病假", max_length=400)
    personal = forms.CharField(required=False, label="事假", max_length=400)
    late = forms.CharField(required=False, label="迟到", max_length=400)

    def __init__(self, *arguments, school_class, on, half, leaves=(), **options):
        super().__init__(*arguments, prefix=f"c{school_class.node.public_id.hex}", **options)
        self.school_class, self.on, self.half = school_class, on, half
        self.leaves = set(leaves)  # children whose slip covers the half-day
        self.by_name = {}
        for pupil in school_class.pupils:
            self.by_name.setdefault(pupil.child.name_key, []).append(pupil.child)

    def clean(self):
        cleaned = super().clean()
        self.named = {name: self._children(name, cleaned.get(name) or "") for name, _ in self.COLUMNS}
        listed = [child.pk for children in self.named.values() for child in children]
        if len(listed) != len(set(listed)):
            self.add_error("full", "同一名学生写了两次，请只留一处。")
        if cleaned.get("full") and listed:
            self.add_error("full", "勾了“全到”又写了名字，请核对。")
        return cleaned

    def _children(self, field, text):
        """The pupils that a cell names; a name that is nobody's or several pupils' is said, never guessed."""
        found = []
        for name in filter(None, BETWEEN_NAMES.split(text.strip())):
            children = self.by_name.get(name_key(name), [])
            if len(children) == 1:
                found += children
            elif children:
                self.add_error(field, f"{self.school_class.label}有 {len(children)} 名“{name}”，请打开这个班登记。")
            else:
                self.add_error(field, f"{self.school_class.label}没有“{name}”，请核对姓名。")
        return found

    @classmethod
    def was_filled(cls, posted, school_class):
        """Whether a form as sent says anything of the class."""
        prefix = f"c{school_class.node.public_id.hex}"
        return any(posted.get(f"{prefix}-{name}", "").strip() for name in ("full", *dict(cls.COLUMNS)))

    @property
    def is_entered(self):
        return bool(self.cleaned_data.get("full") or any(self.named.values()))

    def kinds(self):
        """{child id: kind}; whoever has a slip is on leave even where everybody else is there."""
        kinds = dict.fromkeys(self.leaves, Kind.LEAVE)
        for name, kind in (("absent", Kind.ABSENT), ("sick", Kind.LEAVE), ("personal", Kind.LEAVE), ("late", Kind.LATE)):
            kinds |= {child.pk: kind for child in self.named[name]}
        return kinds

    def slips(self):
        span = {"first_on": self.on, "first_half": self.half, "last_on": self.on, "last_half": self.half}
        return [
            {"child": child, "kind": kind, **span}
            for kind in (LeaveSlip.Kind.SICK, LeaveSlip.Kind.PERSONAL) for child in self.named[kind] if child.pk not in self.leaves
        ]  # fmt: skip


class SlipForm(forms.Form):
    """A slip that comes apart from the marking, such as one handed in later."""

    kind = forms.ChoiceField(label="种类", choices=SLIP_KINDS, widget=forms.RadioSelect)
    first_on = DayField(label="从", future=True)
    first_half = forms.ChoiceField(label="从这天的", choices=HALVES, widget=forms.RadioSelect)
    last_on = DayField(label="到", future=True)
    last_half = forms.ChoiceField(label="到这天的", choices=HALVES, widget=forms.RadioSelect, initial=AFTERNOON)
    note = forms.CharField(label="事由", max_length=200, required=False)
    upload = forms.FileField(label="假条照片", required=False, widget=PHOTO)

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("first_on"), cleaned.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", f"{last} 早于 {first}，请核对。")
        return cleaned


class SheetForm(forms.Form):
    """Which school or class, and which days, go out as a sheet to be filled in offline."""

    unit = forms.ModelChoiceField(label="学校或班级", queryset=Organization.objects.none(), to_field_name="public_id", empty_label=None)
    first = DayField(label="从", future=True)
    last = DayField(label="到", future=True, help_text=f"最多 {MOST_DAYS} 天；可以先下载还没到的日子，到时再填。")

    def __init__(self, *arguments, user, today, **options):
        super().__init__(*arguments, **options)
        units = Organization.objects.visible_to(user, "mark_attendance").filter(kind__in=(*SCHOOL_KINDS, Organization.Kind.CLASS))
        self.fields["unit"].queryset = units.order_by("path")
        labels = seating.labels_of(units.filter(kind=Organization.Kind.CLASS), today)
        self.fields["unit"].label_from_instance = lambda node: f"　{labels[node.pk]}" if node.pk in labels else node.name

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", f"{last} 早于 {first}，请核对。")
        elif first and last and (last - first).days >= MOST_DAYS:
            self.add_error("last", f"{first} 到 {last} 超过 {MOST_DAYS} 天，请分几次下载。")
        return cleaned


class CorrectionForm(forms.Form):
    note = forms.CharField(label="更正原因", max_length=200, required=False)
    note.asked = True  # wanted of a day gone by where something changes; the action says so
