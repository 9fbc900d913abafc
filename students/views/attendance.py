"""考勤: the day's overview, and one class marked by exception."""

from collections import Counter
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from core import scope
from core.forms import whole
from core.models import Organization
from core.pictures import PictureRefused
from core.workflow import Refused
from students import attendance, school_days
from students.actions import attendance as actions
from students.filters import SCHOOL_KINDS
from students.forms.attendance import CorrectionForm, Kind, PupilForm
from students.reports import attendance as report
from students.rules.school_days import HALVES

PAGE = 50


def day_of(text, today):
    """The day that an address names, today where it names none or a day ahead."""
    try:
        return min(date.fromisoformat(text or ""), today)
    except ValueError:
        return today


def read_half(day, half):
    """(day, half) of an address; 404 for what is no day or half."""
    try:
        on = date.fromisoformat(day)
    except ValueError as wrong:
        raise Http404 from wrong
    if half not in HALVES:
        raise Http404
    return on, half


def get_unit(user, public_id, kinds, permission="see_children"):
    node = scope.get_visible(Organization.objects.select_related("parent"), user, permission, public_id=public_id)
    if node.kind not in kinds:
        raise Http404
    return node


@require_GET
def attendance_day(request):
    """Schools, or the classes of the one school (or the one class) that the person has."""
    scope.require(request.user, "see_children")
    on = day_of(request.GET.get("on"), timezone.localdate())
    units = Organization.objects.visible_to(request.user, "see_children")
    schools = units.filter(kind__in=SCHOOL_KINDS).order_by("code")
    if not schools.exists():
        classes = report.class_rows(units.filter(kind=Organization.Kind.CLASS), on)
        return render(request, "students/attendance_school.html", day_context(request, on, classes, None))
    if schools.count() == 1:
        return redirect(f"{reverse('students:attendance_school', args=[schools.get().public_id])}?on={on}")
    text = request.GET.get("q", "").strip()
    page = Paginator(schools.filter(name__icontains=text) if text else schools, PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "rows": report.school_rows(page.object_list, on), "on": on, "q": text, "today": timezone.localdate(),
               "open_days": open_days(request, on), **report.earlier_and_later(on)}  # fmt: skip
    return render(request, "students/attendance_day.html", context)


@require_GET
def attendance_school(request, public_id):
    school = get_unit(request.user, public_id, SCHOOL_KINDS)
    on = day_of(request.GET.get("on"), timezone.localdate())
    rows = report.class_rows(report.classes_below(school), on)
    return render(request, "students/attendance_school.html", day_context(request, on, rows, school))


def open_days(request, on):
    """[(day, half-days of classes that nobody marked)] of late, for those who mark; an alarm of its own, never an absence."""
    classes = Organization.objects.visible_to(request.user, "mark_attendance").filter(kind=Organization.Kind.CLASS)
    found = Counter(day for _, day, _ in attendance.unmarked(classes, timezone.localdate())) if classes else {}
    return [{"on": day, "count": found[day], "here": day == on} for day in sorted(found)]


def day_context(request, on, rows, school):
    nodes = set(scope.granted_nodes(request.user, "mark_attendance"))
    halves = school_days.calendar_of(school, on, on).halves(on) if school else (True, True)
    return {
        "on": on, "rows": rows, "school": school, "open_days": open_days(request, on), "today": timezone.localdate(),
        **report.earlier_and_later(on),
        "may_mark": {row["node"].pk for row in rows if nodes & set(row["node"].path)},
        "may_mark_school": bool(school and nodes & set(school.path) and rows), "taught": list(zip(HALVES, halves, strict=True)),
    }  # fmt: skip


@require_GET
def attendance_class(request, public_id):
    """Who was missing in a class of late."""
    node = get_unit(request.user, public_id, (Organization.Kind.CLASS,))
    on = day_of(request.GET.get("on"), timezone.localdate())
    context = {"node": node, "label": attendance.class_of(node, on).label, "marks": report.recent(node, on), "on": on}
    return render(request, "students/attendance_class.html", context)


@require_http_methods(["GET", "POST"])
def class_mark(request, public_id, day, half):
    """One class on one half-day: all there by one tap, else the few who are not."""
    node = get_unit(request.user, public_id, (Organization.Kind.CLASS,))
    scope.require(request.user, "mark_attendance", node)
    on, half = read_half(day, half)
    sheet = Sheet(node, on, half, request)
    if request.method == "POST" and sheet.is_valid():
        try:
            sheet.save(request.user, timezone.localdate())
            messages.success(request, sheet.sentence())
            return redirect(f"{reverse('students:attendance_day')}?on={on}")
        except actions.MarkChanged as changed:
            sheet = Sheet(node, on, half, request, instead=f"{changed}{sheet.chosen_words()}")
        except (Refused, PictureRefused) as refusal:
            sheet.refusal = str(refusal)
    return render(request, "students/class_mark.html", sheet.context(), status=422 if request.method == "POST" else 200)


class Sheet:
    """The page of one class and half-day: a form for each pupil, drawn from what is marked, the slips, or everybody there."""

    def __init__(self, node, on, half, request, instead=""):
        """`instead`: why what was sent is not shown but what is marked now."""
        self.node, self.on, self.half, self.refusal = node, on, half, instead
        self.school_class = attendance.class_of(node, on)
        self.mark = attendance.marked([node.pk], on, on).get((node.pk, on, half))
        self.bound, self.all_there = request.method == "POST", "all" in request.POST
        self.seen = request.POST.get("seen", "")
        held = {one.child_id: one.kind for one in self.mark.marks.all()} if self.mark else {}
        self.slips = report.slips_covering([pupil.child_id for pupil in self.school_class.pupils], on, half)
        given = (request.POST, request.FILES) if self.bound and not (self.all_there or instead) else (None, None)
        self.forms = [self._form(pupil, held, given) for pupil in self.school_class.pupils]
        self.correction = CorrectionForm(request.POST or None)

    def _form(self, pupil, held, given):
        slip = self.slips.get(pupil.child_id)
        usual = held.get(pupil.child_id, Kind.LEAVE if slip and not self.mark else Kind.PRESENT)
        return PupilForm(*given, pupil=pupil, on=self.on, half=self.half, slip=slip, initial={"mark": usual, "until_half": "pm"})

    def is_valid(self):
        return self.correction.is_valid() and (self.all_there or all(form.is_valid() for form in self.forms))

    def kinds(self):
        if self.all_there:
            return dict.fromkeys(self.slips, Kind.LEAVE)
        return {form.pupil.child_id: form.cleaned_data["mark"] for form in self.forms if form.cleaned_data["mark"] != Kind.PRESENT}

    def save(self, by, today):
        slips = [] if self.all_there else [facts for form in self.forms if (facts := form.slip_facts())]
        self.outcome = actions.mark_class(
            class_node=self.node, on=self.on, half=self.half, kinds=self.kinds(), slips=slips, by=by, today=today,
            seen=whole(self.seen), note=self.correction.cleaned_data["note"],
        )  # fmt: skip

    def chosen_words(self):
        """What the person had marked, for the page that shows what somebody else marked instead."""
        labels, kinds = dict(Kind.choices), self.kinds()
        named = "、".join(f"{form.pupil.child.name}（{labels[kinds[pk]]}）" for form in self.forms if (pk := form.pupil.child_id) in kinds)
        return f"您这次标的是：{named}，其余到。" if named else "您这次标的是全到。"

    def sentence(self):
        if self.outcome.unchanged:
            return f"{self.school_class.label}{report.half_words(self.on, self.half)}的考勤没有变化。"
        kinds = list(self.kinds().values())
        counts = "，".join(f"{label} {kinds.count(kind)} 人" for kind, label in Kind.choices[1:] if kind in kinds) or "全到"
        more = f"；无假条的缺勤已开始计时，满 {attendance.alert_hours(self.on)} 小时自动报告" if Kind.ABSENT in kinds else ""
        return f"{self.school_class.label}{report.half_words(self.on, self.half)}：应到 {len(self.forms)} 人，{counts}{more}。"

    def context(self):
        return {
            "node": self.node, "on": self.on, "half": self.half, "label": self.school_class.label, "forms": self.forms, "mark": self.mark,
            "words": report.half_words(self.on, self.half), "hours": attendance.alert_hours(self.on), "on_leave": len(self.slips),
            "refusal": self.refusal, "wrong": [form for form in self.forms if form.errors], "bound": self.bound,
            "today": timezone.localdate(),
            "correction": self.correction, "seen": self.mark.version if self.mark else 0, "expected": len(self.forms),
            "taught": school_days.is_school_half_day(self.node, self.on, self.half),
        }  # fmt: skip
