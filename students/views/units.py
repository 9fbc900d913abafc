"""撤并、拆分、更名: what was done, the form, the preview, the act and its undoing."""

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
from students import seating
from students.actions import parting, units
from students.forms.fields import DayField, StepForm
from students.models import Household, UnitChange


class UnitForm(StepForm):
    """Units are named by code or full name: a county has some hundred schools and villages."""

    kind = forms.ChoiceField(label="办什么", choices=UnitChange.Kind.choices, widget=forms.RadioSelect)
    node = forms.CharField(label="哪个单位（代码或全称）", max_length=80)
    successor = forms.CharField(label="并入哪个单位（代码或全称）", max_length=80, required=False, help_text="只在“并入另一单位”时填写。")
    new_name = forms.CharField(label="新名称", max_length=80, required=False, help_text="“更名”填新名称；“分出新单位”填新单位的名称。")
    new_code = forms.CharField(label="新单位的代码", max_length=30, required=False, help_text="只在“分出新单位”时填写：以后的名单按它认出新单位。")
    parts = forms.ModelMultipleChoiceField(
        label="分到新单位的班级、教学点或组", queryset=Organization.objects.none(), to_field_name="public_id", required=False,
        widget=forms.CheckboxSelectMultiple, help_text="只在“分出新单位”时勾选。",
    )  # fmt: skip
    households = forms.CharField(
        label="分到新单位的户（每行一个户号）", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="村没有分组，或者整组不走时填写。",
    )  # fmt: skip
    on = DayField(label="自哪天起")
    reason = forms.CharField(label="批准文件、原因", min_length=4, max_length=200)

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        node = self.named_node()
        if node is None or self.data.get("kind") != UnitChange.Kind.SPLIT:
            del self.fields["parts"], self.fields["households"]
            return
        self.fields["parts"].queryset = parting.parts_of(node)
        labels = seating.labels_of(parting.parts_of(node), self.today)
        self.fields["parts"].label_from_instance = lambda part: labels.get(part.pk, part.name)
        if node.kind not in units.VILLAGES:
            del self.fields["households"]

    def named_node(self):
        """The unit that the sent form names, where it names one."""
        text = self.data.get("node", "").strip()
        found = list(Organization.objects.visible_to(self.user, "change_units").filter(Q(code=text) | Q(name=text))[:2]) if text else []
        return found[0] if len(found) == 1 else None

    def clean_households(self):
        numbers = list(dict.fromkeys(self.cleaned_data["households"].split()))
        rows = list(Household.objects.filter(number__in=numbers, village=self.cleaned_data.get("node")))
        missing = sorted(set(numbers) - {row.number for row in rows})
        if missing:
            raise forms.ValidationError(f"这些户号不在这个村：{'、'.join(missing[:10])}，请核对。")
        return rows

    def chosen_parts(self):
        """What goes to the new unit, as it was called in the list."""
        return [self.fields["parts"].label_from_instance(part) for part in self.cleaned_data.get("parts") or ()]

    def split_facts(self):
        given = self.cleaned_data
        chosen = {"parts": list(given.get("parts") or ()), "households": given.get("households") or []}
        return {"node": given["node"], "new_name": given["new_name"], "new_code": given["new_code"], **chosen}

    @property
    def is_split(self):
        return self.cleaned_data["kind"] == UnitChange.Kind.SPLIT

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
    preview = form.is_valid() and "again" not in request.POST and previewed(form)
    if preview and "confirm" in request.POST:
        if attempt(form, request.user):
            kind = dict(UnitChange.Kind.choices)[form.cleaned_data["kind"]]
            messages.success(request, f"{form.cleaned_data['node'].name}：{kind}已办理，办错的可以撤销。")
            return redirect("students:unit_change_list")
        preview = None  # refused meanwhile: the form with its sentence
    context = {"form": form, "preview": preview, "asked": form.cleaned_data if preview else None}
    context["parts"] = form.chosen_parts() if preview else []
    return render(request, "students/unit_change_make.html", context, status=422 if form.is_bound and not preview else 200)


def previewed(form):
    """The figures, or None with the sentence in the form."""
    asked = form.cleaned_data
    facts = {name: asked[name] for name in ("kind", "node", "successor", "new_name", "on")}
    split = form.is_split and form.split_facts()
    sentence = parting.why_not(**split, on=asked["on"], today=form.today) if split else units.why_not(**facts, today=form.today)
    if sentence:
        form.add_error(None, ValidationError(sentence))
        return None
    if split:
        return parting.preview(node=split["node"], parts=split["parts"], households=split["households"])
    return units.preview(kind=asked["kind"], node=asked["node"], successor=asked["successor"])


def attempt(form, by):
    given = form.cleaned_data
    facts = {name: given[name] for name in ("on", "reason")} | {"by": by, "today": form.today}
    try:
        if form.is_split:
            return parting.apply(**form.split_facts(), **facts)
        return units.apply(**facts, **{name: given[name] for name in ("kind", "node", "successor", "new_name")})
    except Refused as refusal:
        form.add_error(None, ValidationError(str(refusal)))
        return None


@require_POST
def unit_change_undo(request, public_id):
    change = scope.get_visible(UnitChange.objects.all(), request.user, "change_units", public_id=public_id)
    (parting if change.kind == UnitChange.Kind.SPLIT else units).undo(change=change, by=request.user)
    messages.info(request, f"{change.old_name}的{change.get_kind_display()}已撤销。")
    return redirect("students:unit_change_list")
