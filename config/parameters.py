"""The county settings that exist, their bounds, and the page that sets them. Config knows all apps, so it alone can list them."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from archives.assembly.periods import COUNTING_DAY, DUE_DAY
from core.actions.parameters import set_parameter
from core.models import Parameter
from core.scope import require
from dropout.reports.indicators import CAP_RETENTION, ENTRY_DAYS
from dropout.rules.absence_clock import Thresholds
from dropout.workflow import CLOSE_ATTENDANCE_DAYS
from students.actions.calling import CALL_SHARE
from students.actions.snapshots import CHANGE_SHARE
from students.actions.turning import JUNIOR_YEARS, PRIMARY_YEARS
from students.reports.roll_changes import REMIND_DAYS
from students.workflow import REVIEW_DAYS, SIDE_DAYS


@dataclass(frozen=True)
class Setting:
    """`low` and `high` are allowed too; `whole`: no fractions."""

    name: str
    label: str
    default: float
    low: float
    high: float
    whole: bool = True


CLOCK = Thresholds()
SETTINGS = (
    Setting("counting_day", "月报统计日（每月几号）", COUNTING_DAY, 1, 31),
    Setting("due_day", "月报报送日（每月几号，遇休息日提前）", DUE_DAY, 1, 31),
    Setting("close_attendance_days", "返校后连续到校多少天可以销号（天）", CLOSE_ATTENDANCE_DAYS, 1, 200),
    Setting("absence_alert_hours", "无故缺勤多少小时报告（只算在校日）", CLOCK.alert_hours, 8, 240),
    Setting("suspected_after_school_days", "无故缺勤满几个在校日列为疑似（不早于报告）", CLOCK.suspected_days, 1, 30),
    Setting("dropout_after_weeks", "无故缺勤满几周提请核实辍学", CLOCK.weeks, 1, 12),
    Setting("entry_days", "个案环节、走访发生后几天内录入算及时（天）", ENTRY_DAYS, 0, 60),
    Setting("cap_retention", "巩固率最高记 100%（1 是，0 否）", CAP_RETENTION, 0, 1),
    Setting("morning_bell", "上午几点上课（缺勤计时起点）", CLOCK.morning, 5, 11),
    Setting("afternoon_bell", "下午几点上课（缺勤计时起点）", CLOCK.afternoon, 12, 18),
    Setting("import_change_share", "名单增减超过多少要第二人批准（0.2 即两成）", CHANGE_SHARE, 0.01, 1, whole=False),
    Setting("transfer_workdays", "学籍异动每所学校的核办期限（工作日）", SIDE_DAYS, 1, 60),
    Setting("roll_review_workdays", "学籍异动教育局的核办期限（工作日）", REVIEW_DAYS, 1, 60),
    Setting("guardian_call_share", "休学、转学电话核实家长的抽查比例（0.2 即两成）", CALL_SHARE, 0, 1, whole=False),
    Setting("primary_years", "小学年限（五四制填 5）", PRIMARY_YEARS, 5, 6),
    Setting("junior_years", "初中年限（五四制填 4）", JUNIOR_YEARS, 3, 4),
    Setting("suspension_reminder_days", "休学期满前多少天提醒复学（天）", REMIND_DAYS, 1, 120),
)
KNOWN = {setting.name: setting for setting in SETTINGS}


class ParameterForm(forms.Form):
    name = forms.ChoiceField(label="参数", choices=[(setting.name, setting.label) for setting in SETTINGS])
    value = forms.DecimalField(label="新的值", max_digits=6, decimal_places=2)
    since = forms.DateField(label="自哪天起", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label="依据或原因", max_length=200)

    def clean(self):
        cleaned = super().clean()
        setting, value = KNOWN.get(cleaned.get("name")), cleaned.get("value")
        if setting is None or value is None:
            return cleaned
        if setting.whole and value != int(value):
            self.add_error("value", f"“{setting.label}”要填整数，现为 {value}。")
        elif not setting.low <= value <= setting.high:
            self.add_error("value", f"“{setting.label}”应在 {setting.low} 到 {setting.high} 之间，现为 {value}。")
        cleaned["value"] = int(value) if setting.whole else float(value)
        return cleaned


@require_http_methods(["GET", "POST"])
def parameter_list(request):
    require(request.user, "set_parameters")
    today = timezone.localdate()
    form = ParameterForm(request.POST or None, initial={"since": today})
    if request.method == "POST" and form.is_valid():
        row = set_parameter(by=request.user, **form.cleaned_data)
        messages.info(request, f"自 {row.since} 起，“{KNOWN[row.name].label}”为 {row.value}；此前的月份和学期仍按原来的值计算。")
        return redirect("parameter_list")
    context = {"rows": present_values(today), "history": past_values(), "form": form, "today": today}
    return render(request, "config/parameter_list.html", context, status=422 if form.is_bound else 200)


def present_values(on):
    """(setting, the value that counts on the day `on`) of all settings."""
    return [(setting, Parameter.objects.value_of(setting.name, on, setting.default)) for setting in SETTINGS]


def past_values():
    rows = Parameter.objects.filter(name__in=KNOWN).select_related("set_by").order_by("-since", "name")
    return [(KNOWN[row.name], row) for row in rows]
