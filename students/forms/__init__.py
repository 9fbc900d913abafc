"""Forms of the student pages: shape and scope are checked here, rules in the actions."""

from django import forms

from core.models import Organization
from students.models import KINDS
from students.rules import ages
from students.rules.standings import REMOVAL_REASONS, STANDING_LIST, STANDINGS, standing_of_reason

EARLIEST_YEAR, LATEST_YEAR = 1950, 2100  # of the account: ages are counted back from its day
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


WHY = {"required": "请写明理由。", "min_length": "理由至少写 4 个字，让以后查看的人明白。"}


class ReasonForm(forms.Form):
    """Why somebody needs to see, decide or give up something."""

    reason = forms.CharField(label="理由", min_length=4, max_length=200, error_messages=WHY)


class ExportForm(forms.Form):
    """What an exported list may hold. Full numbers need a reason."""

    full_numbers = forms.BooleanField(label="导出完整证件号", required=False)
    reason = forms.CharField(label="理由", required=False, max_length=200, help_text="导出完整证件号时必填，会进入审计记录。")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("full_numbers") and len(cleaned.get("reason", "").strip()) < 4:
            self.add_error("reason", "导出完整证件号要写明理由（至少 4 个字），理由会进入审计记录。")
        return cleaned


class SnapshotUploadForm(forms.Form):
    """A list as it came from a department. `user` decides which nodes it may cover, `today` which day it may be of."""

    kind = forms.ChoiceField(label="名单种类", choices=KINDS)
    file = forms.FileField(
        label="文件", help_text="支持 .xlsx、.xls、.csv。原样上传，不必改列名或删表头。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
        error_messages={"required": "请选择要上传的文件。", "empty": "这个文件是空的。"},
    )  # fmt: skip
    as_of = forms.DateField(label="数据截至日期", widget=DAY, help_text="名单反映哪一天的情况，不是收到文件的日期。")
    supplier = forms.CharField(label="提供单位", required=False, max_length=80, help_text="如：县公安局治安大队、县乡村振兴局")
    coverage = forms.ModelChoiceField(
        label="覆盖范围", queryset=Organization.objects.none(), to_field_name="public_id", empty_label=None,
        help_text="名单应当包含哪个单位下的全部人员。“消失的行”只在这个范围内比对。",
    )  # fmt: skip

    def __init__(self, *args, user, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        nodes = Organization.objects.visible_to(user, "import_lists").exclude(kind__in=["class", "village", "group"])
        self.fields["coverage"].queryset = nodes.order_by("path")
        self.fields["coverage"].label_from_instance = lambda node: f"{'　' * (node.depth - 1)}{node.name}"

    def clean_as_of(self):
        as_of = self.cleaned_data["as_of"]
        if as_of > self.today:
            raise forms.ValidationError(f"数据截至日期 {as_of.isoformat()} 在今天之后，请改为名单实际反映的日期。")
        return as_of


class AccountForm(forms.Form):
    """Of which day, which ages and by which rule the account is drawn up."""

    on = forms.DateField(label="日期", widget=DAY)
    low = forms.IntegerField(label="最小年龄", min_value=0, max_value=30)
    high = forms.IntegerField(label="最大年龄", min_value=0, max_value=30)
    mode = forms.ChoiceField(label="年龄口径", choices=list(ages.MODES.items()))

    def clean_on(self):
        on = self.cleaned_data["on"]
        if not EARLIEST_YEAR <= on.year <= LATEST_YEAR:
            raise forms.ValidationError(f"日期 {on.isoformat()} 不在 {EARLIEST_YEAR}—{LATEST_YEAR} 年之间，请改为要统计的那一天。")
        return on

    def clean(self):
        cleaned = super().clean()
        low, high = cleaned.get("low"), cleaned.get("high")
        if low is not None and high is not None and low > high:
            self.add_error("high", f"最大年龄 {high} 小于最小年龄 {low}，请写成 6 到 15 这样由小到大的两个数。")
        return cleaned


class MatchDecisionForm(ReasonForm):
    """Whether two records are the same child; where two children have one number, whose it is."""

    field_order = ["same", "owner", "reason"]

    same = forms.TypedChoiceField(
        label="结论", choices=[("yes", "是同一人"), ("no", "不是同一人")], coerce=lambda value: value == "yes", widget=forms.RadioSelect,
        error_messages={"required": "请先选“是同一人”或“不是同一人”。"},
    )  # fmt: skip
    owner = forms.ChoiceField(label="不是同一人时，这个号码是谁的", required=False, widget=forms.RadioSelect)

    def __init__(self, *arguments, match, **options):
        super().__init__(*arguments, **options)
        if match.rule != "shared":
            del self.fields["owner"]
            return
        holder, other = match.meant.child.name, match.odd.child.name
        self.fields["owner"].choices = [("meant", f"{holder}的，照旧"), ("odd", f"{other}的；{holder}的证件号待更正")]
        self.fields["owner"].initial = "meant"


MEANINGS = [
    *((row.code, row.label) for row in STANDING_LIST if row.entered and row.code != "removed"),
    *((code, f"核减 {code} {label}") for code, label, _, standing in REMOVAL_REASONS if standing == "removed" and code not in ("07", "08")),
]


class ReasonsForm(forms.Form):
    """Where the chosen children are: one reason for all of them, with its proof."""

    meaning = forms.ChoiceField(label="去向或原因", choices=[("", "请选择"), *MEANINGS])
    since = forms.DateField(label="自哪天起", widget=DAY)
    until = forms.DateField(label="到哪天止", required=False, widget=DAY, help_text="最后一天；休学必填，不填的按规定期限（学期、学年）到期。")
    place = forms.CharField(label="去处", required=False, max_length=120, help_text="如：外县一中、县特教学校")
    document = forms.CharField(label="证明文号", required=False, max_length=80)
    proof = forms.FileField(label="证明材料（照片或 PDF）", required=False)

    def facts(self):
        """Keywords of one row for explaining.propose."""
        given = self.cleaned_data
        code, reason = (given["meaning"], "") if given["meaning"] in STANDINGS else standing_of_reason(given["meaning"])
        return {"code": code, "reason": reason} | {key: given[key] for key in ("since", "until", "place", "document")}


class ReasonsFileForm(forms.Form):
    """A filled workbook of reasons."""

    file = forms.FileField(label="填好的工作簿", help_text="列：姓名、身份证件号、去向或原因、起始日期、截止日期、去处、证明文号。")
    on = forms.DateField(label="没有写起始日期的，自哪天起", widget=DAY)
