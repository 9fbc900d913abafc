"""Forms for joining and parting records."""

from django import forms

from students.forms import ReasonForm


class MergeForm(ReasonForm):
    """Which record stays, and why both are one child."""

    field_order = ["keep", "reason"]
    keep = forms.ChoiceField(label="保留哪一条", widget=forms.RadioSelect, error_messages={"required": "请选保留哪一条记录。"})

    def __init__(self, *arguments, one, other, **options):
        super().__init__(*arguments, **options)
        self.sides = {"one": one, "other": other}
        self.fields["keep"].choices = [("one", f"左边：{one.name}"), ("other", f"右边：{other.name}")]
        better = other.number_state == "valid" and one.number_state != "valid"
        self.fields["keep"].initial = "other" if better else "one"

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("keep"):
            cleaned["kept"] = self.sides[cleaned["keep"]]
            cleaned["gone"] = self.sides["other" if cleaned["keep"] == "one" else "one"]
        return cleaned


class SplitForm(ReasonForm):
    """Which numbers are another child's, and why."""

    field_order = ["numbers", "reason"]
    numbers = forms.TypedMultipleChoiceField(
        label="属于另一个孩子的号码",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选出属于另一个孩子的号码。"},
    )

    def __init__(self, *arguments, numbers, **options):
        super().__init__(*arguments, **options)
        self.by_id = {line["number"].pk: line["number"] for line in numbers}
        self.fields["numbers"].choices = [(line["number"].pk, label_of(line)) for line in numbers]

    def clean_numbers(self):
        return [self.by_id[pk] for pk in self.cleaned_data["numbers"]]


class ClaimsForm(ReasonForm):
    """Which names under one number are another child's, whose the number is, and why. `numbers`: lines of reports.joining.claims."""

    field_order = ["claims", "owner", "reason"]
    claims = forms.MultipleChoiceField(
        label="另一个孩子的姓名", widget=forms.CheckboxSelectMultiple, error_messages={"required": "请选出属于另一个孩子的姓名。"},
    )  # fmt: skip
    owner = forms.ChoiceField(
        label="这个号码是谁的", choices=[("stays", "留在原来的记录"), ("goes", "归分出去的孩子；原来的记录待更正证件号")],
        widget=forms.RadioSelect, initial="stays", error_messages={"required": "请选号码是谁的。"},
    )  # fmt: skip

    def __init__(self, *arguments, numbers, **options):
        super().__init__(*arguments, **options)
        self.lines = {claim["value"]: (line["number"], claim["claim"]) for line in numbers for claim in line["claims"]}
        self.fields["claims"].choices = [(claim["value"], claim["label"]) for line in numbers for claim in line["claims"]]

    def clean_claims(self):
        chosen = [self.lines[value] for value in self.cleaned_data["claims"]]
        if len({number.pk for number, _ in chosen}) > 1:
            raise forms.ValidationError("一次只分一个号码：请只选同一个号码下的姓名。")
        self.number = chosen[0][0]
        return {claim for _, claim in chosen}


def label_of(line):
    lists = "、".join(sorted({row["kind"] for row in line["rows"]})) or "现行名单里没有"
    return f"{line['text']}（{lists}）"
