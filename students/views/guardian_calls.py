"""The month's sample of guardians to call."""

from datetime import date

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import audit, scope
from students.actions import calling
from students.models import GuardianCall


def read_month(request):
    """The first day of the month asked for; this month where none is; 404 for what is no month."""
    try:
        return date.fromisoformat(f"{request.GET['month']}-01") if request.GET.get("month") else timezone.localdate().replace(day=1)
    except ValueError as wrong:
        raise Http404 from wrong


@require_GET
def guardian_call_list(request):
    scope.require(request.user, "call_guardian")
    first = read_month(request)
    month = calling.month_of(first)
    calls = GuardianCall.objects.filter(month=month).select_related("change__child", "change__school", "change__target_school", "called_by")
    rows = list(calls.filter(change__in=calling.RollChange.objects.visible_to(request.user, "call_guardian")).order_by("answer", "pk"))
    audit.record_view("guardian_calls_viewed", by=request.user, month=month, rows=len(rows))
    return render(request, "students/guardian_call_list.html", {
        "rows": rows, "month": month, "population": calling.of_month(month).count(), "share": calling.share_on(first),
        "answered": sum(row.answer in ("agrees", "conflicts") for row in rows), "conflicts": sum(row.answer == "conflicts" for row in rows),
        "is_now": month == calling.month_of(timezone.localdate()),
    })  # fmt: skip


@require_POST
def guardian_call_draw(request):
    """Complete this month's sample to the county's share."""
    scope.require(request.user, "call_guardian")
    calls = calling.draw_month(on=timezone.localdate(), by=request.user)
    messages.info(request, f"补抽了 {len(calls)} 项异动，请逐一打电话核实。" if calls else "本月抽查比例已够，没有补抽。")
    return redirect(reverse("students:guardian_call_list"))
