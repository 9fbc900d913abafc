"""The whole school on one page, and the slips of one child."""

from io import BytesIO

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import audit, files, scope
from core.pictures import PictureRefused
from core.workflow import Refused
from students import attendance, school_days
from students.actions import attendance as actions
from students.actions import slips
from students.filters import SCHOOL_KINDS
from students.forms.attendance import LineForm, SlipForm
from students.models import Child, ClassMark, LeaveSlip
from students.reports import attendance as report
from students.views.attendance import get_unit, read_half


@require_http_methods(["GET", "POST"])
def school_mark(request, public_id, day, half):
    """Every class of a school that is not marked yet, a line each; marked ones lead to their own page."""
    school = get_unit(request.user, public_id, SCHOOL_KINDS)
    scope.require(request.user, "mark_attendance", school)
    on, half = read_half(day, half)
    lines, refusal = line_forms(request, school, on, half), ""
    valid = [form.is_valid() for form in lines["open"]] if request.method == "POST" else []
    if valid and all(valid):
        entered = [form for form in lines["open"] if form.is_entered or "rest" in request.POST]
        try:
            mark_lines(entered, on, half, request.user)
            say_marked(request, f"{school.name}{report.half_words(on, half)}", entered, lines)
            return redirect(f"{reverse('students:attendance_school', args=[school.public_id])}?on={on}")
        except Refused as sentence:
            refusal = str(sentence)
    context = {"school": school, "on": on, "half": half, "words": report.half_words(on, half), "refusal": refusal, **lines}
    context["taught"] = school_days.is_school_half_day(school, on, half)
    return render(request, "students/school_mark.html", context, status=422 if valid else 200)


def say_marked(request, what, entered, lines):
    """What was marked; and what was entered for a class that somebody else marked meanwhile, which is never dropped in silence."""
    left = "" if len(entered) == len(lines["open"]) else "，没有填的班仍是“未登记”"
    messages.success(request, f"{what}登记了 {len(entered)} 个班{left}。")
    if overtaken := [one.label for one, _ in lines["done"] if LineForm.was_filled(request.POST, one)]:
        messages.warning(request, f"{'、'.join(overtaken)}在您打开页面之后已由别人登记，您填的没有保存；请打开这个班核对，要改的在那里更正。")


def line_forms(request, school, on, half):
    """{open: forms of the classes not yet marked, done: [(class, mark)]}."""
    classes = attendance.classes_of(report.classes_below(school), on)
    done = attendance.marked([one.node.pk for one in classes], on, on)
    covered = report.slips_covering([pupil.child_id for one in classes for pupil in one.pupils], on, half)
    given = request.POST if request.method == "POST" else None
    return {
        "open": [
            LineForm(given, school_class=one, on=on, half=half, leaves=[p.child_id for p in one.pupils if p.child_id in covered])
            for one in classes if (one.node.pk, on, half) not in done
        ],
        "done": [(one, done[one.node.pk, on, half]) for one in classes if (one.node.pk, on, half) in done],
    }  # fmt: skip


@transaction.atomic
def mark_lines(entered, on, half, by):
    for form in entered:
        for facts in form.slips():
            slips.give(by=by, **facts)
    rows = [{"class_node": form.school_class.node, "on": on, "half": half, "kinds": form.kinds(), "seen": 0} for form in entered]
    if not rows:
        raise Refused("一个班也没有填：勾“全到”，或写没到的学生姓名。")
    actions.mark(rows=rows, by=by, source=ClassMark.Source.SCHOOL, today=timezone.localdate())


def get_child(user, public_id):
    return scope.get_visible(Child.objects.all(), user, "see_children", public_id=public_id)


@require_http_methods(["GET", "POST"])
def slip_give(request, public_id):
    """The slips of a child, and a new one."""
    child = get_child(request.user, public_id)
    if sentence := slips.why_not(child, request.user):
        raise Refused(sentence)
    today = timezone.localdate()
    form = SlipForm(request.POST or None, request.FILES or None, initial={"first_on": today, "last_on": today, "first_half": "am"})
    if form.is_valid() and given(form, child, request.user):
        messages.success(request, f"{child.name}的假条已登记：这段时间的缺勤有了说明，缺勤计时在 10 分钟内重新计算，并记在缺勤记录上。")
        return redirect("students:slip_give", public_id=child.public_id)
    audit.record_view("leave_slips_viewed", by=request.user, subject=child)
    context = {"child": child, "form": form, "slips": child.leave_slips.select_related("photo", "recorded_by", "withdrawn_by")}
    return render(request, "students/slip_give.html", context, status=422 if form.is_bound else 200)


def given(form, child, by):
    try:
        slips.give(child=child, by=by, **form.cleaned_data)
    except (Refused, PictureRefused) as refusal:
        form.add_error(None, ValidationError(str(refusal)))
        return False
    return True


def get_slip(user, public_id):
    return scope.get_visible(LeaveSlip.objects.select_related("child", "photo"), user, "see_children", public_id=public_id)


@require_POST
def slip_withdraw(request, public_id):
    slip = get_slip(request.user, public_id)
    slips.withdraw(slip=slip, why=request.POST.get("why", ""), by=request.user)
    messages.success(request, f"{slip.child.name}的这张假条已取消，缺勤计时在 10 分钟内重新计算。")
    return redirect("students:slip_give", public_id=slip.child.public_id)


@require_GET
def slip_photo(request, public_id):
    """The picture of a slip, through the child it excuses."""
    slip = get_slip(request.user, public_id)
    if slip.photo is None:
        raise Http404
    audit.record_view("leave_slip_photo", by=request.user, subject=slip.child)
    inline = slip.photo.media_type == "image/jpeg"
    content = BytesIO(files.read(slip.photo))
    response = FileResponse(content, as_attachment=not inline, filename=slip.photo.name, content_type=slip.photo.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response
