"""Forms of accounts, grants and passwords: shape and scope; the rules are in core.actions.accounts."""

import re
import uuid

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm

from core import audit
from core.models import AuditEntry, FileRun, Organization, User
from core.roles import ROLE, ROLE_CHOICES

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")  # the browser's own date field reads this form only


def whole(text):
    """The number an address or a hidden field says, None for what is none: signs like ² that only look like figures, and more figures than
    any of our keys has, at which int and the database stop."""
    return int(text) if text.isdecimal() and len(text) <= 18 else None


class QuickSelect(forms.Select):
    """A list of hundreds: each option is its value (a text) and its label and no more (config.widgets draws it)."""

    choices = ()  # taken as they come: Django looks through each of them when the list is made

    def optgroups(self, name, value, attrs=None):
        chosen = set(value)
        return [
            (group, [_option(*one, chosen) for one in options], place)
            for place, (group, options) in enumerate(_grouped(*choice) for choice in self.choices)
        ]


def _grouped(value, label):
    return (value, label) if isinstance(label, list | tuple) else (None, [(value, label)])


def _option(value, label, chosen):
    return {"value": value, "label": label, "attrs": {"selected": True} if value in chosen else None}


class SignInForm(AuthenticationForm):
    """One sentence for a wrong password, an unknown account and a disabled one: the door tells nobody which it was."""

    error_messages = {
        "invalid_login": "账号或密码不对，或者账号已停用。连续输错 5 次将锁定 15 分钟。",
        "inactive": "账号或密码不对，或者账号已停用。连续输错 5 次将锁定 15 分钟。",
    }

    def __init__(self, request=None, *args, **kwargs):
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = "账号"
        self.fields["password"].label = "密码"


class OwnPasswordForm(PasswordChangeForm):
    """A new password for the old one. Wrong answers count towards the lock-out: a screen left open is no door to guess at."""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": "原密码不对，请重新输入。",
        "password_mismatch": "两次输入的新密码不一样，请重新输入。",
        "password_unchanged": "新密码和原密码相同，请另设一个。",
    }

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request
        for name, label in [("old_password", "原密码"), ("new_password1", "新密码"), ("new_password2", "再输一次新密码")]:
            self.fields[name].label = label
        self.fields["new_password1"].help_text = "至少 12 个字符，不要全用数字，不要与账号、姓名相近。"
        self.fields["new_password2"].help_text = ""

    def clean_old_password(self):
        password = self.cleaned_data["old_password"]
        if authenticate(request=self.request, username=self.user.get_username(), password=password) is None:
            raise forms.ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return password

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("old_password") and cleaned.get("old_password") == cleaned.get("new_password1"):
            self.add_error("new_password1", self.error_messages["password_unchanged"])
        return cleaned


class PasswordAgainForm(forms.Form):
    """The person's own password asked once more; a signing form extends it. Wrong answers count towards the lock-out."""

    password = forms.CharField(label="本人登录密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self):
        password = self.cleaned_data["password"]
        if authenticate(request=self.request, username=self.request.user.get_username(), password=password) is None:
            raise forms.ValidationError("密码不对，这一步没有办理。请重新输入您本人的登录密码。")
        return password


class OrganizationField(forms.CharField):
    """A unit by its code or its full name, within a query set; a name that several units bear is answered with their codes."""

    def __init__(self, *, queryset=None, **kwargs):
        super().__init__(**{"label": "单位", "help_text": "填单位代码或全称。", "max_length": 80, **kwargs})
        self.queryset = queryset

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        found = list(self.queryset.filter(code=text)[:1]) or list(self.queryset.filter(name=text).select_related("parent")[:6])
        if not found:
            raise forms.ValidationError(f"没有找到单位“{text}”：请核对代码或全称，或者它不在您的管理范围内。")
        if len(found) > 1:
            choices = "；".join(f"{node.code} {node.name}（{node.parent}）" for node in found)
            raise forms.ValidationError(f"叫“{text}”的单位不止一个，请改填代码：{choices}。")
        return found[0]


class GrantForm(forms.Form):
    """A role on a unit, from a day to a day."""

    role = forms.ChoiceField(label="角色", choices=[("", "请选择"), *ROLE_CHOICES])
    organization = OrganizationField()
    since = forms.DateField(label="自哪天起", widget=DAY)
    until = forms.DateField(label="到哪天止", required=False, widget=DAY, help_text="最后一天；不填表示长期。")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = Organization.objects.visible_to(user, "manage_accounts")

    def clean(self):
        cleaned = super().clean()
        since, until, node = cleaned.get("since"), cleaned.get("until"), cleaned.get("organization")
        if since and until and until < since:
            self.add_error("until", "截止日期不能早于开始日期。")
        if node and cleaned.get("role") and node.kind not in ROLE[cleaned["role"]].level:
            levels = "、".join(Organization.Kind(kind).label for kind in ROLE[cleaned["role"]].level)
            self.add_error("organization", f"“{ROLE[cleaned['role']].label}”要设在{levels}上，“{node.name}”是{node.get_kind_display()}。")
        return cleaned


class AccountForm(GrantForm):
    """A new account with its first role."""

    field_order = ["username", "name", "post", "role", "organization", "since", "until"]
    username = forms.CharField(label="账号", max_length=60, help_text="登录用，设后不改；字母、数字和 . - _ 。")
    name = forms.CharField(label="姓名", max_length=60)
    post = forms.CharField(label="职务", max_length=60, required=False)

    def clean_username(self):
        username = self.cleaned_data["username"]
        if not all(sign.isascii() and (sign.isalnum() or sign in ".-_") for sign in username):
            raise forms.ValidationError(f"账号“{username}”里有不能用的字符：只用字母、数字和 . - _ 。")
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(f"账号“{username}”已经有人使用，请换一个。")
        return username


class HandOverForm(forms.Form):
    """交接: all roles in force go from one person to another in one act."""

    successor = forms.CharField(label="交给谁（账号）", max_length=60)
    on = forms.DateField(label="自哪天起", widget=DAY)

    def __init__(self, *args, accounts, predecessor, **kwargs):
        super().__init__(*args, **kwargs)
        self.accounts, self.predecessor = accounts, predecessor

    def clean_on(self):
        on = self.cleaned_data["on"]
        if not 1950 <= on.year <= 2100:
            raise forms.ValidationError(f"日期 {on.isoformat()} 不对，请填交接的那一天。")
        return on

    def clean_successor(self):
        username = self.cleaned_data["successor"]
        found = self.accounts.filter(username=username, is_active=True).first()
        if found is None:
            raise forms.ValidationError(f"没有可用的账号“{username}”：请核对，或先为接手的人开设账号。")
        if found == self.predecessor:
            raise forms.ValidationError("交接要交给另一个人。")
        return found


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200)


class AccountFilterForm(forms.Form):
    STATES = (("", "全部"), ("active", "在用"), ("disabled", "已停用"), ("unused", "从未登录"))

    q = forms.CharField(label="姓名或账号", required=False, max_length=60)
    role = forms.ChoiceField(label="角色", required=False, choices=[("", "全部"), *ROLE_CHOICES])
    state = forms.ChoiceField(label="状态", required=False, choices=STATES)

    def apply(self, accounts, on):
        """The accounts that match; a wrong filter value is ignored and shown beside its field."""
        wanted = self.cleaned_data if self.is_valid() else {}
        if wanted.get("q"):
            accounts = accounts.filter(name__contains=wanted["q"]) | accounts.filter(username__icontains=wanted["q"])
        if wanted.get("role"):
            accounts = accounts.holding(wanted["role"], on)
        conditions = {"active": {"is_active": True}, "disabled": {"is_active": False}, "unused": {"last_login": None}}
        return accounts.filter(**conditions.get(wanted.get("state"), {}))


class RunFilterForm(forms.Form):
    """Which of the work that failed: by what stopped it, or the one whose number a person reads out."""

    trouble = forms.ChoiceField(label="原因", required=False, choices=[("", "系统没有做完的"), *FileRun.Trouble.choices])
    number = forms.CharField(label="编号（前 8 位）", required=False, max_length=8)

    def clean_number(self):
        number = self.cleaned_data["number"].strip().lower()
        if number and not re.fullmatch(r"[0-9a-f]{8}", number):
            raise forms.ValidationError("编号是 8 位数字和字母 a–f，写在给本人的那句话里。")
        return number

    def apply(self, runs):
        wanted = self.cleaned_data if self.is_valid() else {}
        if wanted.get("number"):
            first, last = (uuid.UUID(wanted["number"] + sign * 24) for sign in "0f")
            return runs.filter(state="failed", public_id__range=(first, last))
        return runs.filter(state="failed", trouble=wanted["trouble"]) if wanted.get("trouble") else runs.dead()


class AuditFilterForm(forms.Form):
    person = forms.CharField(label="人员（姓名）", required=False, max_length=60)
    act = forms.CharField(label="事项", required=False, max_length=60)
    outcome = forms.ChoiceField(label="结果", required=False, choices=[("", "全部"), *AuditEntry.Outcome.choices])
    first = forms.DateField(label="从", required=False, widget=DAY)
    last = forms.DateField(label="到", required=False, widget=DAY)

    def apply(self, entries):
        wanted = self.cleaned_data if self.is_valid() else {}
        conditions = {
            "actor_name__contains": wanted.get("person"),
            "act__in": [*audit.acts_worded(wanted["act"]), wanted["act"]] if wanted.get("act") else None,
            "outcome": wanted.get("outcome"),
            "at__date__gte": wanted.get("first"),
            "at__date__lte": wanted.get("last"),
        }
        return entries.filter(**{lookup: value for lookup, value in conditions.items() if value})
