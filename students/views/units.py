"""撤并、更名: what was done, the form, the preview, the act and its undoing."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import scope
from core.models import Organization
from core.workflow import Refused
from students.actions import units
from students.forms.fields import DayField, StepForm
from students.models import UnitChange


class UnitForm(StepForm):
    """Units are named by code or full name: a county has some hundred schools and villages."""

    kind = forms.ChoiceField(label="办什么", choices=UnitChange.Kind.choices, widget=forms.RadioSelect)
    node = forms.CharField(label="哪个单位（代码或全称）", max_length=80)
    successor = forms.CharField(label="并入哪个单位（代码或全称）", max_length=80, required=False, help_text="只在“并入另一单位”时填写。")
    new_name = forms.CharField(label="新名称", max_length=80, required=False, help_text="只在“更名”时填写。")
    on = DayField(label="自哪天起")
    reason = forms.CharField(label="批准文件、原因", min_length=4, max_length=200)

    def found(self, name):
        text = self.cleaned_data[name].strip()
        if not text:
            return None
        units_in_scope = Organization.objects.visible_to(self.user, "change_units").filter(kind__in=(*units.SCHOOLS, *units.VILLAGES))
        matching = list(units_in_scope.filter(Q(code=text) | Q(name=text))[:3])
        if not matching:
            raise forms.ValidationError(f"没有找到学校或村“{text}”，请核对代码或全称。")
        if len(matching) > 1:
            raise forms.ValidationError(f"叫“{text}”的单位不止一个，请改填代码：{'、'.join(node.code for node in matching)}。")
        return matching[0]

    def clean_node(self):
        return self.found("node")

    def clean_successor(self):
        return self.found("successor")


@require_GET
def unit_change_list(request):
    scope.require(request.user, "change_units")
    rows = UnitChange.objects.visible_to(request.user, "change_units").select_related("node", "successor", "applied_by", "undone_by")
    return render(request, "students/unit_change_list.html", {"rows": rows[:200]})


@require_http_methods(["GET", "POST"])
def unit_change_make(request):
    """The form, then the preview of the same facts, then the act."""
    scope.require(request.user, "change_units")
    form = UnitForm(request.POST or None, today=timezone.localdate(), user=request.user)
    preview = form.is_valid() and previewed(form)
    if preview and "confirm" in request.POST and attempt(form, request.user):
        messages.success(
            request, f"{form.cleaned_data['node'].name}：{dict(UnitChange.Kind.choices)[form.cleaned_data['kind']]}已办理，办错的可以撤销。"
        )
        return redirect("students:unit_change_list")
    context = {"form": form, "preview": preview, "asked": form.cleaned_data if preview else None}
    return render(request, "students/unit_change_make.html", context, status=422 if form.is_bound and not preview else 200)


def previewed(form):
    """The figures, or None with the sentence in the form."""
    asked = form.cleaned_data
    facts = {name: asked[name] for name in ("kind", "node", "successor", "new_name", "on")}
    sentence = units.why_not(**facts, today=form.today)
    if sentence:
        form.add_error(None, ValidationError(sentence))
        return None
    return units.preview(kind=asked["kind"], node=asked["node"], successor=asked["successor"])


def attempt(form, by):
    try:
        return units.apply(**form.cleaned_data, by=by, today=form.today)
    except Refused as refusal:
        form.add_error(None, ValidationError(str(refusal)))
        return None


@require_POST
def unit_change_undo(request, public_id):
    change = scope.get_visible(UnitChange.objects.all(), request.user, "change_units", public_id=public_id)
    units.undo(change=change, by=request.user)
    messages.info(request, f"{change.old_name}的{change.get_kind_display()}已撤销。")
    return redirect("students:unit_change_list")
