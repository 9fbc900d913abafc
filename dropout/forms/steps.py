"""One form for each step of a case."""

from django import forms

from core.models import User
from dropout import codes
from dropout.actions.persuading import people_mark
from dropout.forms.fields import DayField, FilesField, StepForm
from dropout.workflow import days_present, days_wanted

PARTS = ("name", "post", "phone", "account")
USUAL_LEVELS = ("village", "school")  # the nearest to the family on each line
LONG = forms.Textarea(attrs={"rows": 3})


class ConfirmForm(StepForm):
    on = DayField(label="核实日期")
    cause = forms.ChoiceField(label="辍学原因", choices=codes.Cause.choices, widget=forms.RadioSelect)
    left_on = DayField(label="辍学时间", required=False, help_text="最后一次到校以后的第一天；从未入学的不填。")
    note = forms.CharField(label="核实情况", max_length=300, required=False, widget=LONG)


class AssignForm(StepForm):
    """Two lines, each with its levels; a level without a name is left as it is."""

    on = DayField(label="自哪天起")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fields["seen"].initial = people_mark(self.case)
        held = {(row.line, row.level): row for row in self.case.assignments.in_force()}
        for line, levels in codes.LEVELS.items():
            for level, _ in levels:
                self._add_level(line, level, held.get((line, level)))

    def _add_level(self, line, level, row):
        made = {
            "name": forms.CharField(label="姓名", max_length=60, required=False, initial=row.name if row else ""),
            "post": forms.CharField(label="职务", max_length=60, required=False, initial=row.post if row else ""),
            "phone": forms.CharField(label="电话", max_length=30, required=False, initial=row.phone if row else ""),
            "account": forms.CharField(
                label="系统账号（有账号的填写）", max_length=60, required=False, initial=row.user.username if row and row.user else ""
            ),
        }
        for part, field in made.items():
            self.fields[f"{line}_{level}_{part}"] = field

    def levels(self):
        """For the template: (heading, bound fields, whether it stands open) of each level."""
        for line, levels in codes.LEVELS.items():
            for level, label in levels:
                fields = [self[f"{line}_{level}_{part}"] for part in PARTS]
                stands_open = level in USUAL_LEVELS or any(field.value() or field.errors for field in fields)
                yield f"{codes.Line(line).label} · {label}", fields, stands_open

    def clean(self):
        cleaned = super().clean()
        self.rows = [row for line, levels in codes.LEVELS.items() for level, _ in levels if (row := self._row(cleaned, line, level))]
        return cleaned

    def _row(self, cleaned, line, level):
        name, post, phone, account = (cleaned.get(f"{line}_{level}_{part}", "") for part in PARTS)
        if not name:
            return None
        user = User.objects.filter(username=account, is_active=True).first() if account else None
        if account and user is None:
            self.add_error(f"{line}_{level}_account", f"没有可用的账号“{account}”，请核对，没有账号的留空。")
        return {"line": line, "level": level, "name": name, "post": post, "phone": phone, "user": user}

    def facts(self):
        return {"on": self.cleaned_data["on"], "rows": self.rows, "seen": self.cleaned_data["seen"]}


class RemovalForm(StepForm):
    """The form of one reason: it asks for exactly the evidence the reason demands, a file field for each piece."""

    on = DayField(label="提出日期")

    def __init__(self, *arguments, reason, **options):
        super().__init__(*arguments, **options)
        self.reason = codes.REASON[reason]
        if self.reason.subs:
            self.fields["sub_reason"] = forms.ChoiceField(label="具体情形", choices=self.reason.subs, widget=forms.RadioSelect)
        if self.reason.recheck == "end":
            self.fields["ends_on"] = DayField(label="休学截止日期", future=True)
        for number, group in enumerate(self.reason.evidence):
            if len(group) > 1:
                choices = [(kind, codes.EvidenceKind(kind).label) for kind in group]
                self.fields[f"kind_{number}"] = forms.ChoiceField(label="佐证种类", choices=choices, widget=forms.RadioSelect)
            self.fields[f"files_{number}"] = FilesField(label="或".join(codes.EvidenceKind(kind).label for kind in group))
        self.fields["reply_number"] = forms.CharField(label="公安回复文号、证明编号", max_length=60, required=self.reason.numbered)
        self.fields["statement"] = forms.CharField(label="情况说明", max_length=500, required=self.reason.code == "99", widget=LONG)

    def facts(self):
        cleaned = self.cleaned_data
        evidence = [
            (cleaned.get(f"kind_{number}") or group[0], upload)
            for number, group in enumerate(self.reason.evidence) for upload in cleaned[f"files_{number}"]
        ]
        return {"reason": self.reason.code, "evidence": evidence} | {
            key: cleaned[key] for key in ("on", "sub_reason", "ends_on", "reply_number", "statement") if key in cleaned
        }


class DecisionForm(StepForm):
    """A second person's word on a proposal; sending back wants its reason."""

    on = DayField(label="日期")
    note = forms.CharField(label="意见", max_length=200, required=False, widget=LONG)


class ReasonedForm(DecisionForm):
    note = forms.CharField(label="原因", max_length=200, widget=LONG)


class ReturnForm(StepForm):
    on = DayField(label="返校日期")
    school_name = forms.CharField(label="返校学校", max_length=80)
    brought_by = forms.CharField(label="护送、接收人", max_length=60, required=False)
    note = forms.CharField(label="返校情况", max_length=300, required=False, widget=LONG)
    photos = FilesField(label="返校证明（到校照片、签到、课堂照片）", required=False)

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fields["school_name"].initial = self.case.school.name if self.case.school else ""

    def facts(self):
        school = self.case.school
        same = school if school and school.name == self.cleaned_data["school_name"] else None
        return {**self.cleaned_data, "school": same}


class ProofForm(StepForm):
    uploads = FilesField(label="返校证明（到校照片、签到、课堂照片）")


class PlacementForm(StepForm):
    on = DayField(label="安置日期")
    placement = forms.ChoiceField(label="安置方式", choices=codes.Placement.choices, widget=forms.RadioSelect)
    school_name = forms.CharField(label="就读学校", max_length=80)
    class_name = forms.CharField(label="年级、班级", max_length=40, required=False)
    support_teacher = forms.CharField(label="帮扶教师", max_length=60)
    plan = forms.CharField(label="教学和帮扶安排", max_length=500, required=False, widget=LONG)

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        record = self.case.returns.first()
        self.fields["school_name"].initial = record.school_name if record else ""


class AttendanceForm(StepForm):
    first_on = DayField(label="起")
    last_on = DayField(label="止")
    school_days = forms.IntegerField(label="应到天数", min_value=1, max_value=366, help_text="这段时间里的在校日，不含周末和节假日。")
    present = forms.IntegerField(label="实到天数", min_value=0, max_value=366)

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("first_on"), cleaned.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", f"截止日期 {last} 早于起始日期 {first}。")
        if (cleaned.get("present") or 0) > (cleaned.get("school_days") or 0):
            self.add_error("present", "实到天数不能多于应到天数。")
        return cleaned


class CloseForm(StepForm):
    on = DayField(label="提出日期")
    code = forms.ChoiceField(label="销号类型", choices=codes.CloseCode.choices, widget=forms.RadioSelect)
    statement = forms.CharField(label="销号理由", max_length=500, widget=LONG)
    photos = FilesField(label="证明材料", required=False)

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        papers = "；".join(f"{codes.CloseCode(code).label}附{codes.EvidenceKind(kind).label}" for code, kind in codes.CLOSE_EVIDENCE.items())
        self.fields["code"].help_text = f"返校巩固的，返校后出勤满 {days_wanted(self.case)} 天，现有 {days_present(self.case)} 天；{papers}。"
