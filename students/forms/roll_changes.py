"""Forms of the roll changes: one for each kind's application, one for each step."""

from django import forms
from django.db.models import Q

from core.models import Organization
from students import seating
from students.forms.fields import DayField, FilesField, StepForm
from students.models import GuardianCall
from students.rules import roll_changes as rules
from students.rules.grades import STAGES, Grade, grade_label

LONG = forms.Textarea(attrs={"rows": 3})
GRADES = [
    (f"{stage}-{year}", grade_label(Grade(stage, year)))
    for stage, years in (("pri", 6), ("jun", 3), ("sen", 3), ("voc", 3), ("spe", 9)) for year in range(1, years + 1)
]  # fmt: skip
SCHOOL_KINDS = (Organization.Kind.SCHOOL, Organization.Kind.TEACHING_POINT)


def schools_with(stage, on):
    """Schools of the county that stand on the day and teach the stage."""
    standing = Organization.objects.in_force(on).filter(kind__in=SCHOOL_KINDS)
    if stage:
        standing = standing.filter(Q(sections__until=None) | Q(sections__until__gt=on), sections__stage=stage)
    return standing.distinct().order_by("code")


def class_field(school, stage, grade, on):
    """The classes of the receiving school, with the one chosen where the grade sits in one only."""
    classes = Organization.objects.filter(parent=school, kind=Organization.Kind.CLASS)
    field = forms.ModelChoiceField(label="编入班级", queryset=classes, to_field_name="public_id", required=False,
                                   help_text="不编班的学生不在班级考勤里，到班后请尽快编班。")  # fmt: skip
    field.choices = [("", "暂不编班"), *seating.choices(school, on)]
    usual = seating.fitting(school, stage, grade, on)
    field.initial = usual.public_id if usual else None
    return field


class ChangeForm(StepForm):
    """The application of one kind: it asks for exactly the facts and the papers the kind demands, a file field for each piece."""

    effective_on = DayField(label="生效日期", help_text="从哪一天起按新的情况计算。")

    def __init__(self, *arguments, kind, stage="", grade=None, leaves=None, receives=None, **options):
        """`leaves`, `receives`: the school the child comes from, and the applying one that takes the child in."""
        super().__init__(*arguments, **options)
        self.spec, self.leaves = rules.KIND[kind], leaves
        self.fields["effective_on"].initial = self.today
        makers = {"target_school": self._target_school, "place": self._place, "province": self._province, "ends_on": self._ends_on}
        for name in self.spec.asks:
            self._grade(stage, grade) if name == "grade" else makers[name](stage)
        if receives is not None and self.spec.opens:
            self.fields["target_class"] = class_field(receives, stage, grade, self.today)
        least = 20 if kind == "left" else 4
        self.fields["reason"] = forms.CharField(label="原因", min_length=least, max_length=300, widget=LONG)
        for number, group in enumerate(self.spec.evidence):
            self._proof(number, group)

    def _target_school(self, stage):
        schools = schools_with(stage, self.today).exclude(pk=self.leaves.pk if self.leaves else None)
        field = forms.ModelChoiceField(label="转入学校", queryset=schools, to_field_name="public_id", empty_label="请选择")
        self.fields["target_school"] = field

    def _place(self, stage):
        label = "原就读学校（县外）" if self.spec.starts_from == "away" else "去处（县外学校全称、地址）"
        label = "去处（国家或地区、学校）" if self.spec.code == "abroad" else label
        self.fields["place"] = forms.CharField(label=label, max_length=120)

    def _province(self, stage):
        self.fields["province"] = forms.BooleanField(label="转到省外", required=False)

    def _ends_on(self, stage):
        self.fields["ends_on"] = DayField(label="休学到哪一天", future=True, help_text="一次不超过一年；期满前系统提醒复学。")

    def _grade(self, stage, grade):
        usual = f"{stage}-{grade}" if stage and grade else ""
        self.fields["grade"] = forms.ChoiceField(label="编入年级", choices=[("", "请选择"), *GRADES], initial=usual)

    def _proof(self, number, group):
        if len(group) > 1:
            choices = [(code, rules.EVIDENCE[code]) for code in group]
            self.fields[f"kind_{number}"] = forms.ChoiceField(label="材料种类", choices=choices, widget=forms.RadioSelect)
        own = group == ("statement",)
        label = "或".join(rules.EVIDENCE[code] for code in group)
        more = {"help_text": "上传签名的申请（照片或 PDF），或者请监护人在下面的框里签名，两样有一样即可。"} if own else {}
        self.fields[f"files_{number}"] = FilesField(label=label, required=not own, **more)
        if own:
            self.fields[f"files_{number}"].asked = True  # not required by itself, but not to be left out either
            self.fields["drawn"] = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self):
        cleaned = super().clean()
        if self.spec.wants_statement and not (cleaned.get("files_0") or cleaned.get("drawn")):
            self.add_error("files_0", "请上传监护人签名的申请，或请监护人在屏幕上签名。")
        return cleaned

    def facts(self):
        cleaned = self.cleaned_data
        evidence = [
            (cleaned.get(f"kind_{number}") or group[0], upload)
            for number, group in enumerate(self.spec.evidence) for upload in cleaned.get(f"files_{number}") or []
        ]  # fmt: skip
        names = ("effective_on", "reason", "target_school", "target_class", "place", "province", "ends_on")
        facts = {name: cleaned[name] for name in names if name in cleaned}
        if cleaned.get("grade"):
            stage, _, year = cleaned["grade"].partition("-")
            facts |= {"target_stage": stage, "target_grade": int(year)}
        return {**facts, "evidence": evidence, "drawn": cleaned.get("drawn", ""), "kind": self.spec.code, "on": self.today}


class ArrivalForm(forms.Form):
    """Who comes: found by number and name, whatever school the child is at now."""

    KINDS = [("transfer", "县内转学（本校接收）"), *((kind.code, kind.label) for kind in rules.KINDS if kind.starts_from == "away")]
    kind = forms.ChoiceField(label="转入类型", choices=KINDS, widget=forms.RadioSelect)
    school = forms.ModelChoiceField(label="接收学校", queryset=Organization.objects.none(), to_field_name="public_id", empty_label=None)
    name = forms.CharField(label="学生姓名", max_length=60)
    number = forms.CharField(label="身份证号", max_length=30, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *arguments, schools, **options):
        super().__init__(*arguments, **options)
        self.fields["school"].queryset = schools


class NoteForm(StepForm):
    on = DayField(label="日期")
    note = forms.CharField(label="意见", max_length=200, required=False, widget=LONG)

    def __init__(self, *arguments, change, **options):
        self.change = change
        super().__init__(*arguments, **options)


class ReasonedForm(NoteForm):
    note = forms.CharField(label="原因", min_length=4, max_length=200, widget=LONG)


class AcceptForm(NoteForm):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        if not self.change.asked_by_target:
            change = self.change
            self.fields["target_class"] = class_field(change.target_school, change.target_stage, change.target_grade, self.today)


class ResubmitForm(NoteForm):
    field_order = ["on", "kind", "uploads", "note"]
    uploads = FilesField(label="补传的材料", required=False)

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        codes = dict.fromkeys([code for group in self.change.spec.evidence for code in group] + ["other"])
        self.fields["kind"] = forms.ChoiceField(label="材料种类", choices=[(code, rules.EVIDENCE[code]) for code in codes])
        self.order_fields(self.field_order)

    def facts(self):
        cleaned = self.cleaned_data
        evidence = [(cleaned["kind"], upload) for upload in cleaned["uploads"]]
        return {"on": cleaned["on"], "note": cleaned["note"], "evidence": evidence}


class CallForm(StepForm):
    """What the guardian said on the telephone."""

    on = DayField(label="通话日期")
    answer = forms.ChoiceField(label="结果", choices=GuardianCall.Answer.choices[1:], widget=forms.RadioSelect)
    spoke_with = forms.CharField(label="通话对象", max_length=60, required=False, help_text="如：父亲张某。未联系上的不填。")
    note = forms.CharField(label="家长怎么说", max_length=300, required=False, widget=LONG, help_text="不属实或受到劝离的必须写明。")

    def __init__(self, *arguments, change, **options):
        self.change = change
        super().__init__(*arguments, **options)
        self.fields["note"].asked = True  # whether it has to be written depends on the answer


class FilterForm(forms.Form):
    """Which changes the ledger shows."""

    DUE = [("", "全部"), ("mine", "待我办理"), ("open", "未办结"), ("overdue", "已逾期"), ("ending", "休学即将期满"), ("ended", "休学期满未复学"),
           ("call", "待电话核实"), ("conflict", "家长说法不一致")]  # fmt: skip
    q = forms.CharField(label="姓名或异动号", required=False, max_length=40)
    kind = forms.ChoiceField(label="类型", required=False, choices=[("", "全部"), *rules.KIND_CHOICES])
    state = forms.ChoiceField(label="状态", required=False)
    school = forms.ModelChoiceField(
        label="学校", required=False, queryset=Organization.objects.none(), to_field_name="public_id", empty_label="全部"
    )
    due = forms.ChoiceField(label="要办的", required=False, choices=DUE)

    def __init__(self, *arguments, states, schools, **options):
        super().__init__(*arguments, **options)
        self.fields["state"].choices = [("", "全部"), *states]
        self.fields["school"].queryset = schools


STAGE_LABELS = STAGES
