"""学年升级 and 小升初."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import audit, file_runs, scope
from core.models import Organization
from students.actions import turning
from students.models import YearTurn
from students.reports import unplaced as report
from students.reports.children import grade_text
from students.reports.export import note_of
from students.rules.ages import school_year, school_year_label
from students.views.exporting import workbook_response

PAGE = 50
KINDS = ("bureau", "education_group", "school", "teaching_point")


class TurnForm(forms.Form):
    node = forms.ModelChoiceField(label="范围", queryset=Organization.objects.none(), to_field_name="public_id", empty_label=None)
    year = forms.TypedChoiceField(label="新学年", coerce=int)

    def __init__(self, *arguments, user, today, **options):
        super().__init__(*arguments, **options)
        nodes = Organization.objects.visible_to(user, "turn_school_year").filter(kind__in=KINDS)
        self.fields["node"].queryset = nodes.order_by("path")
        now = school_year(today)
        self.fields["year"].choices = [(year, school_year_label(year)) for year in (now, now + 1)]


@require_GET
def year_turn_list(request):
    """What a turn would do, and the turns that were made."""
    scope.require(request.user, "turn_school_year")
    today = timezone.localdate()
    first = Organization.objects.visible_to(request.user, "turn_school_year").filter(kind__in=KINDS).order_by("path").first()
    usual = {"node": first.public_id, "year": school_year(today)} if first else {}
    form = TurnForm({**usual, **request.GET.dict()}, user=request.user, today=today)
    asked = form.cleaned_data if form.is_valid() else None
    rows = turning.preview(node=asked["node"], school_year=asked["year"]) if asked else []
    for row in rows:
        row["label"] = grade_text(row["stage"], row["grade"])
    turns = YearTurn.objects.visible_to(request.user, "turn_school_year").select_related("node", "applied_by", "undone_by")
    total = {key: sum(row[key] for row in rows) for key in ("moves", "stays", "leaves")}
    early = bool(asked) and today < turning.first_day(asked["year"])
    context = {"form": form, "asked": asked, "rows": rows, "total": total, "turns": turns, "early": early}
    return render(request, "students/year_turn_list.html", context)


@require_POST
def year_turn_apply(request):
    scope.require(request.user, "turn_school_year")
    form = TurnForm(request.POST, user=request.user, today=timezone.localdate())
    if not form.is_valid():
        messages.error(request, "请先选好范围和学年，看过预览再办理。")
        return redirect("students:year_turn_list")
    node, year = form.cleaned_data["node"], form.cleaned_data["year"]
    times = YearTurn.objects.filter(node=node, school_year=year).count()
    run = file_runs.start(
        "turn_school_year", f"turn:{node.pk}:{year}:{times}", by=request.user, organization=node, parameters={"year": year}
    )  # fmt: skip
    return redirect("core:run_detail", public_id=run.public_id)


@require_GET
def year_turn_detail(request, public_id):
    found = YearTurn.objects.select_related("node", "applied_by", "undone_by")
    turn = scope.get_visible(found, request.user, "turn_school_year", public_id=public_id)
    rows = report.figures(report.graduates(YearTurn.objects.filter(pk=turn.pk), request.user, "turn_school_year", timezone.localdate()))
    kept = list(report.repeaters(turn)[:200])
    return render(request, "students/year_turn_detail.html", {"turn": turn, "rows": rows, "kept": kept})


@require_POST
def year_turn_undo(request, public_id):
    turn = scope.get_visible(YearTurn.objects.all(), request.user, "turn_school_year", public_id=public_id)
    turning.undo(turn=turn, by=request.user, reason=request.POST.get("reason", ""))
    messages.info(request, f"{turn.node.name}的{turn}已撤销，年级恢复到升级以前。")
    return redirect("students:year_turn_list")


def asked_unplaced(request, permission):
    turns = report.last_turns(request.user, permission)
    found = report.graduates(turns, request.user, permission, timezone.localdate())
    narrowed = report.narrowed(found, request.GET.get("township", ""), read_school(request))
    return turns, found, narrowed


def read_school(request):
    return Organization.objects.filter(code=request.GET.get("school", "")).values_list("public_id", flat=True).first()


@require_GET
def unplaced_list(request):
    """Graduates of primary school who are on no junior roll."""
    scope.require(request.user, "see_children")
    turns, found, narrowed = asked_unplaced(request, "see_children")
    rows = report.unplaced(narrowed).select_related("child", "school").order_by("school__code", "child__pinyin")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    audit.record_view("unplaced_viewed", by=request.user, rows=page.paginator.count)
    schools = report.figures(found)
    return render(request, "students/unplaced_list.html", {
        "page_obj": page, "rows": [(row, report.cells(row)) for row in page.object_list], "heads": report.HEADS, "turn": turns.first(),
        "schools": schools, "total": total_of(schools), "school": request.GET.get("school", ""), "choices": report.schools_of(found),
        "townships": sorted({name for name in found.values_list("township", flat=True) if name}),
        "township": request.GET.get("township", ""),
        "may_export": scope.has_permission(request.user, "export_lists"), "on": timezone.localdate(),
    })  # fmt: skip


def total_of(rows):
    return {key: sum(row[key] for row in rows) for key in ("graduates", "placed_count", "explained_count", "still_count", "unplaced_count")}


@require_POST
def unplaced_export(request):
    scope.require(request.user, "see_children")
    scope.require(request.user, "export_lists")
    _, _, narrowed = asked_unplaced(request, "export_lists")
    rows, on = report.unplaced(narrowed), timezone.localdate()
    entry = audit.record_view("unplaced_exported", by=request.user, rows=rows.count())
    return workbook_response(report.workbook(rows, on=on, note=note_of(entry)), f"小学毕业未升学_{on:%Y%m%d}_{entry.number}.xlsx")
